"""What every reader of a kind of file says of itself."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal, NamedTuple
from zoneinfo import ZoneInfo


class Reader(NamedTuple):
    """A reader of one kind of file; `file` is what people call it, with its article.

    `recognise` raises UnreadableFile, with the reason, for a file of another kind. `parse` yields records, in the zone
    of the file's local times where it has such: `zone` says whether it names only days, which bear a guess, or also
    times of day, which do not.
    """

    source: str
    file: str
    noun: Literal["runs", "workouts", "planned workouts"]
    recognise: Callable[[BinaryIO], None]
    parse: Callable[[BinaryIO, ZoneInfo], Iterator[Any]]
    zone: Literal["none", "days", "times"] = "none"
