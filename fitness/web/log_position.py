"""The position in the log of the database that a client has written to, so that it never reads less from a replica.

Answers to writes carry it in a header and a cookie, and later requests show it in either. It needs no signature: who
invents one only reads from another server.
"""

import re

from flask import Flask, Response, current_app, request

from fitness.db.positions import note_position, noted_position

HEADER = "X-Log-Position"
COOKIE = "fitness_position"
_POSITION = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}", re.ASCII | re.IGNORECASE)


def register(app: Flask) -> None:
    """Add the position to the answers of requests that have written."""

    @app.before_request
    def begin() -> None:
        note_position(None)

    @app.after_request
    def add(response: Response) -> Response:
        if position := noted_position():
            response.headers[HEADER] = position
            response.set_cookie(
                COOKIE,
                position,
                path="/v1",
                httponly=True,
                samesite="Lax",
                secure=current_app.config["SETTINGS"].is_https,
            )
        return response


def shown_position() -> str | None:
    """Return the position that the request shows, in its header or else its cookie; None if it is damaged or absent."""
    given = request.headers.get(HEADER) or request.cookies.get(COOKIE, "")
    return given if _POSITION.fullmatch(given) else None
