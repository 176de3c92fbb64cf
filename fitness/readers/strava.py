"""Read the archive that Strava exports, or its activities.csv: bytes in, runs out.

The columns have changed over the years, from 10 to 103, and are named in the language of the account. Five names occur
twice: first the value as the website shows it, then as it is stored. No column marks treadmill runs.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from fitness.ranges import FARTHEST_METRES, FIRST_YEAR, LAST_YEAR, LONGEST_NAME, LONGEST_NOTE, LONGEST_SECONDS
from fitness.readers import zips
from fitness.readers.records import (
    BadValue,
    ParsedRun,
    Problem,
    RunType,
    Skipped,
    UnreadableFile,
    columns_missing,
    csv_heading,
    csv_records,
    month_number,
    shown,
)
from fitness.readers.strava_values import heart_rate, id_of_run, miles, title
from fitness.readers.values import text, written_number

MOST_CSV_BYTES = 256 * 1024 * 1024
"""Largest activities.csv in an archive, in bytes; 100,000 activities take a fifth of it."""

_TAG = re.compile(r"<[^<>]*>")
_ID = re.compile(r"[0-9]{1,18}")
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
_DATES = [
    re.compile(rf"{day},? (?:à |um |at )?{_TIME}")
    for day in (
        r"(?P<month>[^\W\d_]+)\.? (?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{1,2})\.? (?P<month>[^\W\d_]+)\.? (?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})",
    )
]
_GROUPED = re.compile(r"[0-9]{1,3}([,.])[0-9]{3}(?:\1[0-9]{3})*(?!\1)(?:[,.][0-9]+)?")

# Lower case, without spaces; the first three languages were seen or reported, Dutch is a guess.
_RUNS = {"run", "trailrun", "lauf", "laufen", "traillauf", "courseàpied", "trail", "hardlopen", "hardloopsessie"}
_VIRTUAL_RUNS = {"virtualrun", "virtuellerlauf", "courseàpiedvirtuelle", "virtuelehardloopsessie"}
_MAYBE_RUN = re.compile(r"\brun|run\b|\bjog|lauf")
_OTHER_SPORT = re.compile(r"(?:ski|eis|inline|lang|roll|schneeschuh)\w*lauf")


class _Words(NamedTuple):
    """The column names in one language or period; `metres`: the first distance is in metres."""

    id: str
    date: str
    kind: str
    elapsed: str
    distance: str
    moving: str
    heart_rate: str
    name: str
    gear: str
    description: str
    metres: bool = False


_ENGLISH = _Words(
    "activity id",
    "activity date",
    "activity type",
    "elapsed time",
    "distance",
    "moving time",
    "average heart rate",
    "activity name",
    "activity gear",
    "activity description",
)
_OF_2018 = _Words(
    "id",
    "date",
    "type",
    "elapsed_time",
    "distance",
    "moving_time",
    "average_heartrate",
    "name",
    "gear",
    "description",
    metres=True,
)
_GERMAN_START = ["aktivitäts-id", "aktivitätsdatum", "name der aktivität", "aktivitätsart"]


class _Columns(NamedTuple):
    """The index of each column. A missing optional one points to the empty cell that is added to each record.

    `shown_distance` is in km, or in metres if `metres`; `distance` is always in metres. `known`: the activity types of
    this language are known, so that a type that is not a run is another sport.
    """

    id: int
    date: int
    kind: int
    shown_elapsed: int
    shown_distance: int
    name: int
    description: int
    gear: int
    elapsed: int
    moving: int
    distance: int
    heart_rate: int
    metres: bool
    known: bool


_TEN_COLUMNS = _Columns(
    id=0,
    date=1,
    name=2,
    kind=3,
    description=4,
    shown_elapsed=5,
    shown_distance=6,
    gear=8,
    elapsed=10,
    moving=10,
    distance=10,
    heart_rate=10,
    metres=False,
    known=True,
)


def parse_export(stream: BinaryIO) -> Generator[ParsedRun | Skipped | Problem]:
    """Yield one record for each row below the header of an activities.csv, alone or in the whole archive (ZIP).

    A run becomes a ParsedRun with the same id as in the API. Other activities, and repeated ones, become Skipped;
    unreadable rows become Problems, and so do unknown activity types in a language whose words are not known. All runs
    are outdoor runs, except virtual ones. Only blank rows are ignored. Rows count as in csv_records, with the header as
    row 1. Only the ids of runs are kept in memory. The stream must be seekable and stays open.

    Raises UnreadableFile at the first `next()` if the file is neither or has unknown columns, and later if the archive
    is broken.
    """
    head = stream.read(4)
    stream.seek(0)
    if head not in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _parse(stream)
        return
    with _zipped_csv(stream) as member:
        yield from _parse(member)


@contextmanager
def _zipped_csv(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yield the activities.csv of an archive, the one nearest to its root."""
    with zips.opened(stream, advice="unpack it and send its activities.csv") as archive:
        found = [info for info in archive.infolist() if _is_activities(PurePosixPath(info.filename))]
        if not found:
            raise UnreadableFile("The archive has no activities.csv: choose the archive that Strava sent.")
        with archive.member(min(found, key=lambda info: info.filename.count("/")), MOST_CSV_BYTES) as member:
            yield member


