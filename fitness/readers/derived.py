"""What follows from the points of an activity: distances, time in motion, ascent, averages. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import asin, cos, exp, inf, radians, sin, sqrt
from operator import sub

from fitness.ranges import FARTHEST_METRES
from fitness.readers.activity import Activity, Column, Points
from fitness.units import METRES_PER_MILE

EARTH_RADIUS = 6_371_008.8
"""Metres, of a sphere of the same volume."""
STANDING = 0.3
"""Metres a second below which nobody is in motion."""
CLIMB = 2.0
"""Metres that a height must change before it counts: less is the noise of a barometer."""
EFFORTS = {
    "400 m": 400.0, "1 km": 1_000.0, "1 mile": METRES_PER_MILE, "5 km": 5_000.0, "10 km": 10_000.0,
    "half marathon": 21_097.5, "marathon": 42_195.0,
}  # fmt: skip
"""The stretches of which the fastest are known, in metres."""
MOST_STRIDES = 120.0
"""Steps of one foot a minute that no run has on average: a greater cadence counts those of both feet."""
_FIRST_STEP = 64
FASTEST = 12.0
"""Metres a second: no runner is faster, but positions can jump."""
SHORTEST_SPLIT = 1.0
"""Metres below which the rest of an activity is no split."""
LONGEST_GAP = 30.0
"""Seconds for which a heart rate holds at most: behind it is a pause, or the strap was off."""
MOST_OF_ROUTE = 100
"""Positions of a route."""
CONTRADICTION = 0.05
"""The share by which a total of the file may differ from that of its points before it is remarked on."""


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the distance between two positions in degrees, in metres, by the haversine formula."""
    lat, other_lat = radians(lat), radians(other_lat)
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


def distances(points: Points) -> list[float]:
    """Return how far each point is from the start, in metres, never less than the one before; [] if nothing says it.

    From the file's own distances if there are any, else from the positions. A point without either is where the one
    before it is.
    """
    if points.distance:
        first = next((one for one in points.distance if one is not None), 0.0)
        ways = [one - first if one is not None else 0.0 for one in points.distance]
        return ways if ways == sorted(ways) else list(accumulate(ways, max))
    if not (points.lat and points.lon):
        return []
    far, last, found = 0.0, None, list[float]()
    for lat, lon in zip(points.lat, points.lon, strict=True):
        if lat is not None and lon is not None:
            if last is not None:
                far += metres_between(*last, lat, lon)
            last = lat, lon
        found.append(far)
    return found


def moving_seconds(points: Points, far: Sequence[float], pauses: Iterable[tuple[float, float]]) -> float:
    """Return the seconds in motion: without pauses, and where distances are known without standing still.

    `far` are the distances of the points from the start.
    """
    paused = sorted(pauses)
    seconds, passed = 0.0, 0
    for number, (start, end) in enumerate(pairwise(points.time)):
        if far and far[number + 1] - far[number] < STANDING * (end - start):
            continue
        seconds += end - start
        while passed < len(paused) and paused[passed][1] <= start:
            passed += 1
        place = passed
        while place < len(paused) and paused[place][0] < end:
            seconds -= min(end, paused[place][1]) - max(start, paused[place][0])
            place += 1
    return seconds


def ascent(altitudes: Column) -> float | None:
    """Return the metres climbed, counted in steps of at least CLIMB; None without heights."""
    heights = [one for one in altitudes if one is not None]
    if not heights:
        return None
    climbed, lowest = 0.0, heights[0]
    for height in heights:
        if height >= lowest + CLIMB:
            climbed += height - lowest
            lowest = height
        elif height < lowest:
            lowest = height
    return climbed


def average(column: Column) -> float | None:
    """Return the mean of the values that there are, None for none."""
    values = [one for one in column if one is not None]
    return sum(values) / len(values) if values else None


def with_strides(activity: Activity) -> Activity:
    """Return a run with its cadences in steps of one foot: some devices, apps and people count those of both."""
    if _is_of_both_feet(activity.avg_cadence):
        activity = replace(activity, avg_cadence=_half(activity.avg_cadence))
    points = activity.points
    if _is_of_both_feet(average(points.cadence)):
        activity = replace(activity, points=replace(points, cadence=[_half(one) for one in points.cadence]))
    return activity


