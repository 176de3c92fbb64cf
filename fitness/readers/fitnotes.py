"""Read the CSV files of FitNotes, of Android and of the iPhone: bytes in, workouts out.

One row per set, and only the day: all sets of a day are a workout, which begins at noon. Two equal rows are two sets.
"""

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from typing import BinaryIO

from fitness.readers import lifts, tables, times
from fitness.readers.lifts import Lift
from fitness.readers.named_columns import NamedColumns, find_named, read_rows
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import BadValue, ParsedWorkout, Problem, Skipped, WeightUnit, shown

_NEEDED = ("date", "exercise", "category", "reps", "time")
_WEIGHTS: dict[str, WeightUnit] = {"weight (kg)": "kg", "weight (kgs)": "kg", "weight (lbs)": "lb", "weight (lb)": "lb"}
_OPTIONAL = ("weight", "weight unit", *_WEIGHTS, "distance", "distance unit", "comment", "notes")


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    return find_named(heading, "an export of FitNotes", _NEEDED, _OPTIONAL, {"weight", "distance", *_WEIGHTS})


def parse(stream: BinaryIO, answers: Answers) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield the workout of each day of a file, at noon of the zone of the answers.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return lifts.workouts_of(read_rows(stream, find_columns, partial(_lift, answers)), "FitNotes")


def _lift(answers: Answers, row: int, cells: list[str], columns: NamedColumns) -> Iterator[Lift]:
    written = columns.cell(cells, "date")
    day = times.day(written)
    if day is None:
        raise BadValue(f"Date: {shown(written)} is not a day like 2025-10-29.")
    weight, unit = _weight(cells, columns)
    yield Lift(
        row,
        day.isoformat(),
        datetime.combine(day, time(12), answers.zone),
        lifts.exercise_of(columns.cell(cells, "exercise")),
        lifts.set_of(
            weight=weight,
            weight_unit=unit,
            reps=columns.cell(cells, "reps"),
            seconds=lifts.seconds_of(columns.cell(cells, "time"), "Time"),
            miles=lifts.miles_of(columns.cell(cells, "distance"), columns.cell(cells, "distance unit")),
            note=columns.cell(cells, "comment", "notes"),
        ),
        time_zone=answers.said_zone,
    )


def _weight(cells: list[str], columns: NamedColumns) -> tuple[str, WeightUnit]:
    """Return the weight as written, and its unit: that of the column which has it, or that of the row."""
    for name, unit in _WEIGHTS.items():
        if weight := columns.cell(cells, name):
            return weight, unit
    weight = columns.cell(cells, "weight")
    return weight, lifts.weight_unit_of(columns.cell(cells, "weight unit")) if weight else "kg"


READER = Reader(
    "FitNotes",
    "an export of FitNotes (CSV)",
    "workouts",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="days",
)
