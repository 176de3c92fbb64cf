"""Rate limits: logins and sign-ups per account and IP address, requests per personal access token."""

from dataclasses import dataclass

from flask import current_app, g, request
from limits import RateLimitItem, parse_many

from fitness.connections.encryption import digest
from fitness.db import rate_limits
from fitness.db.connection import system_transaction
from fitness.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Window:
    """A limit and its current window: `attempts` of `amount` are used, it ends in `seconds_left`."""

    action: str
    amount: int
    seconds: int
    attempts: int
    seconds_left: int

    @property
    def remaining(self) -> int:
        return max(0, self.amount - self.attempts)


def limit_attempts(limits: str, action: str, *who: str) -> None:
    """Count an attempt of each of `who` (an account, an address) against limits such as `10 per minute`.

    Raises TooManyRequests with the seconds to wait if one of them exceeds a limit.
    """
    with system_transaction():
        rate_limits.delete_ended_windows()
    windows = []
    for limit in parse_many(limits):
        for one in who:
            with system_transaction():
                windows.append(count_attempt(limit, action, one))
    refuse_if_any_is_used_up(windows)


def count_attempt(limit: RateLimitItem, action: str, one: str) -> Window:
    """Count an attempt in the bound system transaction."""
    window_seconds = limit.get_expiry()
    key = digest(f"{action} {window_seconds} {one}")
    attempts, seconds_left = rate_limits.count_attempt(key, window_seconds=window_seconds)
    return Window(action, limit.amount, window_seconds, attempts, seconds_left)


def refuse_if_any_is_used_up(windows: list[Window]) -> None:
    """Keep the windows for the headers of the response; raise TooManyRequests if a limit is exceeded."""
    g.rate_limits = [*g.get("rate_limits", []), *windows]
    waits = [window.seconds_left for window in windows if window.attempts > window.amount]
    if waits:
        raise TooManyRequests(max(1, *waits))


def limit_account(action: str, account: str) -> None:
    """Count an attempt to log in or sign up, for the account and for the client's IP address."""
    settings = current_app.config["SETTINGS"]
    limits = settings.rate_limit_login if action == "login" else settings.rate_limit_signup
    limit_attempts(limits, action, f"account {account.lower()}", f"address {request.remote_addr}")


def account_number(user_id: int) -> str:
    """Return the key of an account for limits, so that its e-mail address and username share one limit."""
    return f"number {user_id}"
