"""A source says another sport than before, so that a run becomes a workout or the other way round.

Reverts and redos, in whatever order, leave one record of the activity: that of the imports that stand.
"""

import io
import itertools

import pytest

from tests.samples import ACTIVITIES, DATA

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
ROW = '"Nov 2, 2025",{},{},1500,,http://x.example/workout/1'
FILES = {
    "cut": (ACTIVITIES / "fit" / "made_truncated.fit").read_bytes(),
    "without session": (ACTIVITIES / "fit" / "made_no_session.fit").read_bytes(),
    "whole": (ACTIVITIES / "same_run" / "watch.fit").read_bytes(),
    "tcx": (ACTIVITIES / "same_run" / "garmin_connect.tcx").read_bytes(),
    "strava": (DATA / "strava_export_activities.csv").read_bytes(),
    **{
        f"{kind} {miles}": f"{HEADING}\n{ROW.format(kind, miles)}\n".encode()
        for kind in ("Run", "Ride")
        for miles in (3, 4)
    },
}


@pytest.fixture
def send(call):
    """Import a file; return the number of the changeset."""

    def send(name, **query):
        data = {"file": (io.BytesIO(FILES[name]), "file"), "timezone": "UTC"}
        return call("POST", "/imports", data=data, query_string=query)["changeset_id"]

    return send


@pytest.fixture
def revert(call):
    return lambda number: call("POST", f"/changesets/{number}/revert")["changeset_id"]


@pytest.fixture
def records(call):
    """Return (noun, miles) of the live records of 2 November."""

    def records():
        runs = [
            ("run", round(run["distance"], 2)) for run in call("GET", "/runs?start=2025-11-02&end=2025-11-02")["items"]
        ]
        workouts = [
            ("workout", round(one["cardio_session"]["distance_miles"], 2)) for one in call("GET", "/workouts")["items"]
            if one["start_ts"].startswith("2025-11-02")
        ]  # fmt: skip
        return [*runs, *workouts]

    return records


@pytest.mark.parametrize(
    "sent",
    [
        ("cut", "whole"),
        ("whole", "cut"),
        ("without session", "whole", "cut"),
        ("Run 3", "Ride 3"),
        ("Ride 3", "Run 3", "Run 4"),
        ("Run 3", "Ride 3", "Ride 4"),
        ("Ride 3", "Run 3", "Ride 4"),
    ],
)
def test_an_activity_is_one_record_whatever_is_reverted(send, revert, records, sent):
    numbers = [send(name) for name in sent]
    seen = {frozenset(numbers): records()}

    for order in itertools.permutations(numbers):
        standing, undone = set(numbers), {}
        for number in order:
            undone[number] = revert(number)
            standing.discard(number)
            assert records() == seen.setdefault(frozenset(standing), records())
        assert records() == []
        for number in order[1:] + order[:1]:
            revert(undone[number])
            standing.add(number)
            assert records() == seen.setdefault(frozenset(standing), records())

    assert {len(live) for standing, live in seen.items() if standing} == {1}


def test_a_cut_file_is_a_workout_again_when_what_said_that_it_is_a_run_is_reverted(send, revert, records):
    whole, _ = [send(name) for name in ("whole", "cut")]

    undone = revert(whole)

    assert records() == [("workout", 0.89)]
    revert(undone)
    assert records() == [("run", 5.0)]


def test_what_another_source_says_of_the_run_stays_with_the_cut_file(send, revert, records):
    _, whole, tcx = [send(name) for name in ("cut", "whole", "tcx")]

    revert(whole)

    assert records() == [("run", 5.0)]
    revert(tcx)
    assert records() == [("workout", 0.89)]


def test_an_edit_since_decides_which_record_stays(call, send, revert, records):
    _, second = send("Ride 3"), send("Run 3")
    call("PATCH", "/runs/mmf_1", json={"notes": "Mine"})

    revert(second)

    assert records() == [("run", 3.0)]


def test_an_import_comes_back_after_what_deleted_its_records(call, send, revert, records):
    first, second = send("Run 3"), send("Ride 3", other_sports="false")
    undone = revert(first)
    revert(second)
    assert records() == []

    revert(undone)

    assert records() == [("run", 3.0)]


def test_a_revert_of_a_return_leaves_the_deletion_that_stands(call, send, revert, records):
    first, _, third = send("Run 3"), send("Ride 3", other_sports="false"), send("Run 4")

    revert(first)
    revert(third)

    assert records() == []
