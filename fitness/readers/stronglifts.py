"""Read the CSV file of StrongLifts 5×5: bytes in, workouts out.

One row per exercise, its sets in columns, each with its unit in the heading. Times are local.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import BinaryIO

from fitness.ranges import LONGEST_NOTE
from fitness.readers import lifts, tables
from fitness.readers.lifts import Lift
from fitness.readers.named_columns import NamedColumns, find_named, read_rows
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import BadValue, ParsedWorkout, Problem, Skipped, WeightUnit, shown
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import text

_NEEDED = ("date (yyyy/mm/dd)", "exercise", "start time (h:mm)", "set 1 (reps)")
_OPTIONAL = ("workout name", "program name", "end time (h:mm)", "notes")
_SET = re.compile(r"set ([0-9]{1,3}) \((reps|kg|lb|lbs)\)")
_MOST_SETS = 100
"""Of an exercise, in columns."""


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    names = [" ".join(cell.split()).casefold() for cell in heading]
    sets = [name for name in names if _SET.fullmatch(name)]
    columns = find_named(heading, "an export of StrongLifts", _NEEDED, (*_OPTIONAL, *sets), sets)
    if not columns.has("set 1 (kg)", "set 1 (lb)", "set 1 (lbs)"):
        raise ColumnsMissing("an export of StrongLifts", ["set 1 (kg)"], len(_NEEDED), heading)
    return columns


def parse(stream: BinaryIO, answers: Answers) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield the workouts of a file, in the zone of the answers.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return lifts.workouts_of(read_rows(stream, find_columns, partial(_sets, answers)), "StrongLifts")


def _sets(answers: Answers, row: int, cells: list[str], columns: NamedColumns) -> Iterator[Lift]:
    """Return the sets of an exercise; notes stand with the first one."""
    day = columns.cell(cells, "date (yyyy/mm/dd)")
    start, end = (_time(day, columns.cell(cells, name)) for name in ("start time (h:mm)", "end time (h:mm)"))
    if start is None:
        raise BadValue(f"Start: {shown(day)} is not a day like 2025/10/29 with a time like 17:30.")
    if end is not None and end < start:
        end += timedelta(days=1)
    unit: WeightUnit = "kg" if columns.has("set 1 (kg)") else "lb"
    exercise = lifts.exercise_of(columns.cell(cells, "exercise"))
    reps = takewhile(bool, (columns.cell(cells, f"set {number} (reps)") for number in range(1, _MOST_SETS)))
    return (
        Lift(
            row,
            f"{start:%Y-%m-%dT%H:%M}",
            start.replace(tzinfo=answers.zone),
            exercise,
            lifts.set_of(
                weight=columns.cell(cells, *(f"set {number} ({name})" for name in ("kg", "lb", "lbs"))),
                weight_unit=unit,
                reps=repeated,
                note=columns.cell(cells, "notes") if number == 1 else "",
            ),
            text(columns.cell(cells, "workout name", "program name"), "Workout Name", LONGEST_NOTE),
            seconds=(end - start).total_seconds() if end else None,
            time_zone=answers.said_zone,
        )
        for number, repeated in enumerate(reps, 1)
    )


def _time(day: str, clock: str) -> datetime | None:
    """Return a local time; None for what is none."""
    try:
        return datetime.strptime(f"{day} {clock}", "%Y/%m/%d %H:%M")  # noqa: DTZ007 - local, of a zone to be answered
    except ValueError:
        return None


READER = Reader(
    "StrongLifts",
    "an export of StrongLifts (CSV)",
    "workouts",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="times",
)
