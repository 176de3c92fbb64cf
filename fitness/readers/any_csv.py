"""Read a person's own table, by a mapping of its columns that the person confirms: bytes in, activities out.

A table of runs has a date, and a distance or a time. Nothing in it is sure: the mapping that headings and values speak
for is a question, with the first rows as they would be stored.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from functools import partial
from itertools import islice
from typing import BinaryIO
from zoneinfo import ZoneInfo

import orjson

from fitness.ranges import LONGEST_NOTE
from fitness.readers import tables
from fitness.readers.activity import Activity
from fitness.readers.activity_records import record_of, with_keys
from fitness.readers.lifts import seconds_of
from fitness.readers.mapping import (
    BARE_NUMBER,
    METRES,
    SHORT_CLOCK,
    ColumnMapping,
    Field,
    columns_of,
    instant_of,
    number_of,
    proposed,
)
from fitness.readers.named_columns import NamedColumns, read_rows
from fitness.readers.reader import Answers, Question, Reader, Shown
from fitness.readers.records import (
    BadValue,
    OtherSport,
    ParsedRun,
    ParsedWorkout,
    Record,
    UnreadableFile,
    shown,
)
from fitness.readers.sports import sport_of
from fitness.readers.strava_values import keys_of
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import name, text

SOURCE = "CSV"
_FILE = "a table of your own (CSV), with a date and a distance or time in each row"
SHOWN_ROWS = 20
_ID = re.compile(r"[0-9]{1,18}")
_OF_SETS = re.compile(r"\b(?:exercise|reps|set)\b|_reps|exercise_", re.IGNORECASE)
"""Headings of tables whose rows are sets of a lift: they are files of lifting apps, if damaged ones."""
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}
_NUMBERS = ("distance", "duration", "avg_heart_rate", "max_heart_rate", "avg_cadence", "ascent", "calories")


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns by headings that say what they are; raise ColumnsMissing for a table of other things."""
    columns = {} if any(_OF_SETS.search(named) for named in heading) else columns_of(heading)
    missing = [] if "date" in columns else ["a date"]
    missing += [] if {"distance", "duration"} & columns.keys() else ["a distance or a time"]
    if missing:
        raise ColumnsMissing(_FILE, missing, 2 - len(missing), heading)
    return _placed(columns, heading)


def _find_mapped(mapping: ColumnMapping, heading: list[str]) -> NamedColumns:
    """Find the columns of a mapping; raise ColumnsMissing, naming the headings that the file does not have."""
    missing = [named for named in mapping.columns.values() if named not in heading]
    if missing:
        raise ColumnsMissing("a file of this mapping", missing, len(mapping.columns) - len(missing), heading)
    return _placed(mapping.columns, heading)


def _placed(columns: Mapping[Field, str], heading: list[str]) -> NamedColumns:
    return NamedColumns({field: heading.index(named) for field, named in columns.items()}, _NUMBERS)


def questions(stream: BinaryIO) -> Sequence[Question]:
    """Return the question for the mapping, with what headings and values speak for, and the first rows read by it."""
    with tables.opened(stream, find_columns) as table:
        columns = columns_of(table.heading)
        rows = (_row(cells, table.columns) for _, cells in table if not isinstance(cells, str))
        mapping, left_open = proposed(columns, rows)
        heading = tuple(table.heading)
    stream.seek(0)
    read = () if left_open else tuple(_shown(stream, mapping))
    detail = "This is no file of a service that is known. Say which column is what: the rows show how it is read."
    fields = tuple(one.field for one in left_open)
    if fields:
        detail = f"{detail} To be said besides: {', '.join(fields)}."
    examples = tuple(one.readings for one in left_open)
    return (Question("mapping", detail, (), examples, mapping, fields, heading, read),)


def _row(cells: list[str], columns: NamedColumns) -> dict[Field, str]:
    return {field: columns.cell(cells, field) for field in columns.places}  # type: ignore[misc]


def _shown(stream: BinaryIO, mapping: ColumnMapping) -> Iterator[Shown]:
    """Yield the first rows as they would be stored: start in local time, miles, seconds."""
    for record in islice(parse(stream, Answers(ZoneInfo("UTC"), mapping=mapping)), SHOWN_ROWS):
        found = record.workout if isinstance(record, OtherSport) else record
        if isinstance(found, ParsedRun):
            yield Shown(
                found.row,
                f"{found.datetime_utc:%Y-%m-%dT%H:%M:%S}",
                found.type,
                found.distance,
                found.duration,
                found.avg_heart_rate,
                found.shoe_name,
                found.name,
                found.notes,
            )
        elif isinstance(found, ParsedWorkout):
            session = found.cardio_session
            yield Shown(
                found.row,
                f"{found.start_ts:%Y-%m-%dT%H:%M:%S}",
                record.sport if isinstance(record, OtherSport) else None,
                session and session.distance_miles,
                session and session.duration_seconds,
                session and session.avg_heart_rate,
                name=found.title,
                notes=found.notes,
            )
        else:
            yield Shown(found.row, problem=found.detail)


