"""Keyset paging: cursors as text for clients."""

import base64
from dataclasses import dataclass

import orjson

from fitness.db.history.instants import looks_back_at

LONGEST = 4000
"""Longer than any cursor; limits the length of numbers in one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key (as PostgreSQL text) and the id of the last row of a page."""

    key: str
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor as URL-safe text, valid only for the same sort order, and the same `as_of`."""
        return base64.urlsafe_b64encode(orjson.dumps([_as_of(order), self.key, self.id])).decode()

    @classmethod
    def decode(cls, text: str, order: str) -> "Cursor":
        """Return the cursor from the text; raises ValueError if it is damaged, or of another order or `as_of`."""
        if len(text) > LONGEST:
            raise ValueError("This cursor belongs to another list")
        try:
            match orjson.loads(base64.b64decode(text, altchars=b"-_", validate=True)):
                case [str(of_order), str(key), str(id)] if of_order == _as_of(order) and _is_text(key) and _is_text(id):
                    return cls(key, id)
        except ValueError as error:
            raise ValueError("This cursor belongs to another list") from error
        raise ValueError("This cursor belongs to another list, sort order or `as_of`")


def _as_of(order: str) -> str:
    instant = looks_back_at()
    return f"{order} as of {instant.isoformat()}" if instant else order


def _is_text(text: str) -> bool:
    """Return whether PostgreSQL can store the text; raises ValueError for lone surrogates."""
    return b"\0" not in text.encode()
