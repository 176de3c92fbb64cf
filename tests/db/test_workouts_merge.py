"""Your edits win: each field of a workout follows its provider exactly as long as no person changed it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitness.db import exercises, workout_parts, workouts, workouts_create, workouts_import
from fitness.db.connection import transaction
from fitness.db.history import changesets, reading, versions
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_import import ProviderWorkout

NAMESPACE = UUID("00000000-0000-4000-8000-00000000c001")
KG_PER_LB = 0.45359237
DAY = datetime(2025, 10, 29, tzinfo=UTC)

Done = list[tuple[str, str | None, list[tuple[float | None, str, int]]]]
"""Exercises, their notes and sets: weight, unit, repetitions."""

CONTENTS: tuple[Done, ...] = (
    [],
    [("Squat", None, [(80.0, "kg", 5), (82.5, "kg", 5)])],
    [("Squat", None, [(80 / KG_PER_LB, "lb", 5), (82.5, "kg", 5)])],
    [("Squat", "Deep", [(80.0, "kg", 5), (82.5, "kg", 5)])],
    [("Squat", None, [(82.5, "kg", 5), (80.0, "kg", 5)])],
    [("Squat", None, [(80.0, "kg", 5)]), ("Dip", None, [(None, "kg", 9)])],
    [("Dip", None, [(None, "kg", 9)]), ("Squat", None, [(80.0, "kg", 5)])],
    [("Dip", None, [(0.0, "kg", 9)]), ("Squat", None, [(80.0, "kg", 5)])],
)
VALUES: dict[str, tuple[Any, ...]] = {
    "title": (None, "Push", "O'Brien's \"day\" é"),
    "start_ts": tuple(DAY.replace(hour=6, second=second) for second in (0, 1, 2)),
    "end_ts": (None, DAY.replace(hour=7), DAY.replace(hour=8)),
    "notes": (None, "Strong", "{}"),
    "exercise_executions": CONTENTS,
}
SETS = st.fixed_dictionaries({field: st.sampled_from(values) for field, values in VALUES.items()})
numbers = count()


def meaning(field: str, value: Any) -> Any:
    if field != "exercise_executions":
        return value
    return [
        (
            name,
            note,
            [
                (kg if kg is None else round(kg * (KG_PER_LB if unit == "lb" else 1), 4), reps)
                for kg, unit, reps in sets
            ],
        )
        for name, note, sets in value
    ]


def as_json(done: Done, ids: dict[str, UUID]) -> list[dict[str, Any]]:
    """Return what was done as a provider's load stores it."""
    positions = count(1)
    return [
        {
            "exercise_id": str(ids[name]),
            "exercise_name": name,
            "execution_order": order,
            "note": note,
            "sets": [
                {
                    "id": str(uuid4()), "position": next(positions), "set_index": number, "set_type": "normal",
                    "weight": weight, "weight_unit": unit, "reps": reps, "rpe": None, "duration_seconds": None,
                    "distance_miles": None, "superset_id": None, "note": None,
                }
                for number, (weight, unit, reps) in enumerate(sets, 1)
            ],
        }
        for order, (name, note, sets) in enumerate(done, 1)
    ]  # fmt: skip


def done_in(executions: list[dict[str, Any]]) -> Done:
    return [
        (
            done["exercise_name"],
            done["note"],
            [(one["weight"], one["weight_unit"], one["reps"]) for one in done["sets"]],
        )
        for done in executions
    ]


@pytest.fixture
def as_alice(alice):
    with transaction(alice.user_id):
        yield exercises.use_exercises([], ["Squat", "Dip"], changed_by="alice")[1]


def told(external_id: str, values: dict[str, Any], ids: dict[str, UUID]) -> ProviderWorkout:
    done = {"exercise_executions": as_json(values["exercise_executions"], ids)}
    return ProviderWorkout(uuid5(NAMESPACE, external_id), external_id=external_id, **{**values, **done})


def create(workout: ProviderWorkout) -> None:
    workouts_import.bulk_create_workouts([workout], source="Hevy", changed_by="alice", changeset_id=None)


def compare(workout: ProviderWorkout):
    known = workouts_import.lock_known([workout], source="Hevy")
    return workouts_import.compare_with_provider([(workout, known[workout.id])])


def edit(workout_id: UUID, edited: dict[str, Any], ids: dict[str, UUID]) -> None:
    fields = {field: value for field, value in edited.items() if field != "exercise_executions"}
    done = edited.get("exercise_executions")
    versions.edit(
        WORKOUTS,
        workout_id,
        fields,
        versions.Change("alice"),
        write_parts=lambda row: None if done is None else workout_parts.replace_all({row.id: as_json(done, ids)}),
    )


