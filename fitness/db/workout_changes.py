"""What changed in the exercises and sets of a workout, from one version to another.

Exercises are matched by their ids. The sets of an exercise are matched by id, else by equal values, else by place,
because a provider or a replaced exercise may send the same sets with new ids.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

Json = Mapping[str, Any]
Pair = tuple[Json | None, Json | None]
"""A part before and after; None where it does not exist."""

_PLACE_OF_SET = ("id", "position", "set_index")


def compare_executions(before: Collection[Json], after: Collection[Json]) -> list[dict[str, Any]]:
    """Return the exercises that were added, removed, moved or changed, in the order they have after the change.

    Each is {exercise_id, exercise_name, what, changes: {field: [before, after]}, sets: [{what, before, after}]}.
    A changed exercise may have moved as well; then `changes` has its `execution_order`.
    """
    pairs = match_executions(before, after)
    moved = _moved(pairs, lambda execution: execution["execution_order"])
    compared = [_compare_execution(pair, at in moved) for at, pair in enumerate(pairs)]
    return [change for change in compared if change is not None]


def match_executions(before: Collection[Json], after: Collection[Json]) -> list[Pair]:
    """Return the executions of each exercise: those after the change in their order, then the removed ones."""
    old = {execution["exercise_id"]: execution for execution in before}
    new = {execution["exercise_id"] for execution in after}
    kept: list[Pair] = [(old.get(execution["exercise_id"]), execution) for execution in after]
    return kept + [(execution, None) for execution in before if execution["exercise_id"] not in new]


def _compare_execution(pair: Pair, moved: bool) -> dict[str, Any] | None:
    before, after = pair
    shown = after or before
    assert shown is not None
    changes = {}
    if (before or {}).get("note") != (after or {}).get("note"):
        changes["note"] = [(before or {}).get("note"), (after or {}).get("note")]
    if moved and before and after:
        changes["execution_order"] = [before["execution_order"], after["execution_order"]]
    sets = compare_sets((before or {}).get("sets", ()), (after or {}).get("sets", ()))
    if before and after and not changes and not sets:
        return None
    return {
        "exercise_id": shown["exercise_id"],
        "exercise_name": shown["exercise_name"],
        "what": _what(pair, changed=bool(sets or "note" in changes)),
        "changes": changes,
        "sets": sets,
    }


def compare_sets(before: Collection[Json], after: Collection[Json]) -> list[dict[str, Any]]:
    """Return the sets of an exercise that were added, removed, moved or changed, as {what, before, after}."""
    pairs = match_sets(before, after)
    moved = _moved(pairs, lambda one: one["set_index"])
    return [
        {"what": _what(pair, changed=is_changed), "before": pair[0], "after": pair[1]}
        for at, pair in enumerate(pairs)
        if (is_changed := values_of(pair[0]) != values_of(pair[1])) or at in moved
    ]


def match_sets(before: Collection[Json], after: Collection[Json]) -> list[Pair]:
    """Return the sets of an exercise: those after the change in their order, then the removed ones."""
    left = list(before)
    partners: dict[int, Json] = {}
    for is_same in (_same_id, _same_values_and_place, _same_values, _same_place):
        for at, one in enumerate(after):
            if at not in partners and (partner := _first(left, one, is_same)):
                left.remove(partner)
                partners[at] = partner
    kept: list[Pair] = [(partners.get(at), one) for at, one in enumerate(after)]
    return kept + [(one, None) for one in left]


def _first(candidates: Sequence[Json], one: Json, is_same: Callable[[Json, Json], bool]) -> Json | None:
    return next((candidate for candidate in candidates if is_same(candidate, one)), None)


def _same_id(one: Json, other: Json) -> bool:
    return one["id"] == other["id"]


def _same_values_and_place(one: Json, other: Json) -> bool:
    return _same_values(one, other) and _same_place(one, other)


def _same_values(one: Json, other: Json) -> bool:
    return values_of(one) == values_of(other)


def _same_place(one: Json, other: Json) -> bool:
    return one["set_index"] == other["set_index"]


def values_of(one: Json | None) -> dict[str, Any]:
    """Return the values of a set, without its id and place; a missing value is the same as null."""
    return {name: value for name, value in (one or {}).items() if name not in _PLACE_OF_SET and value is not None}


def _moved(pairs: Sequence[Pair], place: Callable[[Json], int]) -> set[int]:
    """Return the numbers of the pairs whose order among the parts that exist on both sides is another one.

    A part that only got another number, because one before it was added or removed, has not moved.
    """
    both = [(at, before, after) for at, (before, after) in enumerate(pairs) if before and after]
    old = [at for at, before, _ in sorted(both, key=lambda one: place(one[1]))]
    new = [at for at, _, after in sorted(both, key=lambda one: place(one[2]))]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return set(new) - {at for block in blocks for at in new[block.b : block.b + block.size]}


def _what(pair: Pair, *, changed: bool) -> str:
    before, after = pair
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "changed" if changed else "moved"
