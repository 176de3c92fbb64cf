"""Read GPX files, as services, watches and apps export them: bytes in; activities, and what is broken, out. Pure.

Each track is an activity, and a new segment is the end of a pause. A route or a track without times is none. Devices
differ in where they put heart rates and such, so that only the name of an element counts, not where it stands.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from fitness.readers import derived, xmls, zones
from fitness.readers.activity import Activity, Contents
from fitness.readers.reader import activity_reader
from fitness.readers.sports import sport_of
from fitness.readers.tracks import Track

SOURCE = "GPX"

_COLUMNS = {
    "ele": "altitude", "hr": "heart_rate", "heartrate": "heart_rate", "cad": "cadence", "cadence": "cadence",
    "power": "power", "PowerInWatts": "power", "watts": "power", "atemp": "temperature", "temp": "temperature",
    "speed": "speed",
}  # fmt: skip
_WORDS = {"name", "type", "desc"}


def read(data: bytes) -> Contents:
    """Return the activities in a GPX file. Raises UnreadableFile for a file that cannot be one."""
    handler = _Handler()
    broken = xmls.read(data, handler)
    contents = Contents()
    for number, track in enumerate(handler.tracks, 1):
        name = f"“{track.words['name']}”" if track.words.get("name") else f"{number}"
        if len(track.track):
            contents.activities.append(_activity(track, handler.creator))
        else:
            contents.problems.append(f"The track {name} has no times: it is a route, not an activity.")
    if handler.routes:
        contents.skipped += ["A route, not an activity."] * handler.routes
    if not handler.tracks and not handler.routes:
        contents.problems.append("A GPX file without a track: nothing was recorded.")
    if broken and contents.activities:
        contents.activities[-1].is_cut = True
        contents.activities[-1].remarks.insert(0, broken)
    elif broken:
        contents.problems.append(broken)
    return contents


@dataclass(slots=True)
class _TrackRead:
    """A track: its points, and its name, type and description."""

    track: Track = field(default_factory=Track)
    words: dict[str, str] = field(default_factory=dict)


class _Handler:
    def __init__(self) -> None:
        self.creator: str | None = None
        self.routes = 0
        self.tracks: list[_TrackRead] = []
        self._path: list[str] = []
        self._point: dict[str, str] | None = None
        self._time: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "gpx":
            self.creator = attributes.get("creator")
        elif name == "rte":
            self.routes += 1
        elif name == "trk":
            self.tracks.append(_TrackRead())
        elif name == "trkseg" and self.tracks:
            self.tracks[-1].track.begin_segment()
        elif name == "trkpt" and self.tracks:
            self._point = {column: attributes[column] for column in ("lat", "lon") if column in attributes}
            self._time = None

    def end(self, name: str, text: str) -> None:
        self._path.pop()
        if self._point is None:
            if name in _WORDS and self._path[-1:] == ["trk"]:
                self.tracks[-1].words.setdefault(name, text)
        elif name == "trkpt":
            self.tracks[-1].track.add(self._time, self._point)
            self._point = None
        elif name == "time":
            self._time = text
        elif name in _COLUMNS and text:
            self._point[_COLUMNS[name]] = text


def _activity(found: _TrackRead, creator: str | None) -> Activity:
    track, points = found.track, found.track.points()
    sport, sub_sport = sport_of(found.words.get("type"))
    activity = Activity(
        datetime.fromtimestamp(points.time[0], UTC),
        sport,
        sub_sport,
        time_zone=zones.of_offset(track.utc_offset),
        name=found.words.get("name"),
        notes=found.words.get("desc"),
        device=creator,
        points=points,
        pauses=track.pauses,
        remarks=track.remarks(),
    )
    derived.complete(activity)
    return activity


READER = activity_reader(
    SOURCE,
    "a GPX file of a recorded activity",
    partial(xmls.recognise, root="gpx", file="a GPX file"),
    read,
)
