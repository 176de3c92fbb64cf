"""The points of activities, each packed into one value, with laps, pauses and best efforts: stored once, never changed.

A record and its versions name their points by `points_id`, so that a restore or revert needs nothing else. They can be
removed for good; what names them stays. Points of several records stay until the last of these has lost them; until
then, `removed_points` names the records that have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db import stored_once
from fitness.db.bound import note_growth
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import arrays, names_of, size, unnested
from fitness.db.history.versioned import Versioned
from fitness.db.later import fetch_later


@dataclass(frozen=True, slots=True)
class NewPoints:
    """Points to store: `laps` are objects, `pauses` pairs of instants in seconds since 1970."""

    points_id: str
    content: bytes
    laps: list[Any]
    pauses: list[Any]


@dataclass(frozen=True, slots=True)
class NewEffort:
    """The seconds of the fastest stretch of a distance, `effort`, in points."""

    points_id: str
    effort: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Removed:
    """Points, and the id of a record that has lost them."""

    record_id: str
    points_id: str


_GIVE_BACK = (
    "DELETE FROM removed_points AS r USING "
    + unnested(Removed, names_of(Removed))
    + """
    WHERE r.user_id = %(user_id)s
      AND r.record_id = new.record_id
      AND r.points_id = new.points_id
    RETURNING 1
    """
)


def _kept(record_id: LiteralString, points_id: LiteralString) -> LiteralString:
    """Return the SQL condition that points were not removed from a record."""
    return f"""
        NOT EXISTS (
            SELECT
            FROM removed_points AS x
            WHERE x.user_id = %(user_id)s AND x.record_id = {record_id} AND x.points_id = {points_id}
        )
    """


KEPT = _kept("r.id::text", "r.points_id")
"""Condition on a record `r`: its points were not removed."""


def store_points(points: Sequence[NewPoints], efforts: Sequence[NewEffort], named: Sequence[Removed]) -> None:
    """Store what is not there yet, with the next message.

    The records that are `named` with their points get back what was removed from them.
    """
    stored_once.store("activity_points", NewPoints, points)
    fetch_later(int, _GIVE_BACK, **arrays(Removed, names_of(Removed), named))
    if efforts:
        stored_once.store("activity_efforts", NewEffort, efforts, counts=False)  # they follow from the points


@dataclass(frozen=True, slots=True)
class PointsOf:
    """The points of a record; without an id it has none, without content they were removed."""

    points_id: str | None
    content: bytes | None = None
    laps: list[dict[str, float | None]] | None = None
    pauses: list[tuple[float, float]] | None = None


def get_points(kind: Versioned[Any, Any], id: Any) -> PointsOf | None:
    """Return the points of a record of a noun, or None if there is no such record or it is deleted."""
    return fetch_one(
        PointsOf,
        kind.sql(
            """
            SELECT r.points_id, p.content, p.laps, p.pauses
            FROM {table} AS r
            LEFT JOIN activity_points AS p ON p.user_id = %(user_id)s AND p.points_id = r.points_id AND {kept}
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
              AND r.deleted_at IS NULL
            """,
            kept=KEPT,
        ),
        record_id=id,
    )


def remove_points(kind: Versioned[Any, Any], id: Any) -> int:
    """Remove all points that versions or sources of a record name, for good; return how many there were.

    Those that another record names as well are removed from this one alone.
    """
    removed = fetch_all(str, kind.sql(_REMOVE), record_id=id)
    if removed:
        sizes = fetch_all(int, _DELETE, points_ids=removed)
        note_growth(0, -sum(sizes), grows=False)
    return len(removed)


_REMOVE: LiteralString = """
    INSERT INTO removed_points AS x (user_id, record_id, points_id)
    SELECT %(user_id)s, (%(record_id)s::{id_type})::text, p.points_id
    FROM activity_points AS p
    WHERE p.user_id = %(user_id)s
      AND p.points_id IN (
        SELECT h.points_id
        FROM {history} AS h
        WHERE h.user_id = %(user_id)s AND h.{key} = %(record_id)s
        UNION ALL
        SELECT a.provider_values ->> 'points_id'
        FROM activity_sources AS a
        WHERE a.user_id = %(user_id)s AND a.{key} = %(record_id)s
      )
    ON CONFLICT DO NOTHING
    RETURNING x.points_id
"""
_DELETE: LiteralString = f"""
    DELETE FROM activity_points AS p
    WHERE p.user_id = %(user_id)s
      AND p.points_id = ANY(%(points_ids)s)
      AND NOT EXISTS (
        SELECT
        FROM (
            SELECT h.run_id AS record_id, h.points_id
            FROM runs_history AS h
            WHERE h.user_id = %(user_id)s
            UNION ALL
            SELECT h.workout_id::text, h.points_id
            FROM workouts_history AS h
            WHERE h.user_id = %(user_id)s
            UNION ALL
            SELECT coalesce(a.run_id, a.workout_id::text), a.provider_values ->> 'points_id'
            FROM activity_sources AS a
            WHERE a.user_id = %(user_id)s
        ) AS named
        WHERE named.points_id = p.points_id
          AND {_kept("named.record_id", "named.points_id")}
      )
    RETURNING {size(NewPoints, "p")}
"""


def get_size() -> int:
    """Return the bytes of all points, as they count for the quota."""
    return stored_once.total_size("activity_points", NewPoints)


def lost(record_id: Any, points_id: str | None) -> str:
    """Return what the reason of a restore says if the points of a version were removed; empty if they are there."""
    if points_id is None:
        return ""
    there = fetch_one(
        bool,
        """
        SELECT EXISTS (
            SELECT
            FROM activity_points AS p
            WHERE p.user_id = %(user_id)s
              AND p.points_id = %(points_id)s
              AND """
        + _kept("%(record_id)s", "p.points_id")
        + ")",
        record_id=str(record_id),
        points_id=points_id,
    )
    return "" if there else ", whose points were removed for good"
