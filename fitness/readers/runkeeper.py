"""Read cardioActivities.csv of a Runkeeper export: bytes in, runs and activities of other sports out.

One row per activity, with ids, local times, and the unit of distances in the heading.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from fitness.ranges import LONGEST_NOTE, MOST_CALORIES
from fitness.readers import tables
from fitness.readers.activity import Activity
from fitness.readers.activity_records import record_of
from fitness.readers.lifts import miles_of, seconds_of
from fitness.readers.named_columns import NamedColumns, find_named, read_rows
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import BadValue, Record, shown
from fitness.readers.sports import sport_of
from fitness.readers.values import local_instant, text, written_number
from fitness.units import METRES_PER_MILE

SOURCE = "Runkeeper"
_NEEDED = ("activity id", "date", "type", "duration")
_DISTANCES = {"distance (mi)": "mi", "distance (km)": "km"}
_HEART_RATE, _CALORIES = "average heart rate (bpm)", "calories burned"
_OPTIONAL = (*_DISTANCES, "route name", _CALORIES, _HEART_RATE, "notes")
_ID = re.compile(r"[0-9A-Za-z-]{1,50}")


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    return find_named(
        heading, "Runkeeper's cardioActivities.csv", _NEEDED, _OPTIONAL, {*_DISTANCES, _CALORIES, _HEART_RATE}
    )


def parse(stream: BinaryIO, answers: Answers) -> Iterator[Record]:
    """Yield the record of each row, in the zone of the answers.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return read_rows(stream, find_columns, partial(_records, answers))


def _records(answers: Answers, row: int, cells: list[str], columns: NamedColumns) -> Iterator[Record]:
    yield record_of(row, _activity(answers, cells, columns), SOURCE)


def _activity(answers: Answers, cells: list[str], columns: NamedColumns) -> Activity:
    key = columns.cell(cells, "activity id")
    if not _ID.fullmatch(key):
        raise BadValue(f"Activity Id: {shown(key)} is no id.")
    sport, sub_sport = sport_of(columns.cell(cells, "type"))
    unit = next((unit for name, unit in _DISTANCES.items() if columns.has(name)), None)
    miles = miles_of(columns.cell(cells, *_DISTANCES), unit) if unit else None
    seconds = seconds_of(columns.cell(cells, "duration"), "Duration")
    rate, calories = columns.cell(cells, _HEART_RATE), columns.cell(cells, _CALORIES)
    start = local_instant(columns.cell(cells, "date"), answers.zone)
    activity = Activity(start, sport, sub_sport, key, answers.zone_of(start))
    return replace(
        activity,
        name=text(columns.cell(cells, "route name"), "Route Name", LONGEST_NOTE),
        notes=text(columns.cell(cells, "notes"), "Notes", LONGEST_NOTE),
        distance=None if miles is None else miles * METRES_PER_MILE,
        moving_seconds=seconds,
        avg_heart_rate=written_number(rate, "Average Heart Rate", 1_000, "bpm") if rate else None,
        calories=written_number(calories, "Calories Burned", MOST_CALORIES, "kcal") if calories else None,
    )


READER = Reader(
    SOURCE,
    "Runkeeper's cardioActivities.csv",
    "runs",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="times",
)
