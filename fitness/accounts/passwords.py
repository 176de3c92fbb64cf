"""Hash and check passwords with bcrypt."""

from functools import cache

import bcrypt

from fitness.schemas.auth import BCRYPT_MAX_BYTES

BCRYPT_COST = 12


@cache
def _dummy_hash(cost: int) -> bytes:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(cost))


def hash_password(password: str) -> str:
    """Return the bcrypt hash of a password of at most 72 bytes (UTF-8). Takes about 0.25 seconds."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()


def check_password(password: str, hashed_password: str | None) -> bool:
    """Return whether the password matches the hash; takes the same time if there is no hash."""
    given = password.encode()
    fits = len(given) <= BCRYPT_MAX_BYTES and b"\0" not in given
    compared_with = hashed_password.encode() if hashed_password else _dummy_hash(BCRYPT_COST)
    matches = bcrypt.checkpw(given if fits else b"", compared_with)
    return matches and fits and hashed_password is not None