def _is_of_both_feet(cadence: float | None) -> bool:
    return cadence is not None and cadence > MOST_STRIDES


def _half(cadence: float | None) -> float | None:
    return None if cadence is None else cadence / 2


def complete(activity: Activity) -> None:
    """Add what the file does not say itself but its points do, and remark on totals that contradict the points."""
    points = activity.points
    far = distances(points)
    if points and activity.elapsed_seconds is None:
        activity.elapsed_seconds = points.time[-1] - points.time[0]
    if points and activity.moving_seconds is None:
        activity.moving_seconds = moving_seconds(points, far, activity.pauses)
    if far and activity.distance is None:
        activity.distance = far[-1]
    elif far and activity.distance and points.distance and contradict(activity.distance, far[-1]):
        activity.remarks.append(
            f"The file says {activity.distance:,.0f} metres, its points {far[-1]:,.0f}: the former were taken."
        )
    if activity.ascent is None:
        activity.ascent = ascent(points.altitude)
    if activity.avg_heart_rate is None and (rate := average(points.heart_rate)):
        activity.avg_heart_rate = rate
        activity.max_heart_rate = max([one for one in points.heart_rate if one is not None])
    if activity.avg_cadence is None:
        activity.avg_cadence = average(points.cadence)
    if activity.avg_power is None:
        activity.avg_power = average(points.power)


@dataclass(frozen=True, slots=True)
class Split:
    """A part of an activity of one length; the last one is shorter.

    `start` is in seconds since 1970, `seconds` are those without pauses, `ascent` is in metres.
    """

    start: float
    metres: float
    seconds: float
    avg_heart_rate: float | None
    ascent: float | None


