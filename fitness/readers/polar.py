"""Read the training sessions of a Polar Flow export, one JSON file each: bytes in; activities, and what is broken, out.

Times are local, beside the offset in minutes, which has two spellings. Samples without a value are dropouts. The id of
a session stands in the name of the file alone, which is not trusted.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from fitness.readers import derived, jsons, zones
from fitness.readers.activity import Activity, Contents
from fitness.readers.reader import activity_reader
from fitness.readers.records import BadValue
from fitness.readers.sports import sport_of
from fitness.readers.tracks import Track, time_of

SOURCE = "Polar"
_SAMPLES = {
    "heartRate": "heart_rate", "distance": "distance", "altitude": "altitude", "cadence": "cadence",
    "temperature": "temperature",
}  # fmt: skip
_ROUTE = {"latitude": "lat", "longitude": "lon", "altitude": "altitude"}
_DURATION = re.compile(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?")
_MOST_MINUTES = 14 * 60


def read(data: bytes) -> Contents:
    """Return the exercises of a training session. Raises UnreadableFile for a file that is no JSON."""
    session = jsons.read(data)
    contents = Contents()
    for number, exercise in enumerate(jsons.objects(session.get("exercises")), 1):
        try:
            contents.activities.append(_activity(exercise, session))
        except BadValue as error:
            contents.problems.append(f"Exercise {number}: {error}")
    if not contents.activities and not contents.problems:
        contents.problems.append("A training session without an exercise.")
    return contents


def _activity(exercise: Mapping[str, Any], session: Mapping[str, Any]) -> Activity:
    offset = _offset(exercise, session)
    start = _instant(exercise.get("startTime") or session.get("startTime"), offset)
    if start is None:
        raise BadValue("no start.")
    stop = _instant(exercise.get("stopTime"), offset)
    sport, sub_sport = sport_of(str(exercise.get("sport") or ""))
    rates = exercise.get("heartRate")
    rates = rates if isinstance(rates, dict) else {}
    track = _track(exercise.get("samples"), offset)
    activity = Activity(
        start,
        sport,
        sub_sport,
        time_zone=zones.of_offset(offset.utcoffset(None)),
        name=jsons.text(session.get("name")),
        notes=jsons.text(session.get("note")),
        distance=jsons.number(exercise.get("distance")),
        moving_seconds=_seconds(exercise.get("duration")),
        elapsed_seconds=(stop - start).total_seconds() if stop and stop >= start else None,
        ascent=jsons.number(exercise.get("ascent")),
        avg_heart_rate=jsons.number(rates.get("avg")),
        max_heart_rate=jsons.number(rates.get("max")),
        calories=jsons.number(exercise.get("kiloCalories")),
        points=track.points(),
        remarks=track.remarks(),
    )
    derived.complete(activity)
    return activity


def _offset(exercise: Mapping[str, Any], session: Mapping[str, Any]) -> timezone:
    for holder, name in ((exercise, "timezoneOffset"), (exercise, "timeZoneOffset"), (session, "timeZoneOffset")):
        minutes = jsons.number(holder.get(name))
        if minutes is not None and abs(minutes) <= _MOST_MINUTES:
            return timezone(timedelta(minutes=minutes))
    raise BadValue("its times name no offset from UTC.")


def _track(samples: object, offset: timezone) -> Track:
    """Return the samples of all kinds, as points of the times at which any was taken."""
    points: dict[str, dict[str, float]] = {}
    if isinstance(samples, dict):
        for kind, column in _SAMPLES.items():
            for sample in jsons.objects(samples.get(kind)):
                if (value := jsons.number(sample.get("value"))) is not None:
                    points.setdefault(str(sample.get("dateTime")), {})[column] = value
        for place in jsons.objects(samples.get("recordedRoute")):
            values = {column: jsons.number(place.get(name)) for name, column in _ROUTE.items()}
            point = points.setdefault(str(place.get("dateTime")), {})
            point |= {column: value for column, value in values.items() if value is not None}
    track = Track()
    for written in sorted(points):
        track.add_at(_instant(written, offset), points[written])
    return track


def _instant(written: object, offset: timezone) -> datetime | None:
    found = time_of(written if isinstance(written, str) else None)
    return None if found is None else found.replace(tzinfo=offset)


def _seconds(written: object) -> float | None:
    """Return the seconds of a duration such as PT45M12S."""
    found = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


READER = activity_reader(
    SOURCE,
    "a training session of a Polar Flow export (JSON)",
    partial(jsons.recognise, keys=(b"exportVersion", b"startTime"), file="a Polar training session"),
    read,
    most_bytes=jsons.MOST_BYTES,
)