# The fixtures hold for all examples: each has a workout of its own.
@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=SETS, yours=SETS, theirs=SETS)
def test_every_field_is_merged_by_itself(as_alice, base, yours, theirs):
    external_id = str(next(numbers))
    first, then = told(external_id, base, as_alice), told(external_id, theirs, as_alice)
    create(first)
    edited = {field: value for field, value in yours.items() if value != base[field]}
    if edited:
        edit(first.id, edited, as_alice)
    changeset_id = changesets.create_changeset("sync", source="Hevy")

    workouts_import.take_from_provider(compare(then), changed_by="Hevy", changeset_id=changeset_id)

    def differ(field: str, one: Any, other: Any) -> bool:
        return meaning(field, one) != meaning(field, other)

    changed = {field for field in VALUES if differ(field, theirs[field], base[field])}
    taken = {field for field in changed if not differ(field, yours[field], base[field])}
    conflicts = {field for field in changed - taken if differ(field, yours[field], theirs[field])}
    expected = {field: theirs[field] if field in taken else yours[field] for field in VALUES}
    workout = workouts.get_workout_by_id(first.id)
    assert workout is not None
    merged = {field: getattr(workout, field) for field in VALUES}
    assert {**merged, "exercise_executions": done_in(merged["exercise_executions"])} == expected
    assert set(workout.conflicts or {}) == conflicts
    assert workout.version == 1 + bool(edited) + bool(taken)
    # It was finished when it ended; that follows, unless the person said otherwise.
    finished = base["end_ts"] or base["start_ts"]
    follows = finished == (yours["end_ts"] or yours["start_ts"]) and taken & {"start_ts", "end_ts"}
    assert workout.finished_at == ((expected["end_ts"] or expected["start_ts"]) if follows else finished)
    newest = reading.get_history(WORKOUTS, first.id)[0]
    assert {field: getattr(newest, field) for field in VALUES} == merged
    assert not taken or (newest.changed_by, newest.changeset_id) == ("Hevy", changeset_id)
    # What was merged once is nothing new the second time.
    assert compare(then) == []


BASE = {field: values[-1] for field, values in VALUES.items()}


def test_of_a_workout_that_a_person_made_or_deleted_the_provider_says_nothing(as_alice):
    deleted, own = told("deleted", BASE, as_alice), told("own", BASE, as_alice)
    create(deleted)
    versions.delete(WORKOUTS, deleted.id, versions.Change("alice"))
    workouts_create.create_workout(
        {"workout_type": "STRENGTH", "client_uuid": own.id, "title": "Mine"}, changed_by="alice", client_request=""
    )

    for workout in (deleted, own):
        assert compare(replace(workout, title="Theirs")) == []


def test_who_loads_workouts_waits_for_who_does(alice):
    """A file and the API tell the same one, and neither would see what the other has not committed."""
    seen: list[UUID] = []

    def load_file() -> None:
        with transaction(alice.user_id):
            by_file = replace(by_api, id=uuid4(), external_id=None)
            seen.extend(known.id for known in workouts_import.lock_known([by_file], source="Hevy").values())

    other = threading.Thread(target=load_file)
    with transaction(alice.user_id):
        by_api = told("both", {**BASE, "exercise_executions": []}, {})
        assert workouts_import.lock_known([by_api], source="Hevy") == {}
        other.start()
        other.join(0.3)
        assert other.is_alive()
        create(by_api)
    other.join(20)

    assert seen == [by_api.id]


@pytest.mark.parametrize(
    ("by_file", "by_api", "same"),
    [
        ({"weight": 181.88, "weight_unit": "lb"}, {"weight": 82.5}, True),
        ({"weight": 102.06}, {"weight": 102.05828325483829}, True),
        ({"weight": 82.5}, {"weight": 82.52}, False),
        ({"weight": -20.0}, {"weight": 20.0}, False),
        ({"distance_miles": 1.97}, {"distance_miles": 1.969746679}, True),
        ({"distance_miles": 1.97}, {"distance_miles": 1.98}, False),
        ({"reps": 5}, {"reps": 6}, False),
        ({"reps": None}, {"reps": 0}, False),
        ({"duration_seconds": 60.0}, {"duration_seconds": 61.0}, False),
        ({"note": None}, {"note": "custom metric 52"}, False),
        ({"superset_id": None}, {"superset_id": 0}, False),
        ({"set_type": "normal"}, {"set_type": "dropset"}, False),
    ],
)
def test_what_a_file_rounds_is_no_change_but_between_two_words_of_the_api_it_is(as_alice, by_file, by_api, same):
    def with_set(workout: ProviderWorkout, values: dict[str, Any]) -> ProviderWorkout:
        (done,) = as_json([("Squat", None, [(None, "kg", 5)])], as_alice)
        return replace(workout, exercise_executions=[{**done, "sets": [{**done["sets"][0], **values}]}])

    by_the_api = with_set(told("known", {**BASE, "start_ts": DAY.replace(hour=6, second=48)}, as_alice), by_api)
    of_file = replace(
        with_set(told("known", {**BASE, "start_ts": DAY.replace(hour=6)}, as_alice), by_file),
        id=uuid4(),
        external_id=None,
    )
    create(of_file)

    assert (compare(by_the_api) == []) is same

    # The same two, had both come by the API.
    create(replace(by_the_api, id=uuid5(NAMESPACE, "other"), external_id="other"))
    rounded = replace(of_file, id=uuid5(NAMESPACE, "other"), external_id="other")
    (merge,) = compare(rounded)
    assert "start_ts" in merge.taken
    assert "exercise_executions" in merge.taken
