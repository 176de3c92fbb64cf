"""Keyset paging: where a page ended, as text that a client hands back."""

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key (as PostgreSQL writes it) and the id of a page's last row."""

    key: str
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor as URL-safe text that is only good for the same sort order."""
        return base64.urlsafe_b64encode(json.dumps([order, self.key, self.id]).encode()).decode()

    @classmethod
    def decode(cls, text: str, order: str) -> "Cursor":
        """Return the cursor in the text; ValueError when it is damaged or of another sort order."""
        try:
            decoded = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError("Not a cursor of this list") from error
        match decoded:
            case [str(of_order), str(key), str(id)] if of_order == order:
                return cls(key, id)
        raise ValueError("Not a cursor of this list and sort order")
