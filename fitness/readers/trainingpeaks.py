"""Read the workouts that TrainingPeaks exports, and plans with the same columns: CSV in, planned workouts out.

The file has no ids. Days are local and have no zone, durations are hours, distances metres.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from typing import BinaryIO

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
from fitness.readers.records import (
    BadValue,
    ParsedPlannedWorkout,
    Problem,
    Skipped,
    columns_missing,
    csv_heading,
    csv_records,
    shown,
)
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
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(stream: BinaryIO) -> Iterator[ParsedPlannedWorkout | Skipped | Problem]:
    """Yield one record for each row below the header, in the order of the file.

    Columns are found by name; only title, type and day are required. A planned workout becomes a ParsedPlannedWorkout;
    if it has been done, its TSS and IF are left out, as they are those of the done workout. A workout that was done
    without a planned duration or distance becomes Skipped, an unreadable row a Problem.

    Raises UnreadableFile at the first `next()` if the file is not CSV or lacks a required column.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    with closing(csv_records(stream)) as records:
        heading = csv_heading(records)
        names = ["".join(cell.split()).casefold() for cell in heading]
        places = {column: names.index(column.casefold()) for column in _COLUMNS if column.casefold() in names}
        missing = [column for column in _NEEDED if column not in places]
        if missing:
            raise columns_missing("TrainingPeaks plan", missing, heading)
        for row, cells in records:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
            else:
                yield _read_row(row, {column: cells[place].strip() for column, place in places.items()}, numbers)


def _read_row(
    row: int, cells: Mapping[str, str], numbers: Counter[tuple[str, str]]
) -> ParsedPlannedWorkout | Skipped | Problem:
    """Parse one record; count a readable one per day and title."""
    was_done = any(cells.get(column) for column in _DONE)
    try:
        values = _values(cells, was_done)
    except BadValue as error:
        return Problem(row, None, str(error))
    day, title = str(values["originally_planned_day"]), str(values["title"])
    if was_done and not any(cells.get(column) for column in _PLANNED):
        return Skipped(row, None, "Done but not planned.")
    numbers[day, title] += 1
    number = numbers[day, title]
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
    """Check a day in the form 2026-01-05 and return it."""
    try:
        if _DAY.fullmatch(written) and FIRST_YEAR <= date.fromisoformat(written).year <= LAST_YEAR:
            return written
    except ValueError:  # invalid month or day
        pass
    raise BadValue(f"WorkoutDay: {shown(written)} is not a day like 2026-01-05 from {FIRST_YEAR} to {LAST_YEAR}.")
