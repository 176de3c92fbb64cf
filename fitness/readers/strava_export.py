"""Read the export of Strava, a ZIP: its activities.csv, joined with the files of the activities; or that list alone.

What the list says counts: name, gear, notes, and totals, as in the API. A file adds what the list does not have:
points, laps, ascent, device. The number in the name of a file is that of its upload; its ending need not be that in the
list.
"""

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple, TypeVar

from fitness.readers import strava, zips
from fitness.readers.activity_records import record_of
from fitness.readers.derived import contradict
from fitness.readers.folder import Folder, OverBudget, ZipFolder
from fitness.readers.reader import OfFolder, Reader
from fitness.readers.records import (
    OfAnotherKind,
    OtherSport,
    ParsedRun,
    ParsedWorkout,
    Problem,
    Record,
    Skipped,
    UnreadableFile,
)
from fitness.readers.sorting import ACTIVITIES, ActivityFile, Kind, kind_of, read_activities
from fitness.readers.strava_values import SOURCE, upload_id_of
from fitness.readers.tables import recognise as recognise_table
from fitness.units import METRES_PER_MILE

MOST_CSV_BYTES = 256 * 1024 * 1024
"""Largest activities.csv in an archive, in bytes; 100,000 activities take a fifth of it."""
FARTHEST_START = timedelta(days=1)
"""How far the starts of list and file may be apart: the clock of a device can be wrong, another day is another file."""
_LIST = "activities.csv"
_OF_FILES = (
    "avg_heart_rate", "max_heart_rate", "elapsed", "ascent", "avg_cadence", "avg_power", "temperature", "calories",
    "calories_burned", "end_ts", "device", "time_zone", "points", "original",
)  # fmt: skip
"""The fields of runs and workouts that a file fills in where the list has nothing."""

R = TypeVar("R", ParsedRun, ParsedWorkout)


def parse_export(stream: BinaryIO) -> Generator[Record]:
    """Yield the records of an activities.csv, or of a whole archive (ZIP); see `strava.rows` and `parse_folder`."""
    if not zips.is_zip(stream):
        yield from (record for record, _ in strava.rows(stream))
        return
    with ZipFolder(stream, advice="unpack it and send its activities.csv") as folder:
        yield from parse_folder(folder)


def parse_folder(folder: Folder) -> Generator[Record]:
    """Yield one record for each row of the list, with what its file adds; then how many files are missing or unlisted.

    A file that cannot be read, or is of another day, is a remark on the record of its row. Raises UnreadableFile at the
    first `next()` for a folder of another kind.
    """
    listed = _list_of(folder)
    files = _Files(folder, _uploads(folder, listed))
    with folder.open(listed) as content:
        for record, filename in strava.rows(content):
            yield files.added_to(record, filename)
    yield from files.left()


def recognise(stream: BinaryIO) -> None:
    """Raise UnreadableFile for a file that is no such list."""
    recognise_table(stream, strava.find_columns)


def recognise_folder(folder: Folder) -> None:
    """Raise UnreadableFile for a folder that is no such export."""
    with folder.open(_list_of(folder)) as content:
        recognise(content)


def _list_of(folder: Folder) -> str:
    """Return the name of the list that is nearest the top."""
    found = [name for name in folder.names() if PurePosixPath(name).name.casefold() == _LIST]
    if not found:
        raise OfAnotherKind("The archive has no activities.csv: choose the archive that Strava sent.")
    nearest = min(found, key=lambda name: name.count("/"))
    if folder.size(nearest) > MOST_CSV_BYTES:
        raise UnreadableFile(f"The {_LIST} is larger than {MOST_CSV_BYTES // 1024**2} MB.")
    return nearest


class _Upload(NamedTuple):
    name: str
    kind: Kind


def _uploads(folder: Folder, listed: str) -> dict[str, _Upload]:
    """Return {upload id: its file} of the files of activities below the list."""
    below = listed[: -len(_LIST)]
    found: dict[str, _Upload] = {}
    for name in folder.names():
        upload_id = upload_id_of(name) if name.startswith(below) else None
        if upload_id and (kind := kind_of(folder.head(name))) in ACTIVITIES:
            found.setdefault(upload_id, _Upload(name, kind))
    return found


