"""Read the workouts in a JSON file of the app Health Auto Export: bytes in; activities, and what is broken, out.

Units are those of the person's settings, and stand beside each value. Older files have no ids: a workout is known by
its start, as in the export of Apple Health itself. That is another source, as it says other heart rates. Names of
workouts are in the language of the phone. The offsets of times are those of the phone when it wrote the file, and say
nothing of the zone of a workout.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, BinaryIO

from fitness.readers import derived, jsons, zips
from fitness.readers.activity import Activity, Contents, Points
from fitness.readers.activity_records import Record, records_of, with_keys
from fitness.readers.apple_health import instant_of, key_of, kilocalories, metres
from fitness.readers.joined_points import with_heart_rates
from fitness.readers.reader import Reader
from fitness.readers.records import BadValue, UnreadableFile
from fitness.readers.sports import sport_of
from fitness.readers.tracks import Track, number_of

SOURCE = "Apple Health"
_APP = "Health Auto Export"
_FILE = "a JSON file of Health Auto Export"
_HEAD_BYTES = 4_096
_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"data"\s*:\s*\{\s*(?:"[A-Za-z]+"\s*:\s*\[|\})')
_PLACE = {
    "latitude": "lat", "lat": "lat", "longitude": "lon", "lon": "lon", "altitude": "altitude", "speed": "speed",
}  # fmt: skip


def read(data: bytes) -> Contents:
    """Return the workouts of a file. Raises UnreadableFile for a file that is no JSON."""
    found = jsons.read(data).get("data")
    contents = Contents()
    for number, workout in enumerate(jsons.objects(found.get("workouts") if isinstance(found, dict) else None), 1):
        try:
            contents.activities.append(_activity(workout))
        except BadValue as error:
            contents.problems.append(f"Workout {number}: {error}")
    if not contents.activities and not contents.problems:
        contents.skipped.append("Measurements without a workout.")
    return contents


def _activity(workout: Mapping[str, Any]) -> Activity:
    start, end = (instant_of(jsons.text(workout.get(name))) for name in ("start", "end"))
    if start is None or end is None or end < start:
        raise BadValue("no start or end.")
    name = jsons.text(workout.get("name")) or ""
    sport, sub_sport = sport_of(name)
    if workout.get("isIndoor") is True and sport == "running":
        sub_sport = "treadmill"
    rates = workout.get("heartRate")
    rates = rates if isinstance(rates, dict) else {}
    route = _route(workout)
    activity = Activity(
        start.astimezone(UTC),
        sport,
        sub_sport,
        key=key_of(start),
        distance=metres(*_quantity(workout, "distance", "km")),
        moving_seconds=jsons.number(workout.get("duration")),
        elapsed_seconds=(end - start).total_seconds(),
        ascent=metres(*_quantity(workout, "elevationUp", "m")),
        avg_heart_rate=number_of(_quantity(rates, "avg")[0] or _quantity(workout, "avgHeartRate")[0]),
        max_heart_rate=number_of(_quantity(rates, "max")[0] or _quantity(workout, "maxHeartRate")[0]),
        calories=kilocalories(*_quantity(workout, "activeEnergyBurned", "kcal"))
        or kilocalories(*_quantity(workout, "activeEnergy", "kcal")),
        points=with_heart_rates(route.points(), _rates(workout)),
        remarks=route.remarks(),
    )
    derived.complete(activity)
    return activity


def _quantity(holder: Mapping[str, Any], name: str, unit: str = "") -> tuple[str, str]:
    """Return a value and its unit as they are written; `unit` where the file has none."""
    found = holder.get(name)
    found = found if isinstance(found, dict) else {}
    value = jsons.number(found.get("qty"))
    return ("", unit) if value is None else (str(value), jsons.text(found.get("units")) or unit)


def _route(workout: Mapping[str, Any]) -> Track:
    track = Track()
    for place in jsons.objects(workout.get("route")):
        values = {column: jsons.number(place[name]) for name, column in _PLACE.items() if name in place}
        track.add_at(instant_of(jsons.text(place.get("timestamp"))), values)
    return track


def _rates(workout: Mapping[str, Any]) -> Points:
    track = Track()
    for sample in jsons.objects(workout.get("heartRateData")):
        instant, rate = instant_of(jsons.text(sample.get("date"))), jsons.number(sample.get("Avg"))
        if instant and rate:
            track.add_at(instant, {"heart_rate": rate})
    return track.points()


def parse(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records of a file, which also have the names of those of the export. Raises UnreadableFile."""
    data = zips.whole(stream, jsons.MOST_BYTES)
    for record in records_of(read(data), _APP, data):
        of_export = f"applehealth:{(record.id or '').partition('_')[2]}"
        yield with_keys(record, (of_export,))


def recognise(stream: BinaryIO) -> None:
    """Raise UnreadableFile for a file of another kind."""
    with zips.unpacked(stream) as content:
        head = content.read(_HEAD_BYTES)
    if not _HEAD.match(head):
        raise UnreadableFile(f"This is not {_FILE}.")


READER = Reader(SOURCE, _FILE, "runs", recognise, lambda stream, _: parse(stream), has_rows=False)
