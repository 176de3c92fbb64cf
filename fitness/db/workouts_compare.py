"""Compare a provider's values of a workout with those stored here.

All exercises and sets of a workout are one field. A provider's export file is less exact than its API: values are
rounded, times are to the minute. Differences up to that do not count as changes.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from fitness.names import name_key
from fitness.units import KG_PER_LB

CONTENT = "exercise_executions"
"""The field with the exercises and sets of a workout."""
SESSION = "cardio_session"
"""The field with the cardio session of a workout."""

CONVERTED = 1e-6
"""Largest difference from converting between units."""
ROUNDED = 0.005 + CONVERTED
"""Largest difference from rounding to two decimals, in kilograms or miles, the larger units."""

Json = Mapping[str, Any]


def same_value(field: str, one: Any, other: Any, *, rounded: bool = False) -> bool:
    """Return whether two values of a field are equal; with `rounded`, to the precision of an export file."""
    if one == other:
        return True
    if field == CONTENT:
        return _same_content(one or [], other or [], ROUNDED if rounded else CONVERTED)
    if field == SESSION and one and other:
        return all(_same_measure(one.get(name), other.get(name)) for name in {*one, *other})
    if field in {"start_ts", "end_ts"} and one and other:
        return instant(one, to_minute=rounded) == instant(other, to_minute=rounded)
    return False


def instant(written: str, *, to_minute: bool = False) -> datetime:
    instant = datetime.fromisoformat(written)
    return instant.replace(second=0, microsecond=0) if to_minute else instant


def _same_content(one: Collection[Json], other: Collection[Json], tolerance: float) -> bool:
    """Return whether the exercises and sets are equal, in the same order, ignoring ids."""
    exercises, sets = _in_order(one)
    other_exercises, other_sets = _in_order(other)
    return (
        len(exercises) == len(other_exercises)
        and len(sets) == len(other_sets)
        and all(map(_same_exercise, exercises, other_exercises))
        and all(
            places == other_places and _same_set(of_set, other_set, tolerance)
            for (places, of_set), (other_places, other_set) in zip(sets, other_sets, strict=True)
        )
    )


def _in_order(executions: Collection[Json]) -> tuple[list[Json], list[tuple[tuple[int, int], Json]]]:
    """Return the executions, and all their sets, each with the position of its exercise and its number there."""
    ordered = sorted(executions, key=lambda execution: execution["execution_order"])
    sets = [
        ((place, of_set["set_index"]), of_set)
        for place, execution in enumerate(ordered)
        for of_set in execution["sets"]
    ]
    return ordered, sorted(sets, key=lambda placed: (placed[1]["position"], placed[0]))


def _same_exercise(one: Json, other: Json) -> bool:
    """Return whether two executions have the same note and exercise, which may have been renamed on one side."""
    of_one_id = one["exercise_id"] is not None and one["exercise_id"] == other["exercise_id"]
    is_one = of_one_id or name_key(one["exercise_name"]) == name_key(other["exercise_name"])
    return is_one and one["note"] == other["note"]


def _same_set(one: Json, other: Json, tolerance: float) -> bool:
    return all(one.get(field) == other.get(field) for field in _PLAIN) and all(
        _near(a, b, tolerance) for a, b in zip(_measures(one), _measures(other), strict=True)
    )


_PLAIN = ("set_type", "reps", "forced_reps", "rpe", "superset_id", "note")


def _measures(of_set: Json) -> tuple[float | None, ...]:
    """Return weight in kilograms, distance and duration."""
    weight = of_set["weight"]
    kilograms = weight * KG_PER_LB if weight is not None and of_set["weight_unit"] == "lb" else weight
    return kilograms, of_set["distance_miles"], of_set["duration_seconds"]


MEASURED = 0.001
"""Largest difference of a run's values, and of a session's, that is no change."""


def _same_measure(one: Any, other: Any) -> bool:
    """Return whether two values of a session are equal; a missing one is None."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= MEASURED
    return one == other


def _near(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= tolerance
