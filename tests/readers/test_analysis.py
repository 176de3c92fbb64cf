"""What is shown of points: columns of few of them, and what follows from all."""

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fitness.readers import derived
from fitness.readers.activity import MEASURED, Points
from fitness.readers.analysis import HeartRates, analysis_of, columns_of
from tests.readers.test_points_bytes import any_points

NOBODY = HeartRates(None, None, None)
SOMEBODY = HeartRates(50, 190, "female")


def steady(seconds=1000, speed=3.0, **columns):
    """Return a point a second at one speed."""
    time = [1_000_000.0 + second for second in range(seconds + 1)]
    return Points(time, distance=[speed * second for second in range(seconds + 1)], **columns)


@settings(deadline=None, max_examples=50)
@example(Points([0.0], lat=[0.0], lon=[0.0]), 2)
@given(any_points().filter(len), st.integers(2, 40))
def test_whatever_the_points_the_columns_are_of_one_length(points, most):
    shown = columns_of(points, most)

    columns = [shown[name] for name in ("time", *MEASURED) if shown[name] is not None]
    assert {len(column) for column in columns} == {min(most, len(points))}
    assert orjson.dumps(shown)


@settings(deadline=None, max_examples=50)
@given(any_points().filter(len))
def test_whatever_the_points_they_can_be_analysed(points):
    for metres in (1_000, 1_609.344):
        assert orjson.dumps(analysis_of(points, [], [], metres=metres, heart=SOMEBODY))


def test_positions_that_jump_around_the_world_have_no_splits():
    points = Points([float(second) for second in range(100)], lat=[0.0] * 100, lon=[0.0, 179.0] * 50)

    assert analysis_of(points, [], [], metres=1_000, heart=NOBODY)["splits"] == []


def test_an_analysis_counts_seconds_from_the_first_point_on():
    lap = {"start": 1_000_100.0, "distance": 300.0, "seconds": None, "avg_heart_rate": None, "ascent": 2.0}

    found = analysis_of(steady(), [lap], [(1_000_050.0, 1_000_060.5)], metres=1_000, heart=NOBODY)

    assert found["laps"] == [{**lap, "start": 100.0}]
    assert found["pauses"] == [[50.0, 60.5]]
    assert [(part["start"], part["distance"], part["seconds"]) for part in found["splits"]] == [
        (0, 1_000, pytest.approx(322.8)),
        (pytest.approx(333.3), 1_000, pytest.approx(333.3, abs=0.2)),
        (pytest.approx(666.7), 1_000, pytest.approx(333.3, abs=0.2)),
    ]
    assert (found["zones"], found["trimp_from_points"], found["route"]) == (None, None, None)


def test_zones_begin_at_shares_of_the_greatest_heart_rate():
    points = steady(100, heart_rate=[*[100.0] * 50, *[180.0] * 51])

    found = analysis_of(points, [], [], metres=1_000, heart=SOMEBODY)

    assert [(zone["from"], zone["to"]) for zone in found["zones"]] == [
        (None, 114), (114, 133), (133, 152), (152, 171), (171, None),
    ]  # fmt: skip
    assert [zone["seconds"] for zone in found["zones"]] == [50, 0, 0, 0, 50]


def test_a_zone_begins_at_the_first_beat_that_reaches_its_share():
    points = steady(100, heart_rate=[*[130.0] * 50, *[131.0] * 51])  # 69.9 and 70.4 %

    found = analysis_of(points, [], [], metres=1_000, heart=SOMEBODY._replace(highest=186))

    assert [zone["from"] for zone in found["zones"]] == [None, 112, 131, 149, 168]
    assert [zone["seconds"] for zone in found["zones"]] == [0, 50, 50, 0, 0]


def test_a_split_has_its_own_ascent_and_heart_rate():
    points = steady(666, altitude=[second * 0.1 for second in range(334)] + [33.3] * 333, heart_rate=[150.0] * 667)

    first, second = derived.splits(points, derived.distances(points), 1_000)[:2]

    assert (first.ascent, second.ascent) == (pytest.approx(33.3, abs=derived.CLIMB), 0)
    assert (first.avg_heart_rate, second.avg_heart_rate) == (150, 150)


@pytest.mark.parametrize(
    ("sex", "hour"), [("male", 60 * 0.5 * 0.64 * 2.6117), ("female", 60 * 0.5 * 0.86 * 2.3047), (None, 54.8)]
)
def test_the_training_impulse_of_an_hour_at_half_the_reserve(sex, hour):
    points = steady(3_600, heart_rate=[120.0] * 3_601)

    assert derived.trimp(points, 50, 190, sex) == pytest.approx(hour, rel=0.001)
    assert derived.trimp(points, 190, 190, sex) is None
    assert derived.trimp(steady(), 50, 190, sex) is None


def test_a_pause_is_no_training():
    points = Points([0, 10, 5_000], heart_rate=[120, 120, 120])

    assert derived.trimp(points, 50, 190, "male") == pytest.approx(40 / 60 * 0.5 * 0.64 * 2.6117, rel=0.001)


def test_a_route_has_at_most_a_hundred_positions_with_both_ends():
    lat = [52.0 + place / 100_000 for place in range(1_000)]
    points = Points([float(second) for second in range(1_000)], lat=[*lat], lon=[13.0] * 1_000)
    points.lat[5] = points.lon[5] = None

    way = derived.route(points)

    assert (len(way), way[0], way[-1]) == (100, (52.0, 13.0), (52.00999, 13.0))
    assert derived.route(Points([0.0], lat=[1.0])) == []


def test_speeds_are_those_from_point_to_point():
    assert derived.speeds([0, 10, 10, 20], [0, 30, 30, 50]) == [3, 3, None, 2]
    assert derived.speeds([0], [0]) == []
