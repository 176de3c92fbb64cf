"""What a watch would have written on an invented run: a TCX file with route, heart rate and altitude. Pure."""

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from fitness.units import METRES_PER_MILE

METRES_PER_DEGREE = 111_195
START = (52.5145, 13.3501)
"""Latitude and longitude where the loops begin: a park in Berlin."""
LAP_METRES = 1000
SECONDS_PER_POINT = 5
KILOCALORIES_PER_METRE = 0.07
CORNERS = 720
"""Of the loop, before it is walked."""


class Moment(NamedTuple):
    """A point of a run: seconds and metres from its start, degrees, metres above the sea, beats and steps a minute."""

    seconds: float
    metres: float
    lat: float
    lon: float
    altitude: float
    heart_rate: int | None
    cadence: int


def tcx_of(start: datetime, miles: float, seconds: float, heart_rate: float | None) -> bytes:
    """Return the file of a run of so many miles and seconds, with laps of a kilometre; the same run, the same file."""
    moments = list(moments_of(random.Random(start.isoformat()), miles * METRES_PER_MILE, seconds, heart_rate))  # noqa: S311
    laps = "".join(_lap(start, lap) for lap in _laps(moments))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="Running"><Id>{_time(start)}</Id>{laps}
<Creator><Name>Demo watch</Name></Creator></Activity>
</Activities></TrainingCenterDatabase>
""".encode()


def moments_of(dice: random.Random, metres: float, seconds: float, heart_rate: float | None) -> Iterator[Moment]:
    """Yield the points of a run round a loop, which ends where it began."""
    count = max(2, round(seconds / SECONDS_PER_POINT))
    phase, hills = dice.uniform(0, 2 * math.pi), dice.uniform(6, 20)
    shares = [place / count for place in range(count + 1)]
    # Faster and slower stretches, and a last one that is the fastest.
    efforts = [
        1 + 0.05 * math.sin(6 * math.pi * share + phase) + 0.03 * math.sin(26 * math.pi * share) + 0.12 * share**6
        for share in shares
    ]
    gone = list(accumulate(efforts[1:], initial=0.0))
    loop = _loop(dice, metres)
    for share, effort, way in zip(shares, efforts, gone, strict=True):
        far = way / gone[-1]
        warm = 1 - math.exp(-14 * share)
        beats = None if heart_rate is None else round(95 + warm * (heart_rate - 92 + 70 * (effort - 1)) + dice.random())
        height = 38 + hills * math.sin(2 * math.pi * far + phase) + 0.4 * hills * math.sin(6 * math.pi * far)
        yield Moment(share * seconds, far * metres, *loop(far), height, beats, round(84 * effort**0.4 + dice.random()))


def _loop(dice: random.Random, metres: float) -> Callable[[float], tuple[float, float]]:
    """Return the function from the share of a bent loop of this length to its latitude and longitude."""
    bends = [(2, 0.30, dice.uniform(0, 6)), (3, 0.18, dice.uniform(0, 6)), (7, 0.04, dice.uniform(0, 6))]
    angles = [2 * math.pi * corner / CORNERS for corner in range(CORNERS + 1)]
    radii = [1 + sum(size * math.sin(often * angle + begin) for often, size, begin in bends) for angle in angles]
    corners = [
        (radius * math.sin(angle), 1.4 * radius * math.cos(angle)) for radius, angle in zip(radii, angles, strict=True)
    ]
    lengths = list(accumulate((math.dist(*side) for side in pairwise(corners)), initial=0.0))
    degrees = metres / lengths[-1] / METRES_PER_DEGREE
    narrower = math.cos(math.radians(START[0]))

    def at(share: float) -> tuple[float, float]:
        far = share * lengths[-1]
        corner = max(1, min(bisect_left(lengths, far), CORNERS))
        part = (far - lengths[corner - 1]) / (lengths[corner] - lengths[corner - 1])
        north, east = (
            before + part * (after - before) - first
            for before, after, first in zip(corners[corner - 1], corners[corner], corners[0], strict=True)
        )
        return START[0] + north * degrees, START[1] + east * degrees / narrower

    return at


def _laps(moments: Sequence[Moment]) -> Iterator[Sequence[Moment]]:
    """Yield the points of each kilometre; a lap ends with the point that the next one begins with."""
    begin = 0
    for place, (before, after) in enumerate(pairwise(moments), 1):
        if int(after.metres // LAP_METRES) > int(before.metres // LAP_METRES) or place == len(moments) - 1:
            yield moments[begin : place + 1]
            begin = place


def _lap(start: datetime, moments: Sequence[Moment]) -> str:
    first, last = moments[0], moments[-1]
    metres = last.metres - first.metres
    beats = [one.heart_rate for one in moments if one.heart_rate]
    hearts = (("AverageHeartRateBpm", sum(beats) / len(beats)), ("MaximumHeartRateBpm", max(beats))) if beats else ()
    return "".join(
        (
            f'<Lap StartTime="{_time(start, first.seconds)}">',
            _tag("TotalTimeSeconds", f"{last.seconds - first.seconds:.1f}"),
            _tag("DistanceMeters", f"{metres:.1f}"),
            _tag("Calories", f"{metres * KILOCALORIES_PER_METRE:.0f}"),
            *(_tag(name, _tag("Value", f"{value:.0f}")) for name, value in hearts),
            _tag("Track", "".join(_point(start, one) for one in (moments[1:] if first.seconds else moments))),
            "</Lap>",
        )
    )


def _point(start: datetime, one: Moment) -> str:
    position = _tag("LatitudeDegrees", f"{one.lat:.6f}") + _tag("LongitudeDegrees", f"{one.lon:.6f}")
    values = (
        _tag("Time", _time(start, one.seconds)),
        _tag("Position", position),
        _tag("AltitudeMeters", f"{one.altitude:.1f}"),
        _tag("DistanceMeters", f"{one.metres:.1f}"),
        _tag("HeartRateBpm", _tag("Value", str(one.heart_rate))) if one.heart_rate else "",
        _tag("Cadence", str(one.cadence)),
    )
    return _tag("Trackpoint", "".join(values))


def _tag(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _time(start: datetime, seconds: float = 0) -> str:
    return f"{(start + timedelta(seconds=seconds)).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
