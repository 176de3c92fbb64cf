"""Which instants a person can go or look back to; for looking back, see `as_of`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from fitness.db.connection import fetch_all
from fitness.db.nouns import NOUNS
from fitness.errors import invalid_field

_HAD: tuple[LiteralString, ...] = (
    *(kind.sql("{history} AS t WHERE t.changed_at <= %(instant)s AND t.user_id = %(user_id)s") for kind in NOUNS),
    "bookmarks AS t WHERE t.instant <= %(instant)s AND t.user_id = %(user_id)s",
)


IN_TIME: LiteralString = (
    "%(instant)s <= now() AS past, u.created_at <= %(instant)s OR "
    + " OR ".join("EXISTS (SELECT FROM " + had + ")" for had in _HAD)
    + " AS begun"
)
"""Columns of a user `u`: whether an instant is past, and whether it is one of the time of the account."""


def require_past(instant: datetime, *, field: str) -> None:
    """Raise Invalid, for the field that has the instant, if it is in the future or before the account.

    A loaded archive may be older than the account that it was loaded into.
    """
    found = fetch_all(dict, "SELECT " + IN_TIME + " FROM users AS u WHERE u.user_id = %(user_id)s", instant=instant)
    refuse_unless_past(found, field)


def refuse_unless_past(found: Sequence[Mapping[str, Any]], field: str) -> None:
    """Raise the errors of `require_past`, from the row with IN_TIME of the user."""
    (user,) = found
    if not user["past"]:
        raise invalid_field(field, "This instant is in the future")
    if not user["begun"]:
        raise invalid_field(field, "This instant is before your account")
