"""Where browsers are sent on to."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, current_app

_NONE: Mapping[str, str] = {}


def redirect(address: str, *, headers: Mapping[str, str] = _NONE) -> Response:
    """Return an answer without a body that sends a browser on."""
    return Response(status=302, headers={"Location": address, **headers})


def redirect_to_dashboard(told: Mapping[str, str], *, where: str = "?", headers: Mapping[str, str] = _NONE) -> Response:
    """Send a browser on to the dashboard with what it is told: `where` is ?, or # for what no server is to see."""
    base = current_app.config["SETTINGS"].public_api_base_url
    return redirect(f"{base}/dashboard{where}{urlencode(told)}", headers=headers)
