"""Restores and reverts: each field that an edit may change comes back, of every noun with versions."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from fitness.db import planned_workouts, runs, workouts_create
from fitness.db.connection import transaction
from fitness.db.exercises import EXERCISES
from fitness.db.history import changesets, reading, versions
from fitness.db.history.versions import Change, Versioned
from fitness.db.planned_workouts import PLANNED_WORKOUTS
from fitness.db.runs import RUNS
from fitness.db.shoes import SHOES
from fitness.db.workouts import WORKOUTS
from fitness.sync import undoing

MORNING, EVENING = datetime(2026, 3, 1, 6, tzinfo=UTC), datetime(2026, 3, 2, 20, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 22, tzinfo=UTC)
DONE_RUN, DONE_WORKOUT = "manual_done", UUID("0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")

TOKYO = {"name": "Asia/Tokyo", "source": "person"}

OTHER = object()
"""In `FIELDS`: the id of another record of the noun."""

FIELDS: list[tuple[Versioned[Any, Any], dict[str, tuple[Any, Any]]]] = [
    (
        RUNS,
        {
            "datetime_utc": (MORNING, EVENING),
            "type": ("Outdoor Run", "Treadmill Run"),
            "distance": (5.5, 6.5),
            "duration": (2400.0, 2500.0),
            "avg_heart_rate": (140.0, None),
            "shoe_id": ("brooks_ghost_16", None),
            "name": ("Loop", "Hills"),
            "notes": (None, "Windy"),
            "duplicate_of": (OTHER, None),
            "elapsed": (2500.0, None),
            "ascent": (None, 84.0),
            "calories": (500.0, 512.0),
            "max_heart_rate": (171.0, None),
            "avg_cadence": (None, 84.5),
            "avg_power": (241.0, None),
            "temperature": (-4.0, 11.0),
            "device": ("Watch", None),
            "points_id": (64 * "0", 64 * "f"),
            "time_zone": (None, TOKYO),
        },
    ),
    (
        SHOES,
        {
            "name": ("Old ones", "New ones"),
            "retired_at": (date(2026, 1, 1), None),
            "notes": (None, "For long runs"),
            "retirement_notes": ("Worn out", None),
        },
    ),
    (
        EXERCISES,
        {
            "name": ("Zercher Walk", "Carry"),
            "body_part": ("Legs", None),
            "modality": (None, "BARBELL"),
            "notes": ("Slowly", "Fast"),
            "is_assisted": (None, True),
        },
    ),
    (
        WORKOUTS,
        {
            "workout_type": ("STRENGTH", "CARDIO"),
            "title": ("Legs", None),
            "start_ts": (MORNING, EVENING),
            "end_ts": (EVENING, NIGHT),
            "finished_at": (EVENING, NIGHT),
            "calories_burned": (300.0, 400.0),
            "notes": (None, "Heavy"),
            "duplicate_of": (OTHER, None),
            "device": ("Watch", None),
            "points_id": (64 * "0", 64 * "f"),
            "time_zone": (TOKYO, None),
        },
    ),
    (
        PLANNED_WORKOUTS,
        {
            "title": ("Tempo", "Easy"),
            "workout_type": ("Run", "Bike"),
            "description": ("4 x 1 km", None),
            "originally_planned_day": (date(2026, 3, 1), date(2026, 3, 2)),
            "planned_duration_hours": (1.0, 2.0),
            "planned_distance_meters": (None, 10_000.0),
            "coach_comments": ("Well done", "Good"),
            "tss": (60.0, None),
            "intensity_factor": (0.8, 0.9),
            "is_custom": (True, False),
            "duplicate_of": (OTHER, None),
            "is_selected": (True, False),
            "current_plan_day": (date(2026, 3, 5), None),
            "time_of_day": ("morning", "noon"),
            "workout_location": (None, "Track"),
            "user_notes": ("With Grace", "Alone"),
            "run_id": (DONE_RUN, None),
            "workout_id": (None, DONE_WORKOUT),
        },
    ),
]


@pytest.fixture
def make_records(alice, make_run, make_shoe, make_exercise):
    """Make two records of a kind; return their ids."""

    def make_two(kind: Versioned[Any, Any]) -> tuple[Any, Any]:
        if kind is RUNS:
            make_shoe(alice)
            return make_run(alice).id, make_run(alice, id="manual_other").id
        if kind is SHOES:
            return make_shoe(alice, "Ghost").id, make_shoe(alice, "Ride").id
        if kind is EXERCISES:
            return make_exercise(alice).id, make_exercise(alice, "Other").id
        if kind is PLANNED_WORKOUTS:
            make_run(alice, id=DONE_RUN)
            with transaction(alice.user_id):
                done = {"workout_type": "CARDIO", "start_ts": MORNING, "client_uuid": DONE_WORKOUT}
                workouts_create.create_workout(done, changed_by="alice", client_request="")
        with transaction(alice.user_id):
            return make(kind), make(kind)

    def make(kind: Versioned[Any, Any]) -> Any:
        if kind is WORKOUTS:
            workout = {"workout_type": "STRENGTH", "start_ts": MORNING, "finished_at": MORNING}
            return workouts_create.create_workout(workout, changed_by="alice", client_request="").workout_id
        planned = {"title": "Run", "workout_type": "Run", "originally_planned_day": date(2026, 1, 1)}
        return planned_workouts.create_planned_workout({**planned, "is_custom": True}, changed_by="alice")[0].id

    return make_two


def both_of(fields: dict[str, tuple[Any, Any]], other_id: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the first and the second value of each field."""
    first, second = (
        {field: other_id if pair[n] is OTHER else pair[n] for field, pair in fields.items()} for n in (0, 1)
    )
    return first, second


