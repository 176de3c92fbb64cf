"""Workouts: what was done, with its lifts, its cardio or its counted repetitions. Distances are miles, instants UTC.

A workout's parts are JSON wherever they travel together: out of the database, into its history, and back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, LiteralString, cast
from uuid import UUID, uuid4

import orjson

from fitness.db import exercises, versions
from fitness.db.connection import columns, execute, fetch_all, fetch_one, fetch_page
from fitness.db.paging import Cursor
from fitness.errors import Conflict, Invalid, found
from fitness.times import day_bounds

MOST_SETS = 1000
"""Sets that one workout may have."""


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


@dataclass(frozen=True, slots=True)
class StrengthSet:
    """A set of an exercise; `set_index` numbers it within its exercise, `position` within the whole workout."""

    id: UUID
    position: int
    set_index: int
    set_type: str
    weight: float | None
    weight_unit: str
    reps: int | None
    forced_reps: int | None
    rpe: float | None
    duration_seconds: float | None
    distance_miles: float | None
    superset_id: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CardioSession:
    """The cardio of a workout."""

    distance_miles: float | None
    duration_seconds: float | None
    speed_mph: float | None
    incline_percent: float | None
    avg_heart_rate: float | None


@dataclass(frozen=True, slots=True)
class RepSession:
    """The repetitions that a counter counted in a workout."""

    exercise_type: str
    reps_count: int
    duration_seconds: int


def _json_of(row: type, alias: LiteralString) -> LiteralString:
    pairs = (f"'{field.name}', {alias}.{field.name}" for field in fields(row))
    return cast("LiteralString", f"json_build_object({', '.join(pairs)})")


EXECUTION: LiteralString = f"""
    json_build_object(
        'exercise_id', e.exercise_id, 'exercise_name', x.name, 'body_part', x.body_part, 'modality', x.modality,
        'execution_order', e.execution_order, 'note', e.note,
        'sets', coalesce((
            SELECT json_agg({_json_of(StrengthSet, "s")} ORDER BY s.set_index)
            FROM strength_sets AS s
            WHERE s.user_id = %(user_id)s AND s.workout_id = e.workout_id AND s.exercise_id = e.exercise_id
        ), '[]')
    )
"""
"""The JSON of an execution `e` of an exercise `x`."""

PARTS: dict[LiteralString, LiteralString] = {
    "exercise_executions": f"""coalesce((
            SELECT json_agg({EXECUTION} ORDER BY e.execution_order)
            FROM exercise_executions AS e
            JOIN exercises AS x
              ON x.user_id = %(user_id)s AND x.id = e.exercise_id
            WHERE e.user_id = %(user_id)s AND e.workout_id = r.id
        ), '[]')""",
    "cardio_session": f"""(
            SELECT {_json_of(CardioSession, "c")}
            FROM cardio_sessions AS c
            WHERE c.user_id = %(user_id)s AND c.workout_id = r.id
        )""",
    "rep_session": f"""(
            SELECT {_json_of(RepSession, "c")}
            FROM rep_sessions AS c
            WHERE c.user_id = %(user_id)s AND c.workout_id = r.id
        )""",
}


def _put_back(version_numbers: Mapping[UUID, int]) -> None:
    """Replace the parts of each of these workouts by those that the version of it holds."""
    ids = list(version_numbers)
    for table in ("exercise_executions", "cardio_sessions", "rep_sessions"):
        execute(f"DELETE FROM {table} WHERE user_id = %(user_id)s AND workout_id = ANY(%(ids)s)", ids=ids)
    source: LiteralString = """
        SELECT h.workout_id, h.exercise_executions, h.cardio_session, h.rep_session
        FROM unnest(%(ids)s::uuid[], %(version_numbers)s::integer[]) AS v (workout_id, version_number)
        JOIN workouts_history AS h
          ON h.user_id = %(user_id)s AND h.workout_id = v.workout_id AND h.version_number = v.version_number
    """
    params = {"ids": ids, "version_numbers": list(version_numbers.values())}
    insert_executions(source, **params)
    insert_sets(source, **params)
    _insert_session("cardio_sessions", "cardio_session", CardioSession, source, **params)
    _insert_session("rep_sessions", "rep_session", RepSession, source, **params)


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
    parts=versions.Parts(PARTS, _put_back),
)

_COLUMNS: LiteralString = ", ".join(
    (WORKOUTS.columns, *(f"{expression} AS {column}" for column, expression in PARTS.items()))
)


def insert_executions(source: LiteralString, **params: Any) -> None:
    """Store the executions in the `exercise_executions` of each `workout_id` that the source selects."""
    execute(
        f"""
        INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order, note)
        SELECT %(user_id)s, w.workout_id, e.exercise_id, e.execution_order, e.note
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_to_recordset(w.exercise_executions)
          AS e (exercise_id uuid, execution_order integer, note text)
        """,
        **params,
    )


def insert_sets(source: LiteralString, **params: Any) -> None:
    """Store the sets of the executions that the source selects, as `insert_executions` does."""
    execute(
        f"""
        INSERT INTO strength_sets (
            user_id, workout_id, exercise_id, id, position, set_index, set_type, weight, weight_unit, reps, forced_reps,
            rpe, duration_seconds, distance_miles, superset_id, note
        )
        SELECT %(user_id)s, w.workout_id, e.exercise_id, s.*
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_to_recordset(w.exercise_executions) AS e (exercise_id uuid, sets json)
        CROSS JOIN LATERAL json_to_recordset(e.sets) AS s (
            id uuid, position integer, set_index integer, set_type text, weight double precision, weight_unit text,
            reps integer, forced_reps integer, rpe double precision, duration_seconds double precision,
            distance_miles double precision, superset_id integer, note text
        )
        """,
        **params,
    )


def _insert_session(table: LiteralString, part: LiteralString, row: type, source: LiteralString, **params: Any) -> None:
    """Store the cardio or rep session that the source selects for each workout, where there is one."""
    names = columns(row, "s")
    execute(
        f"""
        INSERT INTO {table} (user_id, workout_id, {names.replace("s.", "")})
        SELECT %(user_id)s, w.workout_id, {names}
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_populate_record(NULL::{table}, w.{part}) AS s
        WHERE w.{part} IS NOT NULL
        """,
        **params,
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
        params = {"workout_id": row.id, "executions": _as_json(_executions_of(sets, changed_by))}
        insert_executions(GIVEN, **params)
        insert_sets(GIVEN, **params)
    for part in ("cardio_session", "rep_session"):
        if part in workout:
            write_session(row.id, part, workout[part])
    versions.add(WORKOUTS, row, versions.Change(changed_by))
    return Stored(row.id, row.version, versions.tag(row), len(sets), created=True)


GIVEN: LiteralString = "SELECT %(workout_id)s::uuid AS workout_id, %(executions)s::json AS exercise_executions"
"""A source of executions: those handed in as JSON."""


def _as_json(executions: Collection[Mapping[str, Any]]) -> str:
    return orjson.dumps(executions).decode()


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
        {"exercise_id": exercise_id, "execution_order": order, "sets": numbered(its_sets)}
        for order, (exercise_id, its_sets) in enumerate(executions.items(), 1)
    ]


def numbered(sets: Collection[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one exercise's sets with an id each, and those that have no `set_index` numbered on.

    Raises Invalid when two have the same.
    """
    result, taken = [], set()
    for one in sets:
        set_index = one.get("set_index", max(taken, default=0) + 1)
        if set_index in taken:
            raise Invalid(
                "The request is not valid",
                errors={"set_index": [f"Two sets of an exercise have set_index {set_index}"]},
            )
        taken.add(set_index)
        result.append({**one, "id": uuid4(), "set_index": set_index})
    return result


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


