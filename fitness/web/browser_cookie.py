"""A cookie that binds what a browser begins at another server to this browser, until it comes back.

Only the digest of its value is stored. Over HTTPS its name begins with `__Host-`, so that no other host and no page
without HTTPS can set it.
"""

import re
import secrets
from typing import Any

from flask import Response, current_app, request

from fitness.accounts.second_factor import Proof
from fitness.connections.oauth import STATE_SECONDS

LOGIN = "login"
"""The purpose of the cookie that binds a login to the browser that began it."""


def secret(purpose: str) -> str:
    """Return the secret of this browser; a new one, which nothing is bound to, if it has none.

    What is begun in several tabs shares it.
    """
    kept = request.cookies.get(_name(purpose), "")
    return kept if _SECRET.fullmatch(kept) else secrets.token_urlsafe(32)


def keep(response: Response, purpose: str, secret: str) -> None:
    """Store the secret in the browser, as long as a state is valid."""
    response.set_cookie(
        _name(purpose), secret, max_age=STATE_SECONDS, httponly=True, samesite="Lax", secure=_is_secure()
    )


def proof(body: dict[str, Any]) -> Proof:
    """Return what a login brings as its second factor, in its body, and its browser."""
    return Proof(secret(LOGIN), body.get("second_factor"), body.get("passkey"))


def forget(response: Response, purpose: str) -> None:
    # Browsers ignore a cookie named __Host- that is not secure, also when it is to be deleted.
    response.delete_cookie(_name(purpose), httponly=True, samesite="Lax", secure=_is_secure())


_SECRET = re.compile(r"[\w-]{43}", re.ASCII)


def _name(purpose: str) -> str:
    return f"{'__Host-' if _is_secure() else ''}fitness_{purpose}"


def _is_secure() -> bool:
    return current_app.config["SETTINGS"].is_https
