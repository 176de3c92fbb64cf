"""Streams of an activity become points, whatever Strava sends."""

from datetime import UTC, datetime

import pytest

from fitness.providers.strava.streams import parse_streams

START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
BEGIN = START.timestamp()


def streams(**values):
    return {name: {"data": data, "series_type": "distance"} for name, data in values.items()}


def test_streams_become_columns_of_points():
    points, pauses = parse_streams(
        streams(
            time=[0, 2, 3],
            latlng=[[41.9, -87.6], None, [41.91, -87.6]],
            velocity_smooth=[0.0, 3.1, 3.2],
            heartrate=[120, None, 999],
            cadence=[80, 81],
            temp=["warm", 11, 11],
            grade_smooth=[1, 2, 3],
        ),
        START,
    )

    assert points.time == [BEGIN, BEGIN + 2, BEGIN + 3]
    assert (points.lat, points.lon) == ([41.9, None, 41.91], [-87.6, None, -87.6])
    assert (points.speed, points.heart_rate) == ([0.0, 3.1, 3.2], [120, None, None])
    assert (points.cadence, points.temperature, points.power) == ([], [None, 11, 11], [])
    assert pauses == []


@pytest.mark.parametrize(
    ("moving", "pauses"),
    [
        ([True, True, False, False, True], [(1, 3)]),
        ([False, False, True, True, False], [(0, 1), (3, 4)]),
        ([False] * 5, [(0, 4)]),
        ([True] * 4, []),
        (None, []),
    ],
)
def test_times_without_motion_are_pauses(moving, pauses):
    _, found = parse_streams(streams(time=[0, 1, 2, 3, 4], moving=moving), START)

    assert found == [(BEGIN + start, BEGIN + end) for start, end in pauses]


@pytest.mark.parametrize(
    "time",
    [
        None,
        [],
        "soon",
        [0, "1"],
        [0, 2, 1],
        [0, float("nan")],
        [0, float("inf")],
        [-1, 0],
        [0, True],
        [0, 10**12],
        [0, 10**400],
        [0, 1e300],
        [0, None],
    ],
)
def test_without_times_that_ascend_there_are_no_points(time):
    points, pauses = parse_streams(streams(time=time, distance=[0.0, 3.0], moving=[True, False]), START)

    assert (len(points), pauses) == (0, [])


@pytest.mark.parametrize("found", [{}, {"time": None}, {"time": [1]}, {"time": {"data": [0]}, "latlng": {"data": [1]}}])
def test_other_json_raises_nothing(found):
    points, pauses = parse_streams(found, START)

    assert (len(points) <= 1, pauses) == (True, [])


def test_values_that_cannot_be_are_gaps():
    found = streams(time=[0, 1, 2], heartrate=[10**400, 140, "141"], latlng=[[41.9, -87.6], None, [10**400, 1]])
    points, _ = parse_streams(found, START)

    assert points.time == [BEGIN, BEGIN + 1, BEGIN + 2]
    assert (points.heart_rate, points.lat, points.lon) == ([None, 140, None], [41.9, None, None], [-87.6, None, 1])
