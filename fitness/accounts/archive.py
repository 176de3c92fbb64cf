"""Write an account to a ZIP archive, and load one: all rows as JSON lines, history included, and CSV files for people.

`manifest.json` has the format, the number of rows of each file in `data/`, and one SHA-256 over these files in its
order. Importing an archive into an empty account and exporting that account gives the same hash.
"""

import base64
import csv
import hashlib
import io
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, cast

import orjson
import psycopg
from psycopg import Rollback

from fitness.db import archive as stored
from fitness.db import pool, users
from fitness.db.account_tables import COUNTERS, LOADED, TABLES
from fitness.db.activity_files import unpacked
from fitness.db.archive import CARRIED
from fitness.db.connection import discard, savepoint, transaction
from fitness.db.constraints import why_refused
from fitness.db.history import feed
from fitness.db.nouns import NOUNS
from fitness.db.plans import plan_all_anew
from fitness.db.quotas import MEGABYTE, Quota
from fitness.db.spreadsheets import SPREADSHEETS, stream_spreadsheet
from fitness.db.tables import Table
from fitness.db.turns import take_turn
from fitness.deadline import go_on
from fitness.errors import Conflict, Invalid, QuotaExceeded
from fitness.ranges import LONGEST_NOTE
from fitness.readers import stored_points, zips
from fitness.readers.records import UnreadableFile
from fitness.schemas.auth import ProfileChangesSchema

FORMAT = 1
PROFILE = "profile"
MOST_BYTES = 4 * 1024**3
"""Largest size of all files, uncompressed; 100,000 workouts with all their versions take an eighth of it."""
MOST_ROWS = 10_000_000
"""A row takes a hundred bytes at least."""
MOST_MANIFEST_BYTES = 1024**2
LONGEST_LINE = 16 * 1024**2
LONGEST_BINARY_LINE = zips.MOST_WHOLE_BYTES * 3 // 2
"""With a file in it, which is a third longer as base64."""
LOOKED_INTO = 64 * 1024
"""Bytes of a line; a text in a shorter one is at most that long."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a spreadsheet: an apostrophe before it makes it a text."""
BYTES_PER_BYTE_OF_VERSIONS = 16
"""Most bytes of an archive's data for each byte of the quota."""
PAGE_ROWS = 500
PAGE_BYTES = 4 * 1024**2
"""Rows are stored in pages, one statement each; a page ends at the first of the two limits."""


_BINARY = {table.name: table.binary for table in LOADED if table.binary}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of an archive."""

    format: int
    tables: dict[str, int]
    sha256: str


def write(file: IO[bytes]) -> None:
    """Write the archive of the bound transaction's user, row by row."""
    digest = hashlib.sha256()
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in _content():
            counts[name] = 0
            with closing(rows), archive.open(_path(name), "w", force_zip64=True) as member:
                for row in rows:
                    line = f"{row}\n".encode()
                    member.write(line)
                    digest.update(line)
                    counts[name] += 1
        for sheet in SPREADSHEETS:
            with (
                closing(stream_spreadsheet(sheet)) as rows,
                archive.open(f"{sheet.name}.csv", "w", force_zip64=True) as member,
                io.TextIOWrapper(member, "utf-8", newline="") as text,
            ):
                text.write(f"{sheet.headings}\r\n")
                csv.writer(text).writerows(map(_cells, rows))
        manifest = Manifest(FORMAT, counts, digest.hexdigest())
        # Not writestr(), which stores the time: equal data must give an equal archive.
        with archive.open("manifest.json", "w") as member:
            member.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _content() -> Iterator[tuple[str, Generator[str]]]:
    """Yield the name and the lines of each data file."""
    yield PROFILE, stored.stream_profile()
    for table in TABLES:
        yield table.name, stored.stream_rows(table)


def _path(name: str) -> str:
    return f"data/{name}.jsonl"


def _cells(row: tuple[Any, ...]) -> Iterator[Any]:
    for value in row:
        if isinstance(value, datetime):
            yield f"{value:%Y-%m-%dT%H:%M:%S}Z"
        elif isinstance(value, str) and value.startswith(FORMULA):
            yield f"'{value}"
        else:
            yield value


def load(stream: BinaryIO, *, user_id: int, dry_run: bool = False) -> Manifest:
    """Store the content of an archive in the empty account of a user, and return its manifest.

    Runs in one transaction; a dry run rolls it back. Raises UnreadableFile if the archive is damaged or made by a newer
    version, and Conflict if the account is not empty.
    """
    with zips.opened(stream, advice="send it exactly as exported") as archive:
        content = _Content(archive)
        content.refuse_beyond(pool.quota())
        try:
            with transaction(user_id):
                take_turn()
                content.store()
                if dry_run:
                    discard()
        except (psycopg.IntegrityError, psycopg.DataError, Invalid) as error:
            raise UnreadableFile("The archive contains data that this program cannot have exported.") from error
    return content.manifest


