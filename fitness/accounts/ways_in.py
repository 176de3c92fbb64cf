"""The ways to log in that an account has; one always stays."""

from fitness.db import second_factors, users
from fitness.errors import Conflict


def require_one_left(user_id: int) -> None:
    """Raise Conflict if an account has no way to log in any more.

    Call it after one was removed, in the same transaction: of two that are removed at once, one stays.
    """
    users.hold_account(user_id)
    protection = second_factors.get_protection(user_id)
    if protection is not None and protection.ways_to_log_in == 0:
        raise Conflict("You could not log in any more: set a password first")
