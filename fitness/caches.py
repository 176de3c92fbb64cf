"""Caches of what is read from texts that people send."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class _Kept(dict[str, T]):
    """What a function returns, by text. A dictionary finds it without a call of Python, which would take longer."""

    def __init__(self, function: Callable[[str], T], most: int, longest: int) -> None:
        super().__init__()
        self._function, self._most, self._longest = function, most, longest

    def __missing__(self, text: str) -> T:
        value = self._function(text)
        if len(text) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[text] = value
        return value


def kept_by_text(*, most: int, longest: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function returns for up to `most` texts; once there are so many, begin anew.

    Texts of more than `longest` characters are not kept: the cache lives as long as the process, and a sender must not
    fill its memory.
    """

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        return _Kept(function, most, longest).__getitem__

    return decorate
