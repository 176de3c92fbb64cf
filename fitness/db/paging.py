"""Keyset paging: pages that end by rows and by bytes, and cursors as text for clients."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, LiteralString, TypeVar

import orjson

from fitness.db.bound import Query
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.history.instants import looks_back_at

F = TypeVar("F")
T = TypeVar("T")

LONGEST = 4000
"""Longer than any cursor; limits the length of numbers in one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key (as PostgreSQL text) and the id of the last row of a page."""

    key: str
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor as URL-safe text, valid only for the same sort order, and the same `as_of`."""
        return base64.urlsafe_b64encode(orjson.dumps([_as_of(order), self.key, self.id])).decode()

    @classmethod
    def decode(cls, text: str, order: str) -> "Cursor":
        """Return the cursor from the text; raises ValueError if it is damaged, or of another order or `as_of`."""
        if len(text) > LONGEST:
            raise ValueError("This cursor belongs to another list")
        try:
            match orjson.loads(base64.b64decode(text, altchars=b"-_", validate=True)):
                case [str(of_order), str(key), str(id)] if of_order == _as_of(order) and _is_text(key) and _is_text(id):
                    return cls(key, id)
        except ValueError as error:
            raise ValueError("This cursor belongs to another list") from error
        raise ValueError("This cursor belongs to another list, sort order or `as_of`")


def _as_of(order: str) -> str:
    instant = looks_back_at()
    return f"{order} as of {instant.isoformat()}" if instant else order


def _is_text(text: str) -> bool:
    """Return whether PostgreSQL can store the text; raises ValueError for lone surrogates."""
    return b"\0" not in text.encode()


def fetch_page(
    row: Callable[..., T], query: Query, *, limit: int, long: Sequence[LiteralString] = (), **params: Any
) -> tuple[list[T], str | None]:
    """Return up to `limit` rows, each as `row` of its fields, and the sort key of the last one if more rows follow.

    The query selects the fields of `row` in order, then the sort key as text, and ends with `LIMIT %(limit)s`; one
    extra row is fetched to know whether there is a next page. A page also ends when its columns `long`, which may be
    long texts or JSON, have LARGEST_PAGE bytes; it has one row at least.
    """
    params = {**params, "limit": limit + 1}
    if not long:
        rows = fetch_all(tuple, query, **params)
        return [row(*values[:-1]) for values in rows[:limit]], rows[limit - 1][-1] if len(rows) > limit else None
    assert isinstance(query, str)
    rows = fetch_all(tuple, _ending_by_bytes(query, tuple(long)), **params, most_bytes=LARGEST_PAGE)
    shown = rows[:limit]
    items = [row(*values[:-3]) for values in shown]
    more = len(rows) > limit or (rows and rows[-1][-1] >= LARGEST_PAGE and _are_more(query, len(rows), params))
    return items, shown[-1][-3] if more else None


LARGEST_PAGE = 4_000_000
"""Bytes of the long columns of a page."""

AT_ONCE = 20
"""How many items `described` describes first, to know how large they are."""


def described(found: Sequence[F], describe: Callable[[Sequence[F]], list[T]], *, limit: int) -> list[T]:
    """Return the first `limit` of what was found, each described by `describe`, until these have LARGEST_PAGE bytes.

    It has one item at least. `describe` is called with a few of them first, then with as many as will have room.
    """
    items: list[T] = []
    size, at_once = 0, AT_ONCE
    while len(items) < min(limit, len(found)) and size < LARGEST_PAGE:
        some = describe(found[len(items) : min(limit, len(items) + at_once)])
        size += len(orjson.dumps(some, default=str))
        items += some
        at_once = max(0, LARGEST_PAGE - size) * len(items) // size + 1
    return items


@lru_cache(maxsize=1024)
def _ending_by_bytes(query: LiteralString, long: tuple[LiteralString, ...]) -> LiteralString:
    """Return a query whose rows end with the one that makes them too large.

    It has two columns more: the bytes of the row's long columns, and of those up to it. The size of what is not
    compressed is known without reading it, as that of a text is.
    """
    size = " + ".join(
        f"""
        CASE WHEN pg_column_compression(q.{column}) IS NULL THEN coalesce(pg_column_size(q.{column}), 0)
        ELSE octet_length(q.{column}::text) END
        """
        for column in long
    )
    return f"""
        SELECT rows.*
        FROM (
            SELECT sized.*, sum(sized.row_bytes) OVER (ROWS UNBOUNDED PRECEDING) AS page_bytes
            FROM (SELECT q.*, {size} AS row_bytes FROM ({query}) AS q OFFSET 0) AS sized
        ) AS rows
        WHERE rows.page_bytes - rows.row_bytes < %(most_bytes)s
        """


def _are_more(query: LiteralString, number: int, params: dict[str, Any]) -> bool:
    """Return whether a query has more rows than this number."""
    found = fetch_one(int, "SELECT count(*) FROM (" + query + ") AS q", **{**params, "limit": number + 1})
    return (found or 0) > number
