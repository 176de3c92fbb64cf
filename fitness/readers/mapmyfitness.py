"""Read the workout history of MapMyFitness, MapMyRun and related apps: CSV in, runs out.

Users download the file under "export your workout history" (`user<id>_workout_history.csv`). The formats of 2017 to
2025 are supported, also after a spreadsheet saved the file again. The file has days without times, and no column for
shoes: users write them into the notes.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

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
from fitness.readers.records import (
    BadValue,
    ParsedRun,
    Problem,
    RunType,
    Skipped,
    columns_missing,
    csv_heading,
    csv_records,
    month_number,
    shown,
)
from fitness.readers.values import written_number
from fitness.units import KM_PER_MILE

_DAY = "workout date"
_KIND = "activity type"
_DISTANCE = re.compile(r"distance ?\((?:mi|miles|km|kilomet(?:er|re)s)\)")
_DURATION = "workout time (seconds)"
_LINK = "link"

_LINK_ID = re.compile(r"(?:https?://)?[^\s?#]*/workout/([0-9]{1,20})/?(?:[?#].*)?", re.IGNORECASE)
_RUN = re.compile(r"\b(?:run|runs|running|jog|jogging|treadmill)\b", re.IGNORECASE)
_INDOORS = re.compile(r"\b(?:indoor (?:run|jog)|treadmill)", re.IGNORECASE)
_OTHER_SPORT = re.compile(r"\b(?:walk|hik|bik|bicycl|cycl|rid|swim|ski|row|skat|snow|sled)", re.IGNORECASE)
_SHOES = re.compile(r"\b[Ss]hoes[^\S\r\n]*:([^\r\n]*)")

_MONTH_FIRST = re.compile(r"(?P<month>[A-Za-z]{3,9})\.? {1,3}(?P<day>[0-9]{1,2}),? {1,3}(?P<year>[0-9]{4})")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})[- ](?P<month>[A-Za-z]{3,9})\.?[- ](?P<year>[0-9]{4}|[0-9]{2})")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
# Exactly what repr(bytes) prints: ASCII and only these escapes. Possessive, so that long notes do not backtrack.
_BYTES_LITERAL = re.compile(
    r"""b'((?:[^'\\\r\n\x80-\U0010ffff]|\\(?:[\\'nrt]|x[0-9a-f]{2}))*+)'"""
    r'''|b"((?:[^"\\\r\n\x80-\U0010ffff]|\\(?:[\\"nrt]|x[0-9a-f]{2}))*+)"'''
)
_ESCAPE = re.compile(r"\\(?:x(..)|(.))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class _Columns(NamedTuple):
    """The index of each column. A missing optional one points to the empty cell that parse() adds to each record."""

    day: int
    kind: int
    distance: int
    duration: int
    link: int
    heart_rate: int
    notes: int
    in_km: bool


def parse(stream: BinaryIO, time_zone: ZoneInfo) -> Iterator[ParsedRun | Skipped | Problem]:
    """Yield one record for each row below the header, in the order of the file.

    A run becomes a ParsedRun with the id `mmf_<digits of its link>`, at noon in `time_zone` on its workout date: the
    file has no times, and noon stays on the same day if the user later changes the zone. Other activities, and repeated
    workouts, become Skipped; unreadable rows become Problems. Only blank rows are ignored. Rows count records, with the
    header as row 1; a line break inside a cell does not count (see csv_records). Only the ids are kept in memory.

    Raises UnreadableFile at the first `next()` if the file is not CSV or lacks a required column.
    """
    noon = lru_cache(maxsize=4096)(partial(_local_noon, time_zone=time_zone))
    row_of: dict[str, int] = {}
    with closing(csv_records(stream)) as records:
        columns = _columns(records)
        for row, cells in records:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            cells.append("")
            yield _read_row(row, cells, columns, noon, row_of)


def _columns(records: Iterator[tuple[int, list[str] | str]]) -> _Columns:
    """Find the columns in the first record; raises UnreadableFile with all missing required ones."""
    heading = csv_heading(records)
    names = [" ".join(cell.split()).casefold() for cell in heading]
    distance = next((name for name in names if _DISTANCE.fullmatch(name)), None)
    needed = {
        "Workout Date": _DAY,
        "Activity Type": _KIND,
        "Distance (mi) or Distance (km)": distance,
        "Workout Time (seconds)": _DURATION,
        "Link": _LINK,
    }
    missing = [label for label, name in needed.items() if name not in names]
    if distance is None or missing:
        raise columns_missing("MapMyFitness workout history", missing, heading)

    def optional(name: str) -> int:
        return names.index(name) if name in names else len(names)

    return _Columns(
        day=names.index(_DAY),
        kind=names.index(_KIND),
        distance=names.index(distance),
        duration=names.index(_DURATION),
        link=names.index(_LINK),
        heart_rate=optional("avg heart rate"),
        notes=optional("notes"),
        in_km="(k" in distance,
    )


def _read_row(
    row: int, cells: list[str], columns: _Columns, noon: Callable[[str], datetime], row_of: dict[str, int]
) -> ParsedRun | Skipped | Problem:
    """Parse one record; add the id of a readable run to `row_of`."""
    link = _LINK_ID.fullmatch(cells[columns.link].strip())
    run_id = f"mmf_{link[1]}" if link else None
    try:
        run_type = _run_type(cells[columns.kind][:100])
        if run_type is None:
            return Skipped(row, run_id, f"Not a run: {shown(cells[columns.kind])}.")
        if run_id is None:
            raise BadValue(f"Link: no workout number in {shown(cells[columns.link])}.")
        if run_id in row_of:
            return Skipped(row, run_id, f"The same workout as row {row_of[run_id]}.")
        notes = _note(cells[columns.notes])
        run = ParsedRun(
            row,
            run_id,
            noon(cells[columns.day].strip()),
            run_type,
            _miles(cells[columns.distance], columns.in_km),
            written_number(cells[columns.duration], "Workout Time", LONGEST_SECONDS, "seconds"),
            _heart_rate(cells[columns.heart_rate]),
            _shoe_name(notes) if notes and "hoe" in notes else None,
            None,
            notes,
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))
    row_of[run_id] = row
    return run


@lru_cache(maxsize=256)
def _run_type(kind: str) -> RunType | None:
    """Return the run type of an activity type, or None if it is not a run, or not only a run."""
    if not kind.strip():
        raise BadValue("Activity Type: empty.")
    if not _RUN.search(kind) or _OTHER_SPORT.search(kind):
        return None
    return "Treadmill Run" if _INDOORS.search(kind) else "Outdoor Run"


def _local_noon(day: str, time_zone: tzinfo) -> datetime:
    """Return the UTC instant of noon on a day written as "Sept. 24, 2024", "May 6, 2025", "6-Jun-17" or in ISO."""
    found = _MONTH_FIRST.fullmatch(day) or _DAY_FIRST.fullmatch(day) or _ISO.fullmatch(day)
    if found:
        year = int(found["year"])
        if len(found["year"]) == 2:
            year += 2000 if year < 69 else 1900  # as in POSIX
        month = month_number(found["month"])
        if FIRST_YEAR <= year <= LAST_YEAR:
            try:
                return datetime(year, month, int(found["day"]), 12, tzinfo=time_zone).astimezone(UTC)
            except ValueError:  # invalid month or day
                pass
    raise BadValue(f"Workout Date: {shown(day)} is not a day like “Sept. 24, 2024” from {FIRST_YEAR} to {LAST_YEAR}.")


def _miles(text: str, in_km: bool) -> float:
    """Return a distance in miles; kilometres are converted."""
    if not in_km:
        return written_number(text, "Distance", FARTHEST_MILES, "miles")
    # The service stores miles with six digits and exports kilometres unrounded. Rounding to a billionth of a mile makes
    # the same workout equal in exports of both units.
    return round(written_number(text, "Distance", FARTHEST_MILES * KM_PER_MILE, "km") / KM_PER_MILE, 9)


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
    for found in _SHOES.finditer(notes):
        name = " ".join(found[1].split())
        if len(name) > LONGEST_NAME:
            raise BadValue(f"Notes: the name after “Shoes:” is longer than {LONGEST_NAME} characters.")
        if any(map(str.isalnum, name)):
            return name
    return None
