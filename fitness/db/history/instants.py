"""Instants of the past that a person goes or looks back to; for looking back, see `as_of`."""

from datetime import datetime
from functools import cache
from typing import LiteralString

from fitness.db.connection import bound_transaction, fetch_all, fetch_one, is_open
from fitness.db.history.as_of import TABLES, Past
from fitness.errors import invalid_field

_IN_TIME: LiteralString = "created_at <= %(instant)s AS begun, %(instant)s <= now() AS past"
LOOK_BACK: LiteralString = (
    "SELECT "
    + _IN_TIME
    + """, set_config('transaction_read_only', 'on', true), set_config('enable_nestloop', 'off', true)
    FROM users
    WHERE user_id = %(user_id)s
    """
)
"""Prepares a transaction for statements that look back.

The planner cannot know how many records there were. A hash is right for few and many, a nested loop only for few.
"""


def transaction_time() -> datetime:
    """Return when the bound transaction began, for a statement that may not ask for the time itself.

    A sharded database refuses functions such as `now()` in CASE and COALESCE.
    """
    began = fetch_one(datetime, "SELECT now()")
    assert began is not None
    return began


def require_past(instant: datetime, *, field: str) -> None:
    """Raise Invalid, for the field that has the instant, if it is in the future or before the account."""
    _refuse_unless_past("SELECT " + _IN_TIME + " FROM users WHERE user_id = %(user_id)s", instant, field)


def look_back(instant: datetime, *, field: str) -> None:
    """Let the bound transaction see the versioned records as they were at an instant, and write nothing.

    Raises the errors of `require_past`.
    """
    _refuse_unless_past(LOOK_BACK, instant, field)
    then = _past().then
    bound = bound_transaction()
    bound.as_of, bound.then = instant, then


@cache
def _past() -> Past:
    """Return what makes statements look back; the columns of the tables are read once."""
    found = fetch_all(
        tuple,
        """
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
        FROM pg_class AS c
        JOIN pg_attribute AS a
          ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace
          AND c.relname = ANY(%(tables)s)
        ORDER BY a.attnum
        """,
        tables=list(TABLES),
    )
    columns: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for table, name, type_name in found:
        columns[table][name] = type_name
    return Past(columns)


def _refuse_unless_past(query: LiteralString, instant: datetime, field: str) -> None:
    found = fetch_one(dict, query, instant=instant)
    assert found is not None
    if not found["past"]:
        raise invalid_field(field, "This instant is in the future")
    if not found["begun"]:
        raise invalid_field(field, "This instant is before your account")


def looks_back_at() -> datetime | None:
    """Return the instant that the bound transaction looks back at; None if it sees the present, or is not open."""
    return bound_transaction().as_of if is_open() else None
