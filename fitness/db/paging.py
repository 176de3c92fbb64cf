"""Keyset paging: where a page ended, as text that a client hands back."""

import base64
from dataclasses import dataclass

import orjson

LONGEST = 4000
"""More characters than any cursor has; a number in one stays short enough to be read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key (as PostgreSQL writes it) and the id of a page's last row."""

    key: str
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor as URL-safe text that is only good for the same sort order."""
        return base64.urlsafe_b64encode(orjson.dumps([order, self.key, self.id])).decode()

    @classmethod
    def decode(cls, text: str, order: str) -> "Cursor":
        """Return the cursor in the text; ValueError when it is damaged, forged, or of another sort order."""
        if len(text) > LONGEST:
            raise ValueError("Not a cursor of this list")
        try:
            match orjson.loads(base64.b64decode(text, altchars=b"-_", validate=True)):
                case [str(of_order), str(key), str(id)] if of_order == order and _is_text(key) and _is_text(id):
                    return cls(key, id)
        except ValueError as error:
            raise ValueError("Not a cursor of this list") from error
        raise ValueError("Not a cursor of this list and sort order")


def _is_text(text: str) -> bool:
    """Tell whether PostgreSQL can hold the text; ValueError for lone surrogates."""
    return b"\0" not in text.encode()
