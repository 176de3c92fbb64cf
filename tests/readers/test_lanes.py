"""Arithmetic on many numbers at once: the same as one after the other."""

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fitness.readers import lanes


def packed(numbers, code="q"):
    return struct.pack(f"<{len(numbers)}{code}", *numbers)


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1))
def test_differences_are_those_between_neighbours(numbers):
    assert lanes.differences(packed(numbers)) == packed([later - one for one, later in pairwise(numbers)])


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_numbers_near_zero_are_folded_to_small_ones(numbers):
    folded = [2 * one if one >= 0 else -2 * one - 1 for one in numbers]

    assert lanes.folded(packed(numbers)) == packed(folded, "Q")


@given(st.sampled_from([(1, "b"), (2, "h"), (4, "i"), (8, "q")]), st.data())
def test_folded_numbers_unfold_in_lanes_of_each_width(lane, data):
    width, code = lane
    most = 1 << 8 * width - 1
    numbers = data.draw(st.lists(st.integers(-most, most - 1)))
    folded = [2 * one if one >= 0 else -2 * one - 1 for one in numbers]

    assert lanes.unfolded(packed(folded, code.upper()), width) == packed(numbers, code)
