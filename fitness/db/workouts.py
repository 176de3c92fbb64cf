"""Workouts: what was done, with its lifts, its cardio or its counted repetitions. Instants are UTC."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from fitness.db import exercises, workout_parts
from fitness.db.connection import fetch_all, fetch_one, fetch_page
from fitness.db.history import versions
from fitness.db.paging import Cursor
from fitness.errors import Conflict, found, invalid_field
from fitness.times import day_bounds


@dataclass
class WorkoutRow:
    """A workout as it is now, without its parts; `finished_at` is None while it is in progress."""

    id: UUID
    workout_type: str
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    finished_at: datetime | None
    calories_burned: float | None
    notes: str | None
    source: str
    external_id: str | None
    version: int
    live_edits: int
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    conflicts: dict[str, Any] | None


@dataclass
class Workout(WorkoutRow):
    """A workout with its parts, each as the JSON of its rows."""

    exercise_executions: list[dict[str, Any]]
    cardio_session: dict[str, Any] | None
    rep_session: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class WorkoutVersion:
    """A workout with all its parts as one of its versions left it, and who changed it when and why."""

    history_id: int
    workout_id: UUID
    version_number: int
    change_type: str
    workout_type: str
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    finished_at: datetime | None
    calories_burned: float | None
    notes: str | None
    source: str
    exercise_executions: list[dict[str, Any]]
    cardio_session: dict[str, Any] | None
    rep_session: dict[str, Any] | None
    changed_at: datetime
    changed_by: str | None
    change_reason: str | None
    changeset_id: int | None


WORKOUTS = versions.Versioned(
    noun="Workout",
    table="workouts",
    history="workouts_history",
    key="workout_id",
    id_type="uuid",
    row=WorkoutRow,
    version_row=WorkoutVersion,
    editable=("title", "start_ts", "end_ts", "finished_at", "calories_burned", "notes"),
    kept=("workout_type", "source"),
    live="r.finished_at IS NULL",
    merged=True,
    parts=versions.Parts(workout_parts.PARTS, workout_parts.put_back),
)

_COLUMNS: LiteralString = ", ".join(
    (WORKOUTS.columns, *(f"{expression} AS {column}" for column, expression in workout_parts.PARTS.items()))
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a workout that was sent: how many sets it stored, and whether it was there before."""

    workout_id: UUID
    version: int
    tag: str
    strength_set_count: int
    created: bool


