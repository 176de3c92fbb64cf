"""The headers `RateLimit` and `RateLimit-Policy`: the limits that a request counted against, and what is left of them.

As in the IETF draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers).
"""

from flask import Flask, Response, g

from fitness.accounts.limits import Window


def register(app: Flask) -> None:
    """Add the headers to the responses of requests that counted against a limit."""

    @app.after_request
    def add(response: Response) -> Response:
        windows: list[Window] = g.get("rate_limits", [])
        if windows:
            tightest = _tightest(windows)
            response.headers["RateLimit-Policy"] = ", ".join(
                f'"{name}";q={window.amount};w={window.seconds}' for name, window in tightest.items()
            )
            response.headers["RateLimit"] = ", ".join(
                f'"{name}";r={window.remaining};t={window.seconds_left}' for name, window in tightest.items()
            )
        return response


def _tightest(windows: list[Window]) -> dict[str, Window]:
    """Return the name of each limit with the window that has least left: an account and an address have one each."""
    by_name: dict[str, Window] = {}
    for window in sorted(windows, key=lambda one: (one.remaining, -one.seconds_left), reverse=True):
        by_name[f"{window.action}-{window.seconds}s"] = window
    return by_name
