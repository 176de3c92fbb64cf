"""What follows from the points of an activity."""

from datetime import UTC, datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.readers import derived, fit
from fitness.readers.activity import Activity, Points
from tests.samples import ACTIVITIES


def moving(*, seconds, speed=3.0, every=1, start=0.0, **columns):
    """Return points of somebody who moves at one speed."""
    times = [start + second for second in range(0, seconds + 1, every)]
    return Points(times, distance=[speed * (time - start) for time in times], **columns)


def test_a_degree_of_latitude_is_111_kilometres_and_one_of_longitude_shrinks_to_the_poles():
    assert derived.metres_between(0, 0, 1, 0) == pytest.approx(111_195, abs=1)
    assert derived.metres_between(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
    assert derived.metres_between(60, 0, 60, 1) == pytest.approx(55_597, abs=1)
    assert derived.metres_between(0, 179.5, 0, -179.5) == pytest.approx(111_195, abs=1)
    assert derived.metres_between(0, 0, 0, 180) == pytest.approx(20_015_115, abs=1)


def test_distances_never_shrink_and_begin_at_the_first():
    assert derived.distances(Points([0, 1, 2, 3], distance=[10, 13, None, 12])) == [0, 3, 3, 3]


def test_distances_of_positions_pass_over_points_without_one():
    far = derived.distances(Points([0, 1, 2], lat=[0, None, 1], lon=[0, None, 0]))

    assert far == [0, 0, pytest.approx(111_195, abs=1)]


def test_without_distances_and_positions_there_are_none():
    assert derived.distances(Points([0, 1], heart_rate=[100, 101])) == []


def test_standing_still_and_pauses_are_no_time_in_motion():
    points = Points([0, 10, 20, 30, 40], distance=[0, 30, 31, 61, 91])

    far = derived.distances(points)

    assert derived.moving_seconds(points, far, []) == 30
    assert derived.moving_seconds(points, far, [(32, 37)]) == 25
    assert derived.moving_seconds(points, far, [(32, 34), (36, 37), (38, 50)]) == 25


def test_without_distances_only_pauses_are_left_out():
    assert derived.moving_seconds(Points([0, 60]), [], [(10, 20)]) == 50


def test_small_steps_up_and_down_are_no_ascent():
    assert derived.ascent([100, 101, 100, 101, 100]) == 0
    assert derived.ascent([100, 101, 102, 103, 104, 90, 93]) == 7
    assert derived.ascent([None, 100, None, 110]) == 10
    assert derived.ascent([None]) is None


def test_splits_are_of_one_length_and_the_last_one_is_the_rest():
    points = moving(seconds=800, every=7, heart_rate=[140] * 115)
    far = derived.distances(points)

    found = derived.splits(points, far, 1_000)

    assert [one.metres for one in found] == [1_000, 1_000, pytest.approx(394)]
    assert [one.seconds for one in found] == pytest.approx([1_000 / 3, 1_000 / 3, 394 / 3])
    assert [one.start for one in found] == pytest.approx([0, 1_000 / 3, 2_000 / 3])
    assert {one.avg_heart_rate for one in found} == {140}


def test_a_whole_number_of_splits_has_no_rest():
    points = moving(seconds=1_000)

    assert [one.metres for one in derived.splits(points, derived.distances(points), 1_000)] == [1_000] * 3
    assert derived.splits(Points([0, 1]), [], 1_000) == []


def test_the_best_efforts_are_the_fastest_stretches_wherever_they_are():
    slow, fast = moving(seconds=400, speed=2.5), moving(seconds=300, speed=4, start=400.0)
    distance = [*slow.distance, *(1_000 + (one or 0) for one in fast.distance[1:])]
    points = Points([*slow.time, *fast.time[1:]], distance=distance)

    found = derived.best_efforts(points, derived.distances(points))

    assert found == pytest.approx({"400 m": 100, "1 km": 250, "1 mile": 1_200 / 4 + 409.344 / 2.5}, abs=0.5)


def test_a_jump_is_no_effort():
    points = Points([0, 100, 101, 201, 301], distance=[0, 300, 1_500, 1_800, 2_100])

    assert derived.best_efforts(points, derived.distances(points)) == {"400 m": pytest.approx(133.3, abs=0.1)}


def test_seconds_in_zones_add_up_but_for_gaps():
    points = Points([0, 10, 20, 120, 125], heart_rate=[100, 120, 150, None, 170])

    assert derived.seconds_in_zones(points, [110, 140]) == [10, 10, 30]
    assert derived.seconds_in_zones(Points([0, 10]), [110]) == [0, 0]


def test_thinning_keeps_the_ends_and_the_order():
    points = moving(seconds=10_000)

    few = derived.thinned(points, 600)

    assert len(few) == 600
    assert (few.time[0], few.time[-1]) == (0, 10_000)
    assert few.time == sorted(set(few.time))
    assert derived.thinned(few, 600) is few


def test_the_run_of_all_samples_has_its_splits_and_efforts():
    (activity,) = fit.read((ACTIVITIES / "same_run" / "watch.fit").read_bytes()).activities
    far = derived.distances(activity.points)

    assert sum(one.metres for one in derived.splits(activity.points, far, 1_000)) == pytest.approx(far[-1])
    efforts = derived.best_efforts(activity.points, far)
    assert list(efforts) == ["400 m", "1 km", "1 mile", "5 km"]
    assert list(efforts.values()) == sorted(efforts.values())


steps = st.tuples(st.integers(1, 9), st.one_of(st.floats(0, 40), st.just(500.0)))


@given(st.lists(steps, min_size=20, max_size=120))
def test_the_best_effort_is_the_least_of_all_starts(steps):
    time = list(accumulate((float(seconds) for seconds, _ in steps), initial=0.0))
    far = list(accumulate((metres for _, metres in steps), initial=0.0))

    found = derived.best_efforts(Points(time), far)

    assert found.get("400 m") == pytest.approx(min(stretches(time, far, 400), default=None))


def stretches(time, far, metres):
    """Yield the seconds of the stretch from each point on, but for those with a jump."""
    for start, begin in enumerate(far):
        end = next((place for place, way in enumerate(far) if way >= begin + metres), None)
        if end and all(
            far[one] - far[one - 1] <= 12 * (time[one] - time[one - 1]) for one in range(start + 1, end + 1)
        ):
            share = (begin + metres - far[end - 1]) / (far[end] - far[end - 1])
            yield time[end - 1] + share * (time[end] - time[end - 1]) - time[start]


@pytest.mark.parametrize(("measured", "stored"), [([170, None, 172], [85, None, 86]), ([84, 0, 86], [84, 0, 86])])
def test_cadences_along_a_run_count_one_foot(measured, stored):
    start = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
    run = Activity(start, "running", avg_cadence=171, points=moving(seconds=2, cadence=measured))

    found = derived.with_strides(run)

    assert (found.avg_cadence, found.points.cadence) == (85.5, stored)