def _is_activities(path: PurePosixPath) -> bool:
    return path.name.casefold() == "activities.csv" and "__MACOSX" not in path.parts


def _parse(stream: BinaryIO) -> Generator[ParsedRun | Skipped | Problem]:
    row_of: dict[int, int] = {}
    with closing(csv_records(stream)) as records:
        columns = _columns(csv_heading(records))
        for row, cells in records:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            cells.append("")
            yield _read_row(row, cells, columns, row_of)


def _columns(heading: list[str]) -> _Columns:
    """Find the columns by name, otherwise by the names that occur twice; raises UnreadableFile for other files."""
    names = [" ".join(_TAG.sub("", cell).split()).casefold() for cell in heading]
    for words in (_ENGLISH, _OF_2018):
        if words.id in names and words.date in names:
            return _columns_by_name(names, words, heading)
    known = names[:4] == _GERMAN_START
    # Max Heart Rate and Activity Private Note were added in 2021; the order of the columns after them has not changed.
    headings = all(names[:7]) and not names[0].isdecimal()  # otherwise the file has lost its header row
    for second in (13, 11):
        if headings and len(names) >= second + 19 and [names[second + 2], names[second + 4]] == names[5:7]:
            return _TEN_COLUMNS._replace(
                gear=second - 2,
                elapsed=second + 2,
                moving=second + 3,
                distance=second + 4,
                heart_rate=second + 18,
                known=known,
            )
    if known and len(names) == 10:
        return _TEN_COLUMNS
    error = columns_missing("activities.csv of Strava", ["Activity ID", "Activity Date"], heading)
    raise UnreadableFile(f"{error} If it is from Strava, set Strava to English and export again.")


def _columns_by_name(names: Sequence[str], words: _Words, heading: list[str]) -> _Columns:
    missing = [word for word in (words.kind, words.elapsed, words.distance) if word not in names]
    if missing:
        raise columns_missing("activities.csv of Strava", [word.title() for word in missing], heading)

    def place(name: str, occurrence: int = 0) -> int:
        places = [place for place, found in enumerate(names) if found == name]
        return places[occurrence] if len(places) > occurrence else len(names)

    return _Columns(
        id=place(words.id),
        date=place(words.date),
        kind=place(words.kind),
        shown_elapsed=place(words.elapsed),
        shown_distance=place(words.distance),
        name=place(words.name),
        description=place(words.description),
        gear=place(words.gear),
        elapsed=place(words.elapsed, 1),
        moving=place(words.moving),
        distance=place(words.distance, 1),
        heart_rate=place(words.heart_rate),
        metres=words.metres,
        known=True,
    )


