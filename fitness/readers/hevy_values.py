"""Check and convert values that Hevy's API and exports share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from uuid import UUID, uuid5

from fitness.ranges import (
    FARTHEST_MILES,
    HARDEST,
    HEAVIEST,
    LARGEST_SUPERSET,
    LONGEST_NAME,
    LONGEST_SECONDS,
    MOST_REPS,
)
from fitness.readers.records import BadValue, ParsedSet, SetType, WeightUnit
from fitness.readers.values import is_number, number, shown_json, text
from fitness.units import KM_PER_MILE, METRES_PER_MILE

NAMESPACE = UUID("5f0f7a5e-6d0c-4f5b-8c35-0b6a3f2d9e71")
"""Namespace of the ids of all workouts from providers; it must never change."""

LONGEST_ID = 200
LARGEST_METRIC = 1_000_000_000

DistanceUnit = Literal["metres", "km", "miles"]
_PER_MILE: dict[DistanceUnit, float] = {"metres": METRES_PER_MILE, "km": KM_PER_MILE, "miles": 1}

_SET_TYPES: dict[str, SetType] = {"normal": "normal", "warmup": "warmup", "failure": "failure", "dropset": "dropset"}


def workout_id(external_id: str) -> UUID:
    """Return our workout id for Hevy's `external_id`."""
    return uuid5(NAMESPACE, f"hevy:{external_id}")


@contextmanager
def within(where: str) -> Iterator[None]:
    """Put `where` before the message of a BadValue raised in the block."""
    try:
        yield
    except BadValue as error:
        raise BadValue(f"{where}: {error}") from error


def parsed_set(
    *,
    set_type: object,
    weight: object,
    weight_unit: WeightUnit,
    reps: object,
    rpe: object,
    duration_seconds: object,
    distance: object,
    distance_unit: DistanceUnit,
    superset_id: object,
    custom_metric: object = None,
) -> ParsedSet:
    """Return a set in our units; unknown values are None. Raises BadValue for values out of range.

    Values without a column in strength_sets go into the note as text: the custom metric (floors or steps), and an
    unknown set type, which counts as normal. A duration of 0 becomes None, as exports write it for sets without a time.
    """
    named_type = (text(set_type, "type", LONGEST_NAME) or "normal").lower()
    notes = [] if named_type in _SET_TYPES else [f"set type {named_type}"]
    metric = number(custom_metric, "custom metric", -LARGEST_METRIC, LARGEST_METRIC)
    if metric is not None:
        notes.append(f"custom metric {metric:.12g}")
    return ParsedSet(
        _SET_TYPES.get(named_type, "normal"),
        number(weight, "weight", -HEAVIEST, HEAVIEST, weight_unit),
        weight_unit,
        whole(reps, "reps", MOST_REPS),
        number(rpe, "rpe", 0, HARDEST),
        number(duration_seconds, "duration", 0, LONGEST_SECONDS, "seconds") or None,
        _miles(distance, distance_unit),
        whole(superset_id, "superset", LARGEST_SUPERSET),
        "; ".join(notes) or None,
    )


def needed_text(value: object, name: str, longest: int) -> str:
    """Return a required text; otherwise like `text`."""
    found = text(value, name, longest)
    if found is None:
        raise BadValue(f"{name}: missing.")
    return found


def whole(value: object, name: str, most: int) -> int | None:
    """Return a whole number from 0 to `most`, or None for None."""
    if value is None:
        return None
    if is_number(value) and 0 <= value <= most and value == int(value):
        return int(value)
    raise BadValue(f"{name}: {shown_json(value)} is not a whole number from 0 to {most:,}.")


def _miles(value: object, unit: DistanceUnit) -> float | None:
    distance = number(value, "distance", 0, FARTHEST_MILES * _PER_MILE[unit], unit)
    # Round to a billionth of a mile, so that 3170 metres and 3.17 km are equal.
    return None if distance is None else round(distance / _PER_MILE[unit], 9)
