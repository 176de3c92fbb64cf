"""Rows that are stored once and never changed; they count for the quota by their bytes, see `fields.size`."""

from collections.abc import Sequence
from functools import cache
from typing import Any, LiteralString

from fitness.db.bound import afterwards, note_growth
from fitness.db.connection import fetch_one
from fitness.db.fields import arrays, listed, names_of, size, unnested
from fitness.db.later import fetch_later


def store(table: LiteralString, row: type, rows: Sequence[Any], *, counts: bool = True) -> None:
    """Store those rows of a dataclass that are not there yet, with the next message; their bytes count, or do not."""
    sizes = fetch_later(int, _store(table, row), **arrays(row, names_of(row), rows))
    if counts:
        afterwards(lambda: note_growth(0, sum(sizes())))


@cache
def _store(table: LiteralString, row: type) -> LiteralString:
    return f"""
        INSERT INTO {table} AS t (user_id, {listed(names_of(row))})
        SELECT %(user_id)s, new.*
        FROM {unnested(row, names_of(row))}
        ON CONFLICT DO NOTHING
        RETURNING {size(row, "t")}
        """


def total_size(table: LiteralString, row: type) -> int:
    """Return the bytes of all rows of a table."""
    total: LiteralString = "SELECT coalesce(sum(" + size(row, "t") + "), 0)::bigint FROM " + table + " AS t"
    return fetch_one(int, total + " WHERE t.user_id = %(user_id)s") or 0
