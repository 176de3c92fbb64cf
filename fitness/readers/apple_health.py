"""What export.xml of Apple Health holds: workouts, and the heart rates that were measured within their times.

The file has every measurement of a life, in no sure order, the workouts last: it is read in pieces, and of the
measurements only heart rates are kept, twelve bytes each.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fitness.ranges import FIRST_YEAR, LAST_YEAR, MOST_CALORIES
from fitness.readers import zones
from fitness.readers.activity import BOUNDS, Activity, Points
from fitness.readers.lifts import miles_of
from fitness.readers.other_sports import sport_name
from fitness.readers.records import BadValue, UnreadableFile, shown
from fitness.readers.sports import sport_of
from fitness.readers.tracks import number_of
from fitness.readers.values import written_number
from fitness.units import METRES_PER_MILE

MOST_WORKOUTS = 100_000
MOST_HEART_RATES = 5_000_000
"""Of all that are measured; 60 MB, some ten years of a watch."""
_DAY = 86_400
_QUANTITY, _WORKOUT, _EVENT = "HKQuantityTypeIdentifier", "HKWorkoutActivityType", "HKWorkoutEventType"
_SECONDS = {"s": 1, "sec": 1, "min": 60, "hr": 3600, "h": 3600}
_KCAL = {"kcal": 1.0, "cal": 1.0, "kj": 1 / 4.184}  # its Cal is a kilocalorie
_DEVICE = re.compile(r"name:([^,>]+)")
_ZONE = "HKTimeZone"
"""The zone of a workout. The offsets beside all times of the file are those of the phone when it wrote the file."""
_INDOORS = {"running": "treadmill", "cycling": "indoor_cycling", "rowing": "indoor_rowing"}


@dataclass(slots=True)
class Workout:
    """A workout as it stands in the file: its attributes, metadata, sums by kind of quantity, and events."""

    attributes: Mapping[str, str]
    metadata: dict[str, str] = field(default_factory=dict)
    sums: dict[str, Mapping[str, str]] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)


class Health:
    """The handler of the elements of the file, see xmls.Handler; raises UnreadableFile for too many of them."""

    def __init__(self) -> None:
        self.workouts: list[Workout] = []
        self._path: list[str] = []
        self._days: defaultdict[int, tuple[array[float], array[float]]] = defaultdict(
            lambda: (array("d"), array("f"))
        )  # the times and the rates of each day
        self._rates = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "Record":
            if attributes.get("type") == f"{_QUANTITY}HeartRate":
                self._add_rate(attributes)
        elif name == "Workout":
            if len(self.workouts) == MOST_WORKOUTS:
                raise UnreadableFile(f"More than {MOST_WORKOUTS:,} workouts.")
            self.workouts.append(Workout(attributes))
        elif self._path[-2:-1] == ["Workout"]:
            self._add_to_workout(self.workouts[-1], name, attributes)

    def end(self, name: str, text: str) -> None:
        self._path.pop()

    def _add_rate(self, attributes: Mapping[str, str]) -> None:
        time, rate = instant_of(attributes.get("startDate")), number_of(attributes.get("value"))
        low, high = BOUNDS["heart_rate"]
        if time is None or rate is None or not low <= rate <= high:
            return
        self._rates += 1
        if self._rates > MOST_HEART_RATES:
            raise UnreadableFile(f"More than {MOST_HEART_RATES:,} heart rates.")
        seconds = time.timestamp()
        times, rates = self._days[int(seconds // _DAY)]
        times.append(seconds)
        rates.append(rate)

    def _add_to_workout(self, workout: Workout, name: str, attributes: Mapping[str, str]) -> None:
        if name == "MetadataEntry":
            workout.metadata[attributes.get("key", "")] = attributes.get("value", "")
        elif name == "WorkoutStatistics":
            workout.sums[attributes.get("type", "").removeprefix(_QUANTITY)] = attributes
        elif name == "WorkoutEvent":
            workout.events.append((attributes.get("type", "").removeprefix(_EVENT), attributes.get("date", "")))

    def heart_rates(self, start: float, end: float) -> Points:
        """Return the heart rates between two instants, one at most for each second."""
        found: dict[float, float] = {}
        for day in range(int(start // _DAY), int(end // _DAY) + 1):
            if day in self._days:
                found |= {time: rate for time, rate in zip(*self._days[day], strict=True) if start <= time <= end}
        times = sorted(found)
        return Points(times, heart_rate=[round(found[time], 1) for time in times]) if times else Points()


def activity_of(workout: Workout) -> Activity:
    """Return the activity of a workout, without points. Raises BadValue."""
    start, end = (instant_of(workout.attributes.get(name)) for name in ("startDate", "endDate"))
    if start is None or end is None or end < start:
        raise BadValue("A workout without a start and an end.")
    kind = workout.attributes.get("workoutActivityType", "").removeprefix(_WORKOUT)
    sport, sub_sport = sport_of(sport_name(kind))
    if workout.metadata.get("HKIndoorWorkout") == "1":
        sub_sport = _INDOORS.get(sport, sub_sport)
    rates = workout.sums.get("HeartRate", {})
    device = _DEVICE.search(workout.attributes.get("device", ""))
    return Activity(
        start.astimezone(UTC),
        sport,
        sub_sport,
        key=key_of(start),
        time_zone=zones.of_name(workout.metadata.get(_ZONE)),
        distance=_distance(workout),
        moving_seconds=_seconds(workout.attributes),
        elapsed_seconds=(end - start).total_seconds(),
        ascent=metres(*workout.metadata.get("HKElevationAscended", "").partition(" ")[::2]),
        avg_heart_rate=number_of(rates.get("average")),
        max_heart_rate=number_of(rates.get("maximum")),
        calories=_calories(workout),
        device=device[1].strip() if device else workout.attributes.get("sourceName"),
        pauses=list(_pauses(workout, end)),
    )


def key_of(start: datetime) -> str:
    """Return the id of a workout: the files have none, or not always, and nobody begins two in one second."""
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def instant_of(written: str | None) -> datetime | None:
    """Return an instant such as 2025-11-02 06:05:31 -0600; None for what is none."""
    try:
        found = datetime.fromisoformat(f"{written[:19]}{written[20:]}" if written else "")
    except ValueError:
        return None
    return found if found.tzinfo and FIRST_YEAR < found.year < LAST_YEAR else None


def _seconds(attributes: Mapping[str, str]) -> float | None:
    """Return the time in motion: the file counts without pauses."""
    written, unit = attributes.get("duration"), attributes.get("durationUnit", "min")
    if not written:
        return None
    if unit not in _SECONDS:
        raise BadValue(f"Duration: {shown(unit)} is not known.")
    return (
        written_number(written, "Duration", timedelta(days=50) / timedelta(seconds=_SECONDS[unit]), unit)
        * (_SECONDS[unit])
    )


def _distance(workout: Workout) -> float | None:
    """Return metres, of the attributes of older files or of the sums of newer ones."""
    sums = [sum_ for kind, sum_ in workout.sums.items() if kind.startswith("Distance")]
    of_sum = sums[0] if sums else {}
    old = workout.attributes
    return metres(old.get("totalDistance", ""), old.get("totalDistanceUnit", "km")) or metres(
        of_sum.get("sum", ""), of_sum.get("unit", "km")
    )


def metres(written: str, unit: str) -> float | None:
    """Return a length in metres; None for none or 0. Raises BadValue."""
    miles = miles_of(written, unit)
    return None if miles is None else round(miles * METRES_PER_MILE, 3)


def kilocalories(written: str, unit: str) -> float | None:
    """Return energy in kilocalories; None for none or 0, and for a unit that is not known. Raises BadValue."""
    if not written or unit.casefold() not in _KCAL:
        return None
    return round(written_number(written, "Energy", 5 * MOST_CALORIES, unit) * _KCAL[unit.casefold()], 1) or None


def _calories(workout: Workout) -> float | None:
    of_sum, old = workout.sums.get("ActiveEnergyBurned", {}), workout.attributes
    return kilocalories(of_sum.get("sum", ""), of_sum.get("unit", "kcal")) or kilocalories(
        old.get("totalEnergyBurned", ""), old.get("totalEnergyBurnedUnit", "kcal")
    )


def _pauses(workout: Workout, end: datetime) -> Iterator[tuple[float, float]]:
    begun: float | None = None
    for kind, written in workout.events:
        time = instant_of(written)
        if time is None:
            continue
        if kind == "Pause":
            begun = time.timestamp()
        elif kind == "Resume" and begun is not None and begun < time.timestamp():
            yield begun, time.timestamp()
            begun = None
    if begun is not None and begun < end.timestamp():
        yield begun, end.timestamp()
