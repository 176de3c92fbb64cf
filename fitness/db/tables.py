"""A table as an archive of an account holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of users. `key` is its primary key behind the user; `numbered`: the database counts it.

    `numbers` are the columns that hold such a number, and the table that it is counted in. `later` are those that refer
    to rows of the same table, which can be filled in only when all of these are there.
    """

    name: LiteralString
    key: tuple[LiteralString, ...] = ("id",)
    numbered: bool = False
    numbers: Mapping[LiteralString, LiteralString] = field(default_factory=dict)
    later: tuple[LiteralString, ...] = ()

    def generated(self) -> set[str]:
        """Return the columns that the database fills in when a row is added."""
        return {"user_id", *(self.key if self.numbered else ())}
