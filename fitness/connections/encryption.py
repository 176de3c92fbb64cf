"""Secrets, as they reach the database: those that are used again encrypted, those that come back as their hashes.

Encryption is Fernet's, under keys that can be rotated.
"""

import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fitness.errors import FitnessError


class Undecipherable(FitnessError):
    """None of the keys opens a stored secret: the operator must act."""

    status = 503

    def __init__(self) -> None:
        super().__init__("A stored secret was encrypted with a key that ENCRYPTION_KEYS no longer holds")


class Cipher:
    """Encrypts with the first of the keys, and opens what any of them has encrypted."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, secret: str) -> str:
        """Return the secret as it is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """Return a stored secret; raise Undecipherable when its key is gone."""
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken as error:
            raise Undecipherable from error

    def rotate(self, stored: str) -> str:
        """Return a stored secret encrypted anew, with the first key; raise Undecipherable when its key is gone."""
        try:
            return self._fernet.rotate(stored).decode()
        except InvalidToken as error:
            raise Undecipherable from error


def digest(text: str) -> str:
    """Return the SHA-256 hash of a text, in hexadecimal: a secret is found by it, and cannot be read from it."""
    return hashlib.sha256(text.encode()).hexdigest()
