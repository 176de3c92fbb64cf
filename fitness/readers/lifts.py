"""Rows of lifting apps as workouts: what the readers of these apps share.

A row is a set. A workout is all rows that share a key, in the order of the file; equal rows are equal sets. The apps
write 0 for what a set does not have.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from fitness.ranges import (
    FARTHEST_MILES,
    FIRST_YEAR,
    HARDEST,
    HEAVIEST,
    LAST_YEAR,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_SECONDS,
    MOST_REPS,
    MOST_SETS,
)
from fitness.readers import times
from fitness.readers.other_sports import workout_id_of
from fitness.readers.records import (
    BadValue,
    ParsedExercise,
    ParsedSet,
    ParsedWorkout,
    Problem,
    SetType,
    Skipped,
    UnreadableFile,
    WeightUnit,
    Zone,
    shown,
)
from fitness.readers.values import name, text, written_number
from fitness.units import METRES_PER_MILE

MOST_LIFTS = 300_000
"""Sets in a file."""

WEIGHT_UNITS: dict[str, WeightUnit] = {
    "kg": "kg", "kgs": "kg", "kilograms": "kg", "lb": "lb", "lbs": "lb", "pounds": "lb",
}  # fmt: skip
_METRES = {
    "m": 1.0, "meters": 1.0, "metres": 1.0, "km": 1000.0, "kilometers": 1000.0, "mi": METRES_PER_MILE,
    "miles": METRES_PER_MILE, "ft": 0.3048, "feet": 0.3048, "yd": 0.9144, "yards": 0.9144, "cm": 0.01, "in": 0.0254,
}  # fmt: skip
_CLOCK = re.compile(r"(?:(?P<hours>[0-9]+):)?(?P<minutes>[0-9]{1,4}):(?P<seconds>[0-9]{1,2}(?:\.[0-9]+)?)")
_WORDS = re.compile(r"(?:(?P<hours>[0-9]+) ?h)? ?(?:(?P<minutes>[0-9]+) ?m(?:in)?)? ?(?:(?P<seconds>[0-9]+) ?s)?")


class Lift(NamedTuple):
    """A set as a row of a file says it; `key` tells workouts apart, `start` is aware."""

    row: int
    key: str
    start: datetime
    exercise: str
    set: ParsedSet
    title: str | None = None
    notes: str | None = None
    seconds: float | None = None
    time_zone: Zone | None = None


@dataclass(slots=True)
class _Workout:
    first: Lift
    lifts: list[Lift] = field(default_factory=list)


def workouts_of(lifts: Iterable[Lift | Skipped | Problem], source: str) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield the workouts of the rows of a file, behind what is skipped or cannot be read. Raises UnreadableFile."""
    workouts: dict[str, _Workout] = {}
    count = 0
    for lift in lifts:
        if not isinstance(lift, Lift):
            yield lift
            continue
        if not _can_be(lift):
            yield Problem(lift.row, None, f"Date: the workout is not from {FIRST_YEAR} to {LAST_YEAR}.")
            continue
        count += 1
        if count > MOST_LIFTS:
            raise UnreadableFile(f"More than {MOST_LIFTS:,} sets in the file.")
        workout = workouts.setdefault(lift.key, _Workout(lift))
        if len(workout.lifts) == MOST_SETS:
            yield Problem(lift.row, None, f"{lift.exercise}: More than {MOST_SETS:,} sets in the workout.")
        else:
            workout.lifts.append(lift)
    yield from (_parsed(key, workout, source) for key, workout in workouts.items())


def _can_be(lift: Lift) -> bool:
    return times.can_be(lift.start) and (not lift.seconds or times.can_be(lift.start + timedelta(seconds=lift.seconds)))


def _parsed(key: str, workout: _Workout, source: str) -> ParsedWorkout:
    first = workout.first
    start = min(lift.start.astimezone(UTC) for lift in workout.lifts)
    blocks = groupby(workout.lifts, lambda lift: lift.exercise)
    return ParsedWorkout(
        first.row,
        workout_id_of(source, key),
        key,
        first.title,
        start,
        start + timedelta(seconds=first.seconds) if first.seconds else None,
        next((lift.notes for lift in workout.lifts if lift.notes), None),
        tuple(ParsedExercise(exercise, None, None, tuple(lift.set for lift in block)) for exercise, block in blocks),
        unsaid=frozenset(() if first.title else ("title",)),
        time_zone=first.time_zone,
    )


def exercise_of(written: str) -> str:
    """Return the name of an exercise. Raises BadValue."""
    found = name(written, "Exercise")
    if found is None:
        raise BadValue("Exercise: missing.")
    return found


def title_of(written: str, label: str) -> str | None:
    return text(written, label, LONGEST_NAME)


def set_of(
    *,
    weight: str,
    weight_unit: WeightUnit,
    reps: str,
    set_type: SetType = "normal",
    rpe: str = "",
    seconds: float | None = None,
    miles: float | None = None,
    note: str = "",
) -> ParsedSet:
    """Return a set of what is written of it; raises BadValue."""
    lifted = written_number(weight, "Weight", HEAVIEST, weight_unit) if weight else None
    repeated = written_number(reps, "Reps", MOST_REPS, "") if reps else None
    if repeated is not None and repeated != int(repeated):
        raise BadValue(f"Reps: {shown(reps)} is not a whole number.")
    return ParsedSet(
        set_type,
        lifted or None,
        weight_unit,
        int(repeated) if repeated else None,
        (written_number(rpe, "RPE", HARDEST, "") or None) if rpe else None,
        seconds or None,
        miles or None,
        None,
        text(note, "Notes", LONGEST_NOTE),
    )


def weight_unit_of(written: str) -> WeightUnit:
    """Return a unit of weights from its name. Raises BadValue."""
    unit = WEIGHT_UNITS.get(written.casefold())
    if unit is None:
        raise BadValue(f"Weight Unit: {shown(written)} is neither kg nor lb.")
    return unit


def miles_of(written: str, unit: str) -> float | None:
    """Return a distance in miles, None for none or 0. Raises BadValue, also for one of which the unit is not known."""
    if not written or not written_number(written, "Distance", FARTHEST_MILES * METRES_PER_MILE * 100, unit):
        return None
    metres = _METRES.get(unit.casefold())
    if metres is None:
        raise BadValue(f"Distance Unit: {shown(unit)} is not known.")
    found = float(written) * metres / METRES_PER_MILE
    if found > FARTHEST_MILES:
        raise BadValue(f"Distance: {shown(written)} {unit} is more than {FARTHEST_MILES:,} miles.")
    return round(found, 9)


def seconds_of(written: str, label: str) -> float | None:
    """Return seconds from 3153, 0:01:30, 45:12 or 1h 2m; None for none. Raises BadValue."""
    if not written:
        return None
    found = _CLOCK.fullmatch(written) or _WORDS.fullmatch(written.casefold())
    if found is None:
        return written_number(written, label, LONGEST_SECONDS, "seconds")
    hours, minutes, seconds = (float(found[part] or 0) for part in ("hours", "minutes", "seconds"))
    total = hours * 3600 + minutes * 60 + seconds
    if total > LONGEST_SECONDS:
        raise BadValue(f"{label}: {shown(written)} is longer than {LONGEST_SECONDS:,} seconds.")
    return total
