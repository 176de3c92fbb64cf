"""Run work outside requests: after the response was sent, one task at a time per process, or every few seconds.

Tasks are stored in the database first; if the process ends, they are done later.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import ParamSpec

from flask import Flask

logger = logging.getLogger(__name__)

P = ParamSpec("P")


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="background")


def submit(app: Flask, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Future[None]:
    """Run `work` in the application's context, after earlier tasks; errors are logged."""

    def run() -> None:
        try:
            with app.app_context():
                work(*args, **kwargs)
        except Exception:
            logger.exception("background work failed")

    return _executor().submit(run)


@contextmanager
def repeated(work: Callable[[], object], seconds: float) -> Iterator[None]:
    """Call `work` in a thread every so many seconds until the block ends; errors are logged."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds):
            try:
                work()
            except Exception:
                logger.exception("repeated work failed")

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
