"""Runs without points: those whose points their provider may have, and those for which it is not asked (again)."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history.standing import stands


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run whose points its provider is asked for, under the key that it has there."""

    run_id: str
    key: str
    started_at: datetime
    type: str
    distance: float
    duration: float


_WANTED: LiteralString = (
    """
    FROM runs AS r
    CROSS JOIN LATERAL (
        SELECT coalesce(min(a.key), replace(r.id, '_', ':')) AS key
        FROM activity_keys AS a
        WHERE a.user_id = %(user_id)s AND a.run_id = r.id AND starts_with(a.key, %(prefix)s) AND """
    + stands("a")
    + """
    ) AS k
    WHERE r.user_id = %(user_id)s
      AND r.points_id IS NULL
      AND r.deleted_at IS NULL
      AND k.key ~ ('^' || %(prefix)s || '[0-9]{1,18}$')
      AND NOT EXISTS (SELECT FROM runs_without_points AS p WHERE p.user_id = %(user_id)s AND p.run_id = r.id)
      AND (%(run_id)s::text IS NULL OR r.id = %(run_id)s)
    """
)


def list_wanted(provider: str, *, limit: int, run_id: str | None = None) -> list[Wanted]:
    """Return the runs whose points a provider may have, the newest first; or that one, if it is one of them."""
    return fetch_all(
        Wanted,
        """
        SELECT r.id AS run_id, k.key,
            coalesce((r.provider_values ->> 'datetime_utc')::timestamptz, r.datetime_utc) AS started_at,
            r.type, r.distance, r.duration
        """
        + _WANTED
        + " ORDER BY r.datetime_utc DESC, r.id LIMIT %(limit)s",
        prefix=f"{provider}:",
        limit=limit,
        run_id=run_id,
    )


def count_wanted(provider: str) -> int:
    """Return how many runs there are whose points a provider may have."""
    return fetch_one(int, "SELECT count(*) " + _WANTED, prefix=f"{provider}:", run_id=None) or 0


def add(run_id: str) -> None:
    """Let a provider not be asked for the points of a run: it has none, or the person has removed them."""
    execute(
        """
        INSERT INTO runs_without_points (user_id, run_id)
        VALUES (%(user_id)s, %(run_id)s)
        ON CONFLICT DO NOTHING
        """,
        run_id=run_id,
    )


def forget(provider: str) -> None:
    """Let a provider be asked again for the points of all runs."""
    execute(
        """
        DELETE FROM runs_without_points AS p
        WHERE p.user_id = %(user_id)s
          AND starts_with(p.run_id, %(prefix)s)
        """,
        prefix=f"{provider}_",
    )