class _Content:
    """The checked content of an archive. It is read from the file each time, as it may not fit in memory."""

    def __init__(self, archive: zips.Archive) -> None:
        self.archive = archive
        self.files = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in self.files.values()) > MOST_BYTES:
            raise UnreadableFile(f"The archive is larger than {MOST_BYTES // 1024**2} MB uncompressed.")
        self.manifest = self._read_manifest()
        digest = hashlib.sha256()
        if sum(self.manifest.tables.values()) > MOST_ROWS:
            raise UnreadableFile(f"The archive has more than {MOST_ROWS:,} rows.")
        if self.manifest.tables[PROFILE] != 1:
            raise UnreadableFile(f"The archive is damaged: {_path(PROFILE)} must have one row.")
        for name, count in self.manifest.tables.items():
            found = 0
            for line in self._lines(name):
                digest.update(line)
                found += 1
                if found > count:
                    break
            if found != count:
                raise UnreadableFile(f"The archive is damaged: {_path(name)} has {found} rows, not {count}.")
        if digest.hexdigest() != self.manifest.sha256:
            raise UnreadableFile("The archive is damaged: its content does not match the SHA-256 in its manifest.")

    def refuse_beyond(self, quota: Quota) -> None:
        """Raise QuotaExceeded if the archive is so large that its versions cannot be all of it.

        They are counted when they are stored. The rest (records, what imports changed) is no larger than they are.
        """
        size = sum(info.file_size for name, info in self.files.items() if name.startswith("data/"))
        most = quota.bytes and quota.bytes * BYTES_PER_BYTE_OF_VERSIONS
        if most and size > most:
            raise QuotaExceeded(
                f"Nothing was stored: the data of this archive has {size // MEGABYTE:,} MB uncompressed, and this"
                f" account may have {most // MEGABYTE:,} MB of it. Ask the operator of this server to raise QUOTA_MB."
            )

    def _read_manifest(self) -> Manifest:
        with self._open("manifest.json", MOST_MANIFEST_BYTES) as member:
            text = member.read()
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            said = None
        match said:
            case {"format": int(format), "tables": dict(tables), "sha256": str(sha256)} if _are_counts(tables):
                known = {PROFILE, *(table.name for table in LOADED)}
                newer = sorted(tables.keys() - known)
                if format != FORMAT or newer:
                    raise UnreadableFile("The archive was made by a newer version of this program.")
                if PROFILE in tables:
                    return Manifest(format, tables, sha256)
        raise UnreadableFile("The manifest.json of this archive was not written by this program.")

    def _open(self, path: str, most_bytes: int) -> Any:
        if path not in self.files:
            raise UnreadableFile(f"The archive has no {path}: send it exactly as exported.")
        return self.archive.member(self.files[path], most_bytes)

    def _lines(self, name: str) -> Iterator[bytes]:
        longest = LONGEST_BINARY_LINE if name in _BINARY else LONGEST_LINE
        with self._open(_path(name), MOST_BYTES) as member:
            while line := member.readline(longest + 1):
                go_on()
                if len(line) > longest:
                    raise UnreadableFile(
                        f"The archive is damaged: {_path(name)} has a line that is too long or has no end."
                    )
                yield line

    def store(self) -> None:
        """Add everything to the bound transaction's user, whose account is empty."""
        self._store_profile()
        # The user's row is locked now: if two archives come at once, the second one sees the rows of the first.
        if stored.has_rows():
            raise Conflict("This account already has data: an archive can only be imported into an empty account")
        columns = stored.list_columns()
        numbers: dict[str, Sequence[int]] = {}
        for table in LOADED:
            if self.manifest.tables.get(table.name):
                plan_all_anew()  # its rows refer to those of the tables before, which may have been empty
                for page in self._pages(table, columns[table.name]):
                    _add(table, page, numbers)
                if table.name in COUNTERS:
                    numbers[table.name] = stored.list_numbers(table)
                if table.later:
                    for page in self._pages(table, columns[table.name], only_with=table.later):
                        stored.set_references(table, page.rows(), numbers)
        plan_all_anew()
        feed.count_loaded()
        for noun in NOUNS:
            noun.complete()
        feed.place_loaded()

    def _store_profile(self) -> None:
        for line in self._lines(PROFILE):
            profile = _object(line, PROFILE)
            if not profile or profile.keys() - set(CARRIED):
                raise UnreadableFile(f"{_path(PROFILE)} has different columns than this program.")
            if not str(profile.get("profile_image_url")).startswith("https://"):  # earlier versions took others, too
                profile["profile_image_url"] = None
            users.update_user(cast("dict[str, Any]", ProfileChangesSchema().load(profile)))

    def _pages(self, table: Table, known: set[str], only_with: Sequence[str] = ()) -> Iterator["_Page"]:
        """Yield the rows of a table in pages; with `only_with`, only rows with a value in one of these columns."""
        page = None
        for number, line in enumerate(self._lines(table.name), 1):
            row = _object(line, table.name)
            page = page or _Page(row.keys())
            _check_measured(table, row, number)
            if row.keys() != page.columns or row.keys() - known or not row:
                raise UnreadableFile(f"{_path(table.name)} has different columns than this program.")
            self._check_numbers(table, row)
            if not only_with or any(row.get(column) is not None for column in only_with):
                page.add(line, number)
            if page.is_full():
                yield page
                page = _Page(page.columns)
        if page and page.lines:
            yield page

    def _check_numbers(self, table: Table, row: Mapping[str, Any]) -> None:
        for column, counter in table.numbers.items():
            number = row.get(column)
            if number is not None and not (type(number) is int and 1 <= number <= self.manifest.tables.get(counter, 0)):
                raise UnreadableFile(f"{_path(table.name)} refers to a row of {counter} that does not exist.")


