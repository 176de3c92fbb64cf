"""Read the CSV file that Hevy's app and website export: bytes in, workouts out.

The file has one row per set; the rows of a workout are consecutive, newest workout first. There are no ids. Weights and
distances are in the units of the account. Times are local times to the minute in the language of the app; English,
German, Spanish and Korean are supported. Workouts without sets and the values of stair machines are not exported.
"""

import re
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_NAME, LONGEST_NOTE, MOST_SETS
from fitness.readers.hevy_values import DistanceUnit, needed_text, parsed_set, whole, within, workout_id
from fitness.readers.records import (
    BadValue,
    ParsedExercise,
    ParsedSet,
    ParsedWorkout,
    Problem,
    WeightUnit,
    columns_missing,
    csv_heading,
    csv_records,
    month_number,
    shown,
)
from fitness.readers.values import text

_WEIGHTS: dict[str, WeightUnit] = {"weight_kg": "kg", "weight_lbs": "lb"}
_DISTANCES: dict[str, DistanceUnit] = {"distance_km": "km", "distance_miles": "miles"}
_NEEDED = ("title", "start_time", "end_time", "exercise_title", "set_index", "set_type", "reps", "duration_seconds")

_MONTH = r"(?P<month>[^\W_]{1,11}[^\W\d_])\.?"
_DAY, _YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?(?: (?P<half>[AP])M)?"
_FORMS = [
    re.compile(f"{day}(?:,? |T){_TIME}", re.IGNORECASE)
    for day in (
        f"{_DAY} {_MONTH} {_YEAR}",  # 29 Oct 2025, 17:31
        f"{_MONTH} {_DAY}, {_YEAR}",  # Oct 29, 2025, 5:31 PM
        rf"{_DAY}\.(?P<month>[0-9]{{1,2}})\.{_YEAR}",  # 29.10.2025, 17:31
        f"{_YEAR}-(?P<month>[0-9]{{2}})-{_DAY}",  # 2025-10-29 17:31:00
    )
]


def parse_export(stream: BinaryIO, time_zone: ZoneInfo) -> Generator[ParsedWorkout | Problem]:
    """Yield each workout of the file, and a Problem for each row that cannot be read; its workout keeps the other rows.

    Weights stay in the unit of the header, distances become miles. Times are in `time_zone`: if an hour occurs twice,
    when clocks go back, the first one is used, unless the workout would end before it starts; a time that clocks skip
    is read as if they had not been put forward yet.

    Consecutive rows with the same title, start and end are one workout. It has no external id; its id is made from
    title and start (see export_id), plus a counter if they occur again in the file. Rows count records, with the
    header as row 1 (see csv_records); a workout has the row of its first set and comes after its problems. Only one
    workout and the ids of the earlier ones are kept in memory.

    Raises UnreadableFile at the first `next()` if the file is not CSV or lacks a required column.
    """
    before: Counter[UUID] = Counter()
    workout: _Workout | None = None
    with closing(csv_records(stream)) as records:
        columns = _columns(csv_heading(records))
        for row, cells in records:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            given = dict(zip(columns.names, cells, strict=True))
            try:
                if workout is None or not workout.holds(given):
                    following = _Workout(given, time_zone)
                    if workout and workout.blocks:
                        yield workout.parsed(before)
                    workout = following
                workout.add(row, given, columns)
            except BadValue as error:
                yield Problem(row, None, str(error))
    if workout and workout.blocks:
        yield workout.parsed(before)


def export_id(title: str | None, start_ts: datetime, repeat: int = 1) -> UUID:
    """Return the id of an exported workout, from its title and start minute; `repeat` counts workouts that share both.

    Workouts from the API have other ids, made from Hevy's ids; title and start minute show which ones are the same.
    """
    count = f":{repeat}" if repeat > 1 else ""
    return workout_id(f"{title or ''}:{start_ts.astimezone(UTC):%Y-%m-%dT%H:%MZ}{count}")


class _Columns(NamedTuple):
    """The column names in the header, and the columns and units of weight and distance."""

    names: list[str]
    weight: str
    distance: str


class _Block(NamedTuple):
    """Consecutive sets of one exercise."""

    name: str
    note: str | None
    superset_id: int | None
    sets: list[ParsedSet]


