"""Read TCX files, as Garmin and others export them: bytes in; activities, and what is broken, out. Pure.

An activity is laps with totals of their own, which win over those of the points; some have no points at all. Where the
file is cut, the totals are from the points that are left. A course is no activity.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from fitness.readers import derived, xmls, zones
from fitness.readers.activity import Activity, Contents, Lap, Points
from fitness.readers.reader import activity_reader
from fitness.readers.sports import sport_of
from fitness.readers.tracks import Track, number_of, time_of

SOURCE = "TCX"

_COLUMNS = {
    "LatitudeDegrees": "lat", "LongitudeDegrees": "lon", "AltitudeMeters": "altitude", "DistanceMeters": "distance",
    "Cadence": "cadence", "RunCadence": "cadence", "Watts": "power", "Speed": "speed",
}  # fmt: skip
_VALUES = {"HeartRateBpm": "heart_rate", "AverageHeartRateBpm": "average", "MaximumHeartRateBpm": "maximum"}
_SLACK = timedelta(seconds=2)
"""Times of one start may differ so much."""
_TOTALS = {"TotalTimeSeconds": "seconds", "DistanceMeters": "metres", "Calories": "calories"}


def read(data: bytes) -> Contents:
    """Return the activities in a TCX file. Raises UnreadableFile for a file that cannot be one."""
    handler = _Handler()
    broken = xmls.read(data, handler)
    contents = Contents(skipped=["A course, not an activity."] * handler.courses)
    for found in handler.activities:
        is_cut = bool(broken) and found is handler.activities[-1]
        activity = _activity(found, is_cut=is_cut)
        if activity is None:
            contents.problems.append("An activity without a start.")
            continue
        if is_cut and broken:
            activity.remarks.insert(0, broken)
        contents.activities.append(activity)
    if broken and not contents.activities:
        contents.problems.append(broken)
    elif not handler.activities and not handler.courses:
        contents.problems.append("A TCX file without an activity: nothing was recorded.")
    return contents


@dataclass(slots=True)
class _LapRead:
    start: str | None
    totals: dict[str, str] = field(default_factory=dict)

    def total(self, name: str) -> float | None:
        found = number_of(self.totals.get(name))
        return found if found is not None and found >= 0 else None


@dataclass(slots=True)
class _ActivityRead:
    sport: str | None
    track: Track = field(default_factory=Track)
    laps: list[_LapRead] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)


class _Handler:
    def __init__(self) -> None:
        self.courses = 0
        self.activities: list[_ActivityRead] = []
        self._path: list[str] = []
        self._point: dict[str, str] | None = None
        self._time: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "Course":
            self.courses += 1
        elif name == "Activity":
            self.activities.append(_ActivityRead(attributes.get("Sport")))
        elif not self._is_activity():
            return
        elif name == "Lap":
            self.activities[-1].laps.append(_LapRead(attributes.get("StartTime")))
        elif name == "Track":
            self.activities[-1].track.begin_segment()
        elif name == "Trackpoint":
            self._point, self._time = {}, None

    def end(self, name: str, text: str) -> None:
        self._path.pop()
        if not self._is_activity():
            return
        parent = self._path[-1]
        if self._point is not None:
            self._end_in_point(name, text, parent)
        elif parent == "Lap" and name in _TOTALS:
            self.activities[-1].laps[-1].totals[_TOTALS[name]] = text
        elif name == "Value" and parent in _VALUES and self.activities[-1].laps:
            self.activities[-1].laps[-1].totals[_VALUES[parent]] = text
        elif (parent, name) in {("Activity", "Id"), ("Activity", "Notes"), ("Creator", "Name"), ("Creator", "UnitId")}:
            self.activities[-1].words[name] = text

    def _end_in_point(self, name: str, text: str, parent: str) -> None:
        point = self._point
        assert point is not None
        if name == "Trackpoint":
            self.activities[-1].track.add(self._time, point)
            self._point = None
        elif name == "Time":
            self._time = text
        elif name == "Value" and parent == "HeartRateBpm":
            point["heart_rate"] = text
        elif name in _COLUMNS and text:
            point[_COLUMNS[name]] = text

    def _is_activity(self) -> bool:
        return bool(self.activities) and "Activity" in self._path[:4]


def _activity(found: _ActivityRead, *, is_cut: bool) -> Activity | None:
    """Return an activity, None if nothing says when it began; `is_cut`: the totals of its last lap are of more."""
    points = found.track.points()
    starts = [time_of((lap.start or "").strip()) for lap in found.laps]
    start, odd_start = _start(next(filter(None, starts), None), time_of(found.words.get("Id")), points)
    if start is None:
        return None
    sport, sub_sport = sport_of(found.sport)
    if sport == "running" and points and not points.lat:
        sub_sport = "treadmill"  # the format has no word for it
    activity = Activity(
        start.astimezone(UTC),
        sport,
        sub_sport,
        time_zone=zones.of_offset(found.track.utc_offset or start.utcoffset() or None),
        notes=found.words.get("Notes"),
        device=found.words.get("Name"),
        serial=_serial(found.words.get("UnitId")),
        is_cut=is_cut,
        points=points,
        pauses=found.track.pauses,
        remarks=[*odd_start, *found.track.remarks()],
    )
    if not (is_cut and points):
        _add_totals(activity, found.laps)
    activity.laps = [_lap(lap, begun) for lap, begun in zip(found.laps, starts, strict=True) if begun]
    derived.complete(activity)
    return activity


def _start(of_lap: datetime | None, of_id: datetime | None, points: Points) -> tuple[datetime | None, list[str]]:
    """Return when an activity began, and remarks: as its first lap says, or, if that is damaged, its id or points."""
    first = datetime.fromtimestamp(points.time[0], UTC) if points else None
    if of_lap and of_id and first and abs(of_lap - first) > abs(of_id - first) + _SLACK:
        return of_id, [f"The first lap begins at {of_lap:%Y-%m-%d %H:%M:%S}, which cannot be: the id counts."]
    return of_lap or of_id or first, []


def _add_totals(activity: Activity, laps: list[_LapRead]) -> None:
    """Add up the laps; the heart rates count by the seconds of their laps."""
    activity.moving_seconds = _sum(laps, "seconds")
    activity.distance = _sum(laps, "metres")
    activity.calories = _sum(laps, "calories")
    rates = [(lap.total("average"), lap.total("seconds")) for lap in laps]
    known = [(rate, seconds) for rate, seconds in rates if rate and seconds]
    if known:
        activity.avg_heart_rate = sum(rate * seconds for rate, seconds in known) / sum(seconds for _, seconds in known)
        activity.max_heart_rate = max((lap.total("maximum") or 0 for lap in laps), default=0) or None
    if not activity.points and activity.moving_seconds is not None:
        last = time_of((laps[-1].start or "").strip()) or activity.start
        until = (last - activity.start).total_seconds() + (laps[-1].total("seconds") or 0)
        activity.elapsed_seconds = max(until, activity.moving_seconds)


def _sum(laps: list[_LapRead], name: str) -> float | None:
    totals = [total for lap in laps if (total := lap.total(name)) is not None]
    return sum(totals) if totals else None


def _lap(lap: _LapRead, start: datetime) -> Lap:
    return Lap(
        start.astimezone(UTC),
        moving_seconds=lap.total("seconds"),
        distance=lap.total("metres"),
        avg_heart_rate=lap.total("average"),
    )


def _serial(written: str | None) -> str | None:
    """Return the serial number of the device; many files have 0 for none."""
    return written if written and written.isdecimal() and written.strip("0") else None


READER = activity_reader(
    SOURCE,
    "a TCX file of a recorded activity",
    partial(xmls.recognise, root="TrainingCenterDatabase", file="a TCX file"),
    read,
)
