"""The workouts that TrainingPeaks exports, and plans that others write in the same columns: CSV in, plans out.

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
"""What TrainingPeaks calls its types; others are taken as they are written."""

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
    """Yield one record for each row below the heading, in the order of the file.

    Columns are found by their names; only the title, the type and the day must be there. What was planned becomes a
    ParsedPlannedWorkout, also when it was done meanwhile: TSS and IF are what was done then, and left out. What was
    done without a planned duration or distance becomes Skipped, what cannot be read a Problem.

    Raises UnreadableFile, at the first `next()`, when it is no CSV file or lacks a needed column.
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
    """Turn the cells of one record into what parse() yields, and count a good one among those of its day and title."""
    was_done = any(cells.get(column) for column in _DONE)
    try:
        values = _values(cells, was_done)
    except BadValue as error:
        return Problem(row, None, str(error))
    day, title = str(values["originally_planned_day"]), str(values["title"])
    if was_done and not any(cells.get(column) for column in _PLANNED):
        return Skipped(row, None, "Done without having been planned.")
    numbers[day, title] += 1
    number = numbers[day, title]
    return ParsedPlannedWorkout(row, f"{day} {number} {title}", number, values)


def _values(cells: Mapping[str, str], was_done: bool) -> dict[str, str | float | None]:
    """Return what a row says, by the columns of planned_workouts."""
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
    """Return a type as TrainingPeaks writes it; one that it has not as it stands."""
    return _WRITTEN_TYPES.get(written.casefold(), written)


def _day(written: str) -> str:
    """Return a day written as 2026-01-05, having made sure that there is one."""
    try:
        if _DAY.fullmatch(written) and FIRST_YEAR <= date.fromisoformat(written).year <= LAST_YEAR:
            return written
    except ValueError:  # no such month or day
        pass
    raise BadValue(f"WorkoutDay: {shown(written)} is not a day like 2026-01-05 from {FIRST_YEAR} to {LAST_YEAR}.")
