"""Instants of the past that a person goes or looks back to."""

from datetime import datetime

from fitness.db.connection import fetch_all
from fitness.errors import invalid_field


def require_past(instant: datetime, *, field: str) -> None:
    """Raise Invalid, for the field that has the instant, if it is in the future or before the account."""
    ((begun, past),) = fetch_all(
        tuple,
        "SELECT created_at <= %(instant)s, %(instant)s <= now() FROM users WHERE user_id = %(user_id)s",
        instant=instant,
    )
    if not past:
        raise invalid_field(field, "This instant is in the future")
    if not begun:
        raise invalid_field(field, "This instant is before your account")
