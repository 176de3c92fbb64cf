"""The points, laps and pauses of an activity, as they are stored. Pure."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_SECONDS
from fitness.readers import derived, points_bytes
from fitness.readers.activity import BOUNDS, MOST_POINTS, Activity, Lap, Points
from fitness.readers.points_bytes import BrokenPoints
from fitness.readers.records import StoredPoints


def stored_points(activity: Activity, *, with_efforts: bool) -> StoredPoints | None:
    """Return what is stored of an activity's points, for a run with its best efforts; None if it has no points."""
    points = derived.thinned(activity.points, MOST_POINTS)
    if not points:
        return None
    content = points_bytes.plain(points)
    laps = stored_laps(activity)
    pauses = [(start, end) for start, end in activity.pauses]
    digest = hashlib.sha256(content)
    digest.update(orjson.dumps([laps, pauses]))
    packed = points_bytes.pack(content)
    return StoredPoints(digest.hexdigest(), packed, laps, pauses, _efforts(points) if with_efforts else {})


def stored_laps(activity: Activity) -> list[dict[str, float | None]]:
    """Return what is stored of an activity's laps: objects of instants, seconds in motion and metres."""
    return [_lap(lap) for lap in activity.laps]


def _efforts(points: Points) -> dict[str, float]:
    efforts = derived.best_efforts(points, derived.distances(points))
    return {name: seconds for name, seconds in efforts.items() if seconds <= LONGEST_SECONDS}


def check(content: bytes, laps: object, pauses: object) -> None:
    """Raise BrokenPoints for what `stored_points` cannot have made."""
    points = points_bytes.decode(content)
    if not points or not all(_EARLIEST <= time < _LATEST for time in points.time):
        raise BrokenPoints("The points have no times, or such that cannot be.")
    for name, column in points.columns():
        low, high = BOUNDS[name]
        if any(one is not None and not low <= one <= high for one in column):
            raise BrokenPoints("The points have values that cannot be.")
    if not (_are(laps, _is_lap) and _are(pauses, _is_pause)):
        raise BrokenPoints("The laps or pauses are none.")


_EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()


def _are(found: object, one_is: Callable[[Any], bool]) -> bool:
    return isinstance(found, list) and all(map(one_is, cast("list[Any]", found)))


def _is_lap(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and found.keys() == _lap(Lap(datetime.now(UTC))).keys()
        and all(value is None or _is_number(value) for value in found.values())
    )


def _is_pause(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 2 and all(map(_is_number, found))


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e12


def _lap(lap: Lap) -> dict[str, float | None]:
    """Return a lap as an object: `start` in seconds since 1970, `seconds` those in motion, `distance` in metres."""
    seconds = lap.moving_seconds if lap.moving_seconds is not None else lap.elapsed_seconds
    return {
        "start": lap.start.timestamp(),
        "distance": lap.distance,
        "seconds": seconds,
        "avg_heart_rate": lap.avg_heart_rate,
        "ascent": lap.ascent,
    }
