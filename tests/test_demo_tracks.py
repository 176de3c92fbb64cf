"""The files of the demonstration's recorded runs."""

from datetime import UTC, datetime

import pytest

from fitness.demo_tracks import tcx_of
from fitness.readers import tcx
from fitness.units import METRES_PER_MILE

START = datetime(2025, 11, 2, 6, 10, tzinfo=UTC)


def test_a_made_file_reads_as_the_run_it_was_made_of_on_a_loop_that_ends_where_it_began():
    contents = tcx.read(tcx_of(START, miles=6.2, seconds=3200, heart_rate=149))

    [activity] = contents.activities
    assert (contents.problems, activity.remarks) == ([], [])
    assert activity.start == START
    assert activity.distance == pytest.approx(6.2 * METRES_PER_MILE, rel=0.001)
    assert activity.moving_seconds == pytest.approx(3200, rel=0.001)
    assert activity.avg_heart_rate == pytest.approx(149, abs=3)
    assert len(activity.laps) == 10
    assert (activity.points.lat[0], activity.points.lon[0]) == (activity.points.lat[-1], activity.points.lon[-1])


def test_the_same_run_makes_the_same_file():
    assert tcx_of(START, 6.2, 3200, 149) == tcx_of(START, 6.2, 3200, 149)
    assert tcx_of(START, 6.2, 3200, 149) != tcx_of(START.replace(day=3), 6.2, 3200, 149)


def test_a_run_without_a_heart_rate_has_none_at_any_point():
    [activity] = tcx.read(tcx_of(START, 3.1, 1500, None)).activities

    assert activity.avg_heart_rate is None
    assert activity.points.heart_rate == []
