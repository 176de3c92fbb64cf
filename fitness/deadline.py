"""How long the current work may go on: until its deadline, or until the one who asked for it has left.

Loops and statements call `go_on`; work outside `limited` has no deadline.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from fitness.errors import Abandoned, TookTooLong

LOOK_SECONDS = 1.0
"""How often to look whether the work is still wanted."""
CLEANUP_SECONDS = 10.0
"""How long work may go on after its end was asked for, so that it can store how it ended."""


@dataclass(slots=True)
class _Work:
    ends_at: float
    is_wanted: Callable[[], bool]
    next_look: float


_work: ContextVar[_Work | None] = ContextVar("fitness_work", default=None)


@contextmanager
def limited(seconds: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Let the block, and what it calls, go on for so many seconds, as long as it is wanted."""
    now = time.monotonic()
    token = _work.set(_Work(now + seconds, is_wanted, now + LOOK_SECONDS))
    try:
        yield
    finally:
        _work.reset(token)


@contextmanager
def to_the_end() -> Iterator[None]:
    """Let the block go on whatever happens: what it has begun cannot be done again, and has limits of its own."""
    token = _work.set(None)
    try:
        yield
    finally:
        _work.reset(token)


def go_on() -> None:
    """Raise TookTooLong after the deadline, and Abandoned if nobody waits for the work; cheap enough for loops."""
    work = _work.get()
    if work is None:
        return
    now = time.monotonic()
    if now < work.next_look and now < work.ends_at:
        return
    if now >= work.ends_at:
        _end(work, now)
        raise TookTooLong
    work.next_look = now + LOOK_SECONDS
    if not work.is_wanted():
        _end(work, now)
        raise Abandoned


def _end(work: _Work, now: float) -> None:
    """Let the work clean up."""
    work.ends_at = now + CLEANUP_SECONDS
    work.next_look = work.ends_at
    work.is_wanted = lambda: True