class _Workout:
    """A workout whose rows are being read; `blocks` is empty until a row is readable."""

    def __init__(self, given: Mapping[str, str], time_zone: ZoneInfo) -> None:
        """Start with the workout's values in the given row; raises BadValue if one cannot be read."""
        self.key = _key(given)
        self.title = text(given["title"], "title", LONGEST_NAME)
        self.start, self.end = _times(given["start_time"], given["end_time"], time_zone)
        self.notes = _note(given, "description")
        self.blocks: list[_Block] = []
        self.row = self.sets = self.last_index = 0

    def holds(self, given: Mapping[str, str]) -> bool:
        """Return whether a row belongs to this workout."""
        return _key(given) == self.key

    def add(self, row: int, given: Mapping[str, str], columns: _Columns) -> None:
        """Add the set of a row; raises BadValue if it cannot be read.

        A set index that does not increase starts a new block, and so does another exercise, superset or note.
        """
        name = needed_text(given["exercise_title"], "exercise_title", LONGEST_NAME)
        with within(name):
            index = whole(_value(given["set_index"]), "set_index", MOST_SETS)
            if index is None:
                raise BadValue("set_index: missing.")
            if self.sets == MOST_SETS:
                raise BadValue(f"More than {MOST_SETS:,} sets in the workout.")
            with within(f"set {index + 1}"):
                added = _set(given, columns)
            block = _Block(name, _note(given, "exercise_notes"), added.superset_id, [])
        if not self.blocks or block[:-1] != self.blocks[-1][:-1] or index <= self.last_index:
            self.blocks.append(block)
        self.blocks[-1].sets.append(added)
        self.sets += 1
        self.last_index = index
        self.row = self.row or row

    def parsed(self, before: Counter[UUID]) -> ParsedWorkout:
        """Return the workout, and count its id in `before`."""
        first_id = export_id(self.title, self.start)
        before[first_id] += 1
        return ParsedWorkout(
            self.row,
            export_id(self.title, self.start, before[first_id]),
            None,
            self.title,
            self.start,
            self.end,
            self.notes,
            tuple(ParsedExercise(block.name, None, block.note, tuple(block.sets)) for block in self.blocks),
        )


def _columns(heading: list[str]) -> _Columns:
    """Find the columns in the header; raises UnreadableFile with all missing required ones."""
    names = [cell.strip().casefold() for cell in heading]
    weight = next((name for name in names if name in _WEIGHTS), None)
    distance = next((name for name in names if name in _DISTANCES), None)
    missing = [name for name in _NEEDED if name not in names]
    missing += [" or ".join(units) for found, units in ((weight, _WEIGHTS), (distance, _DISTANCES)) if found is None]
    if weight is None or distance is None or missing:
        raise columns_missing("Hevy export", missing, heading)
    return _Columns(names, weight, distance)


def _key(given: Mapping[str, str]) -> tuple[str, str, str]:
    return given["title"], given["start_time"], given["end_time"]


def _set(given: Mapping[str, str], columns: _Columns) -> ParsedSet:
    return parsed_set(
        set_type=given["set_type"],
        weight=_value(given[columns.weight]),
        weight_unit=_WEIGHTS[columns.weight],
        reps=_value(given["reps"]),
        rpe=_value(given.get("rpe", "")),
        duration_seconds=_value(given["duration_seconds"]),
        distance=_value(given[columns.distance]),
        distance_unit=_DISTANCES[columns.distance],
        superset_id=_value(given.get("superset_id", "")),
    )


def _value(cell: str) -> float | str | None:
    """Return the number in a cell, or None if it is empty; other text is returned for the error message."""
    cell = cell.strip()
    try:
        return float(cell) if cell and "_" not in cell else cell or None  # float() reads 1_000 as a thousand
    except ValueError:
        return cell


def _note(given: Mapping[str, str], column: str) -> str | None:
    r"""Return a multi-line text; the Android app writes line breaks as \n."""
    return text(given.get(column, "").replace("\\n", "\n"), column, LONGEST_NOTE)


def _times(start_time: str, end_time: str, time_zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return start and end in UTC; the end is None if it is empty."""
    with within("start_time"):
        start = _wall_time(start_time).replace(tzinfo=time_zone).astimezone(UTC)
    if not end_time.strip():
        return start, None
    with within("end_time"):
        end = _wall_time(end_time).replace(tzinfo=time_zone)
        for fold in (0, 1):
            if (instant := end.replace(fold=fold).astimezone(UTC)) >= start:
                return start, instant
        raise BadValue("before the start_time.")


def _wall_time(written: str) -> datetime:
    """Parse a time in any of the known formats, to the minute, without a zone."""
    one_spaced = " ".join(written.split())  # some browsers write a narrow no-break space before AM and PM
    found = next(filter(None, (form.fullmatch(one_spaced) for form in _FORMS)), None)
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        hour = int(found["hour"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"] in "Pp" else 0) if hour <= 12 else 24
        try:
            return datetime(  # noqa: DTZ001  # the caller adds the zone
                int(found["year"]), month_number(found["month"]), int(found["day"]), hour, int(found["minute"])
            )
        except ValueError:  # invalid day or hour
            pass
    raise BadValue(f"{shown(written)} is not a time like “29 Oct 2025, 17:31” from {FIRST_YEAR} to {LAST_YEAR}.")
