"""Redirects of browsers."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, current_app, request

SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""The headers of a response with secrets: no cache may keep it, no referrer may leak its address."""

_NONE: Mapping[str, str] = {}


def redirect(address: str, *, headers: Mapping[str, str] = _NONE) -> Response:
    """Return a redirect without a body."""
    return Response(status=302, headers={"Location": address, **headers})


def with_slash() -> Response:
    """Redirect to the same address with a slash at its end.

    Flask would do so by itself, but answer 404 instead of 405 to a method that the page does not have.
    """
    query = request.query_string.decode("ascii", "replace")
    address = f"{request.path}/"
    return Response(status=308, headers={"Location": f"{address}?{query}" if query else address})


def redirect_to_dashboard(
    parameters: Mapping[str, str], *, where: str = "?", headers: Mapping[str, str] = _NONE
) -> Response:
    """Redirect to the dashboard with parameters in the query (`where` is ?) or, to hide them from servers, after #."""
    base = current_app.config["SETTINGS"].public_api_base_url
    return redirect(f"{base}/dashboard{where}{urlencode(parameters)}", headers=headers)
