"""Requests that were sent with an `Idempotency-Key`, each with its answer, for a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_one

KEPT = timedelta(hours=24)
"""How long an answer is kept."""

MOST_BYTES = 64 * 2**20
"""Most that is kept for a user; nobody fills the disk with keys."""

BESIDE_BYTES = 1000
"""What a request takes beside the body of its answer, at most."""

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
    """Take a key for the request with this digest; return whether it was free, and MOST_BYTES are not kept already.

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
        SELECT %(user_id)s, %(key)s, %(request)s
        WHERE """
        + _HAS_ROOM
        + """
        ON CONFLICT (user_id, key) DO UPDATE
        SET request = excluded.request, status = NULL, created_at = excluded.created_at,
            updated_at = excluded.updated_at
        WHERE k.status IS NULL
          AND k.created_at < %(abandoned)s
        """,
        key=key,
        request=request,
        abandoned=now - ABANDONED,
        beside=BESIDE_BYTES,
        most=MOST_BYTES,
    )
    return claimed > 0


def has_room() -> bool:
    """Return whether less than MOST_BYTES are kept for the user."""
    return bool(fetch_one(bool, "SELECT " + _HAS_ROOM, beside=BESIDE_BYTES, most=MOST_BYTES))


_HAS_ROOM: LiteralString = """(
            SELECT coalesce(sum(%(beside)s + coalesce(octet_length(kept.body), 0)), 0)
            FROM idempotency_keys AS kept
            WHERE kept.user_id = %(user_id)s
          ) < %(most)s"""


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