class _Files:
    """The files of the activities, while the rows of the list take them."""

    def __init__(self, folder: Folder, uploads: Mapping[str, _Upload]) -> None:
        self._folder = folder
        self._uploads = uploads
        self._taken: set[str] = set()
        self._missing = 0

    def added_to(self, record: Record, filename: str) -> Record:
        """Return the record of a row with what its file adds, or with a remark on why it adds nothing."""
        upload_id = upload_id_of(filename)
        upload = self._uploads.get(upload_id) if upload_id else None
        if upload and upload_id:
            self._taken.add(upload_id)  # several activities can be of one file
        if isinstance(record, OtherSport) and isinstance(record.workout, ParsedWorkout):
            return record._replace(workout=self._with_file(record.workout, upload, upload_id))
        return self._with_file(record, upload, upload_id) if isinstance(record, ParsedRun) else record

    def left(self) -> Generator[Skipped]:
        """Yield how many files are missing, if there are any at all, and how many the list does not name."""
        if self._missing and self._uploads:
            yield Skipped(0, None, f"{self._missing:,} files that the list names are not in the archive.")
        if unlisted := len(self._uploads) - len(self._taken):
            yield Skipped(0, None, f"{unlisted:,} files of activities are not in the list.")

    def _with_file(self, record: R, upload: _Upload | None, upload_id: str | None) -> R:
        if upload is None:
            self._missing += upload_id is not None
            return record
        try:
            file = read_activities(self._folder, *upload)
        except OverBudget:
            raise
        except UnreadableFile as refusal:
            return _remarked(record, str(refusal))
        return _joined(record, file)


def _joined(record: R, file: ActivityFile) -> R:
    """Return a record with what that activity of a file adds which began nearest to it."""
    start = record.datetime_utc if isinstance(record, ParsedRun) else record.start_ts
    activities = file.contents.activities
    if not activities:
        return _remarked(record, " ".join(file.contents.problems) or "It holds no activity.")
    place, activity = min(enumerate(activities, 1), key=lambda one: abs(one[1].start - start))
    if abs(activity.start - start) > FARTHEST_START:
        return _remarked(record, f"It begins at {activity.start:%Y-%m-%d %H:%M} UTC, as that of another activity.")
    sport = "running" if isinstance(record, ParsedRun) else "generic"
    found = record_of(record.row, replace(activity, sport=sport), SOURCE, original=file.original(place))
    if isinstance(found, OtherSport):
        found = found.workout
    if isinstance(found, Problem | Skipped):
        return _remarked(record, found.detail)
    return _remarked(_added(record, found), found.remark, _contradiction(record, found))


def _added(record: R, found: ParsedRun | ParsedWorkout) -> R:
    """Return a record with what it lacks and a file has."""
    added: dict[str, Any] = {name: getattr(found, name) for name in _OF_FILES if getattr(record, name, 0) is None}
    added["keys"] = tuple(dict.fromkeys((*record.keys, *found.keys)))
    if isinstance(record, ParsedRun) and isinstance(found, ParsedRun) and found.type == "Treadmill Run":
        added["type"] = found.type  # of which the list says nothing
    if isinstance(record, ParsedWorkout) and isinstance(found, ParsedWorkout):
        if record.workout_type == "STRENGTH":
            added["exercises"] = found.exercises
        if (listed := record.cardio_session) and (measured := found.cardio_session):
            kept = {name: value for name, value in listed._asdict().items() if value is not None}
            added["cardio_session"] = measured._replace(**kept)
    return record._replace(**added)


def _contradiction(record: ParsedRun | ParsedWorkout, found: ParsedRun | ParsedWorkout) -> str | None:
    listed, measured = _miles(record), _miles(found)
    if listed and measured and contradict(listed, measured):
        metres = [f"{miles * METRES_PER_MILE:,.0f}" for miles in (listed, measured)]
        return f"The list says {metres[0]} metres, the file {metres[1]}: the former were taken."
    return None


def _miles(record: ParsedRun | ParsedWorkout) -> float | None:
    if isinstance(record, ParsedRun):
        return record.distance
    return record.cardio_session and record.cardio_session.distance_miles


def _remarked(record: R, *said: str | None) -> R:
    """Return a record with remarks on its file."""
    of_file = " ".join(filter(None, said))
    return record._replace(remark=" ".join(filter(None, (record.remark, of_file and f"Its file: {of_file}"))) or None)


_OF_STRAVA = OfFolder(recognise_folder, lambda folder, _: parse_folder(folder))
READER = Reader(
    SOURCE,
    "a Strava export (ZIP, or its activities.csv)",
    "runs",
    recognise,
    lambda stream, _: parse_export(stream),
    of_folder=_OF_STRAVA,
)
