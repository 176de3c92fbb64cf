"""Serving the API with gunicorn: what `fitness serve` runs."""

import dataclasses
import gc
import signal
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker
from psycopg.conninfo import conninfo_to_dict

from fitness.app import create_app
from fitness.config import Settings
from fitness.db import migrate
from fitness.server.postgres import ServerError, database


def serve(settings: Settings) -> None:
    """Serve the API on a migrated database until SIGINT or SIGTERM, then leave with SystemExit.

    Raises ServerError when the address is taken or the database does not start.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    with _listen(settings) as listener, database(settings) as url:
        migrate.upgrade(url)
        serving = dataclasses.replace(settings, database_url=url)
        _Gunicorn(serving, listener, lambda: create_app(serving), _where(settings)).run()


def _leave(*_: Any) -> NoReturn:
    """Unwind what has been started; once is enough. As soon as gunicorn runs it listens to the signals itself."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    """Take the address before anything else starts; who connects meanwhile waits."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]
        raise ServerError(f"Cannot listen on {settings.host} port {settings.port}: {why}") from error


def _where(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    database = f"PostgreSQL {settings.postgres_version} in {settings.data_dir}"
    if settings.database_url:
        found = conninfo_to_dict(settings.database_url)
        database = "{} on {}".format(found.get("dbname", "the default database"), found.get("host", "the local socket"))
    return f"API       {address}/v1\nAPI docs  {address}/docs\nDatabase  {database}"


_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}


class _Worker(ThreadWorker):
    """Ends alike on Ctrl-C, which reaches the workers too, and on SIGTERM: what it is doing gets done.

    gunicorn's quick end takes a lock in a signal handler, and waits for ever when the interrupted code holds it.
    """

    _told = 0.0

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def load_wsgi(self) -> None:
        """Load the app, and keep the collector from looking through all of it every few requests: a tenth faster."""
        super().load_wsgi()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)

    def notify(self) -> None:
        """Tell the arbiter once a second, not several times a request, that this worker lives: a tenth faster."""
        now = time.monotonic()
        if now - self._told >= 1:
            self._told = now
            super().notify()


class _Arbiter(Arbiter):
    """Forks workers with the signals that end them held until they listen: an earlier one would be lost."""

    handle_int = Arbiter.handle_term

    def spawn_worker(self) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Gunicorn(BaseApplication):
    """gunicorn without its command line: it takes the listening socket over and forks the workers."""

    def __init__(self, settings: Settings, listener: socket.socket, make: Callable[[], Any], where: str) -> None:
        # Called in each worker: the pool's threads would not live through a fork.
        self.load = make
        self._options = {
            "bind": f"fd://{listener.detach()}",
            "worker_class": _Worker,
            "workers": settings.workers,
            "threads": settings.threads,
            "keepalive": 75,
            "graceful_timeout": 30,
            "loglevel": "warning",
            "control_socket_disable": True,
            # The app alone decides which proxy it believes.
            "forwarded_allow_ips": "",
            "when_ready": lambda _: print(where, flush=True),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        _Arbiter(self).run()
