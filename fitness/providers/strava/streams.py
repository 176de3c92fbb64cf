"""Parse the streams of an activity from Strava's API: what was measured at each of its points.

Each stream is a list of one value per point: seconds from the start, degrees, metres, metres a second, beats, turns of
one foot a minute, watts, °C. `moving` says whether the athlete moved since the point before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from fitness.ranges import LONGEST_SECONDS
from fitness.readers import jsons
from fitness.readers.activity import MOST_POINTS, Points, bounded

_COLUMNS = {
    "altitude": "altitude", "distance": "distance", "velocity_smooth": "speed", "heartrate": "heart_rate",
    "cadence": "cadence", "watts": "power", "temp": "temperature",
}  # fmt: skip


def parse_streams(streams: Mapping[str, Any], start: datetime) -> tuple[Points, list[tuple[float, float]]]:
    """Return the points, and the pauses as (start, end) in seconds since 1970; nothing is raised, whatever the JSON.

    There are none without times that ascend and are within LONGEST_SECONDS. A stream of another length than the times
    is left out.
    """
    begin, seconds = start.timestamp(), list(map(jsons.number, _data(streams, "time")))
    points = Points([begin + one for one in seconds if one is not None and 0 <= one <= LONGEST_SECONDS])
    if len(points) < len(seconds) or any(later < one for one, later in pairwise(points.time)):
        return Points(), []
    if not 0 < len(points) <= MOST_POINTS:
        return Points(), []
    for name, column in _COLUMNS.items():
        _set(points, column, _data(streams, name))
    places = [one if isinstance(one, list) and len(one) == 2 else (None, None) for one in _data(streams, "latlng")]
    for place, column in enumerate(("lat", "lon")):
        _set(points, column, [one[place] for one in places])
    return points, list(_pauses(points.time, _data(streams, "moving")))


def _data(streams: Mapping[str, Any], name: str) -> list[Any]:
    stream = streams.get(name)
    data = cast("dict[str, Any]", stream).get("data") if isinstance(stream, dict) else None
    return cast("list[Any]", data) if isinstance(data, list) else []


def _set(points: Points, name: str, values: Sequence[Any]) -> None:
    if len(values) == len(points):
        setattr(points, name, bounded(name, list(map(jsons.number, values))))


def _pauses(time: Sequence[float], moving: Sequence[Any]) -> Iterable[tuple[float, float]]:
    """Yield the times in which the athlete did not move."""
    if len(moving) != len(time):
        return
    begun = None
    for before, moved in zip(time, moving[1:], strict=False):
        if moved is False:
            begun = before if begun is None else begun
        elif begun is not None:
            yield begun, before
            begun = None
    if begun is not None:
        yield begun, time[-1]
