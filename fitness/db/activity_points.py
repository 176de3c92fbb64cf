"""The points of activities, each packed into one value, with laps, pauses and best efforts: stored once, never changed.

A record and its versions name their points by `points_id`, so that a restore or revert needs nothing else. They can be
removed for good; what names them stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import fetch_all, fetch_later, fetch_one, note_growth
from fitness.db.fields import arrays, names_of, size, unnested
from fitness.db.history.versioned import Versioned


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


SIZE = size(NewPoints, "p")
"""The bytes of points `p`, as they count for the quota."""

_POINTS, _EFFORTS = names_of(NewPoints), names_of(NewEffort)
_INSERT = f"""
    INSERT INTO activity_points AS p (user_id, points_id, content, laps, pauses)
    SELECT %(user_id)s, new.*
    FROM {unnested(NewPoints, _POINTS)}
    ON CONFLICT DO NOTHING
    RETURNING {SIZE}
    """
_INSERT_EFFORTS = f"""
    INSERT INTO activity_efforts (user_id, points_id, effort, seconds)
    SELECT %(user_id)s, new.*
    FROM {unnested(NewEffort, _EFFORTS)}
    ON CONFLICT DO NOTHING
    RETURNING 1
    """


def store_points(points: Sequence[NewPoints], efforts: Sequence[NewEffort]) -> Callable[[], None]:
    """Store what is not there yet, with the next message; return what waits for it, and counts what was added."""
    sizes = fetch_later(int, _INSERT, **arrays(NewPoints, _POINTS, points))
    if efforts:
        fetch_later(int, _INSERT_EFFORTS, **arrays(NewEffort, _EFFORTS, efforts))
    return lambda: note_growth(0, sum(sizes()))


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
            LEFT JOIN activity_points AS p ON p.user_id = %(user_id)s AND p.points_id = r.points_id
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
              AND r.deleted_at IS NULL
            """
        ),
        record_id=id,
    )


def remove_points(kind: Versioned[Any, Any], id: Any) -> int:
    """Remove all points that versions of a record name, for good; return how many there were."""
    sizes = fetch_all(
        int,
        kind.sql(
            """
            DELETE FROM activity_points AS p
            WHERE p.user_id = %(user_id)s
              AND p.points_id IN (
                SELECT h.points_id
                FROM {history} AS h
                WHERE h.user_id = %(user_id)s AND h.{key} = %(record_id)s
              )
            RETURNING {size}
            """,
            size=SIZE,
        ),
        record_id=id,
    )
    note_growth(0, -sum(sizes), grows=False)
    return len(sizes)


def get_size() -> int:
    """Return the bytes of all points, as they count for the quota."""
    query: LiteralString = "SELECT coalesce(sum(" + SIZE + "), 0)::bigint FROM activity_points AS p"
    return fetch_one(int, query + " WHERE p.user_id = %(user_id)s") or 0


def lost(points_id: str | None) -> str:
    """Return what the reason of a restore says if the points of a version were removed; empty if they are there."""
    if points_id is None:
        return ""
    there = fetch_one(
        bool,
        "SELECT EXISTS (SELECT FROM activity_points WHERE user_id = %(user_id)s AND points_id = %(points_id)s)",
        points_id=points_id,
    )
    return "" if there else ", whose points were removed for good"
