"""What changed in the exercises and sets of a workout, on plain values."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.db.workout_changes import compare_executions, compare_sets, match_sets


def a_set(index: int, weight: float, reps: int = 5, **fields: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "position": index, "set_index": index, "weight": weight, "reps": reps, **fields}


def execution(name: str, order: int, *sets: dict[str, Any], note: str | None = None) -> dict[str, Any]:
    return {
        "exercise_id": name.lower(),
        "exercise_name": name,
        "execution_order": order,
        "note": note,
        "sets": list(sets),
    }


def again(one: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the same set as a provider sends it again, with another id."""
    return {**one, "id": str(uuid4()), **fields}


def said(changes: list[dict[str, Any]]) -> list[tuple[str, float | None, float | None]]:
    return [
        (
            one["what"],
            one["before"] and one["before"]["weight"],
            one["after"] and one["after"]["weight"],
        )
        for one in changes
    ]


A, B, C = a_set(1, 100), a_set(2, 110), a_set(3, 120)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([A, B], [A, B], []),
        ([A, B], [A, {**B, "weight": 115}], [("changed", 110, 115)]),
        ([A, B], [A, B, C], [("added", None, 120)]),
        ([A, B, C], [A, {**C, "set_index": 2}], [("removed", 110, None)]),
        ([A, B, C], [{**B, "set_index": 1}, {**C, "set_index": 2}, {**A, "set_index": 3}], [("moved", 100, 100)]),
        ([A, B], [again(A), again(B)], []),
        ([A, B], [again(A), again(B, weight=115)], [("changed", 110, 115)]),
        ([A, B], [again(A), again(B), again(C)], [("added", None, 120)]),
        ([A, B, C], [again(B, set_index=1), again(C, set_index=2)], [("removed", 100, None)]),
        ([A], [{**A, "note": None}], []),
        ([], [A], [("added", None, 100)]),
    ],
    ids=[
        "the same",
        "a value",
        "one more",
        "one less",
        "another place",
        "other ids",
        "other ids and a value",
        "other ids and one more",
        "other ids and one less",
        "a missing value is null",
        "the first",
    ],
)
def test_sets_are_matched_by_id_else_by_values_and_place(before, after, expected):
    assert said(compare_sets(before, after)) == expected


SETS = st.lists(st.sampled_from([90.0, 100.0, 110.0]), max_size=5).map(
    lambda weights: [a_set(index, weight) for index, weight in enumerate(weights, 1)]
)


@given(SETS, SETS, st.lists(st.integers(0, 4), max_size=4))
def test_every_set_is_in_one_pair(before, after, kept):
    after = after + [before[at] for at in dict.fromkeys(kept) if at < len(before)]

    pairs = match_sets(before, after)

    assert [new for _, new in pairs if new is not None] == after
    assert sorted(old["id"] for old, _ in pairs if old is not None) == sorted(one["id"] for one in before)


def test_an_exercise_that_stays_is_left_out_and_the_others_say_what_happened():
    before = [execution("Squat", 1, A), execution("Dip", 2, B), execution("Row", 3, C, note="Slow")]
    after = [execution("Row", 1, C), execution("Squat", 2, A), execution("Curl", 3, again(B))]

    row, curl, dip = compare_executions(before, after)

    assert (row["what"], row["changes"], row["sets"]) == (
        "changed", {"note": ["Slow", None], "execution_order": [3, 1]}, [],
    )  # fmt: skip
    assert (curl["what"], said(curl["sets"])) == ("added", [("added", None, 110)])
    assert (dip["what"], said(dip["sets"])) == ("removed", [("removed", 110, None)])


def test_an_exercise_has_not_moved_when_one_before_it_was_removed():
    before = [execution("Squat", 1, A), execution("Dip", 2, B), execution("Row", 3, C)]

    (removed,) = compare_executions(before, [execution("Dip", 1, B), execution("Row", 2, C)])

    assert (removed["exercise_name"], removed["what"]) == ("Squat", "removed")


def test_an_exercise_that_only_moved_says_so():
    before = [execution("Squat", 1, A), execution("Dip", 2, B), execution("Row", 3, C)]
    after = [execution("Dip", 1, B), execution("Row", 2, C), execution("Squat", 3, A)]

    (moved,) = compare_executions(before, after)

    assert (moved["exercise_name"], moved["what"], moved["changes"]) == ("Squat", "moved", {"execution_order": [1, 3]})
