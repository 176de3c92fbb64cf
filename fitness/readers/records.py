"""Records that all parsers return, and a CSV reader.

Distances are miles, durations seconds, instants aware UTC. No SQL, no HTTP.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple, cast
from uuid import UUID

RunType = Literal["Outdoor Run", "Treadmill Run"]
SetType = Literal["normal", "warmup", "failure", "dropset"]
WeightUnit = Literal["kg", "lb"]
Modality = Literal["BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT"]

# A longer record has an unclosed quote. csv's own limit (131,072 characters per cell) is process-wide and only counts
# single cells.
LONGEST_RECORD = 100_000
# Each broken record is read a second time; with more than this, the file is not CSV, and rereading could take forever.
MOST_BROKEN_RECORDS = 1_000
READ_SIZE = 65_536

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar ene enero janv janvier januari 1월",
            "feb february februar febrero févr février februari 2월",
            "mar march mär märz marzo mars mrt maart 3월",
            "apr april abr abril avr avril 4월",
            "may mai mayo mei 5월",
            "jun june juni junio juin 6월",
            "jul july juli julio juil juillet 7월",
            "aug august ago agosto août augustus 8월",
            "sep sept september septiembre septembre 9월",
            "oct october okt oktober octubre octobre 10월",
            "nov november noviembre novembre 11월",
            "dec december dez dezember dic diciembre déc décembre 12월",
        ],
        start=1,
    )
    for name in names.split()
}

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


# Tuples, because an upload makes 100,000 of them: a NamedTuple takes 0.26 µs, a frozen dataclass with slots 0.95 µs.
class ParsedRun(NamedTuple):
    """A run as a provider sent it, within the ranges of the database."""

    row: int
    id: str
    datetime_utc: datetime
    type: RunType
    distance: float
    duration: float
    avg_heart_rate: float | None = None
    shoe_name: str | None = None
    name: str | None = None
    notes: str | None = None


class ParsedSet(NamedTuple):
    """A set of an exercise. Fields have the names of the columns of strength_sets, so that `_asdict()` is its JSON.

    `weight` is in `weight_unit` and below 0 for assistance. The position in ParsedExercise.sets is the set's number.
    """

    set_type: SetType
    weight: float | None
    weight_unit: WeightUnit
    reps: int | None
    rpe: float | None
    duration_seconds: float | None
    distance_miles: float | None
    superset_id: int | None
    note: str | None


class ParsedExercise(NamedTuple):
    """A block of sets of an exercise; `template_id` is the provider's id of the exercise, if known."""

    name: str
    template_id: str | None
    note: str | None
    sets: tuple[ParsedSet, ...]


class ParsedWorkout(NamedTuple):
    """A workout as a provider sent it, within the ranges of the database.

    Blocks and their sets are in the order of the workout; an exercise done twice, with another in between, has two
    blocks. `updated_at` is the last change at the provider, if known.
    """

    row: int
    id: UUID
    external_id: str | None
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    notes: str | None
    exercises: tuple[ParsedExercise, ...]
    updated_at: datetime | None = None


class DeletedWorkout(NamedTuple):
    """A workout that was deleted at the provider; `id` is the same as in its ParsedWorkout."""

    row: int
    id: UUID
    external_id: str
    deleted_at: datetime | None


class ParsedTemplate(NamedTuple):
    """An exercise at a provider; `body_part` and `modality` use the words of the exercise catalog."""

    row: int
    template_id: str
    name: str
    body_part: str | None
    modality: Modality | None
    is_custom: bool


class ParsedPlannedWorkout(NamedTuple):
    """A planned workout as a provider sent it, within the ranges of the database.

    The id is made from day, title, and `number`, which counts those with the same day and title. `values` has the names
    of the columns of planned_workouts, without those that the file does not have.
    """

    row: int
    id: str
    number: int
    values: dict[str, str | float | None]


class Skipped(NamedTuple):
    """A record that is left out on purpose; `detail` has the reason."""

    row: int
    id: str | None
    detail: str


class Problem(NamedTuple):
    """A record that could not be read; `detail` is a sentence for a person. The id is None if unknown."""

    row: int
    id: str | None
    detail: str


class UnreadableFile(ValueError):
    """The whole file cannot be read; the message is a sentence for a person."""


class BadValue(ValueError):
    """A value that cannot be used; the message is a sentence for a person."""


class _Broken(Exception):
    """A record without a clear end; the message is a sentence for a person."""


