"""What belongs to a workout: its exercises with their sets, its cardio, its counted repetitions.

They are JSON wherever they travel together: out of the database, into the workout's history, and back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, LiteralString, cast
from uuid import UUID, uuid4

import orjson

from fitness.db.connection import columns, execute
from fitness.errors import invalid_field


@dataclass
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


def put_back(version_numbers: Mapping[UUID, int]) -> None:
    """Replace the parts of each of these workouts by those that the version of it holds."""
    ids = list(version_numbers)
    for table in ("exercise_executions", "cardio_sessions", "rep_sessions"):
        _delete(table, ids)
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


def insert_all(executions: Mapping[UUID, Collection[Mapping[str, Any]]]) -> None:
    """Store what was done in each of these workouts, which have no executions yet."""
    source: LiteralString = """
        SELECT w.workout_id, w.exercise_executions
        FROM unnest(%(ids)s::uuid[], %(executions)s::json[]) AS w (workout_id, exercise_executions)
    """
    params = {"ids": list(executions), "executions": [as_json(done) for done in executions.values()]}
    insert_executions(source, **params)
    insert_sets(source, **params)


def replace_all(executions: Mapping[UUID, Collection[Mapping[str, Any]]]) -> None:
    """Replace what was done in each of these workouts."""
    if executions:
        _delete("exercise_executions", executions)
        insert_all(executions)


def _delete(table: LiteralString, workout_ids: Collection[UUID]) -> None:
    execute(f"DELETE FROM {table} WHERE user_id = %(user_id)s AND workout_id = ANY(%(ids)s)", ids=list(workout_ids))


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


GIVEN: LiteralString = "SELECT %(workout_id)s::uuid AS workout_id, %(executions)s::json AS exercise_executions"
"""A source of executions: those handed in as JSON."""


def as_json(executions: Collection[Mapping[str, Any]]) -> str:
    return orjson.dumps(executions).decode()


def numbered(sets: Collection[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one exercise's sets with an id each, and those that have no `set_index` numbered on.

    Raises Invalid when two have the same.
    """
    result, taken = [], set()
    for one in sets:
        set_index = one.get("set_index", max(taken, default=0) + 1)
        if set_index in taken:
            raise invalid_field("set_index", f"Two sets of an exercise have set_index {set_index}")
        taken.add(set_index)
        result.append({**one, "id": uuid4(), "set_index": set_index})
    return result


SESSIONS: dict[str, tuple[LiteralString, str, type]] = {
    "cardio_session": ("cardio_sessions", "CARDIO", CardioSession),
    "rep_session": ("rep_sessions", "REPS", RepSession),
}
"""A workout's session → (its table, the type of workout that has one, its row)."""


def write_session(workout_id: UUID, part: str, session: Mapping[str, Any] | None) -> None:
    """Store the given fields of a workout's session; None takes it away."""
    table, _, row = SESSIONS[part]
    if session is None:
        _delete(table, [workout_id])
        return
    assignments: LiteralString = "".join([f"{name} = %({name})s, " for name in _given(row, session)])
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
        insert_session(workout_id, part, session)


def insert_session(workout_id: UUID, part: str, session: Mapping[str, Any]) -> None:
    """Store the session of a workout that has none; raises Invalid for a rep session that lacks something."""
    table, _, row = SESSIONS[part]
    names = _given(row, session)
    if row is RepSession and len(names) < len(fields(RepSession)):
        raise invalid_field(part, "There is none yet: send all of it")
    into: LiteralString = ", ".join(["user_id", "workout_id", *names])
    values: LiteralString = ", ".join([f"%({name})s" for name in ("user_id", "workout_id", *names)])
    execute(f"INSERT INTO {table} ({into}) VALUES ({values})", **session, workout_id=workout_id)


def _given(row: type, session: Mapping[str, Any]) -> list[LiteralString]:
    """Return the columns of a session's row that are given."""
    return [cast("LiteralString", field.name) for field in fields(row) if field.name in session]
