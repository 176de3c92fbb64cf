"""Headers of every answer that tell browsers what not to do with it."""

from http import HTTPStatus

from flask import Flask, Response, request

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The dashboard and the documentation page have a policy of their own."""

HSTS = "max-age=31536000"
"""For a year, browsers use HTTPS alone for this host."""


def register(app: Flask) -> None:
    """Add the headers to all answers, and that of HTTPS if browsers reach this server by it."""

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.extend([(name, value) for name, value in HEADERS.items() if name not in headers])
        if app.config["SETTINGS"].is_https:
            headers["Strict-Transport-Security"] = HSTS
        if response.status_code == HTTPStatus.PERMANENT_REDIRECT and response.location:
            # Of a path to how it is written here. Without the host, as a request may name any.
            response.location = "/" + response.location.removeprefix(request.host_url).lstrip("/")
            response.set_data(b"")
        return response