SESSIONS: dict[str, tuple[LiteralString, str, type]] = {
    "cardio_session": ("cardio_sessions", "CARDIO", CardioSession),
    "rep_session": ("rep_sessions", "REPS", RepSession),
}
"""A workout's session → (its table, the type of workout that has one, its row)."""


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
    sessions = {part: updates[part] for part in SESSIONS if part in updates}
    own_fields = {field: value for field, value in updates.items() if field not in sessions}

    def write_sessions(workout: WorkoutRow) -> None:
        _require_unfinished(workout)
        for part, session in sessions.items():
            if workout.workout_type != SESSIONS[part][1]:
                why = f"Only a workout of type {SESSIONS[part][1]} has one"
                raise Invalid("The request is not valid", errors={part: [why]})
            write_session(workout.id, part, session)

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
    workout_id: UUID, change: versions.Change, if_tags: Collection[str] | None, write: Any
) -> WorkoutRow:
    """Let `write` change the parts of a workout that is in progress, and keep the result.

    Raises Conflict when it is finished, and NotFound and PreconditionFailed as `versions.edit` does.
    """

    def write_unfinished(workout: WorkoutRow) -> None:
        _require_unfinished(workout)
        write()

    return versions.edit(WORKOUTS, workout_id, {}, change, if_tags=if_tags, write_parts=write_unfinished)


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


def write_session(workout_id: UUID, part: str, session: Mapping[str, Any] | None) -> None:
    """Store the given fields of a workout's session; None takes it away."""
    table, _, row = SESSIONS[part]
    if session is None:
        execute(
            f"DELETE FROM {table} WHERE user_id = %(user_id)s AND workout_id = %(workout_id)s", workout_id=workout_id
        )
        return
    names: list[LiteralString] = [cast("LiteralString", field.name) for field in fields(row) if field.name in session]
    assignments: LiteralString = "".join([f"{name} = %({name})s, " for name in names])
    changed = execute(
        f"""
        UPDATE {table}
        SET {assignments} updated_at = now()
        WHERE user_id = %(user_id)s
          AND workout_id = %(workout_id)s
        """,
        **session,
        workout_id=workout_id,
    )
    if not changed:
        if row is RepSession and len(names) < len(fields(RepSession)):
            raise Invalid("The request is not valid", errors={part: ["There is none yet: send all of it"]})
        into: LiteralString = ", ".join(["user_id", "workout_id", *names])
        values: LiteralString = ", ".join([f"%({name})s" for name in ("user_id", "workout_id", *names)])
        execute(f"INSERT INTO {table} ({into}) VALUES ({values})", **session, workout_id=workout_id)
