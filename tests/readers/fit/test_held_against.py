"""The reader of FIT files against another one, over all samples, and over damaged copies of them."""

import fitdecode
import pytest

from fitness.readers import fit, fit_messages
from fitness.readers.fit import _EPOCH
from tests.readers.cuts import damaged
from tests.samples import ACTIVITIES

SAMPLES = sorted((ACTIVITIES / "fit").glob("*.fit"))
MEASURED = ("timestamp", "heart_rate", "cadence", "power", "temperature", "distance", "altitude", "speed")


def decoded(content):
    """Return the points and sessions that fitdecode reads, up to where it stops."""
    points, sessions = [], []
    reader = fitdecode.FitReader(
        content, check_crc=fitdecode.CrcCheck.DISABLED, error_handling=fitdecode.ErrorHandling.IGNORE
    )
    try:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record":
                points.append(frame)
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "session":
                sessions.append(frame)
    except fitdecode.FitError:
        pass
    return points, sessions


def ours(parts, measured):
    """Yield {name: value} of each point, an enhanced one where there is one."""
    for part in parts:
        for place, time in enumerate(part.times):
            columns = {name: column[place] for name, column in part.columns.items()} | {"timestamp": time}
            point = {name: first_of(columns, f"enhanced_{name}", name) for name in measured}
            yield {**point, "altitude": None if point["altitude"] is None else point["altitude"] - 500}


def theirs(points, measured):
    for point in points:
        raw = {"timestamp": point.get_raw_value("timestamp", fallback=0)}
        values = {field.name: field.value for field in point.fields} | raw
        yield {name: first_of(values, f"enhanced_{name}", name) for name in measured}


def first_of(values, *names):
    return next((values[name] for name in names if values.get(name) is not None), None)


def in_order(points):
    """Return points in one order, as definitions that take turns are read one after the other."""
    rounded = [
        {name: round(value, 3) if isinstance(value, int | float) else None for name, value in point.items()}
        for point in points
    ]
    return sorted(rounded, key=repr)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_points_and_totals_are_those_that_another_reader_reads(sample):
    content = sample.read_bytes()
    points, sessions = decoded(content)

    parts = fit_messages.parts_of(content)

    packed = any("speed_distance" in part.columns for part in parts)
    measured = [name for name in MEASURED if not (packed and name in ("distance", "speed"))]
    assert in_order(ours(parts, measured)) == in_order(theirs(points, measured))
    of_parts = [session for part in parts for session in part.messages.get(fit_messages.SESSION, [])]
    for name, field in (
        ("distance", "total_distance"),
        ("timer", "total_timer_time"),
        ("elapsed", "total_elapsed_time"),
    ):
        assert [one.get(name) for one in of_parts] == [one.get_value(field, fallback=None) for one in sessions]


def test_distances_in_three_bytes_are_those_that_another_reader_reads():
    content = (ACTIVITIES / "fit" / "compressed_timestamps_and_distance.fit").read_bytes()
    points, _ = decoded(content)

    (activity,) = fit.read(content).activities

    assert activity.points.distance == [point.get_value("distance", fallback=None) for point in points]
    assert [time - _EPOCH for time in activity.points.time] == [point.get_raw_value("timestamp") for point in points]


def totals(contents):
    return [
        (one.start, one.sport, one.distance, one.moving_seconds, one.elapsed_seconds) for one in contents.activities
    ]


def said(contents):
    return contents.problems + [remark for activity in contents.activities for remark in activity.remarks]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_damage_raises_nothing_and_changes_no_total_in_silence(sample):
    content = sample.read_bytes()
    whole = fit.read(content)

    for copy, _ in damaged(content):
        found = fit.read(copy)
        assert totals(found) == totals(whole) or said(found)
