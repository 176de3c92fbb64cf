"""Create personal access tokens, and check them in requests."""

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import current_app

from fitness.accounts.limits import Window, count_attempts, refuse_if_any_is_used_up
from fitness.connections.encryption import digest
from fitness.db import api_tokens
from fitness.db.api_tokens import ApiToken, Bearer
from fitness.db.bound import bound_transaction
from fitness.db.connection import system_transaction
from fitness.db.users import OPERATOR, Asker
from fitness.errors import Conflict, InsufficientScope, Unauthorized

API_TOKEN = "fit_"  # noqa: S105 - prefix of personal access tokens; access tokens never have it
_USER = re.compile(rf"{API_TOKEN}([0-9]{{1,18}})\.")
"""How a token begins that names its user, `fit_42.…`: it is looked up where the rows of that user are.

The tokens of earlier releases have no dot. Their user is looked up first, among those of all users.
"""


def create_api_token(
    *, name: str, scopes: list[str], expires_at: datetime | None, reason: str | None = None
) -> tuple[ApiToken, str]:
    """Create a personal access token for the current user; return its stored row and the token itself.

    Raises Conflict if the user has the most that an account may have; a token of the operator counts as one.
    """
    user_id = bound_transaction().user_id
    assert user_id is not None
    if reason is None and api_tokens.count_active_tokens(user_id) >= api_tokens.MOST:
        raise Conflict(f"You have {api_tokens.MOST:,} access tokens, the most that are kept: revoke one you do not use")
    token = f"{API_TOKEN}{user_id}.{secrets.token_urlsafe(32)}"
    stored = api_tokens.create_api_token(digest(token), name=name, scopes=scopes, expires_at=expires_at, reason=reason)
    return stored, token


def create_operator_token(*, minutes: int, reason: str) -> tuple[ApiToken, str]:
    """Create a token with which the operator acts for the current user; return its stored row and the token itself."""
    expires_at = datetime.now(UTC) + timedelta(minutes=minutes)
    return create_api_token(name="Operator", scopes=[OPERATOR], expires_at=expires_at, reason=reason)


def _get_bearer(token: str) -> Bearer | None:
    token_hash = digest(token)
    named = _USER.match(token)
    user_id = int(named[1]) if named else api_tokens.find_user(token_hash)
    return None if user_id is None else api_tokens.get_bearer(user_id, token_hash)


def _count(bearer: Bearer) -> list[Window]:
    if bearer.stale:
        api_tokens.set_used(bearer)
    token = f"{bearer.user_id}.{bearer.token_id}"
    return count_attempts(current_app.config["SETTINGS"].rate_limit_token, "token", token)


def use_api_token(token: str, scope: str | None, *, for_operator: bool) -> Asker:
    """Return the user of a personal access token, and count the request.

    `for_operator`: a token of the operator is enough. A database that takes no changes counts nothing.

    Raises Unauthorized for an invalid or expired token, TooManyRequests, and InsufficientScope if the token lacks the
    scope; with the scope None, always.
    """
    # Losing counters and the time of last use in a crash is acceptable, so reads do not wait for the disk.
    with system_transaction(durable=False):
        bearer = _get_bearer(token)
        if bearer is None:
            raise Unauthorized("The token is invalid or has expired")
        windows = _count(bearer) if bearer.can_be_counted else []
    refuse_if_any_is_used_up(windows)
    if scope not in bearer.scopes and not (for_operator and OPERATOR in bearer.scopes):
        raise InsufficientScope(scope)
    return replace(bearer, handle=OPERATOR) if bearer.reason else bearer
