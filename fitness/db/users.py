"""Users. Functions without a current user (sign-up, login, the operator's commands) run in a system transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from fitness.db import constraints
from fitness.db.account_tables import TABLES
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import columns, listed
from fitness.db.later import ask_first
from fitness.db.refresh_tokens import SESSION_LIVES, is_alive
from fitness.errors import ACCOUNT_DELETED, Conflict, Unauthorized


@dataclass(frozen=True, slots=True)
class User:
    """An account, as its owner sees it."""

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
    import_other_sports: bool
    sync_points: bool
    week_start: str
    weekly_goal_miles: float | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Asker:
    """The user of a request; `handle` is the name stored in the history.

    `epoch` and `position` are those of the counter of the user's writes, `asked_at` is the database's time. `reason` is
    why the operator acts for the user; None if the user does it.
    """

    user_id: int
    handle: str
    time_zone: str | None
    week_start: str
    epoch: int
    position: int
    asked_at: datetime
    reason: str | None


OPERATOR = "operator"
"""The name stored in the history for what the operator does; no user can take it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The data to check a login; `hashed_password` is None for accounts that have none."""

    user_id: int
    hashed_password: str | None
    is_active: bool


_COLUMNS = columns(User, "u")
_SELECT: LiteralString = "SELECT " + _COLUMNS + " FROM users AS u"
_SELECT_CREDENTIALS: LiteralString = "SELECT user_id, hashed_password, is_active FROM users"

ASKER_COLUMNS: LiteralString = """
    u.user_id, coalesce(u.username, u.email) AS handle, u.time_zone, u.week_start, coalesce(c.epoch, 0) AS epoch,
    coalesce(c.position, 0) AS position, now() AS asked_at
"""
"""The columns of an `Asker` but for the reason, from the user `u` and the counter `c`."""

EMAIL_TAKEN, USERNAME_TAKEN = "This e-mail address is already taken", "This username is already taken"
constraints.conflict("users_email_key", detail=EMAIL_TAKEN)
constraints.conflict("users_username_lower_key", detail=USERNAME_TAKEN)
constraints.conflict("users_google_id_key", detail="This Google account is linked to another account")
constraints.invalid(
    "users_heart_rates_order_check", field="resting_heart_rate", why="Must be lower than the maximum heart rate"
)


def refuse_taken(email: str, username: str | None) -> None:
    """Raise Conflict if an account has the e-mail address or username (system transaction), before much is asked.

    Whether one can be made, `create_user` finds out.
    """
    taken = fetch_one(
        bool,
        """
        SELECT address_key(email) = address_key(%(email)s) AS is_email
        FROM users
        WHERE address_key(email) = address_key(%(email)s) OR lower(username) = lower(%(username)s)
        ORDER BY is_email DESC
        LIMIT 1
        """,
        email=email,
        username=username,
    )
    if taken is not None:
        raise Conflict(EMAIL_TAKEN if taken else USERNAME_TAKEN)


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
    """Create an account (system transaction); raises Conflict if the e-mail address or username is taken."""
    user = fetch_one(
        User,
        """
        INSERT INTO users AS u (email, username, name, hashed_password, birth_year, birth_month, time_zone)
        VALUES (%(email)s, %(username)s, %(name)s, %(hashed_password)s, %(birth_year)s, %(birth_month)s, %(time_zone)s)
        RETURNING """
        + _COLUMNS,
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
    """Return the credentials of an e-mail address or username, or None.

    Upper and lower case, look-alike letters and invisible characters make no other name.
    """
    return fetch_one(
        Credentials,
        _SELECT_CREDENTIALS
        + " WHERE address_key(email) = address_key(%(login)s) OR lower(username) = address_key(%(login)s)",
        login=login,
    )


def get_credentials_of_user(user_id: int) -> Credentials | None:
    """Return the credentials of a user, or None."""
    return fetch_one(Credentials, _SELECT_CREDENTIALS + " WHERE user_id = %(user_id)s", user_id=user_id)


def get_credentials_of_google(google_id: str) -> Credentials | None:
    """Return the credentials of the account that a Google account is linked to, or None."""
    return fetch_one(Credentials, _SELECT_CREDENTIALS + " WHERE google_id = %(google_id)s", google_id=google_id)


def get_credentials_of_handle(passkey_handle: UUID) -> Credentials | None:
    """Return the credentials of the account that authenticators know by this handle, or None."""
    return fetch_one(
        Credentials,
        _SELECT_CREDENTIALS + " WHERE passkey_handle = %(passkey_handle)s",
        passkey_handle=passkey_handle,
    )


def list_users() -> list[User]:
    """Return all accounts by id (system transaction)."""
    return fetch_all(User, _SELECT + " ORDER BY u.user_id")


def set_active(user_id: int, is_active: bool) -> None:
    """Deactivate or reactivate an account at once (system transaction)."""
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
    """Change the password of an account (system transaction)."""
    execute(
        """
        UPDATE users
        SET hashed_password = %(hashed_password)s, updated_at = now()
        WHERE user_id = %(user_id)s
        """,
        user_id=user_id,
        hashed_password=hashed_password,
    )


def renew_password(user_id: int, hashed_password: str, *, earlier: str) -> bool:
    """Replace the `earlier` hash of a password by another of the same password (system transaction).

    Return whether it was still there.
    """
    renewed = execute(
        """
        UPDATE users
        SET hashed_password = %(hashed_password)s
        WHERE user_id = %(user_id)s
          AND hashed_password = %(earlier)s
        """,
        user_id=user_id,
        hashed_password=hashed_password,
        earlier=earlier,
    )
    return renewed > 0


def set_email(user_id: int, email: str) -> User | None:
    """Change the e-mail address of an account (system transaction); raises Conflict if it is taken.

    The new one is not verified yet.
    """
    return fetch_one(
        User,
        """
        UPDATE users AS u
        SET email = %(email)s, email_verified_at = NULL, updated_at = now()
        WHERE u.user_id = %(user_id)s
        RETURNING """
        + _COLUMNS,
        user_id=user_id,
        email=email,
    )


def get_user() -> User | None:
    """Return the transaction's user."""
    return fetch_one(User, _SELECT + " WHERE u.user_id = %(user_id)s")


