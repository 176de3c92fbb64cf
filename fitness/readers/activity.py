"""An activity as a file tells it, whatever the kind of file: totals, laps, sets, and its points in columns.

Distances and heights are metres, durations seconds, instants aware UTC, times of points seconds since 1970.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from math import isfinite
from typing import cast

from fitness.readers.records import SetType, WeightUnit, Zone

Column = list[float | None]

MOST_POINTS = 500_000
"""In an activity: six days at a point a second."""


@dataclass(slots=True)
class Points:
    """What was measured, in columns of one length, sorted by time; a column that the file does not have is empty.

    Degrees, metres, metres a second, beats, turns (steps of one foot) and revolutions a minute, watts, °C. `distance`
    is from the start on.
    """

    time: list[float] = field(default_factory=list)
    lat: Column = field(default_factory=list)
    lon: Column = field(default_factory=list)
    altitude: Column = field(default_factory=list)
    distance: Column = field(default_factory=list)
    speed: Column = field(default_factory=list)
    heart_rate: Column = field(default_factory=list)
    cadence: Column = field(default_factory=list)
    power: Column = field(default_factory=list)
    temperature: Column = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.time)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """Yield the name and the values of each column that there is, besides the time."""
        for name in MEASURED:
            if column := getattr(self, name):
                yield name, column

    def between(self, start: float, end: float) -> "Points":
        """Return the points from `start` on, and before `end`."""
        places = [place for place, time in enumerate(self.time) if start <= time < end]
        return self.at(places)

    def at(self, places: Sequence[int]) -> "Points":
        """Return the points at some places, in that order."""
        chosen = Points([self.time[place] for place in places])
        for name, column in self.columns():
            setattr(chosen, name, [column[place] for place in places])
        return chosen


MEASURED = tuple(one.name for one in fields(Points) if one.name != "time")
"""The columns of points besides the time, in the order in which they are stored."""
BOUNDS = {
    "lat": (-90, 90), "lon": (-180, 180), "altitude": (-500, 12_000), "distance": (0, 2_000_000), "speed": (0, 100),
    "heart_rate": (20, 300), "cadence": (0, 254), "power": (0, 5_000), "temperature": (-90, 90),
}  # fmt: skip
"""Outside of these, a value of a point is none."""


def bounded(name: str, column: Column) -> Column:
    """Return a column with the values that can be; [] if there are none."""
    low, high = BOUNDS[name]
    if _are_within(column, low, high):
        return column
    found: Column = [None if one is None or not low <= one <= high else one for one in column]
    return found if found.count(None) < len(found) else []


def _are_within(column: Column, low: float, high: float) -> bool:
    """Say whether a column has no gaps, and only values within the bounds: sooner than by looking at each of them."""
    values = cast("list[float]", column)
    try:
        return bool(values) and isfinite(sum(values)) and low <= min(values) and max(values) <= high  # NaN has no place
    except TypeError:  # a gap
        return False


@dataclass(slots=True)
class Lap:
    """A part of an activity, as the device or the person divided it."""

    start: datetime
    elapsed_seconds: float | None = None
    moving_seconds: float | None = None
    distance: float | None = None
    avg_heart_rate: float | None = None
    ascent: float | None = None


@dataclass(slots=True)
class LiftedSet:
    """A set of an exercise of strength, in the order in which it was done; `weight` is in `weight_unit`."""

    exercise: str
    reps: int | None = None
    weight: float | None = None
    weight_unit: WeightUnit = "kg"
    seconds: float | None = None
    set_type: SetType = "normal"
    note: str | None = None


@dataclass(slots=True)
class Activity:
    """What one activity of a file says; None is what the file does not say.

    `key` is the provider's own id of it, if there is one. `sport` and `sub_sport` are in the words of FIT: "running",
    "treadmill". `moving_seconds` is the time of the timer, without pauses; `pauses` are (start, end) in seconds since
    1970. `serial` is that of the device. `is_cut`: the file ends before the activity did, so that its totals are those
    of the points that are left. `remarks` are sentences for a person on what was read how.
    """

    start: datetime
    sport: str
    sub_sport: str | None = None
    key: str | None = None
    time_zone: Zone | None = None
    name: str | None = None
    notes: str | None = None
    distance: float | None = None
    moving_seconds: float | None = None
    elapsed_seconds: float | None = None
    ascent: float | None = None
    avg_heart_rate: float | None = None
    max_heart_rate: float | None = None
    avg_cadence: float | None = None
    avg_power: float | None = None
    calories: float | None = None
    temperature: float | None = None
    device: str | None = None
    serial: str | None = None
    is_cut: bool = False
    points: Points = field(default_factory=Points)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    laps: list[Lap] = field(default_factory=list)
    sets: list[LiftedSet] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Contents:
    """What a file holds: its activities, sentences on what was passed over, and on what could not be read."""

    activities: list[Activity] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
