"""The numbers of planned workouts: each user's own, from 1 on, so that they say nothing about others.

A transaction takes numbers from blocks that it locks until it ends, and leaves out blocks that others hold: nobody
waits for an import, and no number is taken twice. Some numbers may be left out.
"""

from fitness.db.connection import fetch_all

BLOCK = 20


def take_numbers(count: int) -> list[int]:
    """Return so many free numbers, in their order, for planned workouts that the bound transaction stores."""
    blocks = fetch_all(
        int,
        """
        SELECT b.block
        FROM (
            SELECT coalesce(max(p.id), 0) / %(size)s + generate_series(0, 1000000) AS block
            FROM planned_workouts AS p
            WHERE p.user_id = %(user_id)s
        ) AS b
        WHERE pg_try_advisory_xact_lock(hashtextextended('planned workouts ' || b.block, %(user_id)s))
        LIMIT %(count)s
        """,
        size=BLOCK,
        count=count // BLOCK + 2,
    )
    # Another statement: it sees what was committed before the locks were free.
    return fetch_all(
        int,
        """
        SELECT n.number
        FROM unnest(%(blocks)s::bigint[]) AS b (block)
        CROSS JOIN LATERAL (
            SELECT greatest(coalesce(max(p.id), 0) + 1, b.block * %(size)s, 1) AS first
            FROM planned_workouts AS p
            WHERE p.user_id = %(user_id)s
              AND p.id >= b.block * %(size)s
              AND p.id < (b.block + 1) * %(size)s
        ) AS free
        CROSS JOIN LATERAL generate_series(free.first, (b.block + 1) * %(size)s - 1) AS n (number)
        ORDER BY n.number
        LIMIT %(count)s
        """,
        blocks=blocks,
        size=BLOCK,
        count=count,
    )
