"""Ask who is there before an action that a stolen session must not do: for the password, or a recent login."""

from datetime import timedelta
from uuid import UUID

from fitness.accounts import security_log
from fitness.accounts.limits import account_number, limit_passwords
from fitness.accounts.passwords import check_password
from fitness.db import sessions, users
from fitness.db.connection import transaction
from fitness.errors import ConfirmationNeeded, Invalid

RECENTLY = timedelta(minutes=5)
WRONG_PASSWORD = "The current password is incorrect"  # noqa: S105 - a sentence


def confirm_password(user_id: int, password: str) -> None:
    """Raise Invalid if the password is not the current user's.

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


def confirm_owner(user_id: int, session_id: UUID, password: str | None) -> None:
    """Raise Invalid if the password is missing or wrong; an account without one needs a recent confirmation.

    Call it outside of any transaction. Raises ConfirmationNeeded and TooManyRequests.
    """
    if password is not None:
        confirm_password(user_id, password)
        return
    with transaction(user_id):
        if users.get_hashed_password() is not None:
            raise Invalid(WRONG_PASSWORD, errors={"current_password": ["Missing data for required field."]})
        refuse_unless_recent(session_id)


def refuse_unless_recent(session_id: UUID) -> None:
    """Raise ConfirmationNeeded unless the session was begun or confirmed RECENTLY; in its user's transaction."""
    if not sessions.was_confirmed(session_id, within=RECENTLY):
        raise ConfirmationNeeded


def confirm_session(user_id: int, session_id: UUID, password: str) -> None:
    """Confirm the session by the password, for what needs a recent confirmation; raises as `confirm_password`."""
    confirm_password(user_id, password)
    with transaction(user_id):
        sessions.confirm_session(session_id)
        security_log.record(user_id, "confirmed")
