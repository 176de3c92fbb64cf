"""Points as bytes: they come back as they were, and take little room."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.readers import fit, points_bytes
from fitness.readers.activity import BOUNDS, MEASURED, Points
from fitness.readers.points_bytes import SCALES, BrokenPoints
from tests.samples import ACTIVITIES

SAMPLES = sorted([*(ACTIVITIES / "fit").glob("*.fit"), ACTIVITIES / "same_run" / "watch.fit"])


@st.composite
def any_points(draw):
    """Return points with values at the precision that is stored, some columns with gaps, some not there."""
    size = draw(st.integers(0, 30))

    def column(name):
        low, high = BOUNDS[name]
        values = st.integers(int(low * SCALES[name]), int(high * SCALES[name])).map(lambda one: one / SCALES[name])
        return draw(st.lists(draw(st.sampled_from([values, st.none() | values])), min_size=size, max_size=size))

    times = st.integers(-2_000_000_000_000, 7_000_000_000_000).map(lambda one: one / 1000)
    there = draw(st.sets(st.sampled_from(MEASURED)))
    time = sorted(draw(st.lists(times, min_size=size, max_size=size)))
    return Points(time, **{name: column(name) for name in MEASURED if name in there})


def packed(points):
    return points_bytes.pack(points_bytes.plain(points))


@given(any_points())
def test_points_come_back_as_they_were(points):
    found = points_bytes.decode(packed(points))

    assert found == points


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_points_of_samples_come_back_within_the_precision(sample):
    for activity in fit.read(sample.read_bytes()).activities:
        stored = packed(activity.points)

        found = points_bytes.decode(stored)

        assert found.time == activity.points.time
        for name, column in activity.points.columns():
            half = 0.5 / SCALES[name]
            for before, after in zip(column, getattr(found, name), strict=True):
                assert (before is None and after is None) or after == pytest.approx(before, abs=half * 1.001)
        assert packed(found) == stored


def test_a_point_of_the_samples_takes_at_most_6_bytes():
    all_points = [activity.points for sample in SAMPLES for activity in fit.read(sample.read_bytes()).activities]

    assert sum(len(packed(points)) for points in all_points) <= 6 * sum(map(len, all_points))


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x02" + bytes(4), b"\x01\x05\x00\x00\x00abc"])
def test_other_bytes_are_refused(stored):
    with pytest.raises(BrokenPoints):
        points_bytes.decode(stored)


def test_columns_that_are_cut_or_of_no_width_are_refused():
    whole = zlib.decompress(packed(Points([1.0, 2.0, 4.0], heart_rate=[90, None, 91]))[5:])
    broken = [whole[:-1], b"\x01" + whole[1:], whole[:2] + b"\x03" + whole[3:]]

    for content in broken:
        with pytest.raises(BrokenPoints):
            points_bytes.decode(b"\x01\x03\0\0\0" + zlib.compress(content))
