"""Tables in text files: CSV as services write it and spreadsheets save it again, read record by record.

The encoding, the separator and the header row are found by what the file holds. Memory does not grow with the file.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import BinaryIO, Generic, Protocol, TypeVar, cast

from fitness.deadline import go_on
from fitness.readers import encodings, zips
from fitness.readers.records import UnreadableFile, shown

# Anything longer is no workout but a quote that was not closed. csv's own limit (131,072 characters a cell)
# is process-wide and counts single cells only.
LONGEST_RECORD = 100_000
# Each broken record is read a second time; beyond this the file is no CSV, and rereading could take for ever.
MOST_BROKEN_RECORDS = 1_000
MOST_ROWS = 1_000_000
"""Blank ones included; a set of Hevy's export is a row."""
READ_SIZE = 65_536

# How far down a header row may stand below titles, and how far rows are looked at to learn how they end.
TOP_ROWS, LOOKED_AT_ROWS = 10, 200
_LOOKED_AT_CHARACTERS = 2 * LONGEST_RECORD
# How many rows above the last one tell whether its last cell may be cut off.
_COMPARED_ROWS = 1_000

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_DIRECTIVE = re.compile(r'"?sep=(.)"?[ ,;\t]*\r?\n?', re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")
_ZEROS = str.maketrans("123456789", "000000000")
_LAST_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]*)?$")

Cells = list[str]


class Columns(Protocol):
    """Where a reader finds what in a record."""

    @property
    def read(self) -> Collection[int]:
        """The places of all cells that it reads."""
        ...

    @property
    def numbers(self) -> Collection[int]:
        """The places of those that are numbers."""
        ...


C = TypeVar("C", bound=Columns)
Find = Callable[[Cells], C]
"""Finds the columns in a header row; raises UnreadableFile for one of another file."""


class ColumnsMissing(UnreadableFile):
    """The file has no header row with the needed columns, of which `found` are there; `share` of them it lacks."""

    def __init__(self, file: str, missing: Collection[str], found: int, heading: Cells, advice: str = "") -> None:
        super().__init__(f"Not {file}: the header row lacks {', '.join(missing)}.{advice}")
        self.heading = heading
        self.share = len(missing) / (len(missing) + found)


@contextmanager
def opened(stream: BinaryIO, find: Find[C]) -> Iterator["Table[C]"]:
    """Give the table in a file, as it is or packed by gzip, whose header row `find` knows. The stream is left open.

    The heading is one of the first rows: titles may stand above it, and a line like `sep=;`, which counts as no row.
    Raises UnreadableFile for what is no such table.
    """
    with zips.unpacked(stream) as content:
        # Most files are of other readers, which their top tells: only one with the heading is read to its end.
        encoding = encodings.find(content, top_only=True)
        top = _top(content, encoding, find)
        if (whole := encodings.find(content)) != encoding:
            encoding, top = whole, _top(content, whole, find)
        directive, looked_at, separator, columns, heading, above = top
        encodings.begin(content)
        text = _text(content, encoding)
        try:
            if directive:
                text.readline()
            records = _Records(text.read, separator)
            table = Table(records, find, columns, heading, _ends_in_blanks(looked_at, separator, above, len(heading)))
            for _ in range(above):
                next(table.lines)
            yield table
        finally:
            _close(text)


def _top(content: BinaryIO, encoding: str, find: Find[C]) -> tuple[str | None, str, str, C, Cells, int]:
    """Return what the top of a table says: the separator line, the text below it, and what `_heading` finds there."""
    encodings.begin(content)
    text = _text(content, encoding)
    try:
        directive, looked_at = _separator_line(text.read(_LOOKED_AT_CHARACTERS))
    finally:
        _close(text)
    return directive, looked_at, *_heading(looked_at, directive, find)


def recognise(stream: BinaryIO, find: Find[C]) -> None:
    """Raise UnreadableFile for a file in which `find` knows no header row."""
    with opened(stream, find):
        pass


