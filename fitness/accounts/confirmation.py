"""Ask who is there before an action that a stolen session must not do: for a password, a passkey, or a recent login."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fitness.accounts import passkeys, second_factor, security_log
from fitness.accounts.limits import account_number, limit_passwords
from fitness.accounts.passwords import check_password
from fitness.db import sessions, users
from fitness.db.connection import transaction
from fitness.errors import ConfirmationNeeded, Invalid

RECENTLY = timedelta(minutes=5)
WRONG_PASSWORD = "The current password is incorrect"  # noqa: S105 - a sentence


def confirm_password(user_id: int, password: str) -> str | None:
    """Return the hash that the password matches; raise Invalid if it is not the current user's.

    Attempts have the limits of logins (TooManyRequests), but are counted apart. Call it outside of any transaction, as
    hashing is slow.
    """
    limit_passwords("confirmation", account_number(user_id))
    with transaction(user_id):
        hashed_password = users.get_hashed_password()
    if not check_password(password, hashed_password):
        with transaction(user_id):
            security_log.record(user_id, "confirmation_failed")
        raise Invalid(WRONG_PASSWORD, errors={"current_password": ["Incorrect password"]})
    return hashed_password


def confirm_owner(user_id: int, session_id: UUID, password: str | None) -> str | None:
    """Return the hash of the password, None for an account without one; raise Invalid if it is missing or wrong.

    An account without a password, or with a second factor, needs a recent confirmation (ConfirmationNeeded). Call it
    outside of any transaction. Raises TooManyRequests.
    """
    hashed_password = confirm_password(user_id, password) if password is not None else None
    with transaction(user_id):
        if password is None:
            _refuse_if_it_has_a_password()
        if password is None or second_factor.is_on(user_id):
            refuse_unless_recent(session_id)
    return hashed_password


def _refuse_if_it_has_a_password() -> None:
    if users.get_hashed_password() is not None:
        raise Invalid(WRONG_PASSWORD, errors={"current_password": ["Missing data for required field."]})


def refuse_unless_recent(session_id: UUID) -> None:
    """Raise ConfirmationNeeded unless the session was begun or confirmed RECENTLY; in its user's transaction."""
    if not sessions.was_confirmed(session_id, within=RECENTLY):
        raise ConfirmationNeeded


def confirm_by_passkey(user_id: int, session_id: UUID, answer: dict[str, Any]) -> None:
    """Confirm the session by a passkey of the account, which is enough; raises as `passkeys.check_in_session`."""
    name = passkeys.check_in_session(user_id, answer, session_id)
    _confirm(user_id, session_id, f"passkey {name}")


def confirm_session(user_id: int, session_id: UUID, password: str | None, code: str | None) -> None:
    """Confirm the session by its password and a code of the second factor, as far as the account has them.

    Raises as `confirm_password` and `second_factor.check_in_session`, and ConfirmationNeeded if it has neither.
    """
    if password is not None:
        confirm_password(user_id, password)
    with transaction(user_id):
        if password is None:
            _refuse_if_it_has_a_password()
            if not second_factor.is_on(user_id):
                raise ConfirmationNeeded
    second_factor.check_in_session(user_id, code)
    _confirm(user_id, session_id)


def _confirm(user_id: int, session_id: UUID, how: str | None = None) -> None:
    with transaction(user_id):
        sessions.confirm_session(session_id)
        security_log.record(user_id, "confirmed", how)
