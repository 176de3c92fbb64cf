"""The refresh token of a browser, in a cookie that scripts cannot read, sent only to paths below /v1/auth.

The cookie alone only allows a refresh, and pages of other origins cannot read its response.
"""

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, jsonify, request

from fitness.accounts.sessions import Tokens
from fitness.errors import Forbidden

NAME = "fitness_refresh"


def session(tokens: Tokens, *, cookie: bool, **more: Any) -> Response:
    """Return the response with the tokens of a session; with `cookie`, only the cookie has the refresh token."""
    body = {**asdict(tokens), **more}
    if cookie:
        body["refresh_token"] = None
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    if cookie:
        _keep(response, tokens.refresh_token)
    return response


def _keep(response: Response, refresh_token: str) -> None:
    """Store the refresh token in the browser's cookie."""
    settings = current_app.config["SETTINGS"]
    response.set_cookie(
        NAME,
        refresh_token,
        max_age=current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
        path="/v1/auth",
        httponly=True,
        samesite="Strict",
        secure=settings.is_https,
    )


def forget(response: Response) -> None:
    response.delete_cookie(NAME, path="/v1/auth", httponly=True, samesite="Strict")


def kept() -> str | None:
    """Return the refresh token in the browser's cookie, or None.

    Raises Forbidden if a page of another origin sent the request.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("Only pages of this server can refresh a browser's session")
    return request.cookies.get(NAME)
