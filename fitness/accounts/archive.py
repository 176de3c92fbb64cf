"""An account as a ZIP archive: its rows as lines of JSON, history included, and spreadsheets for people.

`manifest.json` tells the format, how many rows each file of `data/` has, and the SHA-256 of these files, one after the
other in its order. An archive that goes into an empty account somewhere else leaves it again with the same hash.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, cast

import orjson
import psycopg

from fitness.db import archive as stored
from fitness.db import users
from fitness.db.account_tables import COUNTERS, TABLES
from fitness.db.archive import CARRIED
from fitness.db.connection import discard, transaction
from fitness.db.spreadsheets import SPREADSHEETS, stream_spreadsheet
from fitness.db.tables import Table
from fitness.errors import Conflict
from fitness.readers import zips
from fitness.readers.records import UnreadableFile
from fitness.schemas.auth import ProfileChangesSchema

FORMAT = 1
PROFILE = "profile"
MOST_BYTES = 1024**3
"""How large the files of an archive may be, unpacked; 100,000 workouts with all their versions take half of it."""
MOST_MANIFEST_BYTES = 1024**2
LONGEST_LINE = 16 * 1024**2
PAGE_ROWS = 500
PAGE_BYTES = 4 * 1024**2
"""A page of rows is one statement; it ends at whichever of the two comes first."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

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
        # Not writestr(), which notes the time: the same data is the same archive.
        with archive.open("manifest.json", "w") as member:
            member.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _content() -> Iterator[tuple[str, Generator[str]]]:
    """Yield the name of each file of data, and its lines."""
    yield PROFILE, stored.stream_profile()
    for table in TABLES:
        yield table.name, stored.stream_rows(table)


def _path(name: str) -> str:
    return f"data/{name}.jsonl"


def _cells(row: tuple[Any, ...]) -> Iterator[Any]:
    for value in row:
        yield f"{value:%Y-%m-%dT%H:%M:%S}Z" if isinstance(value, datetime) else value


def load(stream: BinaryIO, *, user_id: int, dry_run: bool = False) -> Manifest:
    """Store what an archive holds in the account of a user, which must be empty, and return its manifest.

    All of it in one transaction, which a dry run takes back. Raises UnreadableFile for an archive that is damaged or
    made by a newer version, and Conflict for an account that is not empty.
    """
    with zips.opened(stream, advice="send it as it was exported") as archive:
        content = _Content(archive)
        try:
            with transaction(user_id):
                content.store()
                if dry_run:
                    discard()
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise UnreadableFile("The archive holds what this program would not have written.") from error
    return content.manifest


class _Content:
    """The checked content of an archive, to be read as often as needed: there is not memory for all of it."""

    def __init__(self, archive: zips.Archive) -> None:
        self.archive = archive
        self.files = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in self.files.values()) > MOST_BYTES:
            raise UnreadableFile(f"The archive is larger than {MOST_BYTES // 1024**2} MB, unpacked.")
        self.manifest = self._read_manifest()
        digest = hashlib.sha256()
        for name, count in self.manifest.tables.items():
            found = 0
            for line in self._lines(name):
                digest.update(line)
                found += 1
            if found != count:
                raise UnreadableFile(f"The archive is damaged: {_path(name)} has {found} rows, not {count}.")
        if digest.hexdigest() != self.manifest.sha256:
            raise UnreadableFile("The archive is damaged: its content has another SHA-256 than its manifest says.")

    def _read_manifest(self) -> Manifest:
        with self._open("manifest.json", MOST_MANIFEST_BYTES) as member:
            text = member.read()
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            said = None
        match said:
            case {"format": int(format), "tables": dict(tables), "sha256": str(sha256)}:
                known = {PROFILE, *(table.name for table in TABLES)}
                newer = sorted(tables.keys() - known)
                if format != FORMAT or newer:
                    raise UnreadableFile("The archive was made by a newer version of this program.")
                if PROFILE in tables:
                    return Manifest(format, tables, sha256)
        raise UnreadableFile("The manifest.json of this archive is none of this program.")

    def _open(self, path: str, most_bytes: int) -> Any:
        if path not in self.files:
            raise UnreadableFile(f"There is no {path} in this archive: send it as it was exported.")
        return self.archive.member(self.files[path], most_bytes)

    def _lines(self, name: str) -> Iterator[bytes]:
        with self._open(_path(name), MOST_BYTES) as member:
            while line := member.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise UnreadableFile(f"The archive is damaged: {_path(name)} has a line without an end.")
                yield line

    def store(self) -> None:
        """Add everything to the bound transaction's user, who has nothing yet."""
        self._store_profile()
        # By now the user's row is locked: of two archives at once, the second finds the rows of the first.
        if stored.has_rows():
            raise Conflict("This account has data already: an archive goes into an empty one")
        columns = stored.list_columns()
        numbers: dict[str, Sequence[int]] = {}
        for table in TABLES:
            if table.name in self.manifest.tables:
                for page in self._pages(table, columns[table.name]):
                    stored.add_rows(table, list(page.columns), page.rows(), numbers)
                if table.name in COUNTERS:
                    numbers[table.name] = stored.list_numbers(table)
                if table.later:
                    for page in self._pages(table, columns[table.name], only_with=table.later):
                        stored.set_references(table, page.rows(), numbers)

    def _store_profile(self) -> None:
        for line in self._lines(PROFILE):
            profile = _object(line, PROFILE)
            if not profile or profile.keys() - set(CARRIED):
                raise UnreadableFile(f"{_path(PROFILE)} has other columns than this program's.")
            users.update_user(cast("dict[str, Any]", ProfileChangesSchema().load(profile)))

    def _pages(self, table: Table, known: set[str], only_with: Sequence[str] = ()) -> Iterator["_Page"]:
        """Yield the rows of a table, all with the same columns; or those that say anything in some columns."""
        page = None
        for line in self._lines(table.name):
            row = _object(line, table.name)
            page = page or _Page(row.keys())
            if row.keys() != page.columns or row.keys() - known:
                raise UnreadableFile(f"{_path(table.name)} has other columns than this program's.")
            self._check_numbers(table, row)
            if not only_with or any(row[column] is not None for column in only_with):
                page.add(line)
            if page.is_full():
                yield page
                page = _Page(page.columns)
        if page and page.lines:
            yield page

    def _check_numbers(self, table: Table, row: Mapping[str, Any]) -> None:
        for column, counter in table.numbers.items():
            number = row.get(column)
            if number is not None and not (type(number) is int and 1 <= number <= self.manifest.tables.get(counter, 0)):
                raise UnreadableFile(f"{_path(table.name)} names a row of {counter} that is not there.")


class _Page:
    """Rows of a table, still as they are written: what they say is not for this program to round."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = set(columns)
        self.lines: list[bytes] = []
        self.bytes = 0

    def add(self, line: bytes) -> None:
        self.lines.append(line)
        self.bytes += len(line)

    def is_full(self) -> bool:
        return len(self.lines) >= PAGE_ROWS or self.bytes >= PAGE_BYTES

    def rows(self) -> str:
        """Return the rows as a JSON array."""
        return f"[{','.join(line.decode() for line in self.lines)}]"


def _object(line: bytes, name: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise UnreadableFile(f"{_path(name)} has a line that is no JSON object.")
    return row
