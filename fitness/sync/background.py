"""Work that goes on after an answer has left: one thing at a time in each process.

What is to be done is in the database before; a process that ends leaves it to the next occasion.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import ParamSpec

from flask import Flask

logger = logging.getLogger(__name__)

P = ParamSpec("P")


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="background")


def submit(app: Flask, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Future[None]:
    """Run `work` within the application after what was submitted before; whatever goes wrong is logged."""

    def run() -> None:
        try:
            with app.app_context():
                work(*args, **kwargs)
        except Exception:
            logger.exception("background work failed")

    return _executor().submit(run)