def _read_row(row: int, cells: list[str], columns: _Columns, row_of: dict[int, int]) -> ParsedRun | Skipped | Problem:
    """Parse one record; add the id of a readable run to `row_of`."""
    written_id = cells[columns.id].strip()
    activity_id = int(written_id) if _ID.fullmatch(written_id) else None
    run_id = id_of_run(activity_id) if activity_id else None
    try:
        run_type = _run_type(cells[columns.kind][:100], columns.known)
        if run_type is None:
            return Skipped(row, run_id, f"Not a run: {shown(cells[columns.kind])}.")
        if not activity_id or run_id is None:
            raise BadValue(f"Activity ID: {shown(written_id)} is not a number.")
        if activity_id in row_of:
            return Skipped(row, run_id, f"The same activity as row {row_of[activity_id]}.")
        run = ParsedRun(
            row,
            run_id,
            _instant(cells[columns.date]),
            run_type,
            _miles(cells, columns),
            _duration(cells, columns),
            _heart_rate(cells[columns.heart_rate]),
            text(cells[columns.gear], "Activity Gear", LONGEST_NAME),
            title(cells[columns.name], "Activity Name"),
            text(cells[columns.description], "Activity Description", LONGEST_NOTE),
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))
    row_of[activity_id] = row
    return run


@lru_cache(maxsize=256)
def _run_type(kind: str, known: bool) -> RunType | None:
    """Return the run type of an activity type, or None for another sport."""
    word = kind.casefold()
    key = "".join(word.split())
    if not key:
        raise BadValue("Activity Type: empty.")
    if key in _RUNS:
        return "Outdoor Run"
    if key in _VIRTUAL_RUNS:
        return "Treadmill Run"
    if known and (_OTHER_SPORT.search(word) or not _MAYBE_RUN.search(word)):
        return None
    raise BadValue(f"Activity Type: {shown(kind)} is unknown: if it is a run, set Strava to English and export again.")


def _instant(written: str) -> datetime:
    """Parse a UTC date as the website writes it in one of several languages."""
    date = " ".join(written.split())  # also replaces narrow no-break spaces before PM
    found = next(filter(None, (pattern.fullmatch(date) for pattern in _DATES)), None)
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        hour, half = int(found["hour"]), (found["half"] or "").lower()
        if half:
            hour = hour % 12 + 12 * (half == "p") if 1 <= hour <= 12 else 24
        try:
            return datetime(
                int(found["year"]),
                month_number(found["month"]),
                int(found["day"]),
                hour,
                int(found["minute"]),
                int(found["second"]),
                tzinfo=UTC,
            )
        except ValueError:  # invalid month, day or hour
            pass
    raise BadValue(
        f"Activity Date: {shown(written)} is not a date like “Nov 2, 2025, 12:05:31 PM”"
        f" from {FIRST_YEAR} to {LAST_YEAR}."
    )


def _miles(cells: list[str], columns: _Columns) -> float:
    """Return the distance in miles: the stored value, otherwise the shown one."""
    kept, shown_ = cells[columns.distance].strip(), cells[columns.shown_distance].strip()
    if kept:
        return miles(_plain_number(kept, "Distance", FARTHEST_METRES, "metres"))
    if columns.metres:
        return miles(_plain_number(shown_, "Distance", FARTHEST_METRES, "metres"))
    return miles(_shown_number(shown_, "Distance", FARTHEST_METRES / 1_000, "km") * 1_000)


def _duration(cells: list[str], columns: _Columns) -> float:
    """Return the moving time in seconds, or the elapsed time if there is none."""
    moving = cells[columns.moving].strip()
    seconds = _plain_number(moving, "Moving Time", LONGEST_SECONDS, "seconds") if moving else 0
    if seconds:
        return seconds
    elapsed = cells[columns.elapsed].strip() or cells[columns.shown_elapsed].strip()
    return 0.0 if moving and not elapsed else _plain_number(elapsed, "Elapsed Time", LONGEST_SECONDS, "seconds")


def _heart_rate(written: str) -> float | None:
    if not written.strip():
        return None
    return heart_rate(_plain_number(written.strip(), "Average Heart Rate", 10_000, "beats per minute"))


def _plain_number(written: str, name: str, most: float, unit: str) -> float:
    """Parse a stored number: a decimal point, or a comma in some languages, without thousands separators."""
    return written_number(written if "." in written else written.replace(",", "."), name, most, unit)


def _shown_number(written: str, name: str, most: float, unit: str) -> float:
    """Parse a shown number: it has at most two decimals, so a mark before three digits separates thousands."""
    grouped = _GROUPED.fullmatch(written)
    return _plain_number(written.replace(grouped[1], "") if grouped else written, name, most, unit)
