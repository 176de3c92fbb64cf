"""The description of a table in an archive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Table:
    """A table with user data. `key` is its primary key after the user id; `numbered`: the key is generated.

    `numbers` maps columns with a generated number to the table of that number. `later` has the columns that refer to
    the same table, which can only be set after all rows are added. `derived` has the columns that follow from others.
    `per_user`: by the program, from 1 on for each user; otherwise by the database. `binary` has the columns with bytes,
    which are base64 in an archive.
    """

    name: LiteralString
    key: tuple[LiteralString, ...] = ("id",)
    numbered: bool = False
    per_user: bool = False
    numbers: Mapping[LiteralString, LiteralString] = field(default_factory=dict)
    later: tuple[LiteralString, ...] = ()
    derived: tuple[LiteralString, ...] = ()
    binary: tuple[LiteralString, ...] = ()

    def generated(self) -> set[str]:
        """Return the columns that are not in an archive, as each database generates its own values."""
        return {"user_id", *(self.key if self.numbered else ()), *self.derived}
