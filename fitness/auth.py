"""Who is asking: passwords, tokens, and the wrapper that opens a request's transaction for its user."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache, wraps
from typing import Any
from uuid import UUID, uuid4

import bcrypt
from flask import Response, current_app, g, request
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from limits import RateLimitItem, parse_many

from fitness.db import api_tokens, rate_limits, refresh_tokens, users
from fitness.db.api_tokens import ApiToken
from fitness.db.connection import system_transaction, transaction
from fitness.db.users import Asker
from fitness.encryption import digest
from fitness.errors import Forbidden, InsufficientScope, Invalid, TooManyRequests, Unauthorized

BCRYPT_COST = 12
BCRYPT_MAX_BYTES = 72
"""What bcrypt looks at; a longer password is refused rather than silently cut."""

jwt = JWTManager()


@cache
def _nobodys_hash() -> bytes:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(BCRYPT_COST))


def hash_password(password: str) -> str:
    """Return the bcrypt hash of a password of at most 72 bytes (UTF-8). Takes about a quarter of a second."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()


def check_password(password: str, hashed_password: str | None) -> bool:
    """Tell whether the password is the hashed one; takes the same time when there is no hash to compare with."""
    given = password.encode()
    fits = len(given) <= BCRYPT_MAX_BYTES and b"\0" not in given
    matches = bcrypt.checkpw(given if fits else b"", hashed_password.encode() if hashed_password else _nobodys_hash())
    return matches and fits and hashed_password is not None


def limit_attempts(limits: str, action: str, *who: str) -> None:
    """Count an attempt of each of `who` (an account, an address) against limits such as `10 per minute`.

    Raises TooManyRequests with the seconds to wait when one of them has used its limit up.
    """
    with system_transaction():
        rate_limits.delete_ended_windows()
    waits = []
    for limit in parse_many(limits):
        for one in who:
            with system_transaction():
                waits.append(_count(limit, action, one))
    _refuse_if_any(waits)


def _count(limit: RateLimitItem, action: str, one: str) -> int | None:
    """Count an attempt in the bound system transaction; return the seconds to wait when the limit is used up."""
    window_seconds = limit.get_expiry()
    key = digest(f"{action} {window_seconds} {one}")
    attempts, seconds_left = rate_limits.count_attempt(key, window_seconds=window_seconds)
    return seconds_left if attempts > limit.amount else None


def _refuse_if_any(waits: list[int | None]) -> None:
    used_up = [wait for wait in waits if wait is not None]
    if used_up:
        raise TooManyRequests(max(1, *used_up))


def limit_account(action: str, account: str) -> None:
    """Count an attempt to log in or sign up, for the account and for the address that it comes from."""
    settings = current_app.config["SETTINGS"]
    limits = settings.rate_limit_login if action == "login" else settings.rate_limit_signup
    limit_attempts(limits, action, f"account {account.lower()}", f"address {request.remote_addr}")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client is handed at a login or refresh; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


REFRESH_COOKIE = "fitness_refresh"
"""Where a browser keeps its refresh token: out of reach of scripts, and sent to the calls below /v1/auth alone."""


def keep_in_browser(response: Response, refresh_token: str | None) -> None:
    """Let the browser keep the refresh token in a cookie, or, of None, forget the one that it has."""
    settings = current_app.config["SETTINGS"]
    life: timedelta = current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
    response.set_cookie(
        REFRESH_COOKIE,
        refresh_token or "",
        max_age=life if refresh_token else 0,
        path="/v1/auth",
        httponly=True,
        samesite="Strict",
        secure=settings.public_api_base_url.startswith("https:"),
    )


