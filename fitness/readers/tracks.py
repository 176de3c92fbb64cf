"""Points as files of text write them: collected value by value, sorted, and what cannot be counted.

The points of FIT files are left out by the same rule where their times are damaged.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import isfinite

from fitness.ranges import FIRST_YEAR, LAST_YEAR
from fitness.readers.activity import BOUNDS, MEASURED, MOST_POINTS, Column, Points
from fitness.readers.records import UnreadableFile

STRAYING = 3_600.0
"""Seconds by which the time of a first or last point must at least be off before it is taken for a damaged one."""
MOST_STRAYS = 0.02
"""The share of damaged times above which it is the points that stand in no order."""


STRAYED = "points with a time far from those beside them"


class Track:
    """The points of an activity while they are read.

    `utc_offset` is that of the first time that is not written in UTC. What has been read is returned by `points`,
    `pauses` and `remarks`, once all points are added.
    """

    def __init__(self) -> None:
        self.utc_offset: timedelta | None = None
        self._left_out = 0  # values that cannot be
        self._timeless = 0  # points
        self._time: list[float] = []
        self._columns: dict[str, Column] = {name: [] for name in MEASURED}
        self._begins: list[int] = []  # places of the points behind pauses
        self._segment_begins = False

    def __len__(self) -> int:
        return len(self._time)

    def begin_segment(self) -> None:
        """Begin a part behind a pause."""
        self._segment_begins = bool(self._time)

    def add(self, time: str | None, values: Mapping[str, str]) -> None:
        """Add a point of columns as they are written. Raises UnreadableFile for too many."""
        self.add_at(time_of(time), {name: number_of(written) for name, written in values.items()})

    def add_at(self, instant: datetime | None, values: Mapping[str, float | None]) -> None:
        """Add a point of numbers; None is one that cannot be read. Raises UnreadableFile for too many."""
        if instant is None:
            self._timeless += 1
            return
        if len(self._time) == MOST_POINTS:
            raise UnreadableFile(f"More than {MOST_POINTS:,} points in a track.")
        if instant.utcoffset() and self.utc_offset is None:
            self.utc_offset = instant.utcoffset()
        if self._segment_begins:
            self._begins.append(len(self._time))
            self._segment_begins = False
        place = len(self._time)
        self._time.append(instant.timestamp())
        for name, found in values.items():
            column = self._columns[name]
            if len(column) < place:
                _fill(column, place)
            low, high = BOUNDS[name]
            if found is None or not low <= found <= high:
                self._left_out += 1
                found = None
            column.append(found)

    def points(self) -> Points:
        """Return the points whose times can be, sorted by them; a position is both or none of its numbers."""
        for column in self._columns.values():
            _fill(column, len(self._time))
        lat, lon = self._columns["lat"], self._columns["lon"]
        for place, (one, other) in enumerate(zip(lat, lon, strict=True)):
            if one is None or other is None:
                lat[place] = lon[place] = None
        columns = {name: column for name, column in self._columns.items() if column.count(None) < len(column)}
        points = Points(self._time, **columns)
        order = sorted(self._kept, key=self._time.__getitem__)
        return points if order == list(range(len(points))) else points.at(order)

    @property
    def pauses(self) -> list[tuple[float, float]]:
        """Return the times between segments, in seconds since 1970."""
        found: list[tuple[float, float]] = []
        for begin in self._begins:
            place = bisect_left(self._kept, begin)
            if 0 < place < len(self._kept):
                last, following = (self._time[one] for one in self._kept[place - 1 : place + 1])
                found += [(last, following)] if following > last else []
        return found

    @cached_property
    def _kept(self) -> Sequence[int]:
        """The places of the points whose times can be."""
        strays = stray_places(self._time)
        return [place for place in range(len(self._time)) if place not in strays]

    def remarks(self) -> list[str]:
        """Return sentences on what was left out."""
        return [
            *left_out(self._left_out, "values that cannot be"),
            *left_out(self._timeless, "points without a time"),
            *left_out(len(self) - len(self._kept), STRAYED),
        ]


def left_out(count: int, what: str) -> list[str]:
    """Return a sentence on what was left out; none if it is nothing."""
    return [f"{count:,} {what} were left out."] if count else []


def _fill(column: Column, length: int) -> None:
    """Make a column as long as this: it lacks the last values."""
    column += [None] * (length - len(column))


def stray_places(times: Sequence[float]) -> frozenset[int]:
    """Return the places of times that are damaged, as their neighbours show.

    One between two others in order is before or behind both; two beside each other have only changed places. A first or
    last one is out of order, or farther from the others than STRAYING and than these are from each other. Where many
    are, the points are in no order, and none is damaged.
    """
    places = _out_of_order(times)
    rest = [time for place, time in enumerate(times) if place not in places] if places else times
    if len(rest) > _FEWEST:
        places |= {0} if _is_far(rest[0], rest[1], rest[2], rest[-1]) else set()
        places |= {len(times) - 1} if _is_far(-rest[-1], -rest[-2], -rest[-3], -rest[0]) else set()
    return frozenset(places if len(places) <= max(2, MOST_STRAYS * len(times)) else ())


_FEWEST = 3
"""Points that show where another one should be."""


def _out_of_order(times: Sequence[float]) -> set[int]:
    """Return the places of times that are before or behind both of their neighbours, which are in order."""
    if times == sorted(times):  # as nearly all are
        return set()
    outside = {
        place
        for place, (before, time, behind) in enumerate(zip(times, times[1:], times[2:], strict=False), 1)
        if before <= behind and not before <= time <= behind
    }
    return {place for place in outside if not {place - 1, place + 1} & outside}


def _is_far(first: float, second: float, third: float, last: float) -> bool:
    """Say whether a first time does not belong to the others."""
    if first > second:
        return second <= third
    return second - first > max(STRAYING, last - second)


def time_of(written: str | None) -> datetime | None:
    """Return an instant as written in ISO 8601, in UTC where it names no offset; None for what is none."""
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    if not FIRST_YEAR < found.year < LAST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def number_of(written: str | None) -> float | None:
    """Return a number with a decimal point; None for what is none."""
    try:
        found = float(written or "")
    except ValueError:
        return None
    return found if isfinite(found) else None
