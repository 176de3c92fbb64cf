"""Runs without points: those that their provider may still have, and those of which it has none."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history.standing import stands
from fitness.db.runs import MEASURED


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run whose points its provider is asked for, under the key that it has there.

    `said` names what is known of it already, of the fields that are measured.
    """

    run_id: str
    key: str
    started_at: datetime
    type: str
    distance: float
    duration: float
    said: list[str]


_WANTED: LiteralString = """
    FROM runs AS r
    CROSS JOIN LATERAL (
        SELECT coalesce(min(a.key), replace(r.id, '_', ':')) AS key
        FROM activity_keys AS a
        WHERE a.user_id = %(user_id)s AND a.run_id = r.id AND starts_with(a.key, %(prefix)s) AND {stands}
    ) AS k
    WHERE r.user_id = %(user_id)s
      AND r.points_id IS NULL
      AND r.deleted_at IS NULL
      AND k.key ~ ('^' || %(prefix)s || '[0-9]{1,18}$')
      AND NOT EXISTS (SELECT FROM pointless_runs AS p WHERE p.user_id = %(user_id)s AND p.run_id = r.id)
      AND (%(run_id)s::text IS NULL OR r.id = %(run_id)s)
    """.replace("{stands}", stands("a"))


def list_wanted(provider: str, *, limit: int, run_id: str | None = None) -> list[Wanted]:
    """Return the runs whose points a provider may have, the newest first; or that one, if it is one of them."""
    return fetch_all(
        Wanted,
        """
        SELECT r.id AS run_id, k.key,
            coalesce((r.provider_values ->> 'datetime_utc')::timestamptz, r.datetime_utc) AS started_at,
            r.type, r.distance, r.duration,
            ARRAY(
                SELECT f.name
                FROM unnest(%(measured)s::text[]) AS f (name)
                WHERE to_jsonb(r) ->> f.name IS NOT NULL
            ) AS said
        """
        + _WANTED
        + " ORDER BY r.datetime_utc DESC, r.id LIMIT %(limit)s",
        prefix=f"{provider}:",
        measured=list(MEASURED),
        limit=limit,
        run_id=run_id,
    )


def count_wanted(provider: str) -> int:
    """Return how many runs there are whose points a provider may have."""
    return fetch_one(int, "SELECT count(*) " + _WANTED, prefix=f"{provider}:", run_id=None) or 0


def add_if_pointless(run_id: str) -> None:
    """Store of a run that is still without points that its provider has none for it.

    It has none, or the person has taken them away: by restoring a version without.
    """
    execute(
        """
        INSERT INTO pointless_runs (user_id, run_id)
        SELECT %(user_id)s, r.id
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = %(run_id)s
          AND r.points_id IS NULL
        ON CONFLICT DO NOTHING
        """,
        run_id=run_id,
    )


def forget_pointless(provider: str) -> None:
    """Let a provider be asked again for the points of all runs."""
    execute(
        """
        DELETE FROM pointless_runs AS p
        WHERE p.user_id = %(user_id)s
          AND starts_with(p.run_id, %(prefix)s)
        """,
        prefix=f"{provider}_",
    )
