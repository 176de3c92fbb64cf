"""Personal access tokens: making one, and what a request with one may do."""

import secrets
from datetime import datetime
from functools import cache

from flask import current_app
from limits import parse_many

from fitness.accounts.limits import count_attempt, refuse_if_any
from fitness.connections.encryption import digest
from fitness.db import api_tokens
from fitness.db.api_tokens import ApiToken
from fitness.db.connection import system_transaction
from fitness.db.users import Asker
from fitness.errors import InsufficientScope, Unauthorized

API_TOKEN = "fit_"  # noqa: S105 - what a personal access token begins with, and no access token does
_limits = cache(parse_many)


def create_api_token(*, name: str, scopes: list[str], expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Make a personal access token of the one who is asking; return what is stored of it, and the token itself."""
    token = API_TOKEN + secrets.token_urlsafe(32)
    return api_tokens.create_api_token(digest(token), name=name, scopes=scopes, expires_at=expires_at), token


def use_api_token(token: str, scope: str | None) -> Asker:
    """Return whom a personal access token stands for, and count its use.

    Raises Unauthorized when it is no longer good, TooManyRequests, and InsufficientScope when it lacks the scope, as
    each does the scope None.
    """
    # Counters and the time of the last use are no loss: a reader need not wait for the disk because of them.
    with system_transaction(durable=False):
        bearer = api_tokens.get_bearer(digest(token))
        if bearer is None:
            raise Unauthorized("The token is not valid or has expired")
        if bearer.stale:
            api_tokens.set_used(bearer)
        limits = _limits(current_app.config["SETTINGS"].rate_limit_token)
        waits = [count_attempt(limit, "token", str(bearer.token_id)) for limit in limits]
    refuse_if_any(waits)
    if scope not in bearer.scopes:
        raise InsufficientScope(scope)
    return bearer.asker()
