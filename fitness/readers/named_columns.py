"""Columns of a table that are found by their names, whatever their order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from fitness.readers import tables
from fitness.readers.records import BadValue, Problem
from fitness.readers.tables import Cells, ColumnsMissing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """Where each column is that a file has, by its name in lower case, and which of them are numbers."""

    places: Mapping[str, int]
    number_names: Collection[str] = ()

    @property
    def read(self) -> Collection[int]:
        return self.places.values()

    @property
    def numbers(self) -> Collection[int]:
        return [place for name, place in self.places.items() if name in self.number_names]

    def cell(self, cells: Cells, *names: str) -> str:
        """Return the first cell of these columns that says something; "" if none does."""
        for name in names:
            place = self.places.get(name)
            if place is not None and (found := cells[place].strip()):
                return found
        return ""

    def has(self, *names: str) -> bool:
        return any(name in self.places for name in names)


def find_named(
    heading: Cells, file: str, needed: Collection[str], optional: Collection[str], numbers: Collection[str] = ()
) -> NamedColumns:
    """Find columns in a header row; raise ColumnsMissing naming every needed one that is missing."""
    names = [" ".join(cell.split()).casefold() for cell in heading]
    missing = [name for name in needed if name not in names]
    if missing:
        raise ColumnsMissing(file, missing, len(needed) - len(missing), heading)
    return NamedColumns({name: names.index(name) for name in (*needed, *optional) if name in names}, numbers)


def read_rows(
    stream: BinaryIO, find: Callable[[Cells], NamedColumns], read: Callable[[int, Cells, NamedColumns], Iterable[T]]
) -> Iterator[T | Problem]:
    """Yield what `read` finds in each row of a table, and a Problem for each row that it cannot read.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    with tables.opened(stream, find) as table:
        for row, cells in table:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            try:
                yield from read(row, cells, table.columns)
            except BadValue as error:
                yield Problem(row, None, str(error))
