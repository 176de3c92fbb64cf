"""Points as files of text write them: collected value by value, sorted, and what cannot be counted."""

from datetime import UTC, datetime, timedelta
from math import isfinite

from fitness.ranges import FIRST_YEAR, LAST_YEAR
from fitness.readers.activity import BOUNDS, MEASURED, MOST_POINTS, Column, Points
from fitness.readers.records import UnreadableFile


class Track:
    """The points of an activity while they are read, and the pauses between its segments.

    `utc_offset` is that of the first time that is not written in UTC.
    """

    def __init__(self) -> None:
        self.utc_offset: timedelta | None = None
        self.left_out = 0  # values that cannot be
        self.timeless = 0  # points
        self.pauses: list[tuple[float, float]] = []
        self._time: list[float] = []
        self._columns: dict[str, Column] = {name: [] for name in MEASURED}
        self._segment_begins = False

    def __len__(self) -> int:
        return len(self._time)

    def begin_segment(self) -> None:
        """Begin a part behind a pause."""
        self._segment_begins = bool(self._time)

    def add(self, time: str | None, values: dict[str, str]) -> None:
        """Add a point of columns as they are written. Raises UnreadableFile for too many."""
        instant = time_of(time)
        if instant is None:
            self.timeless += 1
            return
        if len(self._time) == MOST_POINTS:
            raise UnreadableFile(f"More than {MOST_POINTS:,} points in a track.")
        if instant.utcoffset() and self.utc_offset is None:
            self.utc_offset = instant.utcoffset()
        seconds = instant.timestamp()
        if self._segment_begins and seconds > self._time[-1]:
            self.pauses.append((self._time[-1], seconds))
        self._segment_begins = False
        self._time.append(seconds)
        for name, column in self._columns.items():
            column.append(self._value(name, values[name]) if name in values else None)

    def _value(self, name: str, written: str) -> float | None:
        found = number_of(written)
        low, high = BOUNDS[name]
        if found is None or not low <= found <= high:
            self.left_out += 1
            return None
        return found

    def points(self) -> Points:
        """Return the points, sorted by time; a position is both or none of its numbers."""
        lat, lon = self._columns["lat"], self._columns["lon"]
        for place, (one, other) in enumerate(zip(lat, lon, strict=True)):
            if one is None or other is None:
                lat[place] = lon[place] = None
        columns = {name: column for name, column in self._columns.items() if column.count(None) < len(column)}
        points = Points(self._time, **columns)
        order = sorted(range(len(points)), key=self._time.__getitem__)
        return points if order == list(range(len(points))) else points.at(order)

    def remarks(self) -> list[str]:
        """Return sentences on what was left out."""
        said = [f"{self.left_out:,} values that cannot be were left out."] if self.left_out else []
        return said + ([f"{self.timeless:,} points without a time were left out."] if self.timeless else [])


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