def parse(stream: BinaryIO, answers: Answers) -> Iterator[Record]:
    """Yield the record of each row by the mapping, in the zone of the answers.

    Raises UnreadableFile at the first `next()` for a file that does not have the columns of the mapping.
    """
    if answers.mapping is None:
        raise UnreadableFile("Say which column is what: this is no file of a service that is known.")
    find = partial(_find_mapped, answers.mapping)
    return read_rows(stream, find, partial(_records, answers, answers.mapping, _table(answers.mapping), Counter()))


def _table(mapping: ColumnMapping) -> str:
    """Return what a table is known by, however its rows change: its headings that are read."""
    headings = sorted({*mapping.columns.values()})
    return hashlib.sha256(orjson.dumps(headings)).hexdigest()


def _records(
    answers: Answers,
    mapping: ColumnMapping,
    table: str,
    same: Counter[str],
    row: int,
    cells: list[str],
    columns: NamedColumns,
) -> Iterator[Record]:
    """Yield the record of a row; `same` counts the rows of each start, as mere days have several.

    One of the names of an activity is its place in the table: so another table with the same start is another source.
    """
    activity = _activity(answers, mapping, partial(columns.cell, cells))
    stamp = f"{activity.start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    same[stamp] += 1
    key = stamp if same[stamp] == 1 else f"{stamp}_{same[stamp]}"
    record = record_of(row, replace(activity, key=key), SOURCE)
    if isinstance(record, ParsedRun) and (shoe := name(columns.cell(cells, "shoe"), "Shoe")):
        record = record._replace(shoe_name=shoe, unsaid=record.unsaid - {"shoe_name"})
    strava_id = columns.cell(cells, "strava_id")
    of_strava = keys_of(int(strava_id), "") if _ID.fullmatch(strava_id) else ()
    yield with_keys(record, (f"file:{table}#{key}", *of_strava))


def _activity(answers: Answers, mapping: ColumnMapping, cell: Callable[[str], str]) -> Activity:
    written = f"{cell('date')} {cell('time_of_day')}".strip()
    start = instant_of(written, mapping.date_order)
    if start is None:
        raise BadValue(f"Date: {shown(written)} is no day that can be read, or may be two.")
    sport, sub_sport = sport_of(cell("sport") or mapping.sport)
    start = start if start.tzinfo else start.replace(tzinfo=answers.zone)
    return Activity(
        start,
        sport,
        sub_sport,
        time_zone=answers.zone_of(start),
        name=text(cell("name"), "Name", LONGEST_NOTE),
        notes=text(cell("notes"), "Notes", LONGEST_NOTE),
        distance=_metres(cell("distance"), mapping.distance_unit, "Distance"),
        moving_seconds=_seconds(cell("duration"), mapping, "Duration"),
        elapsed_seconds=_seconds(cell("elapsed"), mapping, "Elapsed Time"),
        ascent=_metres(cell("ascent"), mapping.ascent_unit, "Ascent"),
        avg_heart_rate=_number(cell("avg_heart_rate")),
        max_heart_rate=_number(cell("max_heart_rate")),
        avg_cadence=_number(cell("avg_cadence")),
        calories=_number(cell("calories")),
    )


def _metres(written: str, unit: str | None, label: str) -> float | None:
    """Return a length; the unit beside a number counts before that of the mapping."""
    if not written:
        return None
    found, beside = number_of(written)
    metres = METRES.get(beside or unit or "")
    if metres is None:
        raise BadValue(f"{label}: {shown(written)} has no unit, and the mapping names none.")
    return found * metres


def _seconds(written: str, mapping: ColumnMapping, label: str) -> float | None:
    if not written:
        return None
    if mapping.clock == "h:mm" and (short := SHORT_CLOCK.fullmatch(written)):
        return int(short[1]) * 3600.0 + int(short[2]) * 60
    if not BARE_NUMBER.fullmatch(written):
        return seconds_of(written, label)
    found, beside = number_of(written)
    unit = "minutes" if beside == "min" else mapping.duration_unit
    if unit is None:
        raise BadValue(f"{label}: {shown(written)} has no unit, and the mapping names none.")
    return found * _SECONDS[unit]


def _number(written: str) -> float | None:
    return number_of(written)[0] if written else None


READER = Reader(
    SOURCE, _FILE, "runs", partial(tables.recognise, find=find_columns), parse, zone="times", questions=questions
)
