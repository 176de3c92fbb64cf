"""Serve the documentation page: Swagger UI with a script of ours, all from this server."""

from importlib.resources import as_file, files
from os.path import isfile  # that of a Path raises OSError for names that are too long
from pathlib import Path

from flask import Blueprint, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from fitness.config import ROOT
from fitness.web.redirects import with_slash

PAGE = ROOT / "fitness" / "web" / "docs_page"

with as_file(files("flask_swagger_ui") / "dist") as _dist:
    SWAGGER_UI = Path(_dist)

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

blp = Blueprint("docs", __name__, url_prefix="/docs")


blp.get("")(with_slash)


@blp.get("/")
@blp.get("/<name>")
def serve(name: str = "index.html") -> Response:
    """Return a file of the page: one of ours, otherwise one of Swagger UI."""
    directory = PAGE if isfile(PAGE / name) else SWAGGER_UI
    if not isfile(directory / name):
        raise NotFound
    response = send_from_directory(directory, name)
    response.headers.update(HEADERS)
    return response
