"""Confirming who is asking before something that a stolen session must not do."""

from fitness.accounts.limits import account_number, limit_account
from fitness.accounts.passwords import check_password
from fitness.db import users
from fitness.db.connection import transaction
from fitness.errors import Invalid


def confirm_password(user_id: int, password: str) -> None:
    """Raise Invalid unless it is the password of the one who is asking; guesses count as those at a login do.

    Hashing takes its time: outside of any transaction.
    """
    limit_account("login", account_number(user_id))
    with transaction(user_id):
        hashed_password = users.get_hashed_password()
    if not check_password(password, hashed_password):
        raise Invalid("The current password is another", errors={"current_password": ["This is not your password"]})
