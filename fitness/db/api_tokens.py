"""Personal access tokens. Only their hashes are stored."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import columns
from fitness.db.later import execute_later
from fitness.db.own_numbers import new_number
from fitness.db.users import ASKER_COLUMNS, Asker


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token. `expires_at` None: it never expires; `reason`: why the operator has it, None for the user's own."""

    id: int
    name: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    reason: str | None


_COLUMNS = columns(ApiToken, "t")

MOST = 1000
"""Valid tokens that an account may have, and others that are still listed."""


@dataclass(frozen=True, slots=True)
class Bearer(Asker):
    """The user of a token, and its scopes; `stale`: its last use was stored a minute ago or earlier.

    `can_be_counted`: the database takes changes.
    """

    token_id: int
    scopes: list[str]
    stale: bool
    can_be_counted: bool


def create_api_token(
    token_hash: str, *, name: str, scopes: list[str], expires_at: datetime | None, reason: str | None = None
) -> ApiToken:
    """Store the hash of a new token; with a reason, it is the operator's, with the scope `operator` alone.

    Of those that are revoked or have expired, only the last MOST stay.
    """
    execute(
        """
        DELETE FROM api_tokens AS t
        WHERE t.user_id = %(user_id)s
          AND t.id IN (
            SELECT d.id
            FROM api_tokens AS d
            WHERE d.user_id = %(user_id)s
              AND (d.revoked_at IS NOT NULL OR d.expires_at <= now())
            ORDER BY d.id DESC
            OFFSET %(most)s
          )
        """,
        most=MOST,
    )
    token = fetch_one(
        ApiToken,
        """
        INSERT INTO api_tokens AS t (user_id, id, token_hash, name, scopes, expires_at, reason)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(id)s, %(token_hash)s, %(name)s, %(scopes)s, %(expires_at)s, %(reason)s)
        RETURNING """
        + _COLUMNS,
        id=new_number(),
        token_hash=token_hash,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        reason=reason,
    )
    assert token is not None
    return token


def list_api_tokens(*, limit: int, before: int | None = None) -> list[ApiToken]:
    """Return up to `limit` tokens with ids below `before`, newest first, including revoked and expired ones."""
    return fetch_all(
        ApiToken,
        "SELECT "
        + _COLUMNS
        + """
        FROM api_tokens AS t
        WHERE t.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR t.id < %(before)s)
        ORDER BY t.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )


def revoke_api_token(token_id: int) -> str | None:
    """Revoke a token at once, even if it is already revoked; return its name, or None if it does not exist."""
    return fetch_one(
        str,
        """
        UPDATE api_tokens
        SET revoked_at = least(revoked_at, now()), updated_at = now()
        WHERE user_id = %(user_id)s
          AND id = %(token_id)s
        RETURNING name
        """,
        token_id=token_id,
    )


def count_active_tokens(user_id: int) -> int:
    """Return how many valid tokens a user has, in a transaction of the user or a system transaction."""
    count = fetch_one(
        int,
        """
        SELECT count(*)
        FROM api_tokens
        WHERE user_id = %(user_id)s
          AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > now())
        """,
        user_id=user_id,
    )
    assert count is not None
    return count


def revoke_all_tokens(user_id: int) -> None:
    """Revoke all tokens of a user at once (system transaction)."""
    execute(
        """
        UPDATE api_tokens
        SET revoked_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND revoked_at IS NULL
        """,
        user_id=user_id,
    )


def find_user(token_hash: str) -> int | None:
    """Return the user of a token that does not name its user itself, valid or not (system transaction)."""
    return fetch_one(int, "SELECT user_id FROM api_tokens WHERE token_hash = %(token_hash)s", token_hash=token_hash)


def get_bearer(user_id: int, token_hash: str) -> Bearer | None:
    """Return the user of a valid token, or None if it or its user is no longer valid (system transaction)."""
    return fetch_one(
        Bearer,
        """
        SELECT """
        + ASKER_COLUMNS
        + """, t.reason, t.id AS token_id, t.scopes,
          coalesce(t.last_used_at <= now() - interval '1 minute', true) AS stale,
          current_setting('transaction_read_only') = 'off' AS can_be_counted
        FROM api_tokens AS t
        JOIN users AS u
          ON u.user_id = t.user_id AND u.is_active
        LEFT JOIN change_counters AS c
          ON c.user_id = %(user_id)s
        WHERE t.user_id = %(user_id)s
          AND t.token_hash = %(token_hash)s
          AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > now())
        """,
        user_id=user_id,
        token_hash=token_hash,
    )


def set_used(bearer: Bearer) -> None:
    """Store the time of last use (system transaction)."""
    execute_later(
        """
        UPDATE api_tokens
        SET last_used_at = now()
        WHERE user_id = %(user_id)s
          AND id = %(token_id)s
        """,
        user_id=bearer.user_id,
        token_id=bearer.token_id,
    )
