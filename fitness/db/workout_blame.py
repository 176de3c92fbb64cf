"""Which version put each value of a workout's exercises and sets there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fitness.db.fields import names_of
from fitness.db.workout_changes import match_sets
from fitness.db.workout_parts import StrengthSet

SET_FIELDS = names_of(StrengthSet, without=("id", "position", "set_index"))
EXECUTION_FIELDS = ("note", "execution_order")

Json = Mapping[str, Any]
Origins = dict[str, Any]
"""Field → the version that put its value there."""


@dataclass
class BlamedSet:
    """A set of the newest version, and the origins of its fields."""

    set: Json
    origins: Origins


@dataclass
class BlamedExecution:
    """An exercise of the newest version, the origins of its fields, and its sets."""

    execution: Json
    origins: Origins
    sets: list[BlamedSet] = field(default_factory=list)


def blame_executions(versions: Sequence[Any]) -> list[BlamedExecution]:
    """Return the exercises and sets of the last of these versions, oldest first, with the origins of their values."""
    blamed: list[BlamedExecution] = []
    for version in versions:
        before = {one.execution["exercise_id"]: one for one in blamed}
        blamed = [_blame_execution(before.get(one["exercise_id"]), one, version) for one in version.exercise_executions]
    return blamed


def _blame_execution(before: BlamedExecution | None, after: Json, version: Any) -> BlamedExecution:
    old_sets = before.sets if before else []
    pairs = match_sets([one.set for one in old_sets], after["sets"])
    by_id = {one.set["id"]: one.origins for one in old_sets}
    return BlamedExecution(
        after,
        _origins(EXECUTION_FIELDS, before and before.execution, after, before.origins if before else {}, version),
        [
            BlamedSet(new, _origins(SET_FIELDS, old, new, by_id[old["id"]] if old else {}, version))
            for old, new in pairs
            if new is not None
        ],
    )


def _origins(fields: Sequence[str], before: Json | None, after: Json, origins: Origins, version: Any) -> Origins:
    return {
        name: origins[name] if before is not None and before.get(name) == after.get(name) else version
        for name in fields
    }
