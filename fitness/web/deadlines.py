"""The deadline of each request; a request whose client has left ends before it."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from fitness import deadline
from fitness.web.jobs import is_job

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Deadlines:
    """Middleware that serves each request with a deadline; a job has a longer one, and no client that could leave."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wsgi_app: WsgiApp = app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        settings = self._app.config["SETTINGS"]
        if is_job(environ):
            with deadline.limited(settings.job_timeout_seconds):
                return self._wsgi_app(environ, start_response)
        client: socket.socket | None = environ.get("gunicorn.socket")
        with deadline.limited(settings.request_timeout_seconds, lambda: client is None or _is_there(client)):
            return self._wsgi_app(environ, start_response)


def _is_there(client: socket.socket) -> bool:
    """Return whether the client still holds its connection; what it has sent meanwhile stays unread."""
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
