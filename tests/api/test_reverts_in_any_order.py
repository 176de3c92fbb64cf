"""Changesets may be reverted in any order: what is left is what the others have made."""

import io
import itertools

import pytest

RUNS = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
PLANS = '"Title","WorkoutType","WorkoutDescription","PlannedDuration","WorkoutDay"'
SETS = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,"
    "reps,distance_km,duration_seconds,rpe"
)
WAYS = {
    "runs": ("/imports", RUNS, '"May 6, 2025",Run,{},1500,,http://x.example/workout/1'),
    "workouts": ("/imports", SETS, 'Legs,"12 Mar 2025, 07:00","12 Mar 2025, 08:00",,Squat,,,0,normal,{},5,,,'),
    "planned-workouts": ("/planned-workouts/import", PLANS, '"Tempo","Run","","{}","2025-11-03"'),
}


@pytest.fixture
def load(call):
    """Import a record of a noun with a value; return the number of the changeset."""

    def send(noun, value):
        path, heading, row = WAYS[noun]
        data = {"file": (io.BytesIO(f"{heading}\n{row.format(value)}\n".encode()), "file.csv"), "timezone": "UTC"}
        return call("POST", path, data=data)["changeset_id"]

    return send


@pytest.fixture
def value(call):
    """Return the value that the only record of a noun has, and its conflicts."""

    def read(noun):
        (one,) = call("GET", f"/{noun}")["items"]
        names = {"runs": "distance", "planned-workouts": "planned_duration_hours"}
        if noun == "workouts":
            one = call("GET", f"/workouts/{one['id']}")
            return one["exercise_executions"][0]["sets"][0]["weight"], one["conflicts"]
        return one[names[noun]], one["conflicts"]

    return read


@pytest.fixture
def revert(call):
    return lambda number: call("POST", f"/changesets/{number}/revert")["changeset_id"]


@pytest.mark.parametrize("noun", WAYS)
@pytest.mark.parametrize("order", [*itertools.permutations((1, 2, 3))])
def test_imports_are_reverted_in_any_order(load, value, revert, noun, order):
    numbers = [load(noun, miles) for miles in (3, 4, 5, 6)]

    for place in order:
        revert(numbers[place])

    assert value(noun) == (3, None)
    load(noun, 7)
    assert value(noun) == (7, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_bulk_edits_are_reverted_in_any_order(call, load, revert, order):
    load("runs", 3)
    edits = [
        call("POST", "/runs/bulk", json={"ids": ["mmf_1"], "changes": {"name": name}})["changeset_id"]
        for name in ("One", "Two")
    ]

    undone = [revert(edits[place]) for place in order]

    assert call("GET", "/runs/mmf_1")["name"] is None
    for number in reversed(undone):
        revert(number)
    assert call("GET", "/runs/mmf_1")["name"] == "Two"


def test_an_edit_between_two_reverted_imports_stays(call, load, value, revert):
    load("runs", 3)
    older = load("runs", 4)
    call("PATCH", "/runs/mmf_1", json={"distance": 9})
    newer = load("runs", 5)

    for number in (older, newer):
        revert(number or older)

    assert value("runs")[0] == 9


def test_what_a_redone_import_brought_counts_again(load, value, revert):
    load("runs", 3)
    older = load("runs", 4)
    newer = load("runs", 5)
    revert(revert(older))

    revert(newer)

    assert value("runs") == (4, None)


@pytest.mark.parametrize("noun", WAYS)
def test_a_redo_leaves_what_a_later_import_said(load, value, revert, noun):
    load(noun, 3)
    undone = revert(load(noun, 4))
    newer = load(noun, 5)

    revert(undone)

    assert value(noun) == (5, None)
    revert(newer)
    assert value(noun) == (4, None)