def fields_of(kind: Versioned[Any, Any], record: Any) -> dict[str, Any]:
    return {field: getattr(record, field) for field in kind.editable if field not in kind.cleared_on_restore}


@pytest.mark.parametrize(("kind", "fields"), FIELDS, ids=[kind.table for kind, _ in FIELDS])
def test_a_restore_brings_back_every_field(alice, make_records, kind, fields):
    id, other_id = make_records(kind)
    first, second = both_of(fields, other_id)

    with transaction(alice.user_id):
        before = versions.edit(kind, id, first, Change("alice", "first"))
        changed = versions.edit(kind, id, second, Change("alice", "second"))
        restored = versions.restore(kind, id, before.version, changed_by="alice")

    assert fields_of(kind, before) == first
    assert fields_of(kind, changed) == second
    assert fields_of(kind, restored) == first


@pytest.mark.parametrize(("kind", "fields"), FIELDS, ids=[kind.table for kind, _ in FIELDS])
def test_a_revert_brings_back_every_field(alice, make_records, kind, fields):
    id, other_id = make_records(kind)
    first, second = both_of(fields, other_id)
    with transaction(alice.user_id):
        before = versions.edit(kind, id, first, Change("alice", "first"))
        changeset_id = changesets.create_changeset("sync", actor="alice")
        versions.edit(kind, id, second, Change("alice", changeset_id=changeset_id))

        undoing.revert_changeset(changeset_id, actor="alice")
        reverted = reading.get_version(kind, id, before.version + 2)

    assert fields_of(kind, reverted) == first


@pytest.mark.parametrize(("force", "distance"), [(False, 7.0), (True, 5.0)])
def test_a_revert_leaves_what_was_edited_since_unless_forced(alice, make_run, force, distance):
    run = make_run(alice, distance=5.0)
    with transaction(alice.user_id):
        changeset_id = changesets.create_changeset("sync", actor="alice")
        versions.edit(RUNS, run.id, {"distance": 6.0}, Change("alice", changeset_id=changeset_id))
        versions.edit(RUNS, run.id, {"distance": 7.0}, Change("alice"))

        reverted = undoing.revert_changeset(changeset_id, actor="alice", force=force)
        found = runs.get_run_by_id(run.id)

    assert found is not None
    assert found.distance == distance
    assert [one["id"] for one in reverted.problems] == ([] if force else [run.id])


def test_a_revert_goes_back_to_before_the_first_of_several_writes(alice, make_run):
    run = make_run(alice, distance=5.0)
    with transaction(alice.user_id):
        changeset_id = changesets.create_changeset("sync", actor="alice")
        for distance in (6.0, 7.0):
            versions.edit(RUNS, run.id, {"distance": distance}, Change("alice", changeset_id=changeset_id))

        undoing.revert_changeset(changeset_id, actor="alice")
        found = runs.get_run_by_id(run.id)

    assert found is not None
    assert (found.distance, found.version) == (5.0, 4)
