"""Read the export of a Garmin account, a ZIP: the list of its activities, and the FIT files that devices sent.

The list has names and ids, the files all the rest; they belong together by their start, as the number in the name of a
file is not the id of the activity. The list has centimetres, milliseconds, and local times as if they were UTC. The
parent of an activity of several sports stands in it beside its legs, and is passed over.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fitness.ranges import FIRST_YEAR, LAST_YEAR
from fitness.readers import jsons, zips, zones
from fitness.readers.activity import Activity
from fitness.readers.activity_records import record_of
from fitness.readers.folder import Folder, OverBudget
from fitness.readers.reader import OfFolder, export_reader
from fitness.readers.records import OfAnotherKind, Problem, Record, Skipped, UnreadableFile, shown
from fitness.readers.sorting import ACTIVITIES, Kind, read_activities, sorted_files
from fitness.readers.sports import sport_of

SOURCE = "Garmin"
_NEAREST = (0, -1, 1, -2, 2)
"""Seconds by which the starts of the list and of a file may be apart, the likeliest first."""
_LIST_KEY = b'"summarizedActivitiesExport"'
_PARENT = "multi_sport"
_MOST_ID = 10**18
_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (FIRST_YEAR, LAST_YEAR))
_TOTALS = (
    "notes", "distance", "moving_seconds", "elapsed_seconds", "ascent", "avg_heart_rate", "max_heart_rate",
    "avg_cadence", "avg_power", "calories", "time_zone", "serial",
)  # fmt: skip
_Same = tuple[str | None, datetime]


def parse_folder(folder: Folder) -> Generator[Record]:
    """Yield the records of the files, with what the list adds, then those of the list alone, then what was passed over.

    Raises UnreadableFile at the first `next()` for a folder of another kind.
    """
    lists = _lists_of(folder)
    listed, seen, row = _Listed(), dict[_Same, int](), 0
    for name in lists:
        yield from listed.read(folder, name)
    kinds = sorted_files(folder)
    for name, kind in kinds.items():
        if kind not in ACTIVITIES:
            continue
        for record in _records_of_file(folder, name, kind, listed, seen, row):
            row += 1
            yield record
    for activity in listed.left():
        row += 1
        yield record_of(row, activity, SOURCE)
    if others := list(kinds.values()).count("other fit"):
        yield Skipped(0, None, f"{others:,} FIT files of no activity, such as those of the steps of a day.")


def recognise_folder(folder: Folder) -> None:
    """Raise OfAnotherKind for a folder that is no such export."""
    _lists_of(folder)


def _lists_of(folder: Folder) -> list[str]:
    found = [name for name in folder.names() if _LIST_KEY in folder.head(name)]
    if not found:
        raise OfAnotherKind("The archive has no list of Garmin activities.")
    return found


def _records_of_file(
    folder: Folder, name: str, kind: Kind, listed: "_Listed", seen: dict[_Same, int], row: int
) -> Iterator[Record]:
    """Yield the records of a file, numbered behind `row`; `seen` are the activities of the files before."""
    try:
        file = read_activities(folder, name, kind)
    except OverBudget:
        raise
    except UnreadableFile as refusal:
        yield Problem(row + 1, None, f"{shown(name)}: {refusal}")
        return
    for place, activity in enumerate(file.contents.activities, 1):
        row += 1
        first = seen.setdefault((activity.serial, activity.start), row)
        if first == row:
            yield record_of(row, listed.added_to(activity), SOURCE, original=file.original(place))
        else:
            yield Skipped(row, None, f"The same activity as number {first}.")
    yield from (Skipped(row, None, skipped) for skipped in file.contents.skipped)
    yield from (Problem(row, None, f"{shown(name)}: {problem}") for problem in file.contents.problems)


class _Listed:
    """The activities of the list, while those of files take them."""

    def __init__(self) -> None:
        self._left: defaultdict[int, list[Activity]] = defaultdict(list)  # by the second of the start

    def read(self, folder: Folder, name: str) -> Iterator[Record]:
        """Read a file of the list; yield what of it is passed over, and what cannot be read."""
        try:
            with folder.open(name) as content:
                found = jsons.value(zips.whole(content, jsons.MOST_BYTES))
        except OverBudget:
            raise
        except UnreadableFile as refusal:
            yield Problem(0, None, f"{shown(name)}: {refusal}")
            return
        for part in jsons.objects(found):
            for one in jsons.objects(part.get("summarizedActivitiesExport")):
                if one.get("activityType") == _PARENT or one.get("parent") is True:
                    yield Skipped(0, None, "An activity of several sports, of which each is read by itself.")
                elif activity := _activity(one):
                    self._left[int(activity.start.timestamp())].append(activity)
                else:
                    yield Problem(0, None, f"{shown(name)}: an activity without a start or an id.")

    def added_to(self, activity: Activity) -> Activity:
        """Return an activity of a file with the id and the name of that of the list which began when it did."""
        second = int(activity.start.timestamp())
        near = next(filter(None, (self._left.get(second + step) for step in _NEAREST)), None)
        if near is None:
            return activity
        nearest = near.pop(0)
        lacking = {name: getattr(nearest, name) for name in _TOTALS if getattr(activity, name) is None}
        return replace(activity, key=nearest.key, name=nearest.name or activity.name, **lacking)

    def left(self) -> Iterator[Activity]:
        """Yield the activities that no file took."""
        for activities in self._left.values():
            yield from activities


def _activity(one: Mapping[str, Any]) -> Activity | None:
    """Return an activity of the list; None for one without an id or a start."""
    start, local = _milliseconds(one, "startTimeGmt", "beginTimestamp"), _milliseconds(one, "startTimeLocal")
    number, device = _id(one, "activityId"), _id(one, "deviceId")
    if start is None or number is None:
        return None
    sport, sub_sport = sport_of(jsons.text(one.get("activityType")))
    return Activity(
        start,
        sport,
        sub_sport,
        key=number,
        time_zone=zones.of_offset(local - start) if local else None,
        name=jsons.text(one.get("name")),
        notes=jsons.text(one.get("description")),
        distance=_scaled(one, "distance", 100),
        moving_seconds=_scaled(one, "duration", 1_000),
        elapsed_seconds=_scaled(one, "elapsedDuration", 1_000),
        ascent=_scaled(one, "elevationGain", 100),
        avg_heart_rate=_scaled(one, "avgHr"),
        max_heart_rate=_scaled(one, "maxHr"),
        avg_cadence=_scaled(one, "avgRunCadence"),
        avg_power=_scaled(one, "avgPower"),
        calories=_scaled(one, "calories"),
        serial=device,
    )


def _id(one: Mapping[str, Any], name: str) -> str | None:
    """Return an id; 0 stands for none."""
    found = one.get(name)
    return str(found) if type(found) is int and 0 < found < _MOST_ID else None


def _milliseconds(one: Mapping[str, Any], *names: str) -> datetime | None:
    """Return the first instant of some fields, in milliseconds since 1970; None for what is none."""
    for name in names:
        found = jsons.number(one.get(name))
        if found and _EARLIEST <= found / 1_000 <= _LATEST:
            return datetime.fromtimestamp(found / 1_000, UTC)
    return None


def _scaled(one: Mapping[str, Any], name: str, divisor: float = 1) -> float | None:
    found = jsons.number(one.get(name))
    return None if found is None else found / divisor


READER = export_reader(
    SOURCE, "the export of a Garmin account (ZIP)", OfFolder(recognise_folder, lambda folder, _: parse_folder(folder))
)
