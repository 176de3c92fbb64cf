"""The gate: who is asking, and the wrapper that opens a request's transaction for its user."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, g, request

from fitness.accounts.api_tokens import API_TOKEN, use_api_token
from fitness.accounts.sessions import claims_of
from fitness.db import users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import Unauthorized


def bearer_token() -> str:
    """Return the token of the request's Authorization header, or raise Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token.strip()


@dataclass(frozen=True, slots=True)
class Access:
    """What a view's method asks of those who call it.

    `scope` is what a personal access token needs (None: none of them will do). With `login_optional`, who sends no
    token at all is nobody, but no less welcome. A view with `own_transactions` runs outside of any, and opens its own.
    """

    scope: str | None
    login_optional: bool = False
    own_transactions: bool = False


_READING = {"GET": Access("read"), "HEAD": Access("read")}


def login_required(
    view: Callable[..., Response], *, access: Mapping[str, Access] = _READING
) -> Callable[..., Response]:
    """Run a view for the user whose token came with the request, in one transaction of theirs.

    It is committed when the view has returned, before its answer leaves, and rolled back on any error. `access` says
    for each HTTP method what else is asked. Nobody's requests keep to what belongs to everybody: `is_logged_in` tells.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        asked = access[request.method]
        if asked.login_optional and "Authorization" not in request.headers:
            if asked.own_transactions:
                return view(*args, **kwargs)
            with system_transaction():
                return view(*args, **kwargs)
        token = bearer_token()
        if token.startswith(API_TOKEN):
            g.asker = use_api_token(token, asked.scope)
            if asked.own_transactions:
                return view(*args, **kwargs)
            with transaction(g.asker.user_id):
                return view(*args, **kwargs)
        claims = claims_of(token, "access")
        session_id = UUID(claims["sid"])
        with transaction(int(claims["sub"])):
            asker = users.get_asker(session_id)
            if asker is None:
                raise Unauthorized("The session has ended")
            g.asker = asker
            g.session_id = session_id
            if not asked.own_transactions:
                return view(*args, **kwargs)
        return view(*args, **kwargs)

    return run


def user_id() -> int:
    """Return the number of the one who is asking, for views that open their own transactions."""
    return g.asker.user_id


def session_id() -> UUID:
    """Return the session of the one who is asking, which is there unless a personal access token did."""
    return g.session_id


def is_logged_in() -> bool:
    """Tell whether anybody is asking; always true in views that require a login."""
    return "asker" in g


def actor() -> str:
    """Return what history calls the one who is asking."""
    return g.asker.handle


def own_time_zone() -> str | None:
    """Return the zone that the one who is asking has set, if any."""
    return g.asker.time_zone


def time_zone() -> str:
    """Return the zone of the local days of the one who is asking."""
    return own_time_zone() or "UTC"
