"""Read the CSV file of Fitbod: bytes in, workouts out.

One row per set, with instants and kilograms always. All sets of a day are a workout. A multiplier of 2 means that the
weight is that of each of two dumbbells.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import BinaryIO

from fitness.readers import lifts, tables, times
from fitness.readers.lifts import Lift
from fitness.readers.named_columns import NamedColumns, find_named, read_rows
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import BadValue, ParsedWorkout, Problem, Skipped, shown

_NEEDED = ("date", "exercise", "reps", "weight(kg)", "duration(s)", "distance(m)", "iswarmup")
_NUMBERS = {"reps", "weight(kg)", "duration(s)", "distance(m)", "multiplier"}
_OFFSET = re.compile(r" (?=[+-][0-9]{4}$)")


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    return find_named(heading, "an export of Fitbod", _NEEDED, ("note", "multiplier"), _NUMBERS)


def parse(stream: BinaryIO, answers: Answers) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield the workout of each day, in the zone of the answers, that a file has.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return lifts.workouts_of(read_rows(stream, find_columns, partial(_lift, answers)), "Fitbod")


def _lift(answers: Answers, row: int, cells: list[str], columns: NamedColumns) -> Iterator[Lift]:
    start = _instant(columns.cell(cells, "date"))
    notes = [columns.cell(cells, "note")]
    if columns.cell(cells, "multiplier").rstrip("0").rstrip(".") == "2":
        notes.append("Weight of each dumbbell.")
    yield Lift(
        row,
        start.astimezone(answers.zone).date().isoformat(),
        start,
        lifts.exercise_of(columns.cell(cells, "exercise")),
        lifts.set_of(
            weight=columns.cell(cells, "weight(kg)"),
            weight_unit="kg",
            reps=columns.cell(cells, "reps"),
            set_type="warmup" if columns.cell(cells, "iswarmup").casefold() == "true" else "normal",
            seconds=lifts.seconds_of(columns.cell(cells, "duration(s)"), "Duration"),
            miles=lifts.miles_of(columns.cell(cells, "distance(m)"), "m"),
            note="\n".join(filter(None, notes)),
        ),
        time_zone=answers.zone_of(start),
    )


def _instant(written: str) -> datetime:
    found = times.time(_OFFSET.sub("", written))
    if found is None or found.tzinfo is None:
        raise BadValue(f"Date: {shown(written)} is not an instant like 2025-10-29 22:31:48 +0000.")
    return found


READER = Reader(
    "Fitbod",
    "an export of Fitbod (CSV)",
    "workouts",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="days",
)
