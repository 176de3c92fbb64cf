"""Which instants a person can go or look back to; for looking back, see `as_of`."""

from datetime import datetime
from typing import LiteralString

from fitness.db.connection import fetch_one
from fitness.db.nouns import NOUNS
from fitness.errors import invalid_field

IN_TIME: LiteralString = "created_at <= %(instant)s AS begun, %(instant)s <= now() AS past"
"""Columns of a user: whether an instant is one of the account's time, and whether it is past."""

_HAD: tuple[LiteralString, ...] = (
    *(kind.sql("{history} AS t WHERE t.changed_at <= %(instant)s AND t.user_id = %(user_id)s") for kind in NOUNS),
    "bookmarks AS t WHERE t.instant <= %(instant)s AND t.user_id = %(user_id)s",
)


def require_past(instant: datetime, *, field: str) -> None:
    """Raise Invalid, for the field that has the instant, if it is in the future or before the account.

    A loaded archive may be older than the account that it was loaded into.
    """
    refuse_unless_past("SELECT " + IN_TIME + " FROM users WHERE user_id = %(user_id)s", instant, field)


def refuse_unless_past(query: LiteralString, instant: datetime, field: str) -> None:
    """Run a statement that selects IN_TIME of the user; raises the errors of `require_past`."""
    found = fetch_one(dict, query, instant=instant)
    assert found is not None
    if not found["past"]:
        raise invalid_field(field, "This instant is in the future")
    if not (found["begun"] or _had_anything(instant)):
        raise invalid_field(field, "This instant is before your account")


def _had_anything(instant: datetime) -> bool:
    """Return whether the user has a version or a bookmark of an instant or of before."""
    had: LiteralString = " OR ".join(f"EXISTS (SELECT FROM {had})" for had in _HAD)
    return bool(fetch_one(bool, "SELECT " + had, instant=instant))
