"""Instants of the past that a person goes or looks back to; for looking back, see `as_of`."""

from datetime import datetime
from typing import LiteralString

from fitness.db.connection import bound_transaction, fetch_one, is_open
from fitness.errors import invalid_field

IN_TIME: LiteralString = "created_at <= %(instant)s AS begun, %(instant)s <= now() AS past"
"""Columns of a user: whether an instant is one of the account's time, and whether it is past."""

BY_DATE: LiteralString = "runs_by_date"
"""The name of `runs` in a statement that looks back for a page of runs by date, see `as_of`."""
BY_ID: LiteralString = "runs_by_id"
"""The name of `runs` in one that looks back for a single run."""


def transaction_time() -> datetime:
    """Return when the bound transaction began, for a statement that may not ask for the time itself.

    A sharded database refuses functions such as `now()` in CASE and COALESCE.
    """
    began = fetch_one(datetime, "SELECT now()")
    assert began is not None
    return began


def require_past(instant: datetime, *, field: str) -> None:
    """Raise Invalid, for the field that has the instant, if it is in the future or before the account."""
    refuse_unless_past("SELECT " + IN_TIME + " FROM users WHERE user_id = %(user_id)s", instant, field)


def refuse_unless_past(query: LiteralString, instant: datetime, field: str) -> None:
    """Run a statement that selects IN_TIME of the user; raises the errors of `require_past`."""
    found = fetch_one(dict, query, instant=instant)
    assert found is not None
    if not found["past"]:
        raise invalid_field(field, "This instant is in the future")
    if not found["begun"]:
        raise invalid_field(field, "This instant is before your account")


def looks_back_at() -> datetime | None:
    """Return the instant that the bound transaction looks back at; None if it sees the present, or is not open."""
    return bound_transaction().as_of if is_open() else None