def create_workout(workout: Mapping[str, Any], *, changed_by: str | None, client_request: str) -> Stored:
    """Store a workout with its parts as its version 1, or find the one that its `client_uuid` stored before.

    Raises Conflict when that one was another (`client_request` tells requests apart), NotFound for an exercise
    that is not the user's, and Invalid for two sets of one number.
    """
    client_uuid = workout.get("client_uuid")
    session = workout.get("cardio_session") or workout.get("rep_session") or {}
    values = {
        field: workout.get(field)
        for field in ("workout_type", "title", "start_ts", "end_ts", "finished_at", "calories_burned", "notes")
    }
    row = fetch_one(
        WorkoutRow,
        f"""
        INSERT INTO workouts AS r (
            user_id, id, workout_type, title, start_ts, end_ts, finished_at, calories_burned, notes, client_uuid,
            client_request
        )
        VALUES (
            %(user_id)s, %(id)s, %(workout_type)s, %(title)s, coalesce(%(start_ts)s, now()), %(end_ts)s,
            CASE WHEN NOT %(in_progress)s THEN coalesce(
                %(finished_at)s, %(end_ts)s, %(start_ts)s + make_interval(secs => %(seconds)s), now()
            ) END,
            %(calories_burned)s, %(notes)s, %(client_uuid)s, %(client_request)s
        )
        ON CONFLICT DO NOTHING
        RETURNING {WORKOUTS.columns}
        """,
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
    for part in ("cardio_session", "rep_session"):
        if part in workout:
            workout_parts.insert_session(row.id, part, workout[part])
    versions.add(WORKOUTS, row, versions.Change(changed_by))
    return Stored(row.id, row.version, versions.tag(row), len(sets), created=True)


def _stored_before(client_uuid: UUID | None, client_request: str) -> Stored:
    rows = fetch_all(
        tuple,
        f"""
        SELECT r.id, r.version, {WORKOUTS.tag}, r.client_request
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.client_uuid = %(client_uuid)s
        """,
        client_uuid=client_uuid,
    )
    # None of this client_uuid: another workout bears it as its id.
    if not rows or rows[0][-1] != client_request:
        raise Conflict("This client_uuid was used for another workout")
    workout_id, version, tag, _ = rows[0]
    return Stored(workout_id, version, tag, 0, created=False)


def _executions_of(sets: Collection[Mapping[str, Any]], changed_by: str | None) -> list[dict[str, Any]]:
    """Return the sets, in the order of the workout, as executions in the order of their first sets."""
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


class ToldWorkout(NamedTuple):
    """A workout with lifts as a provider tells it; what was done in it is the JSON that `workout_parts` stores."""

    id: UUID
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    notes: str | None
    external_id: str | None
    exercise_executions: list[dict[str, Any]]


def bulk_create_workouts(
    workouts: Collection[ToldWorkout], *, source: str, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store those of the workouts that are new, finished, with their original versions; return how many were."""
    if not workouts:
        return 0
    ids = fetch_all(
        UUID,
        """
        INSERT INTO workouts AS r (
            user_id, id, title, start_ts, end_ts, notes, external_id, finished_at, workout_type, source, provider_values
        )
        SELECT %(user_id)s, told.id, told.title, told.start_ts, told.end_ts, told.notes, told.external_id,
            coalesce(told.end_ts, told.start_ts), 'STRENGTH', %(source)s,
            jsonb_build_object(
                'title', told.title, 'start_ts', told.start_ts, 'end_ts', told.end_ts, 'notes', told.notes,
                'exercise_executions', told.exercise_executions
            )
        FROM unnest(
            %(ids)s::uuid[], %(external_ids)s::text[], %(titles)s::text[], %(starts)s::timestamptz[],
            %(ends)s::timestamptz[], %(notes)s::text[], %(executions)s::jsonb[]
        ) AS told (id, external_id, title, start_ts, end_ts, notes, exercise_executions)
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        ids=[workout.id for workout in workouts],
        external_ids=[workout.external_id for workout in workouts],
        titles=[workout.title for workout in workouts],
        starts=[workout.start_ts for workout in workouts],
        ends=[workout.end_ts for workout in workouts],
        notes=[workout.notes for workout in workouts],
        executions=[workout_parts.as_json(workout.exercise_executions) for workout in workouts],
        source=source,
    )
    told = {workout.id: workout.exercise_executions for workout in workouts}
    workout_parts.insert_all({workout_id: told[workout_id] for workout_id in ids})
    versions.add_all(WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which workouts to list; None means any. `start` and `end` are local days of their start, both included."""

    start: date | None = None
    end: date | None = None
    time_zone: str = "UTC"
    workout_type: str | None = None
    source: str | None = None
    exercise_id: UUID | None = None
    finished: bool | None = None
    text: str | None = None
    include_deleted: bool = False
    only_deleted: bool = False


def get_workout_by_id(workout_id: UUID, *, include_deleted: bool = False) -> Workout | None:
    """Return one of the user's workouts with its parts, or None when there is none or it is someone else's."""
    return fetch_one(
        Workout,
        f"""
        SELECT {_COLUMNS}
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = %(workout_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        """,
        workout_id=workout_id,
        include_deleted=include_deleted,
    )


def list_workouts(
    filters: Filters, *, descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Workout], Cursor | None]:
    """Return a page of workouts in the order of their start, and the cursor of the next page, None at the end.

    Conditions are written only where they filter, so that a prepared statement's plan can use the indexes.
    """
    direction: LiteralString = "DESC" if descending else "ASC"
    beyond: LiteralString = "<" if descending else ">"
    page: LiteralString = f"AND (r.start_ts, r.id) {beyond} (%(key)s::timestamptz, %(id)s::uuid)" if after else ""
    start, end = day_bounds(filters.start, filters.end, filters.time_zone)
    # The page is chosen first: the parts of the others would be put together for nothing.
    items, last_key = fetch_page(
        Workout,
        f"""
        SELECT {_COLUMNS}, r.start_ts::text
        FROM (
            SELECT r.*
            FROM workouts AS r
            WHERE r.user_id = %(user_id)s {_conditions(filters)} {page}
            ORDER BY r.start_ts {direction}, r.id {direction}
            LIMIT %(limit)s
        ) AS r
        ORDER BY r.start_ts {direction}, r.id {direction}
        LIMIT %(limit)s
        """,
        limit=limit,
        start=start,
        end=end,
        workout_type=filters.workout_type,
        source=filters.source,
        exercise_id=filters.exercise_id,
        text=filters.text,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, str(items[-1].id)) if last_key is not None else None


def _conditions(filters: Filters) -> LiteralString:
    conditions: LiteralString = ""
    if filters.start:
        conditions += " AND r.start_ts >= %(start)s"
    if filters.end:
        conditions += " AND r.start_ts < %(end)s"
    if filters.workout_type:
        conditions += " AND r.workout_type = %(workout_type)s"
    if filters.source:
        conditions += " AND r.source = %(source)s"
    if filters.finished is not None:
        conditions += " AND r.finished_at IS NOT NULL" if filters.finished else " AND r.finished_at IS NULL"
    if filters.exercise_id:
        conditions += """
            AND EXISTS (
                SELECT
                FROM exercise_executions AS e
                WHERE e.user_id = %(user_id)s AND e.workout_id = r.id AND e.exercise_id = %(exercise_id)s
            )"""
    if filters.text:
        conditions += f"""
            AND ({_has_text("r.title", "r.notes")} OR EXISTS (
                SELECT
                FROM exercise_executions AS e
                JOIN exercises AS x
                  ON x.user_id = %(user_id)s AND x.id = e.exercise_id
                WHERE e.user_id = %(user_id)s AND e.workout_id = r.id
                  AND {_has_text("x.name", "e.note")}
            ))"""
    if filters.only_deleted:
        return conditions + " AND r.deleted_at IS NOT NULL"
    return conditions if filters.include_deleted else conditions + " AND r.deleted_at IS NULL"


def _has_text(*columns: LiteralString) -> LiteralString:
    return f"strpos(lower(concat_ws(' ', {', '.join(columns)})), lower(%(text)s)) > 0"


def update_workout(
    workout_id: UUID,
    updates: Mapping[str, Any],
    *,
    changed_by: str | None,
    change_reason: str | None = None,
    if_tags: Collection[str] | None = None,
) -> Workout:
    """Change the given fields and sessions of a workout, and return it.

    Finishing it begins a new version, and so does reopening it by a `finished_at` of None. Raises Conflict for a
    session of a finished workout, Invalid for one of another type, and as `versions.edit` does.
    """
    sessions = {part: updates[part] for part in workout_parts.SESSIONS if part in updates}
    own_fields = {field: value for field, value in updates.items() if field not in sessions}

    def write_sessions(workout: WorkoutRow) -> None:
        _require_unfinished(workout)
        for part, session in sessions.items():
            if workout.workout_type != workout_parts.SESSIONS[part][1]:
                raise invalid_field(part, f"Only a workout of type {workout_parts.SESSIONS[part][1]} has one")
            workout_parts.write_session(workout.id, part, session)

    versions.edit(
        WORKOUTS,
        workout_id,
        own_fields,
        versions.Change(changed_by, change_reason),
        if_tags=if_tags,
        grow=own_fields.get("finished_at") is None,
        write_parts=write_sessions if sessions else None,
    )
    return found(get_workout_by_id(workout_id), "Workout")


def change_content(
    workout_id: UUID, change: versions.Change, if_tags: Collection[str] | None, write: Callable[[], None]
) -> WorkoutRow:
    """Let `write` change the parts of a workout that is in progress, and keep the result.

    Raises Conflict when it is finished, and NotFound and PreconditionFailed as `versions.edit` does.
    """

    def write_unfinished(workout: WorkoutRow) -> None:
        _require_unfinished(workout)
        write()

    return versions.edit(
        WORKOUTS,
        workout_id,
        {},
        change,
        if_tags=if_tags,
        write_parts=write_unfinished,
        settles=["exercise_executions"],
    )


def _require_unfinished(workout: WorkoutRow) -> None:
    if workout.finished_at is not None:
        raise Conflict("The workout is finished; set its finished_at to null to change what was done in it")


def finish_workout(
    workout_id: UUID, *, finished_at: datetime | None, changed_by: str | None, if_tags: Collection[str] | None = None
) -> Workout:
    """End a workout now or at the given time, which also is its end if it has none; one that has ended stays so."""
    workout = found(get_workout_by_id(workout_id), "Workout")
    if workout.finished_at is not None and finished_at in {None, workout.finished_at}:
        return workout
    versions.write(
        WORKOUTS,
        workout_id,
        """
        finished_at = coalesce(%(finished_at)s, now()),
        end_ts = coalesce(r.end_ts, greatest(coalesce(%(finished_at)s, now()), r.start_ts))
        """,
        versions.Change(changed_by),
        values={"finished_at": finished_at},
        if_tags=if_tags,
    )
    return found(get_workout_by_id(workout_id), "Workout")
