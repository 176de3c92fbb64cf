"""What is read of GPX files: each sample, and what is special."""

from datetime import UTC, datetime, timedelta

import pytest

from fitness.readers import gpx
from fitness.readers.records import UnreadableFile, Zone
from tests.readers.cuts import damaged
from tests.samples import ACTIVITIES

SAMPLES = sorted((ACTIVITIES / "gpx").glob("*.gpx"))
START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
BOMBS = [sample for sample in SAMPLES if sample.name.startswith("bomb_")]


def contents(name):
    return gpx.read((ACTIVITIES / name).read_bytes())


def only_activity(name):
    (activity,) = contents(name).activities
    return activity


def of_points(*points, head="", creator="x"):
    segments = f"<trk>{head}<trkseg>{''.join(points)}</trkseg></trk>"
    return f'<gpx creator="{creator}" xmlns="http://www.topografix.com/GPX/1/1">{segments}</gpx>'.encode()


def point(lat="41.95", lon="-87.45", time="2025-11-02T12:05:31Z", inside=""):
    return f'<trkpt lat="{lat}" lon="{lon}"><time>{time}</time>{inside}</trkpt>'


@pytest.mark.parametrize(
    ("name", "sport", "points", "metres", "moving", "elapsed", "remarks"),
    [
        ("gpx/apple_route_alone.gpx", "generic", 227, 8034, 2790, 2790, []),
        ("gpx/extensions_incorrect.gpx", "cycling", 5, 192_689, 42, 107, []),
        ("gpx/made_bom_utf16.gpx", "running", 20, 232, 76, 76, []),
        ("gpx/made_leading_blanks.gpx", "running", 40, 487, 156, 156, []),
        ("gpx/made_nan_and_far.gpx", "running", 20, 220, 72, 76, ["2 values that cannot be were left out."]),
        ("gpx/made_pause_segments.gpx", "running", 170, 8007, 2766, 2782, []),
        ("gpx/pause_resume_segments.gpx", "the_category", 6, 289, 2, 5, ["2 values that cannot be were left out."]),
        ("gpx/speed_no_namespace.gpx", "generic", 3, 77, 101, 101, []),
        (
            "gpx/made_truncated.gpx", "running", 25, 295, 96, 96,
            ["The file is cut or broken in line 30: what stands before it was read."],
        ),
        ("same_run/strava_17405838535.gpx", "running", 227, 8034, 2790, 2790, []),
    ],
)  # fmt: skip
def test_a_sample_is_one_activity(name, sport, points, metres, moving, elapsed, remarks):
    activity = only_activity(name)

    assert (activity.sport, len(activity.points), activity.remarks) == (sport, points, remarks)
    assert (activity.distance, activity.moving_seconds, activity.elapsed_seconds) == pytest.approx(
        (metres, moving, elapsed), abs=0.5
    )


def test_the_start_is_that_of_the_first_point_and_not_that_of_the_export():
    assert only_activity("gpx/apple_route_alone.gpx").start == START


def test_times_with_an_offset_are_the_right_instants_and_say_the_offset():
    activity = only_activity("gpx/timezone_offsets.gpx")

    assert activity.start == datetime(2021, 1, 7, 20, 36, 59, 179_000, tzinfo=UTC)
    assert activity.time_zone == Zone("+01:15", "file")


def test_each_track_is_an_activity():
    first, second = contents("gpx/made_several_tracks.gpx").activities

    assert (first.start, second.start) == (START, START + timedelta(days=1))
    assert (first.name, second.name) == ("Easy miles", "Second")


def test_a_track_without_times_is_refused_in_words():
    found = contents("gpx/made_no_time.gpx")

    assert found.activities == []
    assert found.problems == ["The track “Easy miles” has no times: it is a route, not an activity."]


def test_a_route_is_passed_over():
    found = gpx.read(b'<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>')

    assert (found.skipped, found.activities, found.problems) == (["A route, not an activity."], [], [])


def test_heart_rates_are_found_by_their_names_wherever_they_stand():
    points = only_activity("gpx/extensions_incorrect.gpx").points

    assert [rate for rate in points.heart_rate if rate] == [69]


def test_a_point_far_away_in_time_is_sorted_and_one_without_a_time_is_counted():
    content = of_points(
        point(time="2025-11-02T12:05:41Z"), point(time="2025-11-02T12:05:31Z"), point(time="soon"), point(time="")
    )

    (activity,) = gpx.read(content).activities

    assert (activity.start, activity.elapsed_seconds) == (START, 10)
    assert activity.remarks == ["2 points without a time were left out."]


@pytest.mark.parametrize(
    ("written", "sport", "sub_sport"),
    [
        ("Run", "running", None),
        ("9", "running", None),
        ("trail_running", "running", "trail"),
        ("Treadmill Running", "running", "treadmill"),
        ("cycling", "cycling", None),
        ("Bouldering outside", "bouldering_outside", None),
        ("", "generic", None),
    ],
)
def test_the_type_of_a_track_is_its_sport(written, sport, sub_sport):
    (activity,) = gpx.read(of_points(point(), head=f"<type>{written}</type>")).activities

    assert (activity.sport, activity.sub_sport) == (sport, sub_sport)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda path: path.stem)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(bomb, encoding):
    with pytest.raises(UnreadableFile, match="declares entities"):
        gpx.read(bomb.read_text().encode(encoding))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<gpx>" + b"<a>" * 200, "More than 100 elements"),
        (of_points(*[point()] * 20), "More than 10 points"),
    ],
)
def test_a_file_that_would_use_memory_up_is_refused(content, says, monkeypatch):
    monkeypatch.setattr("fitness.readers.tracks.MOST_POINTS", 10)

    with pytest.raises(UnreadableFile, match=says):
        gpx.read(content)


@pytest.mark.parametrize(
    "content", [b"<gpx><!-- ", b"<gpx><!--" + b"x" * 11_000_000, b"<gpx><trk><name>" + b"\xff" * 9]
)
def test_what_is_broken_is_said(content):
    found = gpx.read(content)

    assert found.activities == []
    assert found.problems[-1].startswith("The file is cut or broken in line 1")


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one not in BOMBS], ids=lambda path: path.stem)
def test_damage_raises_nothing_and_a_cut_is_said(sample):
    content = sample.read_bytes()

    for copy, is_cut in damaged(content):
        try:
            found = gpx.read(copy)
        except UnreadableFile:
            continue
        remarks = [remark for activity in found.activities for remark in activity.remarks]
        assert not is_cut or any("cut or broken" in one for one in found.problems + remarks)