def csv_records(stream: BinaryIO) -> Generator[tuple[int, list[str] | str]]:
    """Yield (row, cells) for each record of a comma-separated UTF-8 file, including the header.

    Rows count records from 1, not lines, as in a spreadsheet: a line break inside a cell does not count, a blank line
    does. If a record cannot be read, a sentence with the reason comes instead of its cells: broken quotes, a different
    number of cells than the first record, a null byte, invalid UTF-8. If such a record has several lines, its quote may
    have swallowed good ones, so reading continues at its second line. Blank records are left out. Memory does not grow
    with the file; the stream stays open.

    Raises UnreadableFile at the first `next()` if the file is not CSV, and later for too many broken quotes.
    """
    with _opened(stream) as text:
        record: list[str] = []  # the lines of the current record
        again: deque[str] = deque()  # lines to read again
        row = broken = width = 0
        reader = csv.reader(_lines(text.readline, record, again), strict=True)
        while True:
            row += 1
            try:
                cells = next(reader, None)
                if cells is None:
                    return
                if any(cells):
                    width = width or len(cells)
                    if len(cells) != width:
                        raise _Broken(f"{len(cells)} cells, but the header has {width}.")
                    yield row, _bad_text(record) or cells
            except (csv.Error, _Broken) as error:
                yield row, str(error) if isinstance(error, _Broken) else "A quote is not closed or not doubled."
                broken += len(record) > 1
                if broken > MOST_BROKEN_RECORDS:
                    raise UnreadableFile(f"Too many broken quotes; reading stopped at row {row}.") from error
                again.extendleft(reversed(record[1:]))
                # After an exception, the reader and its generator cannot be used again.
                reader = csv.reader(_lines(text.readline, record, again), strict=True)
            record.clear()


def csv_heading(records: Iterator[tuple[int, list[str] | str]]) -> list[str]:
    """Return the cells of the first record; raises UnreadableFile if it is missing or broken."""
    _, heading = next(records, (0, "The file has no header row."))
    if isinstance(heading, str):
        raise UnreadableFile(f"The header row cannot be read: {heading}")
    return heading


def columns_missing(file: str, missing: list[str], heading: list[str]) -> UnreadableFile:
    """Return the error for a header row of a `file` without the `missing` columns."""
    sentence = f"Not a {file}: the header row lacks {', '.join(missing)}."
    for separator, sign in (("semicolons", ";"), ("tabs", "\t")):
        if len(heading) == 1 and sign in heading[0]:
            sentence += f" Its columns are separated by {separator}: save it with commas."
    return UnreadableFile(sentence)


def month_number(name: str) -> int:
    """Return 1 to 12 for the number or name of a month, in several languages; 0 if it is not a month."""
    return int(name) if name.isdecimal() and name.isascii() else _MONTHS.get(name.casefold(), 0)


def shown(text: str) -> str:
    """Return a text for a message: in quotes, cut if it is long."""
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def _bad_text(record: list[str]) -> str | None:
    """Return why the lines of a record cannot be stored, or None if they can."""
    text = record[0] if len(record) == 1 else "".join(record)
    if "\0" in text:
        return "The text contains a null byte."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # lone surrogates, from invalid bytes
            return "The text is not UTF-8: save the file as “CSV UTF-8”."
    return None


def _lines(readline: Callable[[int], str], record: list[str], again: deque[str]) -> Iterator[str]:
    """Yield lines, first those of `again`, and add each to `record`, which the caller empties.

    Raises _Broken if the lines of the record exceed LONGEST_RECORD.
    """
    size = 0
    while line := again.popleft() if again else readline(LONGEST_RECORD + 1):
        if len(line) > LONGEST_RECORD:
            _pass_over_rest(readline, line)
        size = size + len(line) if record else len(line)
        record.append(line)
        if size > LONGEST_RECORD:
            raise _Broken(f"Longer than {LONGEST_RECORD:,} characters: is a quote not closed?")
        yield line


def _pass_over_rest(readline: Callable[[int], str], piece: str) -> None:
    """Read and discard the rest of the line that starts with `piece`."""
    while piece and not piece.endswith(("\n", "\r")):
        piece = readline(READ_SIZE)


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Yield the stream as text without its byte order mark; invalid bytes become lone surrogates. Closes nothing."""
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), READ_SIZE)
    text = io.TextIOWrapper(buffered, "utf-8-sig", "surrogateescape", newline="")
    try:
        _refuse_other_formats(buffered.peek())
        yield text
    finally:
        # Otherwise the wrappers would close the caller's stream when they are garbage-collected.
        with suppress(ValueError):  # the caller closed it first
            text.detach()
            buffered.detach()


def _refuse_other_formats(head: bytes) -> None:
    """Raise UnreadableFile if the first bytes of a file are not UTF-8 text."""
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    first_line = re.split(rb"[\r\n]", text, maxsplit=1)[0]
    if not text:
        raise UnreadableFile("The file is empty.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("This is an Excel workbook or an archive: open it and save it as CSV (UTF-8).")
    if text.startswith(b"%PDF"):
        raise UnreadableFile("This is a PDF, not a CSV file.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in first_line[:2]:
        raise UnreadableFile("This file is in UTF-16: save it as CSV in UTF-8.")
    if text.startswith(b"<"):
        raise UnreadableFile("This is a web page or XML, not a CSV file.")
    if _CONTROL.search(first_line) or not _is_utf8(first_line):
        raise UnreadableFile("This is not a text file in UTF-8.")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