def imports_other_sports() -> bool:
    """Return whether the transaction's user wants activities other than runs imported."""
    return bool(fetch_one(bool, "SELECT import_other_sports FROM users WHERE user_id = %(user_id)s"))


def syncs_points() -> bool:
    """Return whether the transaction's user wants the points of synced activities."""
    return bool(fetch_one(bool, "SELECT sync_points FROM users WHERE user_id = %(user_id)s"))


def get_passkey_handle() -> UUID:
    """Return the handle by which authenticators know the account of the transaction's user."""
    handle = fetch_one(UUID, "SELECT passkey_handle FROM users WHERE user_id = %(user_id)s")
    assert handle is not None
    return handle


def get_hashed_password() -> str | None:
    """Return the password hash of the transaction's user, or None without a password."""
    return fetch_one(str, "SELECT hashed_password FROM users WHERE user_id = %(user_id)s")


_ASKER: LiteralString = (
    "SELECT "
    + ASKER_COLUMNS
    + """, NULL AS reason
    FROM users AS u
    LEFT JOIN change_counters AS c ON c.user_id = %(user_id)s
    WHERE u.user_id = %(user_id)s
      AND u.is_active
    """
)


def hold_password(user_id: int, hashed_password: str | None) -> bool:
    """Return whether this is the password hash of a user, whose account is active.

    If so, no other transaction changes the account until this one ends.
    """
    return hold_account(user_id, "hashed_password = %(hashed_password)s AND is_active", hashed_password=hashed_password)


def ask_for_asker(session_id: UUID, then: Callable[[list[Asker]], None]) -> None:
    """Let `then` have the transaction's user first of all, see `ask_first`.

    It gets nobody if the account is deactivated or this session has ended.
    """
    ask_first(Asker, then, _ASKER + "AND " + SESSION_LIVES, session_id=session_id)


def get_asker_of_job() -> Asker | None:
    """Return the transaction's user, or None if the account is deactivated; jobs need no session."""
    return fetch_one(Asker, _ASKER)


PROFILE: tuple[LiteralString, ...] = (
    "name", "username", "profile_image_url", "birth_year", "birth_month", "sex", "time_zone", "max_heart_rate",
    "resting_heart_rate", "lactate_threshold_heart_rate", "units", "import_other_sports", "sync_points",
    "week_start", "weekly_goal_miles",
)  # fmt: skip
"""The profile columns that the owner can change."""


def update_user(changes: dict[str, Any]) -> User | None:
    """Change the given columns (of PROFILE) of the transaction's user; the others stay."""
    return fetch_one(
        User,
        """
        UPDATE users AS u
        SET {assignments}, updated_at = now()
        WHERE u.user_id = %(user_id)s
        RETURNING {columns}
        """.format(
            assignments=listed([field for field in PROFILE if field in changes], "{0} = %({0})s"), columns=_COLUMNS
        ),
        **changes,
    )


def hold_account(user_id: int, condition: LiteralString = "true", **params: Any) -> bool:
    """Let no other transaction change the account of a user until this one ends; rows can be added meanwhile.

    Return whether the account is there, and meets the condition.
    """
    query: LiteralString = f"SELECT user_id FROM users WHERE user_id = %(user_id)s AND {condition} FOR NO KEY UPDATE"
    return fetch_one(int, query, user_id=user_id, **params) is not None


def hold_session(user_id: int, session_id: UUID) -> None:
    """Raise Unauthorized if the session or the account has ended; else let nobody else change the account meanwhile.

    In the transaction that stores what lets somebody in later, such as a password or a token: who has ended all other
    sessions is rid of them, with what they were about to store.
    """
    if not hold_account(user_id):
        raise Unauthorized(ACCOUNT_DELETED)
    if not is_alive(user_id, session_id):
        raise Unauthorized("The session has ended")


def lock_user(user_id: int) -> None:
    """Let no other transaction change the account of a user, or add rows, until this one ends."""
    fetch_one(int, "SELECT user_id FROM users WHERE user_id = %(user_id)s FOR UPDATE", user_id=user_id)


def delete_account(user_id: int) -> None:
    """Delete an account with all its rows permanently (system transaction).

    Rows are deleted before the rows that they refer to, because of the foreign keys.
    """
    # Waits for requests that add rows of this user; later requests find no user.
    lock_user(user_id)
    for table in reversed(TABLES):
        execute(
            sql.SQL("DELETE FROM {} WHERE user_id = %(user_id)s").format(sql.Identifier(table.name)), user_id=user_id
        )
    execute("DELETE FROM users WHERE user_id = %(user_id)s", user_id=user_id)
