"""What lets somebody in, in a database that was put back to an earlier state. System transactions only.

What was ended or used since then is not known any more: it would work again.
"""

from typing import LiteralString

from fitness.db.connection import execute, fetch_one
from fitness.db.history import feed

Statements = dict[LiteralString, LiteralString]
"""Statements by the table that each is about."""

_END_SESSIONS: Statements = {
    "refresh_tokens": "UPDATE refresh_tokens SET revoked_at = now(), updated_at = now() WHERE revoked_at IS NULL",
    **{table: "DELETE FROM " + table for table in ("mail_codes", "oauth_states", "login_steps", "invitations")},
}
_REVOKE_TOKENS: Statements = {
    "api_tokens": "UPDATE api_tokens SET revoked_at = now(), updated_at = now() WHERE revoked_at IS NULL",
}


def end_sessions() -> None:
    """End all sessions, and all codes and states that work once, such as those of mails and invitations."""
    for statement in _END_SESSIONS.values():
        execute(statement)


def revoke_tokens() -> None:
    """Revoke the personal access tokens of all accounts."""
    for statement in _REVOKE_TOKENS.values():
        execute(statement)


def script(*, keeps_sessions: bool, revokes_tokens: bool) -> str:
    """Return what a restored database must not be without, for a transaction of psql: a new epoch, and the above.

    A backup of an earlier release may lack tables.
    """
    statements = {"change_counters": feed.BEGIN_EPOCH % {"epoch": feed.new_epoch()}}
    statements |= {} if keeps_sessions else _END_SESSIONS
    statements |= _REVOKE_TOKENS if revokes_tokens else {}
    guarded = (
        f"IF to_regclass('public.{table}') IS NOT NULL THEN {statement}; END IF;"
        for table, statement in statements.items()
    )
    return f"DO $$ BEGIN {' '.join(guarded)} END $$"


def count_tokens() -> int:
    """Return how many personal access tokens of all accounts work."""
    count = fetch_one(
        int,
        """
        SELECT count(*)
        FROM api_tokens
        WHERE revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > now())
        """,
    )
    assert count is not None
    return count
