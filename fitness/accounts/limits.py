"""Rate limits: logins and sign-ups per account and IP address, requests per personal access token."""

from flask import current_app, request
from limits import RateLimitItem, parse_many

from fitness.connections.encryption import digest
from fitness.db import rate_limits
from fitness.db.connection import system_transaction
from fitness.errors import TooManyRequests


def limit_attempts(limits: str, action: str, *who: str) -> None:
    """Count an attempt of each of `who` (an account, an address) against limits such as `10 per minute`.

    Raises TooManyRequests with the seconds to wait if one of them exceeds a limit.
    """
    with system_transaction():
        rate_limits.delete_ended_windows()
    waits = []
    for limit in parse_many(limits):
        for one in who:
            with system_transaction():
                waits.append(count_attempt(limit, action, one))
    refuse_if_any(waits)


def count_attempt(limit: RateLimitItem, action: str, one: str) -> int | None:
    """Count an attempt in the bound system transaction; return the seconds to wait if the limit is exceeded."""
    window_seconds = limit.get_expiry()
    key = digest(f"{action} {window_seconds} {one}")
    attempts, seconds_left = rate_limits.count_attempt(key, window_seconds=window_seconds)
    return seconds_left if attempts > limit.amount else None


def refuse_if_any(waits: list[int | None]) -> None:
    used_up = [wait for wait in waits if wait is not None]
    if used_up:
        raise TooManyRequests(max(1, *used_up))


def limit_account(action: str, account: str) -> None:
    """Count an attempt to log in or sign up, for the account and for the client's IP address."""
    settings = current_app.config["SETTINGS"]
    limits = settings.rate_limit_login if action == "login" else settings.rate_limit_signup
    limit_attempts(limits, action, f"account {account.lower()}", f"address {request.remote_addr}")


def account_number(user_id: int) -> str:
    """Return the key of an account for limits, so that its e-mail address and username share one limit."""
    return f"number {user_id}"
