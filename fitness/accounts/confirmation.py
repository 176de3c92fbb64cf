"""Ask for the password again before an action that a stolen session must not do."""

from fitness.accounts.limits import account_number, limit_passwords
from fitness.accounts.passwords import check_password
from fitness.db import users
from fitness.db.connection import transaction
from fitness.errors import Invalid


def confirm_password(user_id: int, password: str) -> None:
    """Raise Invalid if the password is not the current user's.

    Attempts have the limits of logins (TooManyRequests), but are counted apart. Call it outside of any transaction, as
    hashing is slow.
    """
    limit_passwords("confirmation", account_number(user_id))
    with transaction(user_id):
        hashed_password = users.get_hashed_password()
    if not check_password(password, hashed_password):
        raise Invalid("The current password is incorrect", errors={"current_password": ["Incorrect password"]})
