"""Read the workouts that TrainingPeaks exports, and plans with the same columns: CSV in, planned workouts out.

The file has no ids. Days are local and have no zone, durations are hours, distances metres.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import BinaryIO, NamedTuple

from fitness.ranges import (
    FARTHEST_METRES,
    FIRST_YEAR,
    HIGHEST_INTENSITY,
    LAST_YEAR,
    LONGEST_HOURS,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_TYPE,
    MOST_TSS,
)
from fitness.readers import tables, times
from fitness.readers.reader import Reader
from fitness.readers.records import BadValue, ParsedPlannedWorkout, Problem, Skipped, shown
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import text, written_number

TYPES = (
    "Run", "Bike", "Swim", "Brick", "Race", "Strength", "Walk", "MTB", "XC-Ski", "Rowing", "X-Train", "Day Off",
    "Custom", "Other",
)  # fmt: skip
"""The workout types of TrainingPeaks; other types are kept as they are."""

_NEEDED = ("Title", "WorkoutType", "WorkoutDay")
_PLANNED = ("PlannedDuration", "PlannedDistanceInMeters")
_DONE = ("TimeTotalInHours", "DistanceInMeters")
_TEXTS = {"WorkoutDescription": "description", "CoachComments": "coach_comments"}
_NUMBERS = {
    "PlannedDuration": ("planned_duration_hours", LONGEST_HOURS, "hours"),
    "PlannedDistanceInMeters": ("planned_distance_meters", FARTHEST_METRES, "metres"),
}
_LOAD = {
    "TSS": ("tss", MOST_TSS, ""),
    "IF": ("intensity_factor", HIGHEST_INTENSITY, ""),
}
_COLUMNS = (*_NEEDED, *_TEXTS, *_NUMBERS, *_LOAD, *_DONE)

_WRITTEN_TYPES = {written.casefold(): written for written in TYPES}


class _Columns(NamedTuple):
    """Where each column is that the file has."""

    places: Mapping[str, int]

    @property
    def read(self) -> Collection[int]:
        return self.places.values()

    @property
    def numbers(self) -> Collection[int]:
        return [place for column, place in self.places.items() if column in _NUMBERS | _LOAD]


def parse(stream: BinaryIO) -> Iterator[ParsedPlannedWorkout | Skipped | Problem]:
    """Yield one record for each row below the header, in the order of the file.

    Columns are found by their names; only the title, the type and the day must be there. What was planned becomes a
    ParsedPlannedWorkout, also when it was done meanwhile: TSS and IF are what was done then, and left out. What was
    done without a planned duration or distance becomes Skipped, what cannot be read a Problem. Rows of one day and
    title are numbered; one that says the same as a row of an earlier part of the file, where files were joined,
    becomes Skipped.

    Raises UnreadableFile at the first `next()` if the file is not CSV or lacks a required column.
    """
    parts = _Parts()
    with tables.opened(stream, find_columns) as table:
        for row, cells in table:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            given = {column: cells[place].strip() for column, place in table.columns.places.items()}
            yield _read_row(row, given, parts.at(table.part))


def find_columns(heading: list[str]) -> _Columns:
    """Find the columns in a header row; raise ColumnsMissing naming every needed one that is missing."""
    names = ["".join(cell.split()).casefold() for cell in heading]
    places = {column: names.index(column.casefold()) for column in _COLUMNS if column.casefold() in names}
    missing = [column for column in _NEEDED if column not in places]
    if missing:
        raise ColumnsMissing("a TrainingPeaks plan", missing, len(_NEEDED) - len(missing), heading)
    return _Columns(places)


class _Parts:
    """The parts of a file that was joined of several: where a heading comes again, or a day before the last one.

    In one part, rows that say the same are several workouts; those of another part are the same workouts.
    """

    def __init__(self) -> None:
        self.numbers: Counter[tuple[str, str]] = Counter()
        self._heading, self._day = 1, ""
        self._before: Counter[int] = Counter()
        self._here: Counter[int] = Counter()

    def at(self, heading: int) -> "_Parts":
        """Begin a part where the file has another heading."""
        if heading != self._heading:
            self._heading = heading
            self._begin()
        return self

    def repeats(self, values: Mapping[str, str | float | None]) -> bool:
        """Count what a row says, and say whether an earlier part says it as well."""
        day = str(values["originally_planned_day"])
        if day < self._day:
            self._begin()
        self._day = day
        fingerprint = hash(repr(sorted(values.items())))
        self._here[fingerprint] += 1
        return self._here[fingerprint] <= self._before[fingerprint]

    def _begin(self) -> None:
        for fingerprint, count in self._here.items():
            self._before[fingerprint] = max(self._before[fingerprint], count)
        self._here.clear()
        self._day = ""


def _read_row(row: int, cells: Mapping[str, str], parts: _Parts) -> ParsedPlannedWorkout | Skipped | Problem:
    """Parse one record; count a readable one per day and title."""
    was_done = any(cells.get(column) for column in _DONE)
    try:
        values = _values(cells, was_done)
    except BadValue as error:
        return Problem(row, None, str(error))
    day, title = str(values["originally_planned_day"]), str(values["title"])
    if was_done and not any(cells.get(column) for column in _PLANNED):
        return Skipped(row, None, "Done but not planned.")
    if parts.repeats(values):
        return Skipped(row, None, "The same planned workout again.")
    parts.numbers[day, title] += 1
    number = parts.numbers[day, title]
    return ParsedPlannedWorkout(row, f"{day} {number} {title}", number, values)


def _values(cells: Mapping[str, str], was_done: bool) -> dict[str, str | float | None]:
    """Return the values of a row, by column of planned_workouts."""
    values: dict[str, str | float | None] = {
        "title": _required(cells, "Title", LONGEST_NAME),
        "workout_type": _type(_required(cells, "WorkoutType", LONGEST_TYPE)),
        "originally_planned_day": _day(cells["WorkoutDay"]),
    }
    for column, field in _TEXTS.items():
        if column in cells:
            values[field] = text(cells[column], column, LONGEST_NOTE)
    for column, (field, most, unit) in (_NUMBERS if was_done else _NUMBERS | _LOAD).items():
        if column in cells:
            values[field] = written_number(cells[column], column, most, unit) if cells[column] else None
    return values


def _required(cells: Mapping[str, str], column: str, longest: int) -> str:
    found = text(cells[column], column, longest)
    if found is None:
        raise BadValue(f"{column}: empty.")
    return found


def _type(written: str) -> str:
    """Return a type in TrainingPeaks' spelling; an unknown type stays unchanged."""
    return _WRITTEN_TYPES.get(written.casefold(), written)


def _day(written: str) -> str:
    """Return a day as in 2026-01-05."""
    day = times.day(written)
    if day is None:
        raise BadValue(f"WorkoutDay: {shown(written)} is not a day like 2026-01-05 from {FIRST_YEAR} to {LAST_YEAR}.")
    return day.isoformat()


READER = Reader(
    "TrainingPeaks",
    "a plan in the columns of TrainingPeaks (CSV)",
    "planned workouts",
    partial(tables.recognise, find=find_columns),
    lambda stream, _: parse(stream),
)
