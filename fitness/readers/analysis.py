"""What is shown of the points of an activity: columns of few of them, and what follows from all of them. Pure.

Distances and heights are metres, times seconds from the first point on.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple

from fitness.readers import derived
from fitness.readers.activity import MEASURED, Column, Points

ZONES = (60, 70, 80, 90)
"""Where a zone of the heart rate begins, in percent of the greatest one; the first zone is below all of them."""


class HeartRates(NamedTuple):
    """The heart rates of a person, as far as they are known, and the sex."""

    resting: float | None
    highest: float | None
    sex: str | None


def columns_of(points: Points, most: int) -> dict[str, Any]:
    """Return the columns of at most so many of the points, None for one that is not known.

    Distances that the file does not have are those between positions; speeds then are those from point to point.
    """
    shown = derived.thinned(points, most)
    begin = points.time[0]
    columns: dict[str, Column | None] = {name: getattr(shown, name) or None for name in MEASURED}
    if far := derived.distances(points):
        far = [far[place] for place in derived.places(len(points), most)]
        columns["distance"] = [round(one, 1) for one in far]
        if columns["speed"] is None:
            speeds = derived.speeds(shown.time, far)
            columns["speed"] = [None if one is None else round(one, 2) for one in speeds] or None  # of a point alone
    return {
        "count": len(points),
        "most": most,
        "start": datetime.fromtimestamp(begin, UTC),
        "time": [round(time - begin, 3) for time in shown.time],
        **columns,
    }


def analysis_of(
    points: Points,
    laps: Sequence[Mapping[str, float | None]],
    pauses: Sequence[tuple[float, float]],
    *,
    metres: float,
    heart: HeartRates,
) -> dict[str, Any]:
    """Return splits of so many metres, laps, pauses, best efforts, zones of the heart rate, TRIMP and route.

    Of laps alone, without points, only these.
    """
    far = derived.distances(points)
    begin = points.time[0] if points else next((lap["start"] for lap in laps if lap["start"] is not None), 0.0)
    return {
        "splits": [
            _part(split.start - begin, split.metres, split.seconds, split.avg_heart_rate, split.ascent)
            for split in derived.splits(points, far, metres, pauses)
        ],
        "laps": [
            _part(
                (lap["start"] or begin) - begin,
                *(lap[name] for name in ("distance", "seconds", "avg_heart_rate", "ascent")),
            )
            for lap in laps
        ],
        "pauses": [[round(start - begin, 1), round(end - begin, 1)] for start, end in pauses],
        "best_efforts": {name: round(seconds, 1) for name, seconds in derived.best_efforts(points, far).items()},
        "zones": _zones(points, heart.highest),
        "trimp_from_points": _trimp(points, heart),
        "route": derived.route(points) or None,
    }


def _part(
    start: float, distance: float | None, seconds: float | None, heart_rate: float | None, ascent: float | None
) -> dict[str, float | None]:
    values = {"start": start, "distance": distance, "seconds": seconds, "avg_heart_rate": heart_rate, "ascent": ascent}
    return {name: None if value is None else round(value, 1) for name, value in values.items()}


def _zones(points: Points, highest: float | None) -> list[dict[str, float | None]] | None:
    if highest is None or not points.heart_rate:
        return None
    bounds = [ceil(highest * percent / 100) for percent in ZONES]  # heart rates are whole beats
    seconds = derived.seconds_in_zones(points, bounds)
    return [
        {"from": begin, "to": end, "seconds": round(one, 1)}
        for begin, end, one in zip([None, *bounds], [*bounds, None], seconds, strict=True)
    ]


def _trimp(points: Points, heart: HeartRates) -> float | None:
    if heart.resting is None or heart.highest is None:
        return None
    found = derived.trimp(points, heart.resting, heart.highest, heart.sex)
    return None if found is None else round(found, 1)
