"""Points with a damaged time are found among their neighbours, and set aside."""

from datetime import UTC, datetime, timedelta

import pytest

from fitness.readers import gpx, tcx
from fitness.readers.tracks import Track, stray_places
from tests.samples import ACTIVITIES

HOUR = 3600
STEADY = [float(second) for second in range(100)]
SAMPLES = ("same_run/strava_17405838535.gpx", "same_run/garmin_connect.tcx")


def changed(**times):
    """Return a time a second, of which some are others: `at_5=9`."""
    return [times.get(f"at_{place}", time) for place, time in enumerate(STEADY)]


@pytest.mark.parametrize(
    ("times", "strays"),
    [
        (STEADY, set()),
        (changed(at_5=9_000.0), {5}),
        (changed(at_5=-9_000.0), {5}),
        (changed(at_5=3.0), set()),
        (changed(at_0=50.0), {0}),
        (changed(at_0=-2 * HOUR), {0}),
        (changed(at_0=-HOUR / 2), set()),
        (changed(at_99=3.0), {99}),
        (changed(at_99=2 * HOUR), {99}),
        (changed(at_5=9_000.0, at_50=0.0), {5, 50}),
        ([*STEADY[50:], *STEADY[:50]], set()),
        (STEADY[::-1], set()),
        ([*STEADY[::2], *STEADY[1::2]], set()),
        ([time for pair in zip(STEADY[:50], STEADY[50:], strict=True) for time in pair], set()),
        ([0.0, 5.0 * HOUR, 10.0 * HOUR, 15.0 * HOUR], set()),
        ([3.0, 1.0], set()),
        ([], set()),
    ],
)
def test_a_time_that_does_not_fit_its_neighbours_is_found(times, strays):
    assert stray_places(times) == strays


def test_a_pause_does_not_reach_to_a_damaged_time():
    track = Track()
    for second in range(10):
        if second == 5:
            track.begin_segment()
        off = 9_000 if second == 5 else 0
        track.add_at(datetime.fromtimestamp(second * 10 + off, UTC), {"heart_rate": 140.0})

    assert (len(track.points()), track.pauses) == (9, [(40.0, 60.0)])
    assert track.remarks() == ["1 points with a time far from those beside them were left out."]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_flipped_digit_of_a_time_changes_no_total_without_a_remark(sample):
    content = (ACTIVITIES / sample).read_bytes()
    read = gpx.read if sample.endswith("gpx") else tcx.read
    (whole,) = read(content).activities
    tag = b"<time>" if sample.endswith("gpx") else b"<Time>"
    first, second = content.index(tag), content.index(tag, content.index(tag) + 1)
    middle, last = content.index(tag, len(content) // 2), content.rindex(tag)

    for place in (first, second, middle, last):
        for digit in (3, 6, 9, 12, 15):  # of the year, the month, the day, the hour, the minute
            at = place + len(tag) + digit
            for written in b"09":
                damaged = content[:at] + bytes([written]) + content[at + 1 :]
                (found,) = read(damaged).activities
                off = abs((found.elapsed_seconds or 0) - (whole.elapsed_seconds or 0))
                assert off < HOUR or any("were left out" in one for one in found.remarks), damaged[place : place + 40]
                assert abs(found.start - whole.start) < timedelta(hours=1) or found.remarks


@pytest.mark.parametrize("where", [b'<Lap StartTime="', b"<Id>"])
def test_the_start_of_a_lap_that_contradicts_id_and_points_does_not_count(where):
    content = (ACTIVITIES / "same_run" / "garmin_connect.tcx").read_bytes()
    at = content.index(where) + len(where) + len("2025-11-02T")
    (whole,) = tcx.read(content).activities

    (found,) = tcx.read(content[:at] + b"0" + content[at + 1 :]).activities

    assert found.start == whole.start
    assert found.remarks == ([] if where == b"<Id>" else [found.remarks[0]])
