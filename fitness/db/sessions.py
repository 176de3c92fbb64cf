"""Sessions. One begins with a login, and lives as long as it has a refresh token that is not used yet."""

from datetime import datetime, timedelta
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.later import execute_later
from fitness.db.own_numbers import new_number


def create_session(family_id: UUID, *, device: str | None, address: str | None, ends_at: datetime) -> None:
    """Store a new session, and delete the user's sessions that have no token any more."""
    execute_later(
        """
        DELETE FROM sessions AS s
        WHERE s.user_id = %(user_id)s
          AND NOT EXISTS (
            SELECT
            FROM refresh_tokens AS t
            WHERE t.user_id = %(user_id)s
              AND t.family_id = s.family_id
          )
        """
    )
    execute_later(
        """
        INSERT INTO sessions (user_id, id, family_id, device, address, ends_at)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(id)s, %(family_id)s, %(device)s, %(address)s, %(ends_at)s)
        """,
        id=new_number(),
        family_id=family_id,
        device=device,
        address=address,
        ends_at=ends_at,
    )


def use_session(family_id: UUID, *, device: str | None, address: str | None) -> datetime | None:
    """Store where a session is used now; return when it ends at the latest."""
    return fetch_one(
        datetime,
        """
        UPDATE sessions
        SET device = coalesce(%(device)s, device), address = %(address)s, last_used_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND family_id = %(family_id)s
        RETURNING ends_at
        """,
        family_id=family_id,
        device=device,
        address=address,
    )


def list_sessions(*, current: UUID, limit: int, before: int | None = None) -> list[dict[str, object]]:
    """Return up to `limit` sessions that have not ended with ids below `before`, newest first.

    Without another use a session ends at `expires_at`, in any case at `ends_at`. `current` is the family of one.
    """
    return fetch_all(
        dict,
        """
        SELECT s.id, s.device, s.address, s.created_at, s.last_used_at, t.expires_at, s.ends_at,
          s.family_id = %(current)s AS current
        FROM sessions AS s
        JOIN LATERAL (
          SELECT max(l.expires_at) AS expires_at
          FROM refresh_tokens AS l
          WHERE l.user_id = %(user_id)s
            AND l.family_id = s.family_id
            AND l.used_at IS NULL
            AND l.revoked_at IS NULL
            AND l.expires_at > now()
        ) AS t
          ON t.expires_at IS NOT NULL
        WHERE s.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR s.id < %(before)s)
        ORDER BY s.id DESC
        LIMIT %(limit)s
        """,
        current=current,
        limit=limit,
        before=before,
    )


def get_family(session_id: int) -> UUID | None:
    """Return the family of refresh tokens of a session, or None."""
    return fetch_one(
        UUID,
        "SELECT family_id FROM sessions WHERE user_id = %(user_id)s AND id = %(session_id)s",
        session_id=session_id,
    )


def confirm_session(family_id: UUID) -> None:
    """Store that the owner of the account is there now."""
    execute(
        """
        UPDATE sessions
        SET confirmed_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND family_id = %(family_id)s
        """,
        family_id=family_id,
    )


def was_confirmed(family_id: UUID, *, within: timedelta) -> bool:
    """Return whether the owner has logged in to a session, or confirmed it, within this time until now."""
    return bool(
        fetch_one(
            bool,
            """
            SELECT confirmed_at > now() - %(within)s
            FROM sessions
            WHERE user_id = %(user_id)s
              AND family_id = %(family_id)s
            """,
            family_id=family_id,
            within=within,
        )
    )
