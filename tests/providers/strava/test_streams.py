"""Streams of points: whatever the JSON, nothing is raised, and what cannot be is left out."""

import json
from datetime import UTC, datetime

import pytest

from fitness.providers.strava.streams import parse_streams

START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


def parsed(**streams):
    return parse_streams(json.loads(json.dumps({name: {"data": data} for name, data in streams.items()})), START)


@pytest.mark.parametrize(
    "time",
    [
        [0, 10**400],
        [0, float("nan")],
        [0, float("inf")],
        [0, 1e300],
        [-(10**12), 0],
        [0, True],
        [0, None],
        [5, 4],
        "01",
    ],
)
def test_times_that_cannot_be_are_no_points(time):
    points, pauses = parsed(time=time, heartrate=[140, 141], moving=[True, False])

    assert (len(points), pauses) == (0, [])


def test_values_that_cannot_be_are_gaps():
    points, _ = parsed(time=[0, 1, 2], heartrate=[10**400, 140, "141"], latlng=[[41.9, -87.6], None, [10**400, 1]])

    assert [one - START.timestamp() for one in points.time] == [0, 1, 2]
    assert (points.heart_rate, points.lat, points.lon) == (
        [None, 140, None],
        [41.9, None, None],
        [-87.6, None, 1],
    )
