"""Sessions: access tokens, and refresh tokens that each work once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from fitness.accounts.security_log import origin, record
from fitness.connections.encryption import digest
from fitness.db import api_tokens, refresh_tokens, sessions, users
from fitness.db.connection import transaction
from fitness.errors import Unauthorized

jwt = JWTManager()


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that a client gets at login or refresh; `expires_in` is the access token's lifetime in seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


def start_session(
    user_id: int, event: str = "login", how: str | None = None, *, still: Callable[[], bool] | None = None
) -> Tokens:
    """Start a session: return the first refresh token of a new family, and an access token.

    It ends `session_days` after this at the latest. The login is recorded in the security log, with `how` it was done
    if that was not by a password. `still` returns whether what proved who it is lets them in now, and keeps it so until
    the transaction ends; raises Unauthorized if not. Who takes it away ends the sessions that there are, and this is
    not one of them yet.
    """
    family_id, here = uuid4(), origin()
    ends_at = datetime.now(UTC) + timedelta(days=current_app.config["SETTINGS"].session_days)
    with transaction(user_id):
        if still is not None:
            require(still)
        record(user_id, event, how)
        sessions.create_session(family_id, device=here.device, address=here.address, ends_at=ends_at)
        return _issue(user_id, family_id, ends_at)


def require(still: Callable[[], bool]) -> None:
    """Raise Unauthorized unless what proved who it is `still` lets them in, see `start_session`."""
    if not still():
        raise Unauthorized("What you have logged in with was changed or removed in the meantime")


def refresh_session(refresh_token: str) -> Tokens:
    """Exchange a refresh token for the next one of its family and a new access token.

    A refresh token that is used again later was stolen, or its successor was: the whole family is revoked. Raises
    Unauthorized.
    """
    claims = claims_of(refresh_token, "refresh")
    user_id = int(claims["sub"])
    with transaction(user_id):
        # Otherwise who ends the session in this moment does not see the next token.
        users.hold_account(user_id)
        family_id = refresh_tokens.use_refresh_token(digest(refresh_token))
        if family_id is not None:
            here = origin()
            ends_at = sessions.use_session(family_id, device=here.device, address=here.address)
            assert ends_at is not None
            return _issue(user_id, family_id, ends_at)
        refresh_tokens.revoke_family(UUID(claims["sid"]))
    raise Unauthorized("This refresh token is no longer valid")


def end_session(user_id: int, session_id: UUID) -> None:
    """End a session of a user at once; its access tokens no longer work, nor does what it gets in this moment."""
    users.hold_account(user_id)
    refresh_tokens.revoke_family(session_id)


def deactivate(user_id: int, how: str | None = None) -> None:
    """Lock an account out: its sessions and personal access tokens end, for good (system transaction).

    It is recorded in the security log, with `how` it was done if that was not by its owner. Once it is active again,
    its owner logs in and makes other tokens.
    """
    users.set_active(user_id, False)
    refresh_tokens.revoke_other_families(user_id, kept=None)
    api_tokens.revoke_all_tokens(user_id)
    record(user_id, "account_deactivated", how)


def _issue(user_id: int, family_id: UUID, ends_at: datetime) -> Tokens:
    claims = {"sid": str(family_id)}
    access_token = create_access_token(str(user_id), additional_claims=claims)
    refresh_token = create_refresh_token(str(user_id), additional_claims=claims)
    life: timedelta = current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
    expires_at = min(datetime.now(UTC) + life, ends_at)
    refresh_tokens.create_refresh_token(digest(refresh_token), family_id=family_id, expires_at=expires_at)
    expires_in = int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds())
    return Tokens(access_token, refresh_token, "Bearer", expires_in)


def claims_of(token: str, kind: str) -> dict[str, Any]:
    """Return the claims of a token of the kind (access, refresh); raises Unauthorized if it is invalid."""
    try:
        config = current_app.config
        claims = _verified(config["JWT_SECRET_KEY"], config["JWT_DECODE_AUDIENCE"], token)
    except (JWTExtendedException, PyJWTError, ValueError) as error:
        raise Unauthorized("The token is invalid or has expired") from error
    if claims["exp"] <= time.time():
        raise Unauthorized("The token is invalid or has expired")
    if claims["type"] != kind:
        raise Unauthorized(f"This is not an {kind} token" if kind == "access" else f"This is not a {kind} token")
    return claims


@lru_cache(maxsize=4096)
def _verified(key: str, audience: str, token: str) -> dict[str, Any]:
    """Return the claims of a token signed with the key for this server; cached, as only the expiry changes."""
    return decode_token(token)