def _check_measured(table: Table, row: Mapping[str, Any], number: int) -> None:
    """Raise UnreadableFile for points or a file of an activity that nobody could read when they are asked for."""
    if not table.binary:
        return
    try:
        content = base64.b64decode(row.get("content", ""), validate=True)
        if table.name == "activity_points":
            stored_points.check(content, row.get("laps"), row.get("pauses"))
        else:
            _check_file(content, int(row.get("size", -1)), row.get("sha256"))
    except (ValueError, TypeError, zlib.error) as error:
        raise UnreadableFile(f"{_path(table.name)}, line {number}: the content cannot be read.") from error


def _check_file(content: bytes, size: int, sha256: object) -> None:
    """Raise ValueError for what is no file of this size and hash, packed by gzip."""
    if not 0 <= size <= zips.MOST_WHOLE_BYTES:
        raise ValueError
    file = unpacked(content, size)
    if len(file) != size or hashlib.sha256(file).hexdigest() != sha256:
        raise ValueError


def _add(table: Table, page: "_Page", numbers: Mapping[str, Sequence[int]]) -> None:
    """Add the rows of a page; raises UnreadableFile with the line that the database refuses, and why."""
    try:
        with savepoint():
            stored.add_rows(table, list(page.columns), page.rows(), numbers)
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        first = bisect_left(range(1, len(page.lines)), True, key=lambda count: _is_refused(table, page, count, numbers))
        raise UnreadableFile(f"{_path(table.name)}, line {page.numbers[first]}: {why_refused(error)}.") from error


def _is_refused(table: Table, page: "_Page", count: int, numbers: Mapping[str, Sequence[int]]) -> bool:
    """Return whether the database refuses the first rows of a page; it keeps none of them."""
    try:
        with savepoint():
            stored.add_rows(table, list(page.columns), page.rows(count), numbers)
            raise Rollback
    except (psycopg.IntegrityError, psycopg.DataError):
        return True
    return False


def _are_counts(tables: Mapping[Any, Any]) -> bool:
    return all(type(count) is int and count >= 0 for count in tables.values())


class _Page:
    """Rows of a table as unparsed JSON lines, so that no number is rounded."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = set(columns)
        self.lines: list[bytes] = []
        self.numbers: list[int] = []
        self.bytes = 0

    def add(self, line: bytes, number: int) -> None:
        """Add a line of the file, and its number there."""
        self.lines.append(line)
        self.numbers.append(number)
        self.bytes += len(line)

    def is_full(self) -> bool:
        return len(self.lines) >= PAGE_ROWS or self.bytes >= PAGE_BYTES

    def rows(self, count: int | None = None) -> str:
        """Return the rows, or the first `count` of them, as a JSON array."""
        return f"[{','.join(line.decode() for line in self.lines[:count])}]"


def _object(line: bytes, name: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise UnreadableFile(f"{_path(name)} has a line that is not a JSON object.")
    texts = {column: value for column, value in row.items() if column not in _BINARY.get(name, ())}
    if len(line) > LOOKED_INTO and _longest_text(texts) > LONGEST_NOTE:
        raise UnreadableFile(f"{_path(name)} has a text of more than {LONGEST_NOTE:,} characters.")
    return row


def _longest_text(value: Any) -> int:
    """Return the length of the longest text in a JSON value; the database checks columns, but not inside of them."""
    if isinstance(value, str):
        return len(value)
    parts = cast("Iterable[Any]", value.values() if isinstance(value, dict) else value)
    return max(map(_longest_text, parts), default=0) if isinstance(value, dict | list) else 0
