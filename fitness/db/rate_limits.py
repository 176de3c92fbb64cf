"""Counters of attempts, shared by all workers. Not user data: use a system transaction."""

from fitness.db.connection import execute, fetch_one


def count_attempt(key: str, *, window_seconds: int) -> tuple[int, int]:
    """Count an attempt; return (attempts in the current window including this one, seconds until its end).

    The first attempt after the end of a window starts the next one.
    """
    attempt = fetch_one(
        tuple,
        """
        INSERT INTO rate_limits AS l (key, count, expires_at)
        VALUES (%(key)s, 1, now() + make_interval(secs => %(window_seconds)s))
        ON CONFLICT (key) DO UPDATE
        SET count = CASE WHEN l.expires_at > now() THEN l.count + 1 ELSE 1 END,
            expires_at = CASE WHEN l.expires_at > now() THEN l.expires_at ELSE excluded.expires_at END
        RETURNING l.count, ceil(extract(epoch FROM l.expires_at - now()))::integer
        """,
        key=key,
        window_seconds=window_seconds,
    )
    assert attempt is not None
    return attempt


def delete_ended_windows() -> int:
    """Delete ended windows, except those that are being updated; return their number."""
    return execute(
        """
        DELETE FROM rate_limits
        WHERE key IN (SELECT key FROM rate_limits WHERE expires_at <= now() FOR UPDATE SKIP LOCKED)
        """
    )
