"""Redirects of browsers."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, current_app

SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""The headers of a response with secrets: no cache may keep it, no referrer may leak its address."""

_NONE: Mapping[str, str] = {}


def redirect(address: str, *, headers: Mapping[str, str] = _NONE) -> Response:
    """Return a redirect without a body."""
    return Response(status=302, headers={"Location": address, **headers})


def redirect_to_dashboard(
    parameters: Mapping[str, str], *, where: str = "?", headers: Mapping[str, str] = _NONE
) -> Response:
    """Redirect to the dashboard with parameters in the query (`where` is ?) or, to hide them from servers, after #."""
    base = current_app.config["SETTINGS"].public_api_base_url
    return redirect(f"{base}/dashboard{where}{urlencode(parameters)}", headers=headers)
