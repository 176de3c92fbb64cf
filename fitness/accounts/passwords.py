"""Hash, check and set passwords, with bcrypt; refuse those that are easily guessed.

bcrypt reads 72 bytes of a password. It gets an HMAC of the whole one instead, whose key is the salt.
"""

import base64
import hmac
import re
import unicodedata
from functools import cache
from uuid import UUID

import bcrypt

from fitness.accounts import security_log
from fitness.db import api_tokens, refresh_tokens, users
from fitness.db.connection import system_transaction
from fitness.db.mail_codes import Addressee
from fitness.db.users import Credentials, User
from fitness.errors import Invalid

BCRYPT_COST = 12
_HMAC = "hmac-sha256"
"""Begins a stored hash; those of earlier versions have bcrypt's own string alone."""
_LENGTH_OF_SALT = 29
_READ_BY_BCRYPT = 72
FEWEST_GUESSES = 10**6
"""What an attacker needs at least; ten a minute are answered."""
TOO_EASY = "Too easy to guess: choose one that is not common, and not made of your name or address"


@cache
def _dummy_hash(cost: int) -> str:
    return _hash("nobody", bcrypt.gensalt(cost))


def hash_password(password: str) -> str:
    """Return the hash of a password, as it is stored. Takes about 0.25 seconds."""
    return _hash(password, bcrypt.gensalt(BCRYPT_COST))


def check_password(password: str, hashed_password: str | None) -> bool:
    """Return whether the password matches the hash; takes the same time if there is no hash."""
    compared_with = hashed_password or _dummy_hash(BCRYPT_COST)
    if not compared_with.startswith(_HMAC):
        return _check_earlier(password, compared_with)
    hashed = compared_with.removeprefix(_HMAC).encode()
    return bcrypt.checkpw(_for_bcrypt(password, hashed[:_LENGTH_OF_SALT]), hashed) and hashed_password is not None


def renew(credentials: Credentials, password: str) -> str | None:
    """Store a new hash of a password that has just been checked, if its hash is of an earlier kind.

    Return the hash that it has now: another login may have renewed it. None if the password was changed meanwhile.
    """
    earlier = credentials.hashed_password
    if not earlier or earlier.startswith(f"{_HMAC}$2b${BCRYPT_COST:02}$"):
        return earlier
    hashed_password = hash_password(password)
    with system_transaction():
        if users.renew_password(credentials.user_id, hashed_password, earlier=earlier):
            return hashed_password
        now = users.get_credentials_of_user(credentials.user_id)
    return now.hashed_password if now and check_password(password, now.hashed_password) else None


def refuse_easy(password: str, *about: str | None, field: str = "password") -> None:
    """Raise Invalid for a password that is common, or made of what is known `about` the person."""
    # Loaded at the first new password of a process, as its lists of words take 9 MB.
    from zxcvbn_rs_py import zxcvbn

    known = [text for text in about if text]
    names = [part for text in known for part in (text, text.partition("@")[0])]
    words = [re.findall(r"\w+", name) for name in names]
    parts = [part for some in words for part in (*some, "".join(some), " ".join(some))]
    guesses = zxcvbn(_composed(password), [*names, *parts]).guesses
    if guesses < FEWEST_GUESSES or password.casefold() in map(str.casefold, known):
        raise Invalid(TOO_EASY, errors={field: [TOO_EASY]})


def hash_new_password(password: str, user: User | Addressee) -> str:
    """Return the hash of a new password of a user; raises Invalid for one that is easily guessed."""
    refuse_easy(password, user.email, user.username, user.name, field="new_password")
    return hash_password(password)


def set_password(
    user_id: int, hashed_password: str, event: str, *, kept_session: UUID | None = None, revoke_tokens: bool = False
) -> int:
    """Set the password of a user, and end all other sessions; return how many have ended (system transaction).

    It is recorded as `event` in the security log. With `revoke_tokens`, personal access tokens end as well.
    """
    users.set_password(user_id, hashed_password)
    security_log.record(user_id, event)
    if revoke_tokens:
        api_tokens.revoke_all_tokens(user_id)
        security_log.record(user_id, "tokens_revoked")
    return refresh_tokens.revoke_other_families(user_id, kept=kept_session)


def _hash(password: str, salt: bytes) -> str:
    return _HMAC + bcrypt.hashpw(_for_bcrypt(password, salt), salt).decode()


def _for_bcrypt(password: str, salt: bytes) -> bytes:
    # In base64, as bcrypt stops at a null byte.
    return base64.b64encode(hmac.digest(salt, _composed(password).encode(), "sha256"))


def _composed(password: str) -> str:
    """Return a password in the one form (NFC) of those in which keyboards send the same letters."""
    return unicodedata.normalize("NFC", password)


def _check_earlier(password: str, hashed_password: str) -> bool:
    given = password.encode()
    fits = len(given) <= _READ_BY_BCRYPT and b"\0" not in given
    return bcrypt.checkpw(given if fits else b"", hashed_password.encode()) and fits
