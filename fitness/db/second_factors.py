"""Second factors of logins, and their recovery codes. In transactions of the user or system transactions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A second factor; the secret is encrypted. Without `confirmed_at` it is not on yet."""

    secret: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Protection:
    """How an account is protected."""

    has_password: bool
    has_google: bool
    passkeys: int
    email_verified: bool
    second_factor: bool
    recovery_codes_left: int

    @property
    def ways_to_log_in(self) -> int:
        return self.has_password + self.has_google + self.passkeys


def get_protection(user_id: int) -> Protection | None:
    """Return how the account of a user is protected."""
    return fetch_one(
        Protection,
        """
        SELECT u.hashed_password IS NOT NULL AS has_password, u.google_id IS NOT NULL AS has_google,
          (SELECT count(*) FROM passkeys AS p WHERE p.user_id = %(user_id)s) AS passkeys,
          u.email_verified_at IS NOT NULL AS email_verified, f.confirmed_at IS NOT NULL AS second_factor,
          (SELECT count(*) FROM recovery_codes AS c WHERE c.user_id = %(user_id)s) AS recovery_codes_left
        FROM users AS u
        LEFT JOIN second_factors AS f ON f.user_id = %(user_id)s
        WHERE u.user_id = %(user_id)s
        """,
        user_id=user_id,
    )


_GET_SECOND_FACTOR: LiteralString = "SELECT secret, confirmed_at FROM second_factors WHERE user_id = %(user_id)s"


def get_second_factor(user_id: int, *, lock: bool = False) -> SecondFactor | None:
    """Return the second factor of a user, or None.

    With `lock`, other transactions cannot change it, or its recovery codes, until this one ends.
    """
    return fetch_one(SecondFactor, _GET_SECOND_FACTOR + (" FOR UPDATE" if lock else ""), user_id=user_id)


def begin_second_factor(user_id: int, secret: str) -> bool:
    """Store the secret of a second factor that is not on yet; return False if one is on."""
    stored = execute(
        """
        INSERT INTO second_factors AS f (user_id, secret)
        VALUES (%(user_id)s, %(secret)s)
        ON CONFLICT (user_id) DO UPDATE
        SET secret = excluded.secret, last_step = 0
        WHERE f.confirmed_at IS NULL
        """,
        user_id=user_id,
        secret=secret,
    )
    return stored > 0


def confirm_second_factor(user_id: int) -> None:
    """Switch a second factor on."""
    execute(
        "UPDATE second_factors SET confirmed_at = least(confirmed_at, now()) WHERE user_id = %(user_id)s",
        user_id=user_id,
    )


def use_step(user_id: int, step: int) -> bool:
    """Store that the code of a step of 30 seconds was used; return False if it, or a later one, was used before."""
    used = execute(
        """
        UPDATE second_factors
        SET last_step = %(step)s
        WHERE user_id = %(user_id)s
          AND last_step < %(step)s
        """,
        user_id=user_id,
        step=step,
    )
    return used > 0


def delete_second_factor(user_id: int) -> bool:
    """Switch a second factor off, and delete its recovery codes; return False if there is none."""
    execute("DELETE FROM recovery_codes WHERE user_id = %(user_id)s", user_id=user_id)
    return execute("DELETE FROM second_factors WHERE user_id = %(user_id)s", user_id=user_id) > 0


def replace_recovery_codes(user_id: int, code_hashes: Sequence[str]) -> None:
    """Store the hashes of new recovery codes; those of before stop working."""
    execute("DELETE FROM recovery_codes WHERE user_id = %(user_id)s", user_id=user_id)
    execute(
        """
        INSERT INTO recovery_codes (user_id, code_hash)
        SELECT %(user_id)s, unnest(%(code_hashes)s::text[])
        ON CONFLICT DO NOTHING
        """,
        user_id=user_id,
        code_hashes=code_hashes,
    )


def use_recovery_code(user_id: int, code_hash: str) -> bool:
    """Delete a recovery code; return False if there is no such code."""
    used = execute(
        "DELETE FROM recovery_codes WHERE user_id = %(user_id)s AND code_hash = %(code_hash)s",
        user_id=user_id,
        code_hash=code_hash,
    )
    return used > 0


def list_owners() -> list[int]:
    """Return the users with secrets in this table, in the order in which their rows are locked (system transaction)."""
    return fetch_all(int, "SELECT user_id FROM second_factors ORDER BY user_id")


def rewrite_secrets(user_id: int, rewrite: Callable[[str], str]) -> int:
    """Replace every secret of a user with the result of `rewrite` (system transaction); return their number."""
    secret = fetch_one(str, "SELECT secret FROM second_factors WHERE user_id = %(user_id)s FOR UPDATE", user_id=user_id)
    return execute(
        "UPDATE second_factors SET secret = %(secret)s WHERE user_id = %(user_id)s",
        user_id=user_id,
        secret=secret and rewrite(secret),
    )
