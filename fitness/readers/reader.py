"""What every reader of a kind of file says of itself."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Literal, NamedTuple
from zoneinfo import ZoneInfo

from fitness.readers.records import WeightUnit


class Answers(NamedTuple):
    """What a person said of a file: the zone of its local times, the unit of its weights."""

    zone: ZoneInfo
    weight_unit: WeightUnit | None = None


class Question(NamedTuple):
    """What a file leaves open: the field of Answers, a sentence, the choices, and up to three rows read each way."""

    field: Literal["timezone", "weight_unit"]
    detail: str
    choices: tuple[str, ...]
    examples: tuple[str, ...]


def _nothing_open(_: BinaryIO) -> Sequence[Question]:
    return ()


class Reader(NamedTuple):
    """A reader of one kind of file; `file` is what people call it, with its article.

    `recognise` raises UnreadableFile, with the reason, for a file of another kind. `parse` yields records, in the zone
    of the file's local times where it has such: `zone` says whether it names only days, which bear a guess, or also
    times of day, which do not. `questions` returns what else must be known before `parse` can read a file.
    """

    source: str
    file: str
    noun: Literal["runs", "workouts", "planned workouts"]
    recognise: Callable[[BinaryIO], None]
    parse: Callable[[BinaryIO, Answers], Iterator[Any]]
    zone: Literal["none", "days", "times"] = "none"
    questions: Callable[[BinaryIO], Sequence[Question]] = _nothing_open
