"""Add workouts that a person entered or began, each once, however often the request comes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fitness.db import exercises, workout_parts, workout_sessions, workouts
from fitness.db.connection import fetch_one
from fitness.db.fields import listed, names_of
from fitness.db.history import retries, versions
from fitness.db.history.versioned import tag
from fitness.db.workouts import WORKOUTS, WorkoutRow, WorkoutValues
from fitness.errors import found


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of adding a workout: the number of stored sets, and whether the workout existed before."""

    workout_id: UUID
    version: int
    tag: str
    strength_set_count: int
    created: bool


# `source` has its default; a missing end is derived from the other values.
_GIVEN = names_of(WorkoutValues, without=("source", "start_ts", "finished_at"))
_INSERT = WORKOUTS.sql(
    """
    INSERT INTO workouts AS r (user_id, id, client_uuid, client_request, start_ts, finished_at, {names})
    VALUES (
        %(user_id)s, %(id)s, %(client_uuid)s, %(client_request)s, coalesce(%(start_ts)s, now()),
        CASE WHEN NOT %(in_progress)s THEN coalesce(
            %(finished_at)s, %(end_ts)s, %(start_ts)s + make_interval(secs => %(seconds)s), now()
        ) END,
        {values}
    )
    ON CONFLICT DO NOTHING
    RETURNING {columns}
    """,
    names=listed(_GIVEN),
    values=listed(_GIVEN, "%({})s"),
)


def create_workout(workout: Mapping[str, Any], *, changed_by: str | None, client_request: str) -> Stored:
    """Store a workout with its parts as version 1, or find the one that its `client_uuid` stored before.

    `client_request` is a hash of the request. Raises Conflict if the stored request was different, NotFound if an
    exercise does not exist, and Invalid for two sets with one number.
    """
    client_uuid = workout.get("client_uuid")
    session = workout.get("cardio_session") or workout.get("rep_session") or {}
    values = {field: workout.get(field) for field in WORKOUTS.snapshot}
    row = fetch_one(
        WorkoutRow,
        _INSERT,
        **values,
        id=client_uuid or uuid4(),
        in_progress=workout.get("in_progress", False),
        seconds=session.get("duration_seconds"),
        client_uuid=client_uuid,
        client_request=client_request,
    )
    if row is None:
        return _stored_before(client_uuid, client_request)
    sets = workout.get("strength_sets", [])
    if sets:
        params = {"workout_id": row.id, "executions": workout_parts.as_json(_executions_of(sets, changed_by))}
        workout_parts.insert_executions(workout_parts.GIVEN, **params)
        workout_parts.insert_sets(workout_parts.GIVEN, **params)
    for part in workout_sessions.SESSIONS:
        if part in workout:
            workout_sessions.insert_session(row.id, part, workout[part])
    versions.add(WORKOUTS, row, versions.Change(changed_by))
    return Stored(row.id, row.version, tag(row), len(sets), created=True)


def _stored_before(client_uuid: UUID | None, client_request: str) -> Stored:
    workout_id = retries.find_stored(WORKOUTS, client_uuid, lambda first_id: _is_request(first_id, client_request))
    workout = found(workouts.get_workout_by_id(workout_id, include_deleted=True), WORKOUTS.noun)
    return Stored(workout_id, workout.version, tag(workout), 0, created=False)


def _is_request(workout_id: UUID, client_request: str) -> bool:
    """Return whether a request stored the workout, by its hash, as version 1 also has times that requests may omit."""
    stored = fetch_one(
        str,
        """
        SELECT client_request
        FROM workouts
        WHERE user_id = %(user_id)s
          AND id = %(workout_id)s
        """,
        workout_id=workout_id,
    )
    return stored == client_request


def _executions_of(sets: Collection[Mapping[str, Any]], changed_by: str | None) -> list[dict[str, Any]]:
    """Group the sets of a workout into executions, in the order of their first sets."""
    ids = {one["exercise_id"] for one in sets if "exercise_id" in one}
    names = {one["exercise_name"] for one in sets if "exercise_name" in one}
    by_id, by_name = exercises.use_exercises(ids, names, changed_by=changed_by)
    executions: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for position, one in enumerate(sets, 1):
        exercise_id = by_id[one["exercise_id"]] if "exercise_id" in one else by_name[one["exercise_name"]]
        executions[exercise_id].append({**one, "position": position})
    return [
        {"exercise_id": exercise_id, "execution_order": order, "sets": workout_parts.numbered(its_sets)}
        for order, (exercise_id, its_sets) in enumerate(executions.items(), 1)
    ]
