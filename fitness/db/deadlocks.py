"""Work that is one transaction, and is tried again if it was the victim of a deadlock."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

T = TypeVar("T")

PAUSE_SECONDS = 0.1
"""How long the victim waits: the other transaction has to wake up and get its lock first, or both meet again."""


def tried_twice(work: Callable[[], T], *, before_again: Callable[[], None] = lambda: None) -> T:
    """Run work that is one transaction; if that was the victim of a deadlock, once more: it was rolled back."""
    try:
        return work()
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
        time.sleep(PAUSE_SECONDS)
        before_again()
        return work()
