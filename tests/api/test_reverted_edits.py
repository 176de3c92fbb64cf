"""The revert of an edit is as if it had never been: what followed the provider before it follows the provider now."""

import io

import pytest

from tests.samples import ACTIVITIES

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Avg Heart Rate,Notes,Link"
GPX = ACTIVITIES / "same_run" / "strava_17405838535.gpx"
FIT = ACTIVITIES / "same_run" / "watch.fit"
POLAR = ACTIVITIES / "polar" / "session.json"


@pytest.fixture
def load(call):
    """Import a file, or runs of MapMyFitness by their heart rate and shoe; return the number of the changeset."""

    def send(file=None, *, rate=None, shoe=None):
        content = file.read_bytes() if file else _rows(rate, shoe)
        data = {"file": (io.BytesIO(content), file.name if file else "history.csv"), "timezone": "UTC"}
        return call("POST", "/imports", data=data)["changeset_id"]

    return send


def _rows(rate, shoe):
    worn = f"Shoes: {shoe}" if shoe else ""
    return f'{HEADING}\n"May 6, 2025",Run,4,1500,{rate},{worn},http://x.example/workout/1'.encode()


@pytest.fixture
def run(call):
    return lambda: call("GET", "/runs")["items"][0]


@pytest.fixture
def edit(call, run):
    """Edit the run as a changeset; return its number."""
    return lambda **changes: call("POST", "/runs/bulk", json={"ids": [run()["id"]], "changes": changes})["changeset_id"]


@pytest.fixture
def revert(call):
    return lambda number: call("POST", f"/changesets/{number}/revert")["changeset_id"]


def test_a_source_that_said_the_same_as_the_edit_counts(call, load, run, edit, revert):
    load(GPX)
    before = run()["avg_heart_rate"]
    edited = edit(avg_heart_rate=143)
    load(POLAR)

    undone = revert(edited)

    assert (before, run()["avg_heart_rate"], run()["conflicts"]) == (142.5, 143, None)
    revert(undone)
    call("PATCH", f"/runs/{run()['id']}", json={"notes": "Mine"})
    assert run()["avg_heart_rate"] == 143


@pytest.mark.parametrize("said", [142, 145])
def test_a_provider_that_said_something_since_is_followed(load, run, edit, revert, said):
    load(rate=140)
    edited = edit(avg_heart_rate=142)
    load(rate=said)

    revert(edited)

    assert (run()["avg_heart_rate"], run()["conflicts"]) == (said, None)
    load(rate=147)
    assert (run()["avg_heart_rate"], run()["conflicts"]) == (147, None)


def test_a_redo_is_again_the_persons_edit(load, run, edit, revert):
    load(rate=140)
    edited = edit(avg_heart_rate=142)
    load(rate=145)
    conflicts = run()["conflicts"]

    revert(revert(edited))

    assert (run()["avg_heart_rate"], run()["conflicts"]) == (142, conflicts)


def test_an_earlier_edit_of_the_person_comes_back(call, load, run, edit, revert):
    load(rate=140)
    call("PATCH", f"/runs/{run()['id']}", json={"avg_heart_rate": 141})
    edited = edit(avg_heart_rate=142)
    load(rate=145)

    revert(edited)

    assert (run()["avg_heart_rate"], run()["conflicts"]) == (141, {"avg_heart_rate": 145})


def test_a_shoe_that_was_merged_before_the_edit_follows(call, load, run, edit, revert):
    load(rate=140, shoe="Ghost")
    for name in ("Own", "Race"):
        call("POST", "/shoes", json={"name": name})
    call("POST", "/shoes/ghost/merge", json={"into": "own"})
    edited = edit(shoe_id="race")
    load(rate=140, shoe="Ride")

    revert(edited)

    assert run()["shoe_id"] == "ride"


def test_without_any_source_a_kept_run_is_as_it_was_made(call, load, run, revert):
    made = load(FIT)
    call("PATCH", f"/runs/{run()['id']}", json={"notes": "Mine"})
    revert(made)
    kept = run()
    joined = load(GPX)
    other = load(POLAR)

    for number in (other, joined):
        revert(number)

    counts = ("version", "last_edited_at", "last_edited_by", "updated_at")
    assert {name: value for name, value in run().items() if name not in counts} == {
        name: value for name, value in kept.items() if name not in counts
    }


@pytest.mark.parametrize("again", [None, POLAR])
def test_what_a_person_deleted_since_stays_deleted_after_a_redo(call, load, run, revert, again):
    undone = revert(load(GPX))
    load(again or GPX)
    call("DELETE", f"/runs/{run()['id']}")

    revert(undone)

    assert call("GET", "/runs")["items"] == []
