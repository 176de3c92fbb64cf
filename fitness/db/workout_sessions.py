"""The sessions of a workout: at most one of cardio, and one of a rep counter."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import orjson

from fitness.db.connection import execute
from fitness.db.fields import listed, names_of
from fitness.db.later import execute_later
from fitness.errors import invalid_field


@dataclass(frozen=True, slots=True)
class CardioSession:
    """The cardio session of a workout; `ascent` is in metres, `temperature` in °C."""

    distance_miles: float | None
    duration_seconds: float | None
    speed_mph: float | None
    incline_percent: float | None
    avg_heart_rate: float | None
    sport: str | None
    ascent: float | None
    max_heart_rate: float | None
    avg_cadence: float | None
    avg_power: float | None
    temperature: float | None


MEASURED = ("ascent", "max_heart_rate", "avg_cadence", "avg_power", "temperature")
"""The fields of a cardio session of which a provider that has none says nothing; versions of before lack them."""


@dataclass(frozen=True, slots=True)
class RepSession:
    """The rep session of a workout."""

    exercise_type: str
    reps_count: int
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class Session:
    """A kind of session: its column in the history, its table and row, and the type of workout that has it."""

    column: LiteralString
    table: LiteralString
    row: type
    workout_type: str


SESSIONS = {
    "cardio_session": Session("cardio_session", "cardio_sessions", CardioSession, "CARDIO"),
    "rep_session": Session("rep_session", "rep_sessions", RepSession, "REPS"),
}


def delete(part: str, workout_ids: Collection[UUID]) -> None:
    """Delete a kind of session of these workouts."""
    execute(
        "DELETE FROM " + SESSIONS[part].table + " WHERE user_id = %(user_id)s AND workout_id = ANY(%(ids)s)",
        ids=list(workout_ids),
    )


def insert_all(part: str, source: LiteralString, **params: Any) -> None:
    """Store the session of each workout that the SQL of a source selects, if it has one."""
    execute(_insert_all(part, source), **params)


@cache
def _insert_all(part: str, source: LiteralString) -> LiteralString:
    """Return the statement that stores the session of each workout that the source selects, if it has one."""
    session = SESSIONS[part]
    return """
        INSERT INTO {table} (user_id, workout_id, {names})
        SELECT %(user_id)s, w.workout_id, {values}
        FROM ({source}) AS w
        CROSS JOIN LATERAL json_populate_record(NULL::{table}, w.{column}) AS s
        WHERE w.{column} IS NOT NULL
        RETURNING 1
        """.format(
        table=session.table,
        column=session.column,
        names=listed(names_of(session.row)),
        values=listed(names_of(session.row), "s.{}"),
        source=source,
    )


_GIVEN_CARDIO: LiteralString = """
        SELECT w.workout_id, w.cardio_session
        FROM unnest(%(ids)s::uuid[], %(sessions)s::json[]) AS w (workout_id, cardio_session)
    """


def replace_cardio(sessions: Mapping[UUID, Mapping[str, Any] | None]) -> None:
    """Replace the cardio session of each of these workouts; None: it has none any more."""
    delete("cardio_session", sessions)
    given = {workout_id: session for workout_id, session in sessions.items() if session is not None}
    insert_all(
        "cardio_session",
        _GIVEN_CARDIO,
        ids=list(given),
        sessions=[orjson.dumps(session).decode() for session in given.values()],
    )


def write_session(workout_id: UUID, part: str, session: Mapping[str, Any] | None) -> None:
    """Store the given fields of a workout's session; None deletes it."""
    if session is None:
        delete(part, [workout_id])
        return
    changed = execute(
        """
        UPDATE {table}
        SET {assignments} updated_at = now()
        WHERE user_id = %(user_id)s
          AND workout_id = %(workout_id)s
        """.format(
            table=SESSIONS[part].table,
            assignments="".join([name + " = %(" + name + ")s, " for name in _given(part, session)]),
        ),
        **session,
        workout_id=workout_id,
    )
    if not changed:
        insert_session(workout_id, part, session)


def insert_session(workout_id: UUID, part: str, session: Mapping[str, Any]) -> None:
    """Store the session of a workout that has none; raises Invalid if a rep session lacks a field."""
    given = _given(part, session)
    if part == "rep_session" and len(given) < len(names_of(RepSession)):
        raise invalid_field(part, f"No {part} yet; send every field")
    names: list[LiteralString] = ["user_id", "workout_id", *given]
    execute_later(
        "INSERT INTO {table} ({names}) VALUES ({values})".format(
            table=SESSIONS[part].table, names=listed(names), values=listed(names, "%({})s")
        ),
        **session,
        workout_id=workout_id,
    )


def _given(part: str, session: Mapping[str, Any]) -> list[LiteralString]:
    """Return the given columns of a session's row."""
    return [name for name in names_of(SESSIONS[part].row) if name in session]
