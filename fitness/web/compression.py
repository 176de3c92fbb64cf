"""Compressed responses: large ones, with zstd or gzip, if the client accepts it."""

import re
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from flask_compress import Compress

from fitness.web.errors import PROBLEM

CODINGS = ("zstd", "gzip")
SMALLEST = 1024
"""Smaller responses, in bytes, stay as they are: compressing them saves no packet."""

_CODING = re.compile(rf':(?:{"|".join(CODINGS)})"')


def register(app: Flask) -> None:
    """Compress the responses of an application."""
    app.config.update(
        COMPRESS_ALGORITHM=CODINGS,
        COMPRESS_MIMETYPES=["application/json", PROBLEM],
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_STREAMS=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    Compress(app)
    app.wsgi_app = PlainTags(app.wsgi_app)


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
