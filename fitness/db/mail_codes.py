"""Codes that are sent to an e-mail address, each for one use. System transactions only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from fitness.db.connection import execute, fetch_one

Purpose: TypeAlias = Literal["verify", "reset"]


@dataclass(frozen=True, slots=True)
class Addressee:
    """An active account that gets mail at this address; `verified`: its owner has proved to read mail there."""

    user_id: int
    email: str
    username: str | None
    name: str
    verified: bool


def get_addressee(email: str) -> Addressee | None:
    """Return the active account of an e-mail address, or None."""
    return fetch_one(
        Addressee,
        """
        SELECT user_id, email, username, name, email_verified_at IS NOT NULL AS verified
        FROM users
        WHERE address_key(email) = address_key(%(email)s)
          AND is_active
        """,
        email=email,
    )


def get_addressee_of_user(user_id: int) -> Addressee | None:
    """Return the account of a user if it is active, or None."""
    return fetch_one(
        Addressee,
        """
        SELECT user_id, email, username, name, email_verified_at IS NOT NULL AS verified
        FROM users
        WHERE user_id = %(user_id)s
          AND is_active
        """,
        user_id=user_id,
    )


def create_code(addressee: Addressee, code_hash: str, *, purpose: Purpose, lasts: timedelta) -> None:
    """Store the hash of a new code; those of the same purpose and account that were sent before stop working."""
    execute(
        "DELETE FROM mail_codes WHERE user_id = %(user_id)s AND purpose = %(purpose)s",
        user_id=addressee.user_id,
        purpose=purpose,
    )
    _delete_expired()
    execute(
        """
        INSERT INTO mail_codes (user_id, code_hash, purpose, email, expires_at)
        VALUES (%(user_id)s, %(code_hash)s, %(purpose)s, %(email)s, now() + %(lasts)s::interval)
        """,
        user_id=addressee.user_id,
        code_hash=code_hash,
        purpose=purpose,
        email=addressee.email,
        lasts=lasts,
    )


def _delete_expired() -> None:
    execute("DELETE FROM mail_codes WHERE expires_at < now()")


def get_addressee_of_code(code_hash: str, *, purpose: Purpose) -> Addressee | None:
    """Return the account of a code; None if it is unknown, used, expired, or the account has another address now."""
    return fetch_one(
        Addressee,
        """
        SELECT u.user_id, u.email, u.username, u.name, u.email_verified_at IS NOT NULL AS verified
        FROM mail_codes AS c
        JOIN users AS u ON u.user_id = c.user_id AND u.email = c.email AND u.is_active
        WHERE c.code_hash = %(code_hash)s
          AND c.purpose = %(purpose)s
          AND c.expires_at > now()
        """,
        code_hash=code_hash,
        purpose=purpose,
    )


def use_code(user_id: int, code_hash: str) -> bool:
    """Delete a code of a user; return False if another request has used it already."""
    used = execute(
        "DELETE FROM mail_codes WHERE user_id = %(user_id)s AND code_hash = %(code_hash)s",
        user_id=user_id,
        code_hash=code_hash,
    )
    return used > 0


def set_verified(user_id: int) -> None:
    """Store that the owner of an account reads mail at its address."""
    execute(
        """
        UPDATE users
        SET email_verified_at = least(email_verified_at, now()), updated_at = now()
        WHERE user_id = %(user_id)s
        """,
        user_id=user_id,
    )
