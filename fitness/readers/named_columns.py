"""Columns of a table that are found by their names, whatever their order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fitness.readers.tables import Cells, ColumnsMissing


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
