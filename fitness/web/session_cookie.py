"""The refresh token of a browser: in a cookie out of reach of scripts, sent to the calls below /v1/auth alone.

By itself the cookie opens nothing but a refresh, whose answer no page of another origin can read.
"""

from flask import Response, current_app, request

from fitness.errors import Forbidden

NAME = "fitness_refresh"


def keep(response: Response, refresh_token: str) -> None:
    """Let the browser keep the refresh token."""
    settings = current_app.config["SETTINGS"]
    response.set_cookie(
        NAME,
        refresh_token,
        max_age=current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
        path="/v1/auth",
        httponly=True,
        samesite="Strict",
        secure=settings.public_api_base_url.startswith("https:"),
    )


def forget(response: Response) -> None:
    response.delete_cookie(NAME, path="/v1/auth", httponly=True, samesite="Strict")


def kept() -> str | None:
    """Return the refresh token that the browser sent by itself, None without one.

    Raises Forbidden when a page of another origin made it do so.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("Only this server's own pages can refresh a browser's session")
    return request.cookies.get(NAME)
