"""The parts of a workout: exercises with sets, cardio session, rep session; `workout_sessions` has the latter two.

All parts of a workout are read, and stored in its history, as JSON.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, LiteralString
from uuid import UUID, uuid4

import orjson

from fitness.db import constraints, workout_sessions
from fitness.db.connection import execute, fetch_all
from fitness.db.fields import listed, names_of, typed
from fitness.db.later import execute_later
from fitness.db.workout_sessions import SESSIONS, CardioSession, RepSession
from fitness.errors import invalid_field

Json = Mapping[str, Any]

constraints.invalid(
    "strength_sets_set_index_key", field="set_index", why="The exercise already has a set with this set_index"
)


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


def _json_of(row: type, alias: LiteralString) -> LiteralString:
    return "json_build_object(" + listed(names_of(row), "'{0}', " + alias + ".{0}") + ")"


EXECUTION: LiteralString = (
    """
    json_build_object(
        'exercise_id', e.exercise_id, 'exercise_name', x.name, 'body_part', x.body_part, 'modality', x.modality,
        'execution_order', e.execution_order, 'note', e.note,
        'sets', coalesce((
            SELECT json_agg("""
    + _json_of(StrengthSet, "s")
    + """ ORDER BY s.set_index)
            FROM strength_sets AS s
            WHERE s.user_id = %(user_id)s AND s.workout_id = e.workout_id AND s.exercise_id = e.exercise_id
        ), '[]')
    )
"""
)
"""The JSON of an execution `e` of an exercise `x`."""


def _session_of(table: LiteralString, row: type) -> LiteralString:
    return """(
            SELECT {session}
            FROM {table} AS c
            WHERE c.user_id = %(user_id)s AND c.workout_id = r.id
        )""".format(session=_json_of(row, "c"), table=table)


PARTS: dict[LiteralString, LiteralString] = {
    "exercise_executions": "coalesce((SELECT json_agg("
    + EXECUTION
    + """ ORDER BY e.execution_order)
            FROM exercise_executions AS e
            JOIN exercises AS x
              ON x.user_id = %(user_id)s AND x.id = e.exercise_id
            WHERE e.user_id = %(user_id)s AND e.workout_id = r.id
        ), '[]')""",
    "cardio_session": _session_of("cardio_sessions", CardioSession),
    "rep_session": _session_of("rep_sessions", RepSession),
}
"""Part of a workout `r` → the SQL of its JSON."""

WORKING_SETS: dict[LiteralString, LiteralString] = {
    "working_exercise_id": "exercise_id",
    "working_set_index": "set_index",
    "working_weight": "weight",
    "working_weight_unit": "weight_unit",
    "working_reps": "reps",
    "working_distance_miles": "distance_miles",
}
"""Array in a version of a workout → the column of its sets that it has, without those of warm-ups.

