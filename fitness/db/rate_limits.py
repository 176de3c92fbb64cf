"""Counters of attempts, shared by all workers. Not user data: use a system transaction."""

from collections.abc import Callable, Mapping

from fitness.db.later import execute_later, fetch_later


def count_attempts(windows: Mapping[str, int], *, delete_ended: bool = False) -> dict[str, tuple[int, int]]:
    """Count an attempt of each key, with the seconds of its window.

    Return {key: (attempts in the current window including this one, seconds until its end)}. The first attempt after
    the end of a window starts the next one. With `delete_ended`, windows of any key that have ended are deleted.
    """
    # In one order: of two transactions that count the same keys, one waits for the other.
    attempts = {key: _count_attempt(key, seconds) for key, seconds in sorted(windows.items())}
    if delete_ended:
        _delete_ended_windows()
    return {key: counted()[0] for key, counted in attempts.items()}


def _count_attempt(key: str, window_seconds: int) -> Callable[[], list[tuple[int, int]]]:
    return fetch_later(
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


def _delete_ended_windows() -> None:
    """Delete ended windows, except those that are being updated: it waits for none."""
    execute_later(
        """
        DELETE FROM rate_limits
        WHERE key IN (SELECT key FROM rate_limits WHERE expires_at <= now() FOR UPDATE SKIP LOCKED)
        """
    )
