"""Compressed responses: large ones, with zstd or gzip, whichever the client prefers."""

import gzip
import re
import sys
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

from fitness.web.errors import PROBLEM

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODINGS = {"zstd": zstd.compress, "gzip": gzip.compress}
"""The codings, the best one first."""

TYPES = {"application/json", PROBLEM}
SMALLEST = 1024
"""Smaller responses, in bytes, stay as they are: compressing them saves no packet."""

_CODING = re.compile(rf':(?:{"|".join(CODINGS)})"')


def register(app: Flask) -> None:
    """Compress the responses of an application."""
    app.after_request(_compress)
    app.wsgi_app = PlainTags(app.wsgi_app)


def _compress(response: Response) -> Response:
    if response.mimetype not in TYPES:
        return response
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:  # much less work
        response.headers["Vary"] = "Accept-Encoding"
    if "Accept-Encoding" not in request.headers:
        return response
    quality_of = request.accept_encodings.quality
    coding = max([*CODINGS, "identity"], key=quality_of)
    if coding == "identity" or not quality_of(coding) or response.status_code == 304:
        return response
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(CODINGS[coding](body))
    response.headers["Content-Encoding"] = coding
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(f"{tag}:{coding}")
    return response


class PlainTags:
    """Middleware that removes the coding from the tags of requests, so that the application sees versions alone.

    The ETag of a compressed response names its coding (`"3:gzip"`), as caches must not confuse it with the plain one.
    A client may send it back in `If-Match` and `If-None-Match`, compressed or not: it stands for the same version.
    """

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        known: str = environ.get("HTTP_IF_NONE_MATCH", "")
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            if name in environ:
                environ[name] = _CODING.sub('"', environ[name])
        if environ.get("HTTP_IF_NONE_MATCH", "") == known:
            return self.wsgi_app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            if status.startswith("304"):
                headers = [(name, _as_known(value, known) if name == "ETag" else value) for name, value in headers]
            return start_response(status, headers, *args)

        return self.wsgi_app(environ, start)


def _as_known(etag: str, known: str) -> str:
    """Return the tag as the client knows it: a 304 confirms the response that the client has, with its coding."""
    coded = [one for one in (f'{etag[:-1]}:{coding}"' for coding in CODINGS) if one in known]
    return coded[0] if coded else etag
