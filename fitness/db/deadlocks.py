"""Work that is one transaction, and is tried again if it was the victim of a deadlock."""

from collections.abc import Callable
from typing import TypeVar

import psycopg

T = TypeVar("T")


def tried_twice(work: Callable[[], T], *, before_again: Callable[[], None] = lambda: None) -> T:
    """Run work that is one transaction; if that was the victim of a deadlock, once more: it was rolled back."""
    try:
        return work()
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
        before_again()
        return work()