def splits(
    points: Points, far: Sequence[float], metres: float, pauses: Iterable[tuple[float, float]] = ()
) -> list[Split]:
    """Return the parts of so many metres each, with their times between points in proportion; [] without distances.

    Nor are there any where positions jump so far that nobody goes that way. Pauses are left out of the seconds.
    """
    if not far or not 0 < far[-1] <= FARTHEST_METRES:
        return []
    ends = [*(metres * number for number in range(1, int(far[-1] // metres) + 1)), far[-1]]
    found: list[Split] = []
    begun, place = points.time[0], 0
    for number, end in enumerate(ends):
        begin = metres * number
        if end - begin < SHORTEST_SPLIT:
            continue
        following = bisect_left(far, end, place)
        ended = _time_at(points, far, end, following)
        part = slice(place, following + 1)
        rate, climbed = average(points.heart_rate[part]), ascent(points.altitude[part])
        seconds = ended - begun - _overlap(pauses, begun, ended)
        found.append(Split(begun, end - begin, seconds, rate, climbed))
        begun, place = ended, following
    return found


def _overlap(pauses: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Return the seconds of pauses within a time."""
    return sum(max(0.0, min(end, until) - max(start, since)) for since, until in pauses)


def best_efforts(points: Points, far: Sequence[float]) -> dict[str, float]:
    """Return {name: seconds} of the fastest stretch of each of EFFORTS that the activity is long enough for.

    Pauses count. Where positions jump, faster than anybody runs, no stretch goes on.
    """
    steps = zip(map(sub, points.time[1:], points.time), map(sub, far[1:], far), strict=False)
    jumps = [place for place, (time, way) in enumerate(steps, 1) if way > FASTEST * time]
    stretches = [(points.time[begin:end], far[begin:end]) for begin, end in pairwise([0, *jumps, len(far)])]
    found = {
        name: min(filter(None, (_fastest(time, way, metres) for time, way in stretches)), default=None)
        for name, metres in EFFORTS.items()
    }
    return {name: seconds for name, seconds in found.items() if seconds is not None}


def _fastest(time: Sequence[float], far: Sequence[float], metres: float) -> float | None:
    """Return the seconds of the fastest stretch that begins at a point; None if there is none.

    A stretch that begins so many seconds later takes at most so many less: what cannot be faster than the fastest one
    is passed over. The first look, in large steps, finds one that is nearly the fastest, so that most is passed over.
    """
    if not far or far[-1] < far[0] + metres:
        return None
    best, count = inf, len(far)
    for step in (_FIRST_STEP, 1):
        start = end = 0
        while start < count:
            goal = far[start] + metres
            end = bisect_left(far, goal, end)
            if end == count:
                break
            before = end - 1
            share = (goal - far[before]) / (far[end] - far[before])
            ended = time[before] + share * (time[end] - time[before])
            if ended - time[start] < best:
                best = ended - time[start]
            passed = bisect_right(time, ended - best, start)
            start = passed if passed > start + step else start + step
    return best


def _time_at(points: Points, far: Sequence[float], metres: float, place: int) -> float:
    """Return when a distance was reached, of which the point at `place` is the first at or behind it."""
    if place == 0 or far[place] == far[place - 1]:
        return points.time[place]
    share = (metres - far[place - 1]) / (far[place] - far[place - 1])
    return points.time[place - 1] + share * (points.time[place] - points.time[place - 1])


def seconds_in_zones(points: Points, bounds: Sequence[float]) -> list[float]:
    """Return the seconds with a heart rate below the first bound, from each bound to the next, and from the last on."""
    seconds = [0.0] * (len(bounds) + 1)
    for rate, held in _seconds_by_rate(points).items():
        seconds[bisect_right(bounds, rate)] += held
    return seconds


def _seconds_by_rate(points: Points) -> dict[float, float]:
    """Return {heart rate: seconds}: each holds until the next point, but at most LONGEST_GAP seconds."""
    seconds: dict[float, float] = {}
    for start, end, rate in zip(points.time, points.time[1:], points.heart_rate, strict=False):
        if rate is not None:
            seconds[rate] = seconds.get(rate, 0.0) + (end - start if end - start < LONGEST_GAP else LONGEST_GAP)
    return seconds


def trimp(points: Points, resting: float, highest: float, sex: str | None) -> float | None:
    """Return the training impulse (Banister) of each moment's heart rate, added up; None without heart rates.

    Without a sex, it is the mean of a man's and a woman's. A heart rate holds as in `seconds_in_zones`.
    """
    if not points.heart_rate or highest <= resting:
        return None
    weights = _WEIGHTS.get(sex or "", tuple(weight for both in _WEIGHTS.values() for weight in both))
    total = 0.0
    for rate, seconds in _seconds_by_rate(points).items():
        x = min(1.0, max(0.0, (rate - resting) / (highest - resting)))
        factor = sum(k * exp(b * x) for k, b in weights) / len(weights)
        total += seconds / 60 * x * factor
    return total


_WEIGHTS = {"male": ((0.64, 1.92),), "female": ((0.86, 1.67),)}
"""k and b of Banister's formula, by sex."""


def route(points: Points, most: int = MOST_OF_ROUTE) -> list[tuple[float, float]]:
    """Return at most so many positions (latitude, longitude) along the way, to a metre; [] without positions."""
    known = [
        (lat, lon) for lat, lon in zip(points.lat, points.lon, strict=False) if lat is not None and lon is not None
    ]
    return [(round(lat, 5), round(lon, 5)) for lat, lon in (known[place] for place in places(len(known), most))]


def speeds(time: Sequence[float], far: Sequence[float]) -> Column:
    """Return the speed from each point before to each point, in metres a second; that of the first is the second's."""
    found: Column = [
        (end_far - begin_far) / (end - start) if end > start else None
        for (start, end), (begin_far, end_far) in zip(pairwise(time), pairwise(far), strict=True)
    ]
    return [*found[:1], *found]


def thinned(points: Points, most: int) -> Points:
    """Return at most so many of the points, at even distances in the list, the first and the last among them."""
    return points if len(points) <= most else points.at(places(len(points), most))


def places(count: int, most: int) -> Sequence[int]:
    """Return at most so many of `count` places, at even distances, the first and the last among them."""
    return range(count) if count <= most else [round(place * (count - 1) / (most - 1)) for place in range(most)]


def contradict(total: float, of_points: float) -> bool:
    """Say whether two totals of one activity are too far apart to be the same."""
    return abs(total - of_points) > CONTRADICTION * max(total, of_points)