@dataclass(slots=True)
class Table(Generic[C]):
    """The rows below a heading: (row, cells), or (row, a sentence that says why the row cannot be read).

    Rows count records from 1, not physical lines: a line break inside a cell does not count, a blank line does, as in
    a spreadsheet. Blank rows are left out, and so are headings that come again, as in files that were joined: what
    follows one is read by its columns, and `part` counts them. A record of broken quotes may have swallowed good
    lines, so reading goes on at its second line. All rows have one cell more than the heading, an empty one, which
    stands for columns that are not there. Where other signs than commas separate the cells, a comma in a number is its
    decimal point.

    Iterating, and `batches`, raise UnreadableFile for too many broken quotes.
    """

    records: "_Records"
    find: Find[C]
    columns: C
    heading: Cells
    full_rows: bool
    part: int = 1
    lines: Iterator[tuple[int, list[Cells] | str]] = field(init=False)
    _names: frozenset[str] = field(init=False)
    _last_cells: deque[str] = field(default_factory=lambda: deque[str](maxlen=_COMPARED_ROWS))
    _last_is_read: bool = False
    _no_heading: str | None = None  # the first cell of the row before, with which no heading begins

    def __post_init__(self) -> None:
        self._begin(self.heading, self.columns)
        self.lines = iter(self.records)

    def __iter__(self) -> Iterator[tuple[int, Cells | str]]:
        for row, found in self.batches():
            if isinstance(found, str):
                yield row, found
            else:
                yield from enumerate(found, row)

    def batches(self) -> Iterator[tuple[int, list[Cells] | str]]:
        """Yield rows that follow each other together, with the number of the first; `part` is that of all of them."""
        self.records.fit, self.records.fit_plain = self._fit, self._fit_plain
        return self.lines

    def _begin(self, heading: Cells, columns: C) -> None:
        self.heading, self.columns = heading, columns
        self._names = frozenset(name.casefold() for name in heading)
        self._no_heading = None
        self._last_is_read = len(heading) - 1 in columns.read

    def _fit_plain(self, rows: list[Cells]) -> bool:
        """Give records the cells that rows have, unless one of them is more than a plain row: see `_fit`."""
        firsts = {cells[0].removeprefix("\ufeff").strip().casefold() for cells in rows if cells}
        if set(map(len, rows)) != {len(self.heading)} or not all(map(any, rows)) or not firsts.isdisjoint(self._names):
            return False
        self._no_heading = rows[-1][0]
        if self._last_is_read:
            self._last_cells.extend(cells[-1] for cells in rows)
        for cells in rows:
            if self.records.separator != ",":
                _with_points(cells, self.columns.numbers)
            cells.append("")
        return True

    def _fit(self, cells: Cells) -> str | None:
        """Give a record the cells that rows have, none where it is a heading; else return why it cannot have them."""
        first = cells[0]
        if first != self._no_heading:
            if first.removeprefix("\ufeff").strip().casefold() in self._names:
                if self._begins_again(cells):
                    cells.clear()
                    return None
            else:
                self._no_heading = first
        if (len(cells) != len(self.heading) or not self.records.ends) and (misfit := self._misfit(cells)):
            return misfit
        if self._last_is_read:
            self._last_cells.append(cells[-1])
        if self.records.separator != ",":
            _with_points(cells, self.columns.numbers)
        cells.append("")
        return None

    def _misfit(self, cells: Cells) -> str | None:
        """Make a record as wide as the heading, or return why it cannot be."""
        width = len(self.heading)
        if len(cells) == 1 < width and self.records.separator in cells[0]:
            cells[:] = _unwrapped(cells[0], self.records.separator) or cells
        ends = self.records.ends
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
            ends = True
        if not ends and (cut := self._cut(cells)):
            return cut
        if len(cells) == width - 1 and not self.full_rows:
            cells.append("")
        if len(cells) != width:
            return f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}, but the header has {width}."
        return None

    def _begins_again(self, cells: Cells) -> bool:
        again = _without_blank_ends([cells[0].removeprefix("\ufeff"), *cells[1:]])
        with suppress(UnreadableFile):
            self._begin(again, self.find(again))
            self.part += 1
            return True
        return False

    def _cut(self, cells: Cells) -> str | None:
        """Return why a last row without a line break behind it is one that was cut off; None where it is whole.

        A row with all its cells may be cut inside the last one. Quoted it would not be closed. Else it is in doubt
        where a longer value in the rows above begins like it, digits being alike: an id with fewer of them, `8` where
        there also is `8.5`. Files whose programs never end the last line stay readable, as their values are alike; and
        an empty cell says nothing wrong, at worst too little.
        """
        if len(cells) < len(self.heading):
            return "The file ends in the middle of this row."
        shape = _shape(cells[-1])
        if not self._last_is_read or self.records.ends_in_quote():
            return None
        above = set(map(_shape, self._last_cells))
        if shape and any(other != shape and other.startswith(shape) for other in above):
            return (
                f"The file ends without a line break after {shown(cells[-1])}, and longer values stand above: the row"
                " may be cut off. If it is whole, end it with a line break."
            )
        return None


