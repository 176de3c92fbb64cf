"""The security log of an account: logins, failed ones, and changes of rights."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import fetch_all
from fitness.db.fields import columns
from fitness.db.later import execute_later
from fitness.db.own_numbers import new_number

EVENTS = (
    "signed_up",
    "login",
    "login_failed",
    "logout",
    "session_ended",
    "other_sessions_ended",
    "confirmed",
    "confirmation_failed",
    "password_changed",
    "password_reset",
    "password_changed_by_operator",
    "email_changed",
    "email_verified",
    "token_created",
    "token_revoked",
    "tokens_revoked",
    "data_exported",
    "account_deactivated",
    "account_activated",
    "google_linked",
    "google_unlinked",
    "second_factor_on",
    "second_factor_off",
    "recovery_codes_made",
    "recovery_code_used",
    "passkey_added",
    "passkey_removed",
    "passkey_copied",
)
KEPT_DAYS = 365
MOST_FAILURES = 500
"""Failed attempts of an account that are kept, so that an attacker cannot fill the disk."""
FAILURES = ["login_failed", "confirmation_failed", "passkey_copied"]
MOST = 10_000
"""Events of an account that are kept."""


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Something that happened to an account; `detail` is the name of what it happened to, if it has one."""

    id: int
    event: str
    detail: str | None
    device: str | None
    address: str | None
    created_at: datetime


_COLUMNS = columns(SecurityEvent, "e")


def add_event(user_id: int, event: str, *, detail: str | None, device: str | None, address: str | None) -> None:
    """Add an event of a user, in a transaction of that user or a system transaction; delete those of long ago."""
    execute_later(
        """
        DELETE FROM security_events AS e
        WHERE e.user_id = %(user_id)s
          AND (
            e.created_at < now() - make_interval(days => %(days)s)
            OR (%(event)s = ANY(%(failures)s) AND e.id IN (
              SELECT f.id
              FROM security_events AS f
              WHERE f.user_id = %(user_id)s
                AND f.event = ANY(%(failures)s)
              ORDER BY f.id DESC
              OFFSET %(most_failures)s::bigint - 1
            ))
            OR e.id IN (
              SELECT o.id
              FROM security_events AS o
              WHERE o.user_id = %(user_id)s
              ORDER BY o.id DESC
              OFFSET %(most)s::bigint - 1
            )
          )
        """,
        user_id=user_id,
        event=event,
        days=KEPT_DAYS,
        failures=FAILURES,
        most_failures=MOST_FAILURES,
        most=MOST,
    )
    execute_later(
        """
        INSERT INTO security_events (user_id, id, event, detail, device, address)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(id)s, %(event)s, %(detail)s, %(device)s, %(address)s)
        """,
        user_id=user_id,
        id=new_number(),
        event=event,
        detail=detail,
        device=device,
        address=address,
    )


def list_events(*, limit: int, before: int | None = None) -> list[SecurityEvent]:
    """Return up to `limit` events with ids below `before`, newest first."""
    return fetch_all(
        SecurityEvent,
        "SELECT "
        + _COLUMNS
        + """
        FROM security_events AS e
        WHERE e.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
        ORDER BY e.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )
