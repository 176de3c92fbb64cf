"""What every reader of a kind of file says of itself."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Literal, NamedTuple
from zoneinfo import ZoneInfo

from fitness.readers import zips, zones
from fitness.readers.activity import Contents
from fitness.readers.activity_records import records_of
from fitness.readers.folder import Folder, ZipFolder
from fitness.readers.mapping import ColumnMapping
from fitness.readers.records import DistanceUnit, OfAnotherKind, Problem, Record, WeightUnit, Zone


class Answers(NamedTuple):
    """What a person said of a file: the zone of local times, the units of weights and distances, the columns.

    `zone_source`: the zone was said of the file, or is that of the person's profile; None if nobody said it.
    """

    zone: ZoneInfo
    weight_unit: WeightUnit | None = None
    distance_unit: DistanceUnit | None = None
    mapping: ColumnMapping | None = None
    zone_source: Literal["answer", "account"] | None = None

    @property
    def said_zone(self) -> Zone | None:
        """The zone of what was read in local times; None if nobody said it."""
        return Zone(self.zone.key, self.zone_source) if self.zone_source else None

    def zone_of(self, start: datetime) -> Zone | None:
        """Return the zone of a start: the offset that the file writes beside it, else the one of its local times.

        UTC beside a time is how many files write instants of all zones: it says nothing.
        """
        if start.tzinfo is self.zone:
            return self.said_zone
        return zones.of_offset(start.utcoffset() or None)


class Shown(NamedTuple):
    """A row of a table as it would be stored: `start` is local, `distance` in miles, `duration` in seconds."""

    row: int
    start: str | None = None
    sport: str | None = None
    distance: float | None = None
    duration: float | None = None
    avg_heart_rate: float | None = None
    shoe: str | None = None
    name: str | None = None
    notes: str | None = None
    problem: str | None = None


class Question(NamedTuple):
    """What a file leaves open: the field of Answers, a sentence, the choices, and up to three rows read each way.

    The question for a mapping has the one that is proposed, the fields of it that are still to be said, all headings of
    the file, and the first rows read by it, once nothing is left open.
    """

    field: Literal["timezone", "weight_unit", "distance_unit", "mapping"]
    detail: str
    choices: tuple[str, ...]
    examples: tuple[str, ...]
    mapping: ColumnMapping | None = None
    left_open: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[Shown, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Return it as an object of plain values."""
        mapping = self.mapping and self.mapping._asdict()
        return self._asdict() | {"mapping": mapping, "rows": [row._asdict() for row in self.rows]}


def _nothing_open(_: BinaryIO) -> Sequence[Question]:
    return ()


class OfFolder(NamedTuple):
    """How a whole export is read, as `recognise` and `parse` of Reader, from the files in it."""

    recognise: Callable[[Folder], None]
    parse: Callable[[Folder, Answers], Iterator[Any]]


class Reader(NamedTuple):
    """A reader of one kind of file; `file` is what people call it, with its article.

    `recognise` raises UnreadableFile, with the reason, for a file of another kind. `parse` yields records, in the zone
    of the file's local times where it has such: `zone` says whether it names only days, which bear a guess, or also
    times of day, which do not. `questions` returns what else must be known before `parse` can read a file. `of_folder`
    is how a whole export is read, file by file; its `parse` takes it as a ZIP. `has_rows`: records are numbered by the
    rows of a table, which people find them by.
    """

    source: str
    file: str
    noun: Literal["runs", "workouts", "planned workouts"]
    recognise: Callable[[BinaryIO], None]
    parse: Callable[[BinaryIO, Answers], Iterator[Any]]
    zone: Literal["none", "days", "times"] = "none"
    questions: Callable[[BinaryIO], Sequence[Question]] = _nothing_open
    of_folder: OfFolder | None = None
    has_rows: bool = True


def activity_reader(
    source: str,
    file: str,
    recognise: Callable[[BinaryIO], None],
    read: Callable[[bytes], Contents],
    *,
    most_bytes: int = zips.MOST_WHOLE_BYTES,
) -> Reader:
    """Return the reader of files of recorded activities; `read` takes one of at most `most_bytes`, unpacked."""

    def parse(stream: BinaryIO, _: Answers) -> Iterator[Record]:
        data = zips.whole(stream, most_bytes)
        return records_of(read(data), source, data)

    return Reader(source, file, "runs", recognise, parse, has_rows=False)


def of_zip(of_folder: OfFolder, stream: BinaryIO, answers: Answers) -> Iterator[Any]:
    """Yield the records of a whole export in a ZIP, behind what in it could not be looked at."""
    with ZipFolder(stream) as folder:
        yield from (Problem(number, None, problem) for number, problem in enumerate(folder.problems, 1))
        yield from of_folder.parse(folder, answers)


def export_reader(source: str, file: str, of_folder: OfFolder) -> Reader:
    """Return the reader of whole exports, with records of runs and other sports, that come as ZIPs."""

    def recognise(stream: BinaryIO) -> None:
        if not zips.is_zip(stream):
            raise OfAnotherKind(f"This is not {file}.")
        with ZipFolder(stream) as folder:
            of_folder.recognise(folder)

    return Reader(source, file, "runs", recognise, partial(of_zip, of_folder), of_folder=of_folder, has_rows=False)
