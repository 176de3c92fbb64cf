"""Which exercise a name leads to, and which one a merged exercise leads to.

The table `exercise_names` has every name that an exercise has or had, or that a provider used for it: a name leads to
the exercise that has it, otherwise to the one that had it last. Names are compared by `fitness.names.name_key`.
"""

from collections.abc import Collection, Mapping
from typing import Any, LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all


def lead_here(ids: Collection[Any]) -> None:
    """Let the present names of these exercises lead to them."""
    execute(
        """
        INSERT INTO exercise_names (user_id, name_key, exercise_id)
        SELECT %(user_id)s, r.name_key, r.id
        FROM exercises AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
        ORDER BY r.name_key
        ON CONFLICT (user_id, name_key) DO UPDATE SET exercise_id = excluded.exercise_id
        """,
        ids=list(ids),
    )


def lead_if_new(exercise_ids: Mapping[str, UUID]) -> None:
    """Let the names with these keys lead to these exercises, except those that already lead to one."""
    if exercise_ids:
        execute(
            """
            INSERT INTO exercise_names (user_id, name_key, exercise_id)
            SELECT %(user_id)s, sent.name_key, sent.exercise_id
            FROM unnest(%(keys)s::text[], %(ids)s::uuid[]) AS sent (name_key, exercise_id)
            ORDER BY sent.name_key
            ON CONFLICT (user_id, name_key) DO NOTHING
            """,
            keys=list(exercise_ids),
            ids=list(exercise_ids.values()),
        )


MERGED: LiteralString = """
    WITH RECURSIVE steps AS (
        SELECT r.id AS merged_id, r.id, r.merged_into, ARRAY[r.id] AS path
        FROM exercises AS r
        WHERE r.user_id = %(user_id)s
          AND r.merged_into IS NOT NULL
        UNION ALL
        SELECT s.merged_id, r.id, r.merged_into, s.path || r.id
        FROM steps AS s
        JOIN exercises AS r
          ON r.user_id = %(user_id)s AND r.id = s.merged_into AND r.id <> ALL(s.path)
    ), merged AS (
        SELECT merged_id, id AS into_id
        FROM steps
        WHERE merged_into IS NULL
          OR merged_into = ANY(path)
    )
"""
"""The beginning of a statement: the CTE `merged`, with the exercise that each merged exercise leads to.

If reverts turned merges into a circle, it is the last exercise before the circle closes.
"""


def get_merged() -> dict[UUID, UUID]:
    """Return {merged exercise: the exercise that it leads to}."""
    return dict(fetch_all(tuple, MERGED + "SELECT merged_id, into_id FROM merged"))
