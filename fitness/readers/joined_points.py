"""Points of one activity that stand in several places, such as a route and the heart rates beside it. Pure."""

from bisect import bisect_left
from collections.abc import Sequence

from fitness.readers.activity import MEASURED, Points

NEAR = 10.0
"""Seconds within which a heart rate is that of a point of the route."""


def with_heart_rates(route: Points, rates: Points) -> Points:
    """Return the points of a route with the heart rates; one that is near none of them gets a point of its own."""
    if not route or not rates:
        return route or rates
    route.heart_rate = [None] * len(route)
    others: list[int] = []
    for number, time in enumerate(rates.time):
        place = bisect_left(route.time, time)
        beside = [(abs(route.time[one] - time), one) for one in (place - 1, place) if 0 <= one < len(route)]
        seconds, nearest = min(beside)
        if seconds <= NEAR:
            route.heart_rate[nearest] = rates.heart_rate[number]
        else:
            others.append(number)
    return together([route, rates.at(others)])


def together(parts: Sequence[Points]) -> Points:
    """Return the points of several parts, sorted by time."""
    joined = Points([time for part in parts for time in part.time])
    for name in MEASURED:
        if any(getattr(part, name) for part in parts):
            setattr(joined, name, [value for part in parts for value in getattr(part, name) or [None] * len(part)])
    return joined.at(sorted(range(len(joined)), key=joined.time.__getitem__))
