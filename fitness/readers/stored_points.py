"""The points, laps and pauses of an activity, as they are stored. Pure."""

import hashlib

import orjson

from fitness.ranges import LONGEST_SECONDS
from fitness.readers import derived, points_bytes
from fitness.readers.activity import Activity, Lap, Points
from fitness.readers.records import StoredPoints


def stored_points(activity: Activity, *, with_efforts: bool) -> StoredPoints | None:
    """Return what is stored of an activity's points, for a run with its best efforts; None if it has no points."""
    points = activity.points
    if not points:
        return None
    content = points_bytes.encode(points)
    laps = [_lap(lap) for lap in activity.laps]
    pauses = [(start, end) for start, end in activity.pauses]
    digest = hashlib.sha256(content)
    digest.update(orjson.dumps([laps, pauses]))
    return StoredPoints(digest.hexdigest(), content, laps, pauses, _efforts(points) if with_efforts else {})


def _efforts(points: Points) -> dict[str, float]:
    efforts = derived.best_efforts(points, derived.distances(points))
    return {name: seconds for name, seconds in efforts.items() if seconds <= LONGEST_SECONDS}


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
