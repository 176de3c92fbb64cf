"""Read the workout history of MapMyFitness, MapMyRun and related apps: CSV in, runs and other workouts out.

Users download the file under "export your workout history" (`user<id>_workout_history.csv`). The formats of 2017 to
2025 are supported, also after a spreadsheet saved the file again. The file has days without times, and no column for
shoes: users write them into the notes.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from math import inf
from typing import BinaryIO, NamedTuple

from fitness.caches import kept_by_text
from fitness.ranges import (
    FARTHEST_MILES,
    FASTEST_HEART,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_SECONDS,
    SLOWEST_HEART,
)
from fitness.readers import tables, times
from fitness.readers.other_sports import workout_of
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import (
    BadValue,
    OtherSport,
    ParsedRun,
    ParsedWorkout,
    Problem,
    Record,
    RunType,
    Skipped,
    Zone,
    shown,
)
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import name, written_number
from fitness.units import KM_PER_MILE

SOURCE = "MapMyFitness"

_DAY = "workout date"
_KIND = "activity type"
_DISTANCE = re.compile(r"distance ?\((?:mi|miles|km|kilomet(?:er|re)s)\)")
_DURATION = "workout time (seconds)"
_LINK = "link"
_PACE = re.compile(r"avg pace ?\(min/(?:mi|km)\)")
_SPEED = re.compile(r"avg speed ?\((?:mi|km)/h\)")

_LINK_ID = re.compile(r"[^\s?#]*/workout/([0-9]{1,20})/?(?:[?#].*)?", re.IGNORECASE)
_RUN = re.compile(r"\b(?:run|runs|running|jog|jogging|treadmill)\b", re.IGNORECASE)
_INDOORS = re.compile(r"\b(?:indoor (?:run|jog)|treadmill)", re.IGNORECASE)
_OTHER_SPORT = re.compile(r"\b(?:walk|hik|bik|bicycl|cycl|rid|swim|ski|row|skat|snow|sled)", re.IGNORECASE)
_SHOES = re.compile(r"\b[Ss]hoes[^\S\r\n]*:([^\r\n]*)")

# Exactly what repr(bytes) prints: ASCII and only these escapes. Possessive, so that long notes do not backtrack.
_BYTES_LITERAL = re.compile(
    r"""b'((?:[^'\\\r\n\x80-\U0010ffff]|\\(?:[\\'nrt]|x[0-9a-f]{2}))*+)'"""
    r'''|b"((?:[^"\\\r\n\x80-\U0010ffff]|\\(?:[\\"nrt]|x[0-9a-f]{2}))*+)"'''
)
_ESCAPE = re.compile(r"\\(?:x(..)|(.))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class _Columns(NamedTuple):
    """Where each column is. An absent optional one points at the empty cell at the end of each record.

    `unit`, `pace_unit`, `speed_unit`: how many of that column's unit of length are a mile. `unsaid`: the fields of a
    run of which the file says nothing.
    """

    day: int
    kind: int
    distance: int
    duration: int
    link: int
    heart_rate: int
    notes: int
    pace: int
    speed: int
    unit: float
    pace_unit: float
    speed_unit: float
    unsaid: frozenset[str]

    @property
    def read(self) -> tuple[int, ...]:
        return self[:9]

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.distance, self.duration, self.heart_rate, self.pace, self.speed)


def parse(stream: BinaryIO, answers: Answers) -> Iterator[Record]:
    """Yield one record for each row below the header, in the order of the file.

    A run becomes a ParsedRun with the id `mmf_<digits of its link>`, at noon of its workout date in the zone of the
    answers: the file knows no time of day, and noon stays on that day when the zone is later set to another one.
    Another activity becomes an OtherSport, a workout that came before in the file Skipped; what cannot be read becomes
    a Problem, and so does a row whose pace and speed contradict its distance and time. Only blank rows are passed over.
    Rows count as in tables.Table. Of the file only the ids stay in memory.

    Raises UnreadableFile at the first `next()` if the file is not CSV or lacks a required column.
    """
    noon = lru_cache(maxsize=4096)(partial(_local_noon, time_zone=answers.zone))
    zone = answers.said_zone
    row_of: dict[str, int] = {}
    with tables.opened(stream, find_columns) as table:
        for row, cells in table:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
            else:
                yield _read_row(row, cells, table.columns, noon, zone, row_of)


def find_columns(heading: list[str]) -> _Columns:
    """Find the columns in a header row; raise ColumnsMissing naming every needed one that is missing."""
    names = [" ".join(cell.split()).casefold() for cell in heading]

    def matching(pattern: re.Pattern[str]) -> str | None:
        return next((name for name in names if pattern.fullmatch(name)), None)

    distance, pace, speed = map(matching, (_DISTANCE, _PACE, _SPEED))
    needed = {
        "Workout Date": _DAY,
        "Activity Type": _KIND,
        "Distance (mi) or Distance (km)": distance,
        "Workout Time (seconds)": _DURATION,
        "Link": _LINK,
    }
    missing = [label for label, name in needed.items() if name not in names]
    if distance is None or missing:
        raise ColumnsMissing("a MapMyFitness workout history", missing, len(needed) - len(missing), heading)

    def optional(name: str | None) -> int:
        return names.index(name) if name in names else len(names)

    heart_rate, notes = "avg heart rate", "notes"
    unsaid = {"avg_heart_rate": heart_rate, "notes": notes, "shoe_name": notes}
    return _Columns(
        day=names.index(_DAY),
        kind=names.index(_KIND),
        distance=names.index(distance),
        duration=names.index(_DURATION),
        link=names.index(_LINK),
        heart_rate=optional(heart_rate),
        notes=optional(notes),
        pace=optional(pace),
        speed=optional(speed),
        unit=KM_PER_MILE if "(k" in distance else 1,
        pace_unit=KM_PER_MILE if "/km" in (pace or "") else 1,
        speed_unit=KM_PER_MILE if "(km" in (speed or "") else 1,
        unsaid=frozenset(field for field, name in unsaid.items() if name not in names),
    )


def _read_row(
    row: int,
    cells: list[str],
    columns: _Columns,
    noon: Callable[[str], datetime],
    zone: Zone | None,
    row_of: dict[str, int],
) -> Record:
    """Parse one record; add the id of a readable workout to `row_of`."""
    link = _LINK_ID.fullmatch(cells[columns.link].strip())
    run_id = f"mmf_{link[1]}" if link else None
    try:
        run_type = _run_type(cells[columns.kind][:100])
        if run_id in row_of:
            return Skipped(row, run_id, f"The same workout as row {row_of[run_id]}.")
        if run_type is None:
            workout = _read_other_sport(row, cells, columns, noon, zone, link and link[1])
            if run_id and isinstance(workout, ParsedWorkout):
                row_of[run_id] = row
            return OtherSport(row, run_id, cells[columns.kind], workout)
        if run_id is None:
            raise BadValue(f"Link: no workout number in {shown(cells[columns.link])}.")
        notes = _note(cells[columns.notes])
        distance, duration, remark = _distance_and_duration(cells, columns)
        run = ParsedRun(
            row,
            run_id,
            noon(cells[columns.day].strip()),
            run_type,
            distance,
            duration,
            _heart_rate(cells[columns.heart_rate]),
            _shoe_name(notes) if notes and "hoe" in notes else None,
            None,
            notes,
            remark,
            columns.unsaid,
            time_zone=zone,
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))
    row_of[run_id] = row
    return run


def _read_other_sport(
    row: int,
    cells: list[str],
    columns: _Columns,
    noon: Callable[[str], datetime],
    zone: Zone | None,
    number: str | None,
) -> ParsedWorkout | Problem:
    """Parse one workout that is not a run."""
    try:
        if number is None:
            raise BadValue(f"Link: no workout number in {shown(cells[columns.link])}.")
        distance, duration, remark = _distance_and_duration(cells, columns)
        return workout_of(
            row,
            SOURCE,
            number,
            " ".join(cells[columns.kind].split())[:LONGEST_NAME],
            noon(cells[columns.day].strip()),
            seconds=duration,
            miles=distance,
            heart_rate=_heart_rate(cells[columns.heart_rate]),
            title=None,
            notes=_note(cells[columns.notes]),
            remark=remark,
            unsaid=columns.unsaid,
            time_zone=zone,
        )
    except BadValue as error:
        return Problem(row, number and f"mmf_{number}", str(error))


@kept_by_text(most=256, longest=500)
def _run_type(kind: str) -> RunType | None:
    """Return the run type of an activity type, or None if it is not a run, or not only a run."""
    if not kind.strip():
        raise BadValue("Activity Type: empty.")
    if not _RUN.search(kind) or _OTHER_SPORT.search(kind):
        return None
    return "Treadmill Run" if _INDOORS.search(kind) else "Outdoor Run"


def _local_noon(written: str, time_zone: tzinfo) -> datetime:
    """Return the UTC instant of noon on a day written as "Sept. 24, 2024", "6-Jun-17", "06.05.2025" or in ISO."""
    day = times.day(written)
    noon = day and datetime(day.year, day.month, day.day, 12, tzinfo=time_zone)
    if noon is None or not times.can_be(noon):
        raise BadValue(
            f"Workout Date: {shown(written)} is not a day like “Sept. 24, 2024” from {FIRST_YEAR} to {LAST_YEAR}."
        )
    return noon.astimezone(UTC)


def _distance_and_duration(cells: list[str], columns: _Columns) -> tuple[float, float, str | None]:
    """Return miles, seconds, and a remark where the two columns stood in each other's place."""
    written, seconds = cells[columns.distance], cells[columns.duration]
    remark = None
    if not _fits(written, seconds, cells, columns):
        if not _fits(seconds, written, cells, columns):
            unit = "mi" if columns.unit == 1 else "km"
            said = _pace(cells, columns) or _pace_of_speed(cells, columns)
            raise BadValue(
                f"Distance and Workout Time: {written} {unit} in {seconds} seconds contradict the pace and speed beside"
                f" them, {said:.4g} minutes a mile."
            )
        written, seconds = seconds, written
        remark = "Distance and Workout Time stand in each other's place, as the pace shows."
    duration = written_number(seconds, "Workout Time", LONGEST_SECONDS, "seconds")
    return _miles(written, columns.unit), duration, remark


_TOLERANCE = 0.1
"""The part by which pace and speed may miss the distance and time that they were made of."""


def _fits(distance: str, seconds: str, cells: list[str], columns: _Columns) -> bool:
    """Say whether a distance in a time is what the pace or the speed says; of nothing, and of dust, nothing is said."""
    length, time = _positive(distance), _positive(seconds)
    if not length or not time:
        return True
    found = time / 60 / length * columns.unit
    pace = _pace(cells, columns)
    if pace and _near(found, pace):
        return True
    speed = _pace_of_speed(cells, columns)
    return _near(found, speed) if speed else not pace


def _pace(cells: list[str], columns: _Columns) -> float | None:
    """Return the minutes a mile that the pace says, if it says any."""
    pace = _positive(cells[columns.pace])
    return pace and pace * columns.pace_unit


def _pace_of_speed(cells: list[str], columns: _Columns) -> float | None:
    """Return the minutes a mile that the speed says, if it says any."""
    speed = _positive(cells[columns.speed])
    return speed and 60 / speed * columns.speed_unit


def _near(found: float, said: float) -> bool:
    return abs(found - said) <= _TOLERANCE * max(found, said)


def _positive(text: str) -> float | None:
    """Return the number above 0 that a cell holds, if it holds one."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 < found < inf else None


def _miles(text: str, unit: float) -> float:
    """Return a distance in miles; kilometres are converted."""
    if unit == 1:
        return written_number(text, "Distance", FARTHEST_MILES, "miles")
    # The service stores miles with six digits and exports kilometres unrounded. Rounding to a billionth of a mile makes
    # the same workout equal in exports of both units.
    return round(written_number(text, "Distance", FARTHEST_MILES * KM_PER_MILE, "km") / KM_PER_MILE, 9)


@kept_by_text(most=1024, longest=20)
def _heart_rate(text: str) -> float | None:
    """Return beats per minute, or None for an empty cell and for 0, which both mean "not measured"."""
    if not text.strip():
        return None
    rate = written_number(text, "Avg Heart Rate", FASTEST_HEART, "beats per minute")
    if 0 < rate < SLOWEST_HEART:
        raise BadValue(f"Avg Heart Rate: {shown(text)} is less than {SLOWEST_HEART} beats per minute.")
    return rate or None


def _note(text: str) -> str | None:
    """Return a note without the wrapper of older exports and without spaces around it, or None if it is empty."""
    text = text.strip()
    if text.startswith(("b'", 'b"')):
        text = _unwrapped(text).strip()
        if "\0" in text:
            raise BadValue("Notes: a null byte in the text.")
    if len(text) > LONGEST_NOTE:
        raise BadValue(f"Notes: longer than {LONGEST_NOTE} characters.")
    return text or None


def _unwrapped(text: str) -> str:
    r"""Decode a note such as `b'caf\xc3\xa9'`; return other text unchanged.

    Exports of about 2018 to 2022 write every note like this. Bytes that are not UTF-8 become U+FFFD. Not
    ast.literal_eval: it warns of unknown escapes, accepts expressions, and hostile ones can exhaust the parser.
    """
    literal = _BYTES_LITERAL.fullmatch(text)
    if literal is None:
        return text
    content = literal[1] if literal[1] is not None else literal[2]
    if "\\" not in content:
        return content
    return _ESCAPE.sub(_escaped, content).encode("latin-1").decode("utf-8", "replace")


def _escaped(escape: re.Match[str]) -> str:
    """Return the byte of an escape, as the character with that number."""
    return chr(int(escape[1], 16)) if escape[1] else _ESCAPED.get(escape[2], escape[2])


def _shoe_name(notes: str) -> str | None:
    """Return the text after the first "Shoes:" that has a name, up to the end of the line, with single spaces."""
    found = _SHOES.search(notes)
    while found:
        if shoe := _shoe_of(found[1]):
            return shoe
        found = _SHOES.search(notes, found.end())
    return None


@kept_by_text(most=256, longest=500)
def _shoe_of(written: str) -> str | None:
    if len(" ".join(written.split())) > LONGEST_NAME:
        raise BadValue(f"Notes: the name after “Shoes:” is longer than {LONGEST_NAME} characters.")
    shoe = name(written, "Notes")
    return shoe if shoe and any(map(str.isalnum, shoe)) else None


READER = Reader(
    SOURCE,
    "a MapMyFitness workout history (CSV)",
    "runs",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="days",
)