class _Records:
    """The records of a text; once `fit` is set, it changes their cells, and says which are no records.

    In place of the cells of a record that cannot be read comes a sentence that says why. `ends`: a line break follows
    the record. Lines are read and split many at a time, and records that `fit_plain` accepts come together: one by one,
    that would take as long as all else here.
    """

    def __init__(self, read: Callable[[int], str], separator: str) -> None:
        self.separator = separator
        self.fit: Callable[[Cells], str | None] = lambda _: None
        self.fit_plain: Callable[[list[Cells]], bool] | None = None
        self.ends = True
        self._read = read
        self._lines: list[str] = []  # physical ones: those of the record that is being read, and some behind it
        self._rest = ""  # a line whose end is still to be read
        self._is_at_end = False
        self._may_be_too_long = self._may_be_bad = False  # whether a record of these lines may be
        self._is_tried = False  # whether the records of these lines were found not to be plain

    def ends_in_quote(self) -> bool:
        """Say whether the last record's text ends in a quotation mark; strictly read, that one closes its last cell."""
        return self._lines[-1].endswith('"')

    def __iter__(self) -> Iterator[tuple[int, list[Cells] | str]]:
        lines, begin, row, broken = self._lines, 0, 0, 0
        read_anew = partial(csv.reader, lines, delimiter=self.separator, strict=True)
        reader = read_anew()
        while True:
            if plain := self._plain(begin, MOST_ROWS - row):
                yield row + 1, plain
                row += len(plain)
                if not self._read_on(len(lines)):
                    return
                begin, reader = 0, read_anew()
                continue
            why = None
            try:
                cells = next(reader, None)
            except csv.Error:
                cells, why = [], "A quote is not closed, or not doubled."
            end = reader.line_num
            if cells is None or (why and end == len(lines)):  # the record may go on below these lines
                if self._read_on(begin):
                    begin, reader = 0, read_anew()
                    continue
                if cells is None:
                    return
            row += 1
            if row > MOST_ROWS:
                raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows.")
            if self._may_be_too_long and _length(lines[begin:end]) > LONGEST_RECORD:
                why = f"Longer than {LONGEST_RECORD:,} characters: is a quote not closed?"
            elif any(cells):
                self.ends = lines[end - 1][-1] in "\r\n"
                why = self.fit(cells)
                if cells and not why:
                    yield row, (self._may_be_bad and _bad_text(lines[begin:end])) or [cells]
            if not why:
                begin = end
                continue
            yield row, why
            broken += end - begin > 1 and len(lines[begin]) <= LONGEST_RECORD
            if broken > MOST_BROKEN_RECORDS:
                raise UnreadableFile(f"Too many broken quotes; reading stopped at row {row}.")
            del lines[: begin + 1]
            begin, reader = 0, read_anew()

    def _plain(self, begin: int, most: int) -> list[Cells]:
        """Return the records of all lines from a place on, if these are at most so many, and plain; else none."""
        lines = self._lines
        if self.fit_plain is None or self._is_tried:
            return []
        self._is_tried = True
        if self._may_be_too_long or self._may_be_bad or not lines or lines[-1][-1] not in "\r\n":
            return []
        try:
            records = list(csv.reader(lines[begin:], delimiter=self.separator, strict=True))
        except csv.Error:
            return []
        return records if 0 < len(records) <= most and self.fit_plain(records) else []

    def _read_on(self, done: int) -> bool:
        """Read lines below those that are there, and forget those that are done; return whether there are any.

        Nothing is read below lines that are too long for a record. Of a line that is too long, the beginning is kept.
        """
        lines = self._lines
        length = _length(lines[done:])
        if length > LONGEST_RECORD:
            return False
        found: list[str] = []
        while not (found or self._is_at_end):
            go_on()
            text = self._read(READ_SIZE)
            self._is_at_end = not text
            found, self._rest = io.StringIO(self._rest + text, newline="").readlines(), ""
            if text and found[-1][-1] != "\n":  # a line feed may follow a carriage return
                self._rest = _beginning(found.pop())
        if not found:
            return False
        del lines[:done]
        self._may_be_bad = (self._may_be_bad and bool(lines)) or _bad_text(found) is not None
        self._may_be_too_long = length + _length(found) > LONGEST_RECORD
        lines += found
        self._is_tried = False
        return True


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _beginning(line: str) -> str:
    """Return the beginning of a line that is too long, and the carriage return that may end it."""
    kept = LONGEST_RECORD + 1
    return line if len(line) <= kept else line[:kept] + ("\r" if line[-1] == "\r" else "")


