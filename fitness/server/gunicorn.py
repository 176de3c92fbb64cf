"""Serve the API with gunicorn."""

import contextlib
import ctypes
import dataclasses
import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from pwd import struct_passwd
from typing import Any, NoReturn, cast

import orjson
import psycopg
from flask import Flask
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from psycopg.conninfo import conninfo_to_dict
from werkzeug.exceptions import BadRequest

from fitness import logs
from fitness.app import create_app
from fitness.config import ROOT, Settings
from fitness.db import migrate
from fitness.db.pooler import is_pooled
from fitness.db.temporary_files import warn_unless_limited
from fitness.server.background import Background
from fitness.server.postgres import admin_url, cluster, database, revive
from fitness.server.prometheus import forget_worker, shared_metrics
from fitness.server.service_user import PROGRAM, ServerError, leave_root, require_entry, service_user
from fitness.server.slow_clients import BodyTooLarge, PatientWorker, TooSlow

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve the API on a migrated database until SIGINT or SIGTERM, then raise SystemExit.

    Raises ServerError if the address is in use or the database does not start.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)
    with _listen(settings) as listener, database(settings) as url:
        migrate.upgrade(admin_url(settings, url))
        logs.configure(settings.log_level)
        with psycopg.connect(url) as connection:
            warn_unless_limited(connection, pooled=is_pooled(connection, settings.database_pooler))
        user = service_user(cluster(settings))
        for place in (ROOT, Path(sys.prefix)):
            require_entry(user, place, PROGRAM)
        serving = dataclasses.replace(settings, database_url=url)
        with shared_metrics(settings, user):
            _Gunicorn(serving, listener, lambda: create_app(serving), _startup_message(settings), user).run()


def _exit(*_: Any) -> NoReturn:
    """Stop what was started so far, and ignore further signals. Once gunicorn runs, it handles the signals itself."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    """Listen on the address before anything else starts; early clients wait."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    given_up = time.monotonic() + _LISTEN_SECONDS
    while True:
        try:
            return socket.create_server((settings.host, settings.port), family=family, backlog=1024)
        except OSError as error:
            # The workers of a server that was just killed may not have ended yet.
            if error.errno == errno.EADDRINUSE and time.monotonic() < given_up:
                time.sleep(0.05)
                continue
            why = str(error.strerror).partition(" (while")[0]
            raise ServerError(f"Cannot listen on {settings.host} port {settings.port}: {why}") from error


_LISTEN_SECONDS = 1.0


def _startup_message(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    database = f"PostgreSQL {settings.postgres_version} in {settings.data_dir}"
    if settings.database_url:
        found = conninfo_to_dict(settings.database_url)
        database = "{} on {}".format(found.get("dbname", "the default database"), found.get("host", "the local socket"))
    return f"API       {address}/v1\nAPI docs  {address}/docs\nDatabase  {database}"


_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    TooSlow: (408, "The request came too slowly"),
    BodyTooLarge: (413, "The body is too large"),
    LimitRequestLine: (414, "The address is too long"),
    ExpectationFailed: (417, "Only Expect: 100-continue is supported"),
    LimitRequestHeaders: (431, "The headers are too large"),
    UnsupportedTransferCoding: (501, "Only the transfer coding chunked is supported"),
}
"""What gunicorn cannot read → status and detail; of all else, 400."""

_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}


class _Worker(PatientWorker):
    """A worker that finishes its requests on Ctrl-C (which reaches workers too) as well as on SIGTERM.

    gunicorn's quick shutdown takes a lock in a signal handler, and hangs if the interrupted code holds that lock.
    """

    _last_notify = 0.0

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def load_wsgi(self) -> None:
        """Load the app, and exclude it from garbage collection, which would scan it every few requests: 10 % faster."""
        super().load_wsgi()
        self.largest_body = cast(Flask, self.app.wsgi()).config["SETTINGS"].max_upload_bytes
        self.wsgi = _refusing_broken_bodies(self.wsgi)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)

    def run(self) -> None:
        """Serve requests until a signal, and work in the background meanwhile."""
        _end_with_parent(self.ppid)
        background = Background(cast(Flask, self.app.wsgi()))
        background.start()
        try:
            super().run()
        finally:
            background.stop()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Refuse what is no HTTP request, as JSON like all errors of the app."""
        if isinstance(exc, ParseException | OSError):
            status, detail = _REFUSALS.get(type(exc), (400, "The request cannot be read"))
            logger.warning("refused a request from %s: %s", addr and addr[0], type(exc).__name__)
        else:
            status, detail = 500, "Internal server error"
            logger.error("unhandled error", exc_info=exc)
        body = orjson.dumps({"detail": detail})
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            util.write_nonblock(client, head.encode() + body)

    def notify(self) -> None:
        """Report that the worker is alive once a second, not several times per request: 10 % faster."""
        now = time.monotonic()
        if now - self._last_notify >= 1:
            self._last_notify = now
            super().notify()


class _Body:
    """The body of a request as the app reads it; a broken one raises BadRequest, which answers 400."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, *size: int) -> bytes:
        return self._read(self._body.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._read(self._body.readline, *size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _read(self, read: Callable[..., bytes], *size: int) -> bytes:
        try:
            return read(*size)
        except (ParseException, OSError) as error:
            raise BadRequest from error


def _refusing_broken_bodies(wsgi: Callable[..., Any]) -> Callable[..., Any]:
    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        return wsgi(environ, start_response)

    return serve


class _Arbiter(Arbiter):
    """Forks workers with stop signals blocked until they handle them, so that an early signal is not lost.

    Between the workers' signs of life, it looks after the embedded database.
    """

    handle_int = Arbiter.handle_term

    def murder_workers(self) -> None:
        super().murder_workers()
        revive()

    def spawn_worker(self) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent(parent: int) -> None:
    """Let this process be killed when its parent is: otherwise it would hold the port for a while."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


_PR_SET_PDEATHSIG = 1


class _Logger(Logger):
    """gunicorn's own messages, such as that of a killed worker, in the format of ours."""

    error_log: logging.Logger

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.JsonFormatter())


class _Gunicorn(BaseApplication):
    """gunicorn without its command line: it takes over the listening socket and forks the workers."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        make: Callable[[], Any],
        where: str,
        user: struct_passwd,
    ) -> None:
        # Called in each worker, as the pool's threads do not survive a fork.
        self.load = make
        self._options = {
            "bind": f"fd://{listener.detach()}",
            "worker_class": _Worker,
            "workers": settings.workers,
            "threads": settings.threads,
            "keepalive": 75,
            "graceful_timeout": 30,
            "loglevel": "warning",
            "logger_class": _Logger,
            "control_socket_disable": True,
            "umask": 0o077,
            # Only the app decides which proxies to trust.
            "forwarded_allow_ips": "",
            "child_exit": lambda _, worker: forget_worker(worker.pid),
            "when_ready": lambda _: print(where, flush=True),
        }
        if os.geteuid() == 0:
            self._options |= {"user": user.pw_uid, "group": user.pw_gid}
            self._options["post_fork"] = lambda _arbiter, _worker: leave_root(user)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        _Arbiter(self).run()