Reading them takes a tenth of parsing JSON. A version without such sets has null.
"""
JOIN_WORKING_SETS: LiteralString = (
    """
            CROSS JOIN LATERAL (
                SELECT """
    + ", ".join("array_agg(s." + name + ") AS " + array for array, name in WORKING_SETS.items())
    + """
                FROM strength_sets AS s
                WHERE s.user_id = %(user_id)s AND s.workout_id = r.id AND s.set_type <> 'warmup'
            ) AS working"""
)


COMPARED: dict[LiteralString, LiteralString] = {
    "exercise_executions": """(
        SELECT jsonb_agg(e - ARRAY['exercise_name', 'body_part', 'modality'] ORDER BY place)
        FROM jsonb_array_elements({0}) WITH ORDINALITY AS done (e, place)
    )""",
    "cardio_session": "jsonb_strip_nulls({0})",
}
"""What a revert compares: the name of an exercise may change without a change of the workout, and versions of before
lack fields of a session.
"""


def put_back(version_numbers: Mapping[UUID, int]) -> None:
    """Replace the parts of each of these workouts with those in the given version."""
    ids = list(version_numbers)
    _delete(ids)
    for part in SESSIONS:
        workout_sessions.delete(part, ids)
    source: LiteralString = """
        SELECT h.workout_id, h.exercise_executions, h.cardio_session, h.rep_session
        FROM unnest(%(ids)s::uuid[], %(version_numbers)s::integer[]) AS v (workout_id, version_number)
        JOIN workouts_history AS h
          ON h.user_id = %(user_id)s AND h.workout_id = v.workout_id AND h.version_number = v.version_number
    """
    params = {"ids": ids, "version_numbers": list(version_numbers.values())}
    insert_executions(source, **params)
    insert_sets(source, **params)
    for part in SESSIONS:
        workout_sessions.insert_all(part, source, **params)


_FLAT_EXECUTIONS: LiteralString = """
        SELECT e.workout_id, e.exercise_id, e.execution_order, e.note
        FROM json_to_recordset(%(executions)s::json)
          AS e (workout_id uuid, exercise_id uuid, execution_order integer, note text)
    """
_FLAT_SETS: LiteralString = (
    """
        SELECT s.*
        FROM json_to_recordset(%(sets)s::json)
          AS s (workout_id uuid, exercise_id uuid, """
    + typed(StrengthSet, names_of(StrengthSet))
    + ")"
)


def insert_all(executions: Mapping[UUID, Collection[Json]]) -> None:
    """Store the exercises and sets of these workouts, which have none yet.

    They are sent as flat rows: of JSON inside JSON the inner one is parsed twice.
    """
    done = [{**one, "workout_id": workout_id} for workout_id, of in executions.items() for one in of]
    sets = [
        {**one, "workout_id": execution["workout_id"], "exercise_id": execution["exercise_id"]}
        for execution in done
        for one in execution.pop("sets")
    ]
    execute_later(_insert_executions(_FLAT_EXECUTIONS), executions=as_json(done))
    execute_later(_insert_sets(_FLAT_SETS), sets=as_json(sets))


def replace_all(executions: Mapping[UUID, Collection[Mapping[str, Any]]]) -> None:
    """Replace the exercises and sets of these workouts."""
    if executions:
        _delete(executions)
        insert_all(executions)


def merge_exercises(workout_ids: Collection[UUID], merged: Mapping[UUID, UUID]) -> None:
    """Replace exercises in these workouts: {exercise: the one that it was merged into}."""
    rows = fetch_all(
        tuple,
        """
        SELECT r.id, {content}
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND EXISTS (
            SELECT
            FROM exercise_executions AS m
            WHERE m.user_id = %(user_id)s AND m.workout_id = r.id AND m.exercise_id = ANY(%(merged)s)
          )
        """.format(content=PARTS["exercise_executions"]),
        ids=list(workout_ids),
        merged=list(merged),
    )
    replace_all({workout_id: with_merged(executions, merged) for workout_id, executions in rows})


def with_merged(executions: Collection[Json], merged: Mapping[UUID, UUID]) -> list[Json]:
    """Return the executions of a workout, as JSON, with each exercise replaced by the one that it was merged into.

    Two executions that become one have the notes of both, and all their sets in the order of the workout.
    """
    into: dict[str | None, str] = {str(exercise_id): str(into_id) for exercise_id, into_id in merged.items()}
    result: dict[str, Json] = {}
    for execution in sorted(executions, key=itemgetter("execution_order")):
        exercise_id = into.get(execution["exercise_id"], execution["exercise_id"])
        # A provider's exercise that is not stored here has only a name.
        key = exercise_id or execution["exercise_name"]
        first = result.get(key)
        if first is None:
            result[key] = {**execution, "exercise_id": exercise_id}
            continue
        sets = sorted((*first["sets"], *execution["sets"]), key=itemgetter("position"))
        result[key] = {
            **first,
            "note": "\n".join(filter(None, (first["note"], execution["note"]))) or None,
            "sets": [{**one, "set_index": set_index} for set_index, one in enumerate(sets, 1)],
        }
    return list(result.values())


def _delete(workout_ids: Collection[UUID]) -> None:
    execute(
        "DELETE FROM exercise_executions WHERE user_id = %(user_id)s AND workout_id = ANY(%(ids)s)",
        ids=list(workout_ids),
    )


def insert_executions(source: LiteralString, **params: Any) -> None:
    """Store the executions in the `exercise_executions` of each `workout_id` that the source selects."""
    execute_later(_insert_executions(_executions_in(source)), **params)


@cache
def _insert_executions(rows: LiteralString) -> LiteralString:
    # RETURNING, here and below: a sharded database copies the rows of a SELECT otherwise, which row-level security
    # refuses.
    return f"""
        INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order, note)
        SELECT %(user_id)s, e.*
        FROM ({rows}) AS e
        RETURNING 1
        """


@cache
def _executions_in(source: LiteralString) -> LiteralString:
    return f"""
        SELECT w.workout_id, e.*
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_to_recordset(w.exercise_executions)
          AS e (exercise_id uuid, execution_order integer, note text)
        """


def insert_sets(source: LiteralString, **params: Any) -> None:
    """Store the sets of the executions that the source selects, as `insert_executions` does."""
    execute_later(_insert_sets(_sets_in(source)), **params)


@cache
def _insert_sets(rows: LiteralString) -> LiteralString:
    return f"""
        INSERT INTO strength_sets (user_id, workout_id, exercise_id, {listed(names_of(StrengthSet))})
        SELECT %(user_id)s, s.*
        FROM ({rows}) AS s
        RETURNING 1
        """


@cache
def _sets_in(source: LiteralString) -> LiteralString:
    return f"""
        SELECT w.workout_id, e.exercise_id, s.*
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_to_recordset(w.exercise_executions) AS e (exercise_id uuid, sets json)
        CROSS JOIN LATERAL json_to_recordset(e.sets) AS s ({typed(StrengthSet, names_of(StrengthSet))})
        """


GIVEN: LiteralString = "SELECT %(workout_id)s::uuid AS workout_id, %(executions)s::json AS exercise_executions"
"""A source of executions: a parameter with JSON."""


def as_json(executions: Collection[Mapping[str, Any]]) -> str:
    return orjson.dumps(executions).decode()


def numbered(sets: Collection[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the sets of an exercise with an id each; sets without a `set_index` get the next numbers.

    Raises Invalid if two have the same number.
    """
    result, taken = [], set()
    for one in sets:
        set_index = one.get("set_index", max(taken, default=0) + 1)
        if set_index in taken:
            raise invalid_field("set_index", f"Two sets of an exercise have set_index {set_index}")
        taken.add(set_index)
        result.append({**one, "id": uuid4(), "set_index": set_index})
    return result