def refresh_cookie() -> str | None:
    """Return the refresh token that the browser sent by itself, None without one.

    Raises Forbidden when a page of another origin made it do so: its own pages alone may.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("The session of a browser is for the pages of this server alone")
    return request.cookies.get(REFRESH_COOKIE)


def start_session(user_id: int) -> Tokens:
    """Start a session: the first refresh token of a new family, and its access token."""
    with transaction(user_id):
        return _issue(user_id, uuid4())


def refresh_session(refresh_token: str) -> Tokens:
    """Trade a refresh token for the next one of its family and a new access token.

    A token that comes back after its use was stolen, or its successor was: the whole family ends. Raises Unauthorized.
    """
    claims = _claims(refresh_token, "refresh")
    user_id = int(claims["sub"])
    with transaction(user_id):
        family_id = refresh_tokens.use_refresh_token(digest(refresh_token))
        if family_id is not None:
            return _issue(user_id, family_id)
        refresh_tokens.revoke_family(UUID(claims["sid"]))
    raise Unauthorized("This refresh token is no longer valid")


def end_session() -> None:
    """End the session of the one who is asking at once: its access tokens are refused from now on."""
    refresh_tokens.revoke_family(g.session_id)


def _issue(user_id: int, family_id: UUID) -> Tokens:
    claims = {"sid": str(family_id)}
    access_token = create_access_token(str(user_id), additional_claims=claims)
    refresh_token = create_refresh_token(str(user_id), additional_claims=claims)
    life: timedelta = current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
    refresh_tokens.create_refresh_token(digest(refresh_token), family_id=family_id, expires_at=datetime.now(UTC) + life)
    expires_in = int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds())
    return Tokens(access_token, refresh_token, "Bearer", expires_in)


def bearer_token() -> str:
    """Return the token of the request's Authorization header, or raise Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token.strip()


def _claims(token: str, kind: str) -> dict[str, Any]:
    """Return what a token of the kind (access, refresh) says, or raise Unauthorized."""
    try:
        claims = _verified(current_app.config["JWT_SECRET_KEY"], token)
    except (JWTExtendedException, PyJWTError, ValueError) as error:
        raise Unauthorized("The token is not valid or has expired") from error
    if claims["exp"] <= time.time():
        raise Unauthorized("The token is not valid or has expired")
    if claims["type"] != kind:
        raise Unauthorized(f"This is not an {kind} token" if kind == "access" else f"This is not a {kind} token")
    return claims


@lru_cache(maxsize=4096)
def _verified(key: str, token: str) -> dict[str, Any]:
    """Return the claims of a token that the key signed. It stays signed: only its expiry is to be looked at again."""
    return decode_token(token)


API_TOKEN = "fit_"  # noqa: S105 - what a personal access token begins with, and no access token does
_limits = cache(parse_many)


def create_api_token(*, name: str, scopes: list[str], expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Make a personal access token of the one who is asking; return what is stored of it, and the token itself."""
    token = API_TOKEN + secrets.token_urlsafe(32)
    return api_tokens.create_api_token(digest(token), name=name, scopes=scopes, expires_at=expires_at), token


def _use_api_token(token: str, scope: str | None) -> Asker:
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
        waits = [_count(limit, "token", str(bearer.token_id)) for limit in limits]
    _refuse_if_any(waits)
    if scope not in bearer.scopes:
        raise InsufficientScope(scope)
    return bearer.asker()


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
            g.asker = _use_api_token(token, asked.scope)
            if asked.own_transactions:
                return view(*args, **kwargs)
            with transaction(g.asker.user_id):
                return view(*args, **kwargs)
        claims = _claims(token, "access")
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


def confirm_password(password: str) -> None:
    """Raise Invalid unless it is the password of the one who is asking; guesses count as those at a login do.

    Hashing takes its time: outside of any transaction.
    """
    limit_account("login", account_number(user_id()))
    with transaction(user_id()):
        hashed_password = users.get_hashed_password()
    if not check_password(password, hashed_password):
        raise Invalid("The current password is another", errors={"current_password": ["This is not your password"]})


def account_number(user_id: int) -> str:
    """Return what limits call an account, by whichever of its names somebody tries it."""
    return f"number {user_id}"


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


def time_zone() -> str:
    """Return the zone of the local days of the one who is asking."""
    return g.asker.time_zone or "UTC"
