"""Selections: whether, when and where a person does a planned workout; at first, as planned."""

from collections.abc import Collection, Mapping
from typing import Any, LiteralString

from psycopg.rows import DictRow

from fitness.db.connection import execute, fetch_all
from fitness.db.fields import listed
from fitness.db.planned_workouts import SELECTION, PlannedWorkout, change_planned_workout
from fitness.errors import Invalid


def update_selection(
    workout_id: int, updates: Mapping[str, Any], *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> PlannedWorkout:
    """Change the given columns of the selection of a planned workout; return the planned workout.

    Raises Invalid if no field is given, and the errors of `change_planned_workout`.
    """
    if not updates:
        raise Invalid("Send at least one field to change", errors={})
    return change_planned_workout(workout_id, updates, changed_by=changed_by, if_tags=if_tags)


def reset_selection(
    workout_id: int, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> PlannedWorkout:
    """Make the selection of a planned workout as it was at first; raises the errors of `change_planned_workout`."""
    as_planned = {**dict.fromkeys(SELECTION), "is_selected": True}
    return change_planned_workout(workout_id, as_planned, changed_by=changed_by, if_tags=if_tags)


# For the operator, across all users: rows of before migration 0009, which allows one per planned workout. Migration
# 0026 makes them columns of the planned workouts.


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
        """.format(assignments=listed(SELECTION, "{0} = d.{0}"), latest=listed(SELECTION, _LATEST)),
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