def _separator_line(text: str) -> tuple[str | None, str]:
    """Return the separator that the first line of a text names for spreadsheets, and the text below that line."""
    found = _DIRECTIVE.match(text)
    if found is None or found[1] not in _SEPARATORS:
        return None, text
    return found[1], text[found.end() :]


def _heading(text: str, directive: str | None, find: Find[C]) -> tuple[str, C, Cells, int]:
    """Return the separator, the columns, the header row, and how many records end with it; raise UnreadableFile."""
    refusals: list[tuple[int, UnreadableFile]] = []
    for separator in [directive] if directive else _SEPARATORS:
        for above, cells in enumerate(islice(_head(text, separator), TOP_ROWS), start=1):
            if isinstance(cells, str):
                refusals.append((0, UnreadableFile(f"The header row cannot be read: {cells}")))
                continue
            heading = _without_blank_ends(cells)
            try:
                return separator, find(heading), heading, above
            except UnreadableFile as refusal:
                refusals.append((len(heading), refusal))
    if not text.strip(" \r\n" + "".join(_SEPARATORS)):
        raise UnreadableFile("The file has no header row.")
    # Of all rows, the one with the most cells is most like a heading.
    raise max(refusals, key=lambda refusal: refusal[0])[1]


def _ends_in_blanks(text: str, separator: str, above: int, width: int) -> bool:
    """Say whether rows write their last cell where it is empty: then one with a cell too few has lost another."""
    rows = islice(_head(text, separator), above, LOOKED_AT_ROWS)
    return any(isinstance(cells, list) and len(cells) == width and not cells[-1] for cells in rows)


def _head(text: str, separator: str) -> Iterator[Cells | str]:
    with suppress(UnreadableFile):  # for too many broken quotes, which are met again when the table is read
        for _, found in _Records(io.StringIO(text, newline="").read, separator):
            yield found if isinstance(found, str) else found[0]


def _without_blank_ends(cells: Cells) -> Cells:
    """Return a header row without empty cells at its end."""
    names = [cell.strip() for cell in cells]
    while len(names) > 1 and not names[-1]:
        names.pop()
    return names


def _unwrapped(cell: str, separator: str) -> Cells | None:
    """Return the cells of a record that a spreadsheet took for one cell, and quoted; None where that was not so."""
    try:
        records = list(csv.reader(cell.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _with_points(cells: Cells, numbers: Collection[int]) -> None:
    for place in numbers:
        if place < len(cells) and _COMMA_NUMBER.fullmatch(cells[place]):
            cells[place] = cells[place].replace(",", ".")


def _shape(cell: str) -> str:
    """Return the number at the end of a cell, or else the whole of it, its digits all alike."""
    alike = cell.strip().translate(_ZEROS)
    number = _LAST_NUMBER.search(alike)
    return number[0] if number else alike


def _bad_text(record: list[str]) -> str | None:
    """Return why the text of a record, given as its lines, cannot be stored; None when it can."""
    text = record[0] if len(record) == 1 else "".join(record)
    if "\0" in text:
        return "A null byte in the text."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # the lone surrogates that bad bytes became
            return "Text that is not UTF-8; save the file as “CSV UTF-8”."
    return None


def _text(content: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return the content as text without its byte order mark; bytes that are not UTF-8 become lone surrogates."""
    buffered = io.BufferedReader(cast(io.RawIOBase, content), READ_SIZE)
    return io.TextIOWrapper(buffered, encoding, "surrogateescape" if "utf-8" in encoding else "replace", newline="")


def _close(text: io.TextIOWrapper) -> None:
    """Let go of a text; otherwise its wrappers would close the caller's stream when they are collected."""
    with suppress(ValueError):  # the caller closed it first
        cast(io.BufferedReader, text.detach()).detach()
