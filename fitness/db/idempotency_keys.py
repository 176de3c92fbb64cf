"""Requests that were sent with an `Idempotency-Key`, each with its answer, for a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_one

KEPT = timedelta(hours=24)
"""How long an answer is kept."""

ABANDONED = timedelta(minutes=15)
"""After this time without an answer, the server of the first request has died, and the key can be claimed again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An earlier request: the digest of what was asked, and its answer; `status` is None while it is running."""

    request: bytes
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None


def claim(key: str, request: bytes) -> bool:
    """Take a key for the request with this digest; return whether it was free.

    Waits for a transaction that is taking the same key. Expired keys of the user are deleted.
    """
    now = datetime.now(UTC)
    execute(
        """
        DELETE FROM idempotency_keys
        WHERE user_id = %(user_id)s
          AND created_at < %(expired)s
        """,
        expired=now - KEPT,
    )
    claimed = execute(
        """
        INSERT INTO idempotency_keys AS k (user_id, key, request)
        VALUES (%(user_id)s, %(key)s, %(request)s)
        ON CONFLICT (user_id, key) DO UPDATE
        SET request = excluded.request, status = NULL, created_at = excluded.created_at,
            updated_at = excluded.updated_at
        WHERE k.status IS NULL
          AND k.created_at < %(abandoned)s
        """,
        key=key,
        request=request,
        abandoned=now - ABANDONED,
    )
    return claimed > 0


def get_stored(key: str) -> Stored | None:
    """Return the request that has this key, or None."""
    return fetch_one(
        Stored,
        """
        SELECT k.request, k.status, k.headers, k.body
        FROM idempotency_keys AS k
        WHERE k.user_id = %(user_id)s
          AND k.key = %(key)s
        """,
        key=key,
    )


def store_answer(key: str, *, status: int, headers: dict[str, str], body: bytes) -> None:
    """Store the answer of the request that claimed the key."""
    execute(
        """
        UPDATE idempotency_keys
        SET status = %(status)s, headers = %(headers)s, body = %(body)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND key = %(key)s
        """,
        key=key,
        status=status,
        headers=Jsonb(headers),
        body=body,
    )


def release(key: str) -> None:
    """Free the key of a request that failed."""
    execute(
        """
        DELETE FROM idempotency_keys
        WHERE user_id = %(user_id)s
          AND key = %(key)s
        """,
        key=key,
    )
