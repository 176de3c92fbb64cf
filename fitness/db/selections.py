"""Selections: whether, when and where a person does a planned workout; without a row it stays as planned.

Their JSON has the field names of the calendar page.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, LiteralString

from psycopg.rows import DictRow

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import listed
from fitness.errors import Invalid

NAMES: dict[LiteralString, LiteralString] = {
    "is_selected": "isSelected",
    "current_plan_day": "currentPlanDay",
    "time_of_day": "timeOfDay",
    "workout_location": "workoutLocation",
    "user_notes": "userNotes",
}
"""Column of a selection → name in JSON."""

IS_SELECTED: LiteralString = "coalesce(s.is_selected, true)"
"""Condition that a planned workout with the selection `s`, or without one, is part of the plan."""


_VALUES: dict[LiteralString, LiteralString] = {
    **{column: "s." + column for column in NAMES},
    "is_selected": IS_SELECTED,
}


def selection_of(workout_id: LiteralString) -> LiteralString:
    """Return the SQL of the JSON of the selection `s` of a planned workout, even if it has no row."""
    pairs: list[LiteralString] = ["'" + name + "', " + _VALUES[column] for column, name in NAMES.items()]
    return "json_build_object('workoutId', " + ", ".join([workout_id, *pairs]) + ")"


def update_selection(workout_id: int, updates: Mapping[str, Any]) -> dict[str, Any] | None:
    """Create or change the given fields of the selection of a planned workout; return it, as JSON.

    One statement, so that concurrent calls lose no change and create no second row. Deselecting clears the time of day.
    Returns None if the planned workout does not exist, and raises Invalid if no field is given.
    """
    if not updates:
        raise Invalid("Send at least one field to change", errors={})
    values = {**updates, "time_of_day": None} if updates.get("is_selected") is False else updates
    row = fetch_one(
        dict,
        _upsert(tuple(column for column in NAMES if column in values)),
        workout_id=workout_id,
        **values,
    )
    return row and row["selection"]


@cache
def _upsert(given: tuple[LiteralString, ...]) -> LiteralString:
    return """
        INSERT INTO workout_selections AS s (user_id, workout_id, {names})
        SELECT %(user_id)s, p.id, {values}
        FROM planned_workouts AS p
        WHERE p.user_id = %(user_id)s
          AND p.id = %(workout_id)s
          AND p.deleted_at IS NULL
        ON CONFLICT (user_id, workout_id) DO UPDATE
        SET {replaced}, updated_at = excluded.updated_at
        RETURNING {selection} AS selection
        """.format(
        names=listed(given),
        values=listed(given, "%({})s"),
        replaced=listed(given, "{0} = excluded.{0}"),
        selection=selection_of("s.workout_id"),
    )


def delete_selection(workout_id: int) -> None:
    """Delete the selection of a planned workout, if it has one."""
    execute(
        """
        DELETE FROM workout_selections
        WHERE user_id = %(user_id)s
          AND workout_id = %(workout_id)s
        """,
        workout_id=workout_id,
    )


# For the operator, across all users: rows that violate the constraint of one row per planned workout.


def lock_selections() -> None:
    """Block other writes of selections until the transaction ends."""
    execute("LOCK TABLE workout_selections IN SHARE ROW EXCLUSIVE MODE")


def list_duplicates() -> list[DictRow]:
    """Return all rows of planned workouts with more than one row, newest first."""
    return fetch_all(
        dict,
        """
        SELECT s.*
        FROM workout_selections AS s
        JOIN (
            SELECT user_id, workout_id
            FROM workout_selections
            GROUP BY user_id, workout_id
            HAVING count(*) > 1
        ) AS d
          ON d.user_id = s.user_id AND d.workout_id = s.workout_id
        ORDER BY s.user_id, s.workout_id, s.updated_at DESC, s.id DESC
        """,
    )


_LATEST: LiteralString = "(array_agg({0} ORDER BY updated_at DESC, id DESC) FILTER (WHERE {0} IS NOT NULL))[1] AS {0}"


def merge_duplicates() -> list[DictRow]:
    """Merge the rows of each planned workout with several rows into one, and return the rows that stay.

    The newest row stays, with the most recent value of each field that is set, and with the earliest creation time.
    """
    merged: list[DictRow] = fetch_all(
        dict,
        """
        UPDATE workout_selections AS s
        SET {assignments}, created_at = d.created_at
        FROM (
            SELECT user_id, (array_agg(id ORDER BY updated_at DESC, id DESC))[1] AS id, min(created_at) AS created_at,
                {latest}
            FROM workout_selections
            GROUP BY user_id, workout_id
            HAVING count(*) > 1
        ) AS d
        WHERE s.user_id = d.user_id
          AND s.id = d.id
        RETURNING s.*
        """.format(assignments=listed(NAMES, "{0} = d.{0}"), latest=listed(NAMES, _LATEST)),
    )
    execute(
        """
        DELETE FROM workout_selections AS s
        USING workout_selections AS newer
        WHERE newer.user_id = s.user_id
          AND newer.workout_id = s.workout_id
          AND (newer.updated_at, newer.id) > (s.updated_at, s.id)
        """
    )
    return merged
