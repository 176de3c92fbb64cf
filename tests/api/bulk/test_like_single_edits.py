"""What bulk edits have in common with edits of one record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.api.bulk.bodies import COUNTED, squats
from tests.training import at_random


def test_deleted_records_are_never_selected(call, edit, alice, make_run):
    deleted = make_run(alice, name="Old").id
    call("DELETE", f"/runs/{deleted}")

    by_id = edit("runs", ids=[deleted], changes={"name": "New"})
    by_filter = edit("runs", filters={"q": "old"}, delete=True)

    assert (by_id["matched"], by_id["not_found"], by_filter["matched"]) == (0, [deleted], 0)
    assert call("GET", f"/runs/{deleted}?include_deleted=true")["version"] == 2


@pytest.fixture
def disputed(owner, alice, make_run):
    """Return the ids of runs of which the provider has other notes than the person, and another name of the second."""
    ids = [make_run(alice, id=f"mmf_{number}", notes="Mine", source="MapMyFitness").id for number in range(2)]
    for run_id, conflicts in zip(ids, ('{"notes": "Theirs"}', '{"notes": "Theirs", "name": "Theirs"}'), strict=True):
        owner.execute("UPDATE runs SET conflicts = %s WHERE id = %s", [conflicts, run_id])
    return ids


def test_conflicts_of_changed_fields_are_decided_until_a_revert(call, edit, disputed):
    conflicts = call("GET", "/conflicts")["items"]

    report = edit("runs", filters={}, changes={"notes": "Both"})

    assert report["changed"] == 2
    assert [(one["id"], one["field"]) for one in call("GET", "/conflicts")["items"]] == [(disputed[1], "name")]
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    fields = ("id", "field", "yours", "theirs")
    now = call("GET", "/conflicts")["items"]
    assert [[one[name] for name in fields] for one in now] == [[one[name] for name in fields] for one in conflicts]


def test_a_conflict_is_decided_for_the_value_that_is_there_without_a_version(call, edit, disputed):
    report = edit("runs", filters={}, changes={"notes": "Mine"})

    assert (report["matched"], report["changed"]) == (2, 0)
    assert [one["field"] for one in call("GET", "/conflicts")["items"]] == ["name"]
    assert {run["version"] for run in call("GET", "/runs")["items"]} == {1}
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    assert len(call("GET", "/conflicts")["items"]) == 3


def test_a_workout_in_progress_gets_a_version_of_its_own(call, edit):
    workout_id = call("POST", "/workouts", json=squats(in_progress=True))["workout_id"]
    call("PATCH", f"/workouts/{workout_id}", json={"title": "Live"})

    edit("workouts", ids=[workout_id], changes={"notes": "New"})

    call("PATCH", f"/workouts/{workout_id}", json={"title": "Later"})
    newest, by_bulk, live, _ = call("GET", f"/workouts/{workout_id}/history")["items"]
    assert (live["title"], live["notes"]) == ("Live", None)
    assert (by_bulk["title"], by_bulk["notes"], len(by_bulk["exercise_executions"])) == ("Live", "New", 1)
    assert newest["title"] == "Later"


def test_shoes_that_are_taken_back_into_use_lose_their_retirement_notes(call, edit, alice, make_shoe):
    for name in ("Ghost", "Ride"):
        make_shoe(alice, name)
    edit("shoes", ids=["ghost", "ride"], changes={"retired_at": "2025-12-01", "retirement_notes": "Worn out"})

    edit("shoes", filters={"retired": True}, changes={"retired_at": None})

    shoes = call("GET", "/shoes")["items"]
    assert [(shoe["retired_at"], shoe["retirement_notes"]) for shoe in shoes] == [(None, None)] * 2


@pytest.mark.parametrize("shoe_id", ["deleted", "absent"])
def test_a_shoe_that_is_deleted_or_absent_is_refused_and_no_run_changes(
    client, call, alice, make_run, make_shoe, shoe_id
):
    run = make_run(alice)
    make_shoe(alice, "Deleted")
    call("DELETE", "/shoes/deleted")

    refused = client.post("/v1/runs/bulk", json={"filters": {}, "changes": {"shoe_id": shoe_id}}, headers=alice.headers)

    assert (refused.status_code, refused.json["errors"]) == (422, {"shoe_id": ["Shoe not found"]})
    assert call("GET", f"/runs/{run.id}")["version"] == 1


VALUES = {
    "type": ["Outdoor Run", "Treadmill Run"],
    "shoe_id": [None, "ghost", "ride"],
    "name": [None, "A"],
    "notes": [None, "N"],
    "avg_heart_rate": [None, 150.5],
}
RUNS = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in VALUES.items()}
    | {"conflicts": st.sets(st.sampled_from(["name", "notes"]))}
)
SOME = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})


@at_random
@given(runs=st.lists(RUNS, min_size=1, max_size=6), changes=SOME.filter(bool), chosen=st.sets(st.integers(0, 7)))
def test_a_bulk_edit_is_one_edit_after_the_other(client, owner, alice, bob, make_run, make_shoe, runs, changes, chosen):
    """Bob edits them one by one; but those that have the values already get no version in bulk."""
    for person in (alice, bob):
        owner.execute("DELETE FROM runs WHERE user_id = %s", [person.user_id])
        if not owner.execute("SELECT FROM shoes WHERE user_id = %s", [person.user_id]).fetchall():
            make_shoe(person, "Ghost")
            make_shoe(person, "Ride")
        for number, run in enumerate(runs):
            values = {name: run[name] for name in VALUES}
            make_run(person, id=f"manual_{number}", **values)
            conflicts = dict.fromkeys(sorted(run["conflicts"]), "Theirs")
            if conflicts:
                owner.execute(
                    "UPDATE runs SET conflicts = %s WHERE user_id = %s AND id = %s",
                    [Jsonb(conflicts), person.user_id, f"manual_{number}"],
                )
    ids = [f"manual_{number}" for number in chosen] or ["manual_9"]
    differing = {
        f"manual_{number}" for number, run in enumerate(runs) if any(run[name] != changes[name] for name in changes)
    } & set(ids)

    report = client.post("/v1/runs/bulk", json={"ids": ids, "changes": changes}, headers=alice.headers).json
    patched = {id for id in ids if client.patch(f"/v1/runs/{id}", json=changes, headers=bob.headers).status_code == 200}

    in_bulk, one_by_one = (
        {run["id"]: run for run in client.get("/v1/runs", headers=person.headers).json["items"]}
        for person in (alice, bob)
    )
    assert {id: content(run) for id, run in in_bulk.items()} == {id: content(run) for id, run in one_by_one.items()}
    assert {id for id, run in in_bulk.items() if run["version"] == 2} == differing
    assert (report["matched"], report["changed"]) == (len(patched), len(differing))
    assert set(report["not_found"]) == set(ids) - patched
    for id in differing:
        of_both = [
            client.get(f"/v1/runs/{id}/history/2", headers=person.headers).json["changes"] for person in (alice, bob)
        ]
        assert of_both[0] == of_both[1]


def content(run: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in run.items() if name not in COUNTED}
