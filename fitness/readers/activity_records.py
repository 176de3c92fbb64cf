"""The records of the activities in a file: runs as runs, all other sports as workouts."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import isfinite

from fitness.ranges import (
    COLDEST,
    FARTHEST_METRES,
    FASTEST_CADENCE,
    FASTEST_HEART,
    HEAVIEST,
    HIGHEST_CLIMB,
    HOTTEST,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_SECONDS,
    MOST_CALORIES,
    MOST_REPS,
    MOST_SETS,
    MOST_WATTS,
    SLOWEST_HEART,
)
from fitness.readers import derived, times
from fitness.readers.activity import Activity, Contents, LiftedSet
from fitness.readers.other_sports import workout_of
from fitness.readers.records import (
    BadValue,
    Original,
    OtherSport,
    ParsedExercise,
    ParsedRun,
    ParsedSet,
    ParsedWorkout,
    Problem,
    Record,
    RunType,
    Skipped,
)
from fitness.readers.stored_points import stored_points
from fitness.readers.strava_values import heart_rate, miles

FUTURE = timedelta(days=1)
"""How far ahead of us a start may be: some devices write local time as UTC."""

_INDOORS = {"treadmill", "indoor_running", "virtual_activity"}
_LIFTING = "strength_training"
_NO_SPORT = "generic"
_SPORT_NAMES = {
    "cycling": "Ride", "walking": "Walk", "hiking": "Hike", "swimming": "Swim", "generic": "Workout",
    "e_biking": "E-Bike Ride", "cross_country_skiing": "Nordic Ski", "alpine_skiing": "Alpine Ski",
    "snowboarding": "Snowboard", "training": "Workout", "fitness_equipment": "Workout",
    "inline_skating": "Inline Skate", "ice_skating": "Ice Skate",
}  # fmt: skip
"""The sports that have other names here than in FIT: those of Strava, so that a sport has one name."""
_SUB_SPORT_NAMES = {
    "strength_training": "Weight Training", "elliptical": "Elliptical", "stair_climbing": "Stair Stepper",
    "yoga": "Yoga", "pilates": "Pilates", "indoor_rowing": "Rowing", "hiit": "High Intensity Interval Training",
    "mountain": "Mountain Bike Ride", "gravel_cycling": "Gravel Ride",
}  # fmt: skip

_MEASURED = {
    "ascent": (0, HIGHEST_CLIMB), "calories": (0, MOST_CALORIES), "max_heart_rate": (SLOWEST_HEART, FASTEST_HEART),
    "avg_cadence": (0, FASTEST_CADENCE), "avg_power": (0, MOST_WATTS), "temperature": (COLDEST, HOTTEST),
}  # fmt: skip
"""What a device measures, with the values that can be; others are none."""
_OF_SESSION = tuple(name for name in _MEASURED if name != "calories")
"""What of it is in the cardio session of a workout."""

_OF_END = frozenset({"distance", "duration", "elapsed", "avg_heart_rate", "points_id", *_MEASURED})
"""What a file of a run does not know that is cut: whoever has the whole of it knows better."""
_OF_END_OF_WORKOUT = frozenset(
    {"distance_miles", "duration_seconds", "avg_heart_rate", "end_ts", "calories_burned", "points_id", *_OF_SESSION}
)


def records_of(contents: Contents, source: str, data: bytes, *, now: datetime | None = None) -> Iterator[Record]:
    """Yield the records of a file, numbered from 1: its activities, what was passed over, and what cannot be read.

    Ids are made of the provider's own id, else of the serial number of the device and the start, else of the start
    and the sport. `data` is the file, unpacked, which is kept with them.
    `now` is the time at which the file is read.
    """
    row_of: dict[str, int] = {}
    read = len(contents.activities)
    file = Original.of(source, data, activities=read)
    for row, activity in enumerate(contents.activities, 1):
        first = row_of.setdefault(_key(activity), row)
        if first == row:
            yield record_of(row, activity, source, original=file._replace(place=row), now=now)
        else:
            remarks = " ".join(activity.remarks)
            yield Skipped(
                row, _run_id(source, _key(activity)), f"The same activity as number {first}. {remarks}".strip()
            )
    yield from (Skipped(read + place, None, skipped) for place, skipped in enumerate(contents.skipped, 1))
    read += len(contents.skipped)
    yield from (Problem(read + place, None, problem) for place, problem in enumerate(contents.problems, 1))


def _key(activity: Activity) -> str:
    if activity.key:
        return activity.key
    start = _start(activity)
    return f"{activity.serial}_{start}" if activity.serial else _with_sport(start, activity)


def _with_sport(start: str, activity: Activity) -> str:
    """Return the key of an activity of which only the start is known: a ride is not the walk of the same second.

    A run, and an activity whose sport is not said, have the start alone.
    """
    return start if _run_type(activity) or not _says_sport(activity) else f"{start}_{activity.sport}"


def _start(activity: Activity) -> str:
    return f"{activity.start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _keys(activity: Activity, source: str, original: Original | None) -> tuple[str, ...]:
    """Return the names of an activity that no other one has: those of its file, its provider and its device."""
    return (
        *([original.key] if original else []),
        *([f"{_slug(source)}:{activity.key}"] if activity.key else []),
        *([f"device:{activity.serial}:{_start(activity)}"] if activity.serial else []),
    )


def _run_id(source: str, key: str) -> str:
    return f"{_slug(source)}_{key}"


def _slug(source: str) -> str:
    return source.casefold().replace(" ", "")


def record_of(
    row: int, activity: Activity, source: str, *, original: Original | None = None, now: datetime | None = None
) -> Record:
    """Return the record of one activity, `original` being its file; for the other arguments see `records_of`."""
    key, run_type = _key(activity), _run_type(activity)
    if run_type:
        activity = derived.with_strides(activity)
    original = original and original._replace(laps=len(activity.laps))
    try:
        _check(activity, now or datetime.now(UTC))
        if run_type is None:
            workout = _workout(row, activity, source, key, original)
            as_run = None if _says_sport(activity) else _as_run(row, activity, source, key, original)
            return OtherSport(row, _run_id(source, key), _sport(activity), workout, as_run)
        return _run(row, activity, source, key, run_type, original)
    except BadValue as error:
        problem = Problem(row, _run_id(source, key), str(error))
        return problem if run_type else OtherSport(row, problem.id, _sport(activity), problem)


def with_keys(record: Record, keys: tuple[str, ...]) -> Record:
    """Return a record with more names that no other activity has, see ParsedRun.keys."""
    if isinstance(record, OtherSport) and isinstance(record.workout, ParsedWorkout):
        as_run = record.as_run and record.as_run._replace(keys=record.as_run.keys + keys)
        return record._replace(workout=record.workout._replace(keys=record.workout.keys + keys), as_run=as_run)
    return record._replace(keys=record.keys + keys) if isinstance(record, ParsedRun) else record


def _run_type(activity: Activity) -> RunType | None:
    indoors = activity.sub_sport in _INDOORS
    if activity.sport == "running":
        return "Treadmill Run" if indoors else "Outdoor Run"
    return "Treadmill Run" if activity.sport == "fitness_equipment" and activity.sub_sport == "treadmill" else None


def _says_sport(activity: Activity) -> bool:
    return bool(activity.sets) or activity.sport != _NO_SPORT or activity.sub_sport not in (None, _NO_SPORT)


def _as_run(row: int, activity: Activity, source: str, key: str, original: Original | None) -> ParsedRun:
    """Return an activity whose sport is not said as a run, of which it is said by another file."""
    run = _run(row, derived.with_strides(activity), source, key, "Outdoor Run", original)
    return run._replace(unsaid=run.unsaid | {"type"})


def _check(activity: Activity, now: datetime) -> None:
    """Raise BadValue for what cannot be stored; a total that is no number is none."""
    if not times.can_be(activity.start):
        raise BadValue(f"The start is in {activity.start.year}.")
    if activity.start > now + FUTURE:
        raise BadValue(
            f"The start is in the future: {activity.start:%Y-%m-%d %H:%M} UTC. The clock of the device was wrong."
        )
    totals = (("distance", FARTHEST_METRES), ("moving_seconds", LONGEST_SECONDS), ("elapsed_seconds", LONGEST_SECONDS))
    for name, most in totals:
        total = getattr(activity, name)
        if total is not None and not (isfinite(total) and 0 <= total <= most):
            raise BadValue(f"{name}: {total:,.0f} is not from 0 to {most:,.0f}.")


def _run(
    row: int, activity: Activity, source: str, key: str, run_type: RunType, original: Original | None
) -> ParsedRun:
    remarks = list(activity.remarks)
    if activity.distance is None:
        remarks.append("The file has no distance.")
    return ParsedRun(
        row,
        _run_id(source, key),
        activity.start,
        run_type,
        miles(activity.distance or 0.0),
        _seconds(activity, remarks),
        _heart_rate(activity),
        name=_cut(activity.name, LONGEST_NAME),
        notes=_cut(activity.notes, LONGEST_NOTE),
        remark=" ".join(remarks) or None,
        unsaid=_unsaid(activity, name="name") | {"shoe_name"} | (_OF_END if activity.is_cut else set()),
        elapsed=activity.elapsed_seconds,
        device=_cut(activity.device, LONGEST_NAME),
        time_zone=activity.time_zone,
        keys=_keys(activity, source, original),
        points=stored_points(activity, with_efforts=True),
        original=original,
    )._replace(**{name: _measured(activity, name) for name in _MEASURED})


def _measured(activity: Activity, name: str) -> float | None:
    """Return a total that a device measured; None for what cannot be."""
    total: float | None = getattr(activity, name)
    low, high = _MEASURED[name]
    return total if total is not None and low <= total <= high else None


def _workout(row: int, activity: Activity, source: str, key: str, original: Original | None) -> ParsedWorkout:
    remarks = list(activity.remarks)
    workout = workout_of(
        row,
        source,
        key,
        _sport(activity),
        activity.start,
        seconds=_seconds(activity, remarks),
        elapsed_seconds=activity.elapsed_seconds,
        miles=None if activity.distance is None else miles(activity.distance),
        heart_rate=_heart_rate(activity),
        title=_cut(activity.name, LONGEST_NAME),
        notes=_cut(activity.notes, LONGEST_NOTE),
        lifting=bool(activity.sets) or activity.sub_sport == _LIFTING,
        remark=" ".join(remarks) or None,
        unsaid=_unsaid(activity, name="title")
        | (_OF_END_OF_WORKOUT if activity.is_cut else set())
        | (set() if _says_sport(activity) else {"sport"}),
        time_zone=activity.time_zone,
    )
    session = workout.cardio_session
    return workout._replace(
        exercises=exercises_of(activity.sets),
        cardio_session=session and session._replace(**{name: _measured(activity, name) for name in _OF_SESSION}),
        calories_burned=_measured(activity, "calories"),
        device=_cut(activity.device, LONGEST_NAME),
        keys=_keys(activity, source, original),
        points=stored_points(activity, with_efforts=False),
        original=original,
    )


def exercises_of(sets: Iterable[LiftedSet]) -> tuple[ParsedExercise, ...]:
    """Return sets as blocks of one exercise each, in the order in which they were done. Raises BadValue."""
    blocks = [(name, tuple(map(_set, block))) for name, block in groupby(sets, lambda one: one.exercise)]
    if sum(len(block) for _, block in blocks) > MOST_SETS:
        raise BadValue(f"More than {MOST_SETS:,} sets in the workout.")
    return tuple(ParsedExercise(name, None, None, block) for name, block in blocks)


def _set(one: LiftedSet) -> ParsedSet:
    if one.reps is not None and not 0 <= one.reps <= MOST_REPS:
        raise BadValue(f"{one.exercise}: {one.reps} repetitions are not from 0 to {MOST_REPS:,}.")
    if one.weight is not None and not -HEAVIEST <= one.weight <= HEAVIEST:
        raise BadValue(
            f"{one.exercise}: {one.weight:,.1f} {one.weight_unit} is not from {-HEAVIEST:,} to {HEAVIEST:,}."
        )
    if one.seconds is not None and not 0 <= one.seconds <= LONGEST_SECONDS:
        raise BadValue(f"{one.exercise}: {one.seconds:,.0f} seconds are not from 0 to {LONGEST_SECONDS:,}.")
    return ParsedSet(
        one.set_type, one.weight, one.weight_unit, one.reps, None, one.seconds or None, None, None, one.note
    )


def _sport(activity: Activity) -> str:
    """Return the sport as it is shown: of the kind of sport where that has a name of its own, else of the sport."""
    name = _SUB_SPORT_NAMES.get(activity.sub_sport or "") or _SPORT_NAMES.get(activity.sport)
    return name or activity.sport.replace("_", " ").title()


def _seconds(activity: Activity, remarks: list[str]) -> float:
    """Return the seconds in motion, at most those from start to end."""
    moving, elapsed = activity.moving_seconds, activity.elapsed_seconds
    if moving is None:
        return elapsed or 0.0
    if elapsed is not None and moving > elapsed + 1:
        remarks.append(f"{moving:,.0f} seconds in motion of {elapsed:,.0f} cannot be: the latter were taken.")
        return elapsed
    return moving


def _heart_rate(activity: Activity) -> float | None:
    return None if activity.avg_heart_rate is None else heart_rate(activity.avg_heart_rate)


def _cut(text: str | None, longest: int) -> str | None:
    """Return a text of at most so many characters: a long one is cut, which is better than losing the record."""
    return f"{text[: longest - 1]}…" if text and len(text) > longest else text


def _unsaid(activity: Activity, *, name: str) -> frozenset[str]:
    """Return the texts of which the file says nothing."""
    said = {name: activity.name, "notes": activity.notes}
    return frozenset(field for field, text in said.items() if not text)
