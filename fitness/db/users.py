"""Users. What has no user yet (sign-up, login, the operator's commands) runs in a system transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class User:
    """A person's account, as they see it themselves."""

    user_id: int
    email: str
    username: str | None
    name: str
    profile_image_url: str | None
    birth_year: int | None
    birth_month: int | None
    sex: str | None
    time_zone: str | None
    max_heart_rate: int | None
    resting_heart_rate: int | None
    lactate_threshold_heart_rate: int | None
    units: str
    is_active: bool
    is_admin: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Asker:
    """Who makes a request; `handle` is what history calls them."""

    user_id: int
    handle: str
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against; `hashed_password` is None for those who come in through Google alone."""

    user_id: int
    hashed_password: str | None
    is_active: bool


_COLUMNS: LiteralString = """
    u.user_id, u.email, u.username, u.name, u.profile_image_url, u.birth_year, u.birth_month, u.sex, u.time_zone,
    u.max_heart_rate, u.resting_heart_rate, u.lactate_threshold_heart_rate, u.units, u.is_active, u.is_admin,
    u.created_at, u.updated_at
"""


def create_user(
    *,
    email: str,
    name: str,
    hashed_password: str | None,
    username: str | None = None,
    birth_year: int | None = None,
    birth_month: int | None = None,
    time_zone: str | None = None,
) -> User:
    """Create an account in a system transaction; a taken e-mail address or username raises Conflict."""
    user = fetch_one(
        User,
        f"""
        INSERT INTO users AS u (email, username, name, hashed_password, birth_year, birth_month, time_zone)
        VALUES (%(email)s, %(username)s, %(name)s, %(hashed_password)s, %(birth_year)s, %(birth_month)s, %(time_zone)s)
        RETURNING {_COLUMNS}
        """,
        email=email,
        username=username,
        name=name,
        hashed_password=hashed_password,
        birth_year=birth_year,
        birth_month=birth_month,
        time_zone=time_zone,
    )
    assert user is not None
    return user


def get_credentials(login: str) -> Credentials | None:
    """Return what to check a password against, by e-mail address or username in any case, or None."""
    return fetch_one(
        Credentials,
        """
        SELECT user_id, hashed_password, is_active
        FROM users
        WHERE lower(email) = lower(%(login)s)
          OR lower(username) = lower(%(login)s)
        """,
        login=login,
    )


def list_users() -> list[User]:
    """Return every account, by number, in a system transaction."""
    return fetch_all(User, f"SELECT {_COLUMNS} FROM users AS u ORDER BY u.user_id")


def set_active(user_id: int, is_active: bool) -> None:
    """Lock an account out at once, or let it in again, in a system transaction."""
    execute(
        """
        UPDATE users
        SET is_active = %(is_active)s, updated_at = now()
        WHERE user_id = %(user_id)s
        """,
        user_id=user_id,
        is_active=is_active,
    )


def set_password(user_id: int, hashed_password: str) -> None:
    """Give an account another password, in a system transaction."""
    execute(
        """
        UPDATE users
        SET hashed_password = %(hashed_password)s, updated_at = now()
        WHERE user_id = %(user_id)s
        """,
        user_id=user_id,
        hashed_password=hashed_password,
    )


def set_email(user_id: int, email: str) -> User | None:
    """Give an account another e-mail address, in a system transaction; a taken one raises Conflict."""
    return fetch_one(
        User,
        f"""
        UPDATE users AS u
        SET email = %(email)s, updated_at = now()
        WHERE u.user_id = %(user_id)s
        RETURNING {_COLUMNS}
        """,
        user_id=user_id,
        email=email,
    )


def get_user() -> User | None:
    """Return the transaction's user."""
    return fetch_one(User, f"SELECT {_COLUMNS} FROM users AS u WHERE u.user_id = %(user_id)s")


def get_hashed_password() -> str | None:
    """Return what the password of the transaction's user is checked against, None when they have none."""
    return fetch_one(str, "SELECT hashed_password FROM users WHERE user_id = %(user_id)s")


def get_asker(session_id: UUID) -> Asker | None:
    """Return the transaction's user, or None when they are deactivated or the session has ended."""
    return fetch_one(
        Asker,
        """
        SELECT u.user_id, coalesce(u.username, u.email) AS handle, u.time_zone
        FROM users AS u
        WHERE u.user_id = %(user_id)s
          AND u.is_active
          AND EXISTS (
            SELECT
            FROM refresh_tokens AS t
            WHERE t.user_id = %(user_id)s
              AND t.family_id = %(session_id)s
              AND t.used_at IS NULL
              AND t.revoked_at IS NULL
              AND t.expires_at > now()
          )
        """,
        session_id=session_id,
    )


PROFILE: dict[str, LiteralString] = {
    "name": "name = %(name)s",
    "username": "username = %(username)s",
    "profile_image_url": "profile_image_url = %(profile_image_url)s",
    "birth_year": "birth_year = %(birth_year)s",
    "birth_month": "birth_month = %(birth_month)s",
    "sex": "sex = %(sex)s",
    "time_zone": "time_zone = %(time_zone)s",
    "max_heart_rate": "max_heart_rate = %(max_heart_rate)s",
    "resting_heart_rate": "resting_heart_rate = %(resting_heart_rate)s",
    "lactate_threshold_heart_rate": "lactate_threshold_heart_rate = %(lactate_threshold_heart_rate)s",
    "units": "units = %(units)s",
}
"""The columns of a profile that their owner may change, and the assignment of each."""


def update_user(changes: dict[str, Any]) -> User | None:
    """Change the given profile columns (keys of PROFILE) of the transaction's user; the others stay."""
    assignments = ", ".join(PROFILE[field] for field in changes)
    return fetch_one(
        User,
        f"""
        UPDATE users AS u
        SET {assignments}, updated_at = now()
        WHERE u.user_id = %(user_id)s
        RETURNING {_COLUMNS}
        """,
        **changes,
    )
