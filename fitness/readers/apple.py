"""Read the export of Apple Health: export.xml, alone or in its ZIP with the routes of the workouts.

A route belongs to the workout within whose times it begins: its name is the time of its end in local words, and the
time of its file is that of the export.
"""

import re
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from fitness.readers import derived, gpx, xmls, zips
from fitness.readers.activity import Activity, Points
from fitness.readers.activity_records import record_of, with_keys
from fitness.readers.apple_health import Health, activity_of
from fitness.readers.folder import Folder, OverBudget
from fitness.readers.joined_points import together, with_heart_rates
from fitness.readers.reader import Answers, OfFolder, Reader, of_zip
from fitness.readers.records import (
    BadValue,
    OfAnotherKind,
    Problem,
    Record,
    Skipped,
    UnreadableFile,
)
from fitness.readers.sorting import sorted_files
from fitness.readers.tracks import time_of

SOURCE = "Apple Health"
_FILE = "the export of Apple Health (ZIP, or its export.xml)"
_HEAD_BYTES = 4_096
_FIRST_POINT = re.compile(rb"<trkpt\b.*?<time>([^<]*)</time>", re.DOTALL)
_SLACK = 60.0
"""Seconds by which a route may begin before its workout does."""


def parse(stream: BinaryIO, answers: Answers) -> Iterator[Record]:
    """Yield the records of an export.xml, or of the whole export (ZIP). Raises UnreadableFile."""
    return of_zip(_OF_FOLDER, stream, answers) if zips.is_zip(stream) else _parse(stream, None)


def parse_folder(folder: Folder) -> Generator[Record]:
    """Yield the records of the workouts, with their routes. Raises UnreadableFile at the first `next()`."""
    kinds = sorted_files(folder)
    export = _export_of(kinds)
    routes = _Routes(folder, [name for name, kind in kinds.items() if kind == "gpx"])
    with folder.open(export) as content:
        yield from _parse(content, routes)
    yield from routes.left()


def recognise_folder(folder: Folder) -> None:
    """Raise OfAnotherKind for a folder that is no such export."""
    _export_of(sorted_files(folder))


def recognise(stream: BinaryIO) -> None:
    """Raise UnreadableFile for a file that is no export.xml."""
    xmls.recognise(stream, root="HealthData", file="the export of Apple Health")


def _export_of(kinds: Mapping[str, str]) -> str:
    found = next((name for name, kind in kinds.items() if kind == "health"), None)
    if found is None:
        raise OfAnotherKind("The archive has no export.xml of Apple Health.")
    return found


def _parse(stream: BinaryIO, routes: "_Routes | None") -> Generator[Record]:
    health = Health()
    with zips.unpacked(stream) as content:
        broken = xmls.read_stream(content, health)
    row_of: dict[str | None, int] = {}
    for row, workout in enumerate(health.workouts, 1):
        try:
            activity = activity_of(workout)
        except BadValue as error:
            yield Problem(row, None, str(error))
            continue
        if (first := row_of.setdefault(activity.key, row)) != row:
            yield Skipped(row, None, f"The same activity as number {first}.")
            continue
        start = activity.start.timestamp()
        end = start + (activity.elapsed_seconds or 0)
        found = list(routes.of(start, end, activity.remarks)) if routes else []
        activity.points = with_heart_rates(together([route.points for route in found]), health.heart_rates(start, end))
        yield _record(row, activity, tuple(route.key for route in found))
    if broken:
        yield Problem(len(health.workouts) + 1, None, broken)


def _record(row: int, activity: Activity, keys: tuple[str, ...]) -> Record:
    """Return the record of a workout, whose routes have these names besides."""
    derived.complete(activity)
    return with_keys(record_of(row, activity, SOURCE), keys)


class _Route(NamedTuple):
    key: str
    points: Points


class _Routes:
    """The routes of an export, while the workouts take them."""

    def __init__(self, folder: Folder, names: Iterable[str]) -> None:
        self._folder = folder
        begun = [(_begins(folder, name), name) for name in names]
        self._starts = sorted((start, name) for start, name in begun if start is not None)
        self._left = len(begun)

    def of(self, start: float, end: float, remarks: list[str]) -> Iterator[_Route]:
        """Yield the routes that begin between two instants; say in `remarks` what of them cannot be read."""
        first = bisect_left(self._starts, (start - _SLACK, ""))
        last = bisect_left(self._starts, (end, ""))
        for _, name in self._starts[first:last]:
            try:
                with self._folder.open(name) as content:
                    data = zips.whole(content)
                contents = gpx.read(data)
            except OverBudget:
                raise
            except UnreadableFile as refusal:
                remarks.append(f"Its route: {refusal}")
                continue
            remarks += [f"Its route: {problem}" for problem in contents.problems]
            for activity in contents.activities:
                remarks += [f"Its route: {remark}" for remark in activity.remarks]
                yield _Route(f"file:{sha256(data).hexdigest()}", activity.points)
        self._left -= last - first
        del self._starts[first:last]

    def left(self) -> Iterator[Skipped]:
        """Yield how many routes no workout took."""
        if self._left:
            yield Skipped(0, None, f"{self._left:,} routes of no workout.")


def _begins(folder: Folder, name: str) -> float | None:
    """Return when the first point of a route was, in seconds since 1970; None where that cannot be read."""
    try:
        with folder.open(name) as content:
            found = _FIRST_POINT.search(content.read(_HEAD_BYTES))
    except OverBudget:
        raise
    except UnreadableFile:
        return None
    instant = time_of(found[1].decode(errors="replace").strip()) if found else None
    return instant.timestamp() if instant else None


_OF_FOLDER = OfFolder(recognise_folder, lambda folder, _: parse_folder(folder))
READER = Reader(SOURCE, _FILE, "runs", recognise, parse, of_folder=_OF_FOLDER, has_rows=False)
