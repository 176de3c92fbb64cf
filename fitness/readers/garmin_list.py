"""Read Activities.csv, the list that Garmin Connect exports: bytes and answers in, activities out.

The file has neither ids nor units nor a zone: unit and zone are asked for. Distances are miles or kilometres, those of
swims yards or metres. "--" stands for none. A comma separates thousands if three digits follow it, as no number here
has three decimals; else it is the decimal point of a spreadsheet that has saved the file again.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

from fitness.ranges import LONGEST_NOTE, MOST_CALORIES
from fitness.readers import tables
from fitness.readers.activity import Activity
from fitness.readers.activity_records import record_of
from fitness.readers.garmin import SOURCE
from fitness.readers.lifts import miles_of, seconds_of
from fitness.readers.named_columns import NamedColumns, find_named, read_rows
from fitness.readers.reader import Answers, Question, Reader
from fitness.readers.records import BadValue, DistanceUnit, Record
from fitness.readers.sports import sport_of
from fitness.readers.values import local_instant, text, written_number
from fitness.units import METRES_PER_MILE

_NEEDED = ("activity type", "date", "title", "distance", "time")
_OPTIONAL = ("elapsed time", "calories", "avg hr", "max hr", "total ascent", "avg run cadence", "avg power")
_UNITS: dict[DistanceUnit, tuple[str, str, str]] = {"km": ("km", "m", "m"), "mi": ("mi", "yd", "ft")}
"""The units of distances, of swims, and of heights."""
_SAMPLES = 3
_NONE = "--"
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA_NUMBER = re.compile(r"[0-9]+,[0-9]+")


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    return find_named(heading, "Garmin Connect's Activities.csv", _NEEDED, _OPTIONAL)


def questions(stream: BinaryIO) -> Sequence[Question]:
    """Return the question for the unit of distances, with the first of them read both ways."""
    examples: list[str] = []
    with tables.opened(stream, find_columns) as table:
        for _, cells in table:
            if isinstance(cells, str) or len(examples) == _SAMPLES:
                continue
            distance, title = _cell(cells, table.columns, "distance"), table.columns.cell(cells, "title")
            if distance.strip("0."):
                kind = table.columns.cell(cells, "activity type")
                read = " or ".join(f"{distance} {_unit(kind, unit)}" for unit in _UNITS)
                examples.append(f"{title}: {read}")
    return (
        Question(
            "distance_unit", "Are the distances in this file kilometres or miles? It does not say so.", tuple(_UNITS),
            tuple(examples),
        ),
    )  # fmt: skip


def parse(stream: BinaryIO, answers: Answers) -> Iterator[Record]:
    """Yield the record of each row, in the zone and the unit of the answers.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return read_rows(stream, find_columns, partial(_records, answers))


def _records(answers: Answers, row: int, cells: list[str], columns: NamedColumns) -> Iterator[Record]:
    yield record_of(row, _activity(answers, cells, columns), SOURCE)


def _activity(answers: Answers, cells: list[str], columns: NamedColumns) -> Activity:
    kind = columns.cell(cells, "activity type")
    sport, sub_sport = sport_of(kind)
    moving = seconds_of(_cell(cells, columns, "time"), "Time")
    elapsed = seconds_of(_cell(cells, columns, "elapsed time"), "Elapsed Time")
    cadence = _number(cells, columns, "avg run cadence", 1_000, "steps per minute")
    unit = answers.distance_unit
    start = local_instant(columns.cell(cells, "date"), answers.zone)
    return Activity(
        start,
        sport,
        sub_sport,
        time_zone=answers.zone_of(start),
        name=text(columns.cell(cells, "title"), "Title", LONGEST_NOTE),
        distance=_metres(_cell(cells, columns, "distance"), unit and _unit(kind, unit)),
        moving_seconds=moving,
        elapsed_seconds=elapsed if elapsed is None or moving is None else max(elapsed, moving),
        ascent=_metres(_cell(cells, columns, "total ascent"), unit and _UNITS[unit][2]),
        avg_heart_rate=_number(cells, columns, "avg hr", 1_000, "bpm"),
        max_heart_rate=_number(cells, columns, "max hr", 1_000, "bpm"),
        avg_cadence=None if cadence is None else cadence / 2,
        avg_power=_number(cells, columns, "avg power", 10_000, "watts"),
        calories=_number(cells, columns, "calories", MOST_CALORIES, "kcal"),
    )


def _unit(kind: str, unit: DistanceUnit) -> str:
    return _UNITS[unit]["swim" in kind.casefold()]


def _cell(cells: list[str], columns: NamedColumns, name: str) -> str:
    """Return a number as it is written, without commas between thousands and with a decimal point; "" for none."""
    written = columns.cell(cells, name)
    if written == _NONE:
        return ""
    if _THOUSANDS.fullmatch(written):
        return written.replace(",", "")
    return written.replace(",", ".") if _COMMA_NUMBER.fullmatch(written) else written


def _metres(written: str, unit: str | None) -> float | None:
    if written.strip("0.") and unit is None:
        raise BadValue("Distance: the file does not say whether it is kilometres or miles.")
    miles = miles_of(written, unit) if unit else None
    return None if miles is None else miles * METRES_PER_MILE


def _number(cells: list[str], columns: NamedColumns, name: str, most: float, unit: str) -> float | None:
    written = _cell(cells, columns, name)
    return written_number(written, name.title(), most, unit) if written else None


READER = Reader(
    SOURCE,
    "Garmin Connect's Activities.csv",
    "runs",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="times",
    questions=questions,
)
