"""Serve the dashboard's bundle, with headers that block scripts from elsewhere."""

from os.path import isfile  # that of a Path raises OSError for names that are too long
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request, send_from_directory
from werkzeug.wrappers import Response

from fitness.config import ROOT
from fitness.errors import NotFound
from fitness.web.redirects import with_slash

BUNDLE = ROOT / "fitness" / "dashboard"
PAGE = "index.html"

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            # The only inline style, set by React Aria: it stops iPhones from scrolling behind a dialog.
            "style-src 'self' 'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg='",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}

blp = Blueprint("dashboard", __name__)


@blp.get("/")
def root() -> Response:
    return redirect("/dashboard/")


blp.get("/dashboard")(with_slash)


@blp.get("/dashboard/")
@blp.get("/dashboard/<path:name>")
def serve(name: str = PAGE) -> Response:
    """Return a file of the bundle; for any other path below /dashboard/, return the page, which has its own routes."""
    if name.startswith("assets/"):
        return _file(name, "public, max-age=31536000, immutable")
    if isfile(BUNDLE / name) and name != PAGE:
        return _file(name, "no-cache")
    return _to_localhost() or _file(PAGE, "no-cache")


def _to_localhost() -> Response | None:
    """Return the redirect from this machine's IP address to `localhost`, if that is the server's public name.

    Passkeys, cookies of logins and what providers redirect to belong to that name.
    """
    asked, public = urlsplit(request.url), urlsplit(current_app.config["SETTINGS"].public_api_base_url)
    if asked.hostname == "127.0.0.1" and (public.hostname, public.port) == ("localhost", asked.port):
        return redirect(asked._replace(scheme=public.scheme, netloc=public.netloc).geturl())
    return None


def _file(name: str, cache: str) -> Response:
    if not isfile(BUNDLE / PAGE):
        _not_built()
    packed = "gzip" in request.accept_encodings and isfile(BUNDLE / f"{name}.gz")
    # The content type of the name without .gz, as Flask would use that of the compressed file.
    response = send_from_directory(BUNDLE, f"{name}.gz" if packed else name, mimetype=_type_of(name))
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = cache
    return response


TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def _type_of(name: str) -> str | None:
    return TYPES.get(Path(name).suffix)


def _not_built() -> NoReturn:
    raise NotFound(
        "The dashboard is not built: start the server with scripts/server where npm packages can be downloaded"
    )
