"""Protect secrets in the database: encrypt those that are sent to providers, hash those that clients send back.

Encryption is Fernet with keys that can be rotated.
"""

import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fitness.errors import FitnessError


class Undecipherable(FitnessError):
    """A stored secret cannot be decrypted with any key: the operator must act."""

    status = 503
    code = "undecipherable"

    def __init__(self) -> None:
        super().__init__("A stored secret was encrypted with a key that is no longer in ENCRYPTION_KEYS")


class Cipher:
    """Encrypts with the first key, and decrypts with any of the keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, secret: str) -> str:
        """Return the encrypted secret, as it is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """Return a decrypted secret; raises Undecipherable if its key is missing."""
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken as error:
            raise Undecipherable from error

    def rotate(self, stored: str) -> str:
        """Return a stored secret re-encrypted with the first key; raises Undecipherable if its key is missing."""
        try:
            return self._fernet.rotate(stored).decode()
        except InvalidToken as error:
            raise Undecipherable from error


def digest(text: str) -> str:
    """Return the SHA-256 hash of a text in hexadecimal. A secret can be looked up by it, but not read from it."""
    return hashlib.sha256(text.encode()).hexdigest()
