"""Caches of what is read from texts that people send."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")


def kept_by_text(*, most: int, longest: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function returns for the `most` texts that were asked for last.

    Texts of more than `longest` characters are not kept: the cache lives as long as the process, and a sender must not
    fill its memory.
    """

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def call(text: str) -> T:
            return (kept if len(text) <= longest else function)(text)

        return call

    return decorate
