"""What a server process does besides answering requests: jobs, and syncs that start by themselves."""

import logging
import threading
from collections.abc import Callable

import psycopg
from flask import Flask
from psycopg_pool import PoolTimeout

from fitness.db import jobs
from fitness.db.connection import transaction
from fitness.sync import schedule
from fitness.web import jobs as requests

logger = logging.getLogger(__name__)

LOOK_SECONDS = 15
"""How often to look for work that other processes left."""
STOP_SECONDS = 1
"""How long to wait for threads at the end; a job that is not done then is done again later."""


class Background:
    """The threads of this process. They end with it, whatever they do: work that did not end starts again elsewhere."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._running: requests.Running | None = None
        works = [self._do_jobs, self._sync] if app.config["SETTINGS"].sync_interval_minutes else [self._do_jobs]
        self._threads = [threading.Thread(target=self._loop, args=[work], daemon=True) for work in works]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the threads end, and give up the lease of a job that is not done."""
        self._stopping.set()
        requests.waiting.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        running = self._running
        if running is not None:
            try:
                with transaction(running.user_id):
                    jobs.postpone_job(running.job, 0)
            except (psycopg.OperationalError, PoolTimeout) as error:
                logger.warning("the lease of a job will end by itself: %s", error)

    def _loop(self, work: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except (psycopg.OperationalError, PoolTimeout) as error:
                logger.warning("background work waits for the database: %s", error)
                self._stopping.wait(LOOK_SECONDS)
            except Exception:
                logger.exception("background work failed")
                self._stopping.wait(LOOK_SECONDS)

    def _do_jobs(self) -> None:
        requests.waiting.clear()
        while not self._stopping.is_set() and (running := requests.claim_next()):
            self._running = running
            try:
                requests.do(self._app, running)
            finally:
                self._running = None
        requests.waiting.wait(LOOK_SECONDS)

    def _sync(self) -> None:
        schedule.sync_due(self._app, go_on=lambda: not self._stopping.is_set())
        self._stopping.wait(LOOK_SECONDS)
