"""Refresh tokens. A login starts a family; each refresh uses one token and adds the next one to the family."""

from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.later import execute_later

GRACE = timedelta(seconds=10)
"""How long a used token is still good."""


SESSION_LIVES: LiteralString = """EXISTS (
    SELECT
    FROM refresh_tokens AS t
    WHERE t.user_id = %(user_id)s
      AND t.family_id = %(session_id)s
      AND t.used_at IS NULL
      AND t.revoked_at IS NULL
      AND t.expires_at > now()
)"""
"""The SQL of whether a session has not ended."""


def is_alive(user_id: int, session_id: UUID) -> bool:
    """Return whether a session has not ended, in a transaction of the user or a system transaction."""
    return bool(fetch_one(bool, "SELECT " + SESSION_LIVES, user_id=user_id, session_id=session_id))


def create_refresh_token(token_hash: str, *, family_id: UUID, expires_at: datetime) -> None:
    """Store the hash of a new token, and delete the user's tokens that expired long ago."""
    execute_later(
        """
        DELETE FROM refresh_tokens
        WHERE user_id = %(user_id)s
          AND expires_at < now() - interval '1 day'
        """
    )
    execute_later(
        """
        INSERT INTO refresh_tokens (user_id, token_hash, family_id, expires_at)
        VALUES (%(user_id)s, %(token_hash)s, %(family_id)s, %(expires_at)s)
        """,
        token_hash=token_hash,
        family_id=family_id,
        expires_at=expires_at,
    )


def use_refresh_token(token_hash: str) -> UUID | None:
    """Mark a token as used and return its family; None if it is unknown, used, revoked, expired, or its user inactive.

    A token that was used less than GRACE ago is good again: two tabs may refresh at once, and an answer may be lost.
    """
    return fetch_one(
        UUID,
        """
        UPDATE refresh_tokens AS t
        SET used_at = least(t.used_at, now()), updated_at = now()
        WHERE t.user_id = %(user_id)s
          AND t.token_hash = %(token_hash)s
          AND (t.used_at IS NULL OR t.used_at > now() - %(grace)s)
          AND t.revoked_at IS NULL
          AND t.expires_at > now()
          AND EXISTS (SELECT FROM users AS u WHERE u.user_id = %(user_id)s AND u.is_active)
        RETURNING t.family_id
        """,
        token_hash=token_hash,
        grace=GRACE,
    )


def revoke_other_families(user_id: int, *, kept: UUID | None) -> int:
    """Revoke all sessions of a user, except one that is kept, at once; return how many have ended by that.

    In a transaction of the user or a system transaction.
    """
    revoked: list[tuple[UUID, datetime | None, datetime]] = fetch_all(
        tuple,
        """
        UPDATE refresh_tokens
        SET revoked_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND family_id IS DISTINCT FROM %(kept)s
          AND revoked_at IS NULL
        RETURNING family_id, used_at, expires_at
        """,
        user_id=user_id,
        kept=kept,
    )
    now = datetime.now(UTC)
    return len({family_id for family_id, used_at, expires_at in revoked if used_at is None and expires_at > now})


def revoke_family(family_id: UUID) -> None:
    """Revoke the session of a family at once."""
    execute(
        """
        UPDATE refresh_tokens
        SET revoked_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND family_id = %(family_id)s
          AND revoked_at IS NULL
        """,
        family_id=family_id,
    )
