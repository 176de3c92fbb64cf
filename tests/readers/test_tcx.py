"""What is read of TCX files: each sample, and what is special."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import tcx
from fitness.readers.reader import Answers
from fitness.readers.records import Problem, UnreadableFile, Zone
from tests.readers.cuts import damaged
from tests.samples import ACTIVITIES

SAMPLES = sorted((ACTIVITIES / "tcx").glob("*"))
START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


def read(name):
    content = (ACTIVITIES / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def only_activity(content):
    (activity,) = tcx.read(content).activities
    return activity


def of(inside, sport="Running", start="2025-11-02T12:05:31Z"):
    lap = f'<Lap StartTime="{start}">{inside}</Lap>' if inside else ""
    return (
        f'<TrainingCenterDatabase><Activities><Activity Sport="{sport}"><Id>{start}</Id>{lap}</Activity></Activities>'
        "</TrainingCenterDatabase>"
    ).encode()


@pytest.mark.parametrize(
    ("name", "sport", "points", "metres", "moving", "elapsed", "laps"),
    [
        ("tcx/made_concept2_blank.tcx", "generic", 31, 359.46, 116, 116, 2),
        ("tcx/made_empty_fitbit.tcx", "running", 0, 8400, 3107, 3107, 1),
        ("tcx/made_strava_leading_blanks.tcx.gz", "running", 115, 8046.7, 2790, 2790, 2),
        ("same_run/garmin_connect.tcx", "running", 228, 8046.7, 2790, 2790, 2),
    ],
)
def test_a_sample_is_one_activity(name, sport, points, metres, moving, elapsed, laps):
    activity = only_activity(read(name))

    assert (activity.sport, len(activity.points), len(activity.laps)) == (sport, points, laps)
    assert (activity.distance, activity.moving_seconds, activity.elapsed_seconds) == pytest.approx(
        (metres, moving, elapsed)
    )
    assert activity.remarks == []


def test_a_lap_without_points_has_the_offset_and_the_start_of_the_activity():
    activity = only_activity(read("tcx/made_empty_fitbit.tcx"))

    assert activity.start == datetime(2015, 4, 5, 15, 18, 58, tzinfo=UTC)
    assert (activity.time_zone, activity.calories) == (Zone("+02:00", "file"), 610)


def test_two_activities_are_two():
    found = tcx.read(read("tcx/made_two_activities.tcx")).activities

    assert [(one.sport, one.start) for one in found] == [("running", START), ("cycling", START + timedelta(hours=2))]


def test_heart_rates_and_steps_of_points_are_read():
    points = only_activity(read("same_run/garmin_connect.tcx")).points

    assert (points.heart_rate[:2], points.cadence[:2], points.speed[0]) == ([105, 110], [83, 81], 2.937)
    assert (points.lat[0], points.lon[0], points.altitude[0]) == (41.95, -87.45, 176.8)


def test_a_run_with_points_and_no_positions_was_on_a_treadmill():
    trackpoint = "<Trackpoint><Time>2025-11-02T12:05:31Z</Time><DistanceMeters>0</DistanceMeters></Trackpoint>"
    inside = f"<TotalTimeSeconds>60</TotalTimeSeconds><DistanceMeters>200</DistanceMeters><Track>{trackpoint}</Track>"

    assert only_activity(of(inside)).sub_sport == "treadmill"
    assert only_activity(of(inside, sport="Biking")).sub_sport is None


def test_the_device_is_that_of_the_creator_and_zero_is_no_serial_number():
    creator = "<Creator><Name>Forerunner 945</Name><UnitId>{}</UnitId></Creator></Activity>"

    for written, serial in (("3900000002", "3900000002"), ("0", None), ("x", None)):
        content = of("<DistanceMeters>1</DistanceMeters>").replace(b"</Activity>", creator.format(written).encode())
        assert (only_activity(content).device, only_activity(content).serial) == ("Forerunner 945", serial)


def test_heart_rates_of_laps_count_by_their_seconds():
    def lap(seconds, rate):
        return (
            f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>"
            f"<AverageHeartRateBpm><Value>{rate}</Value></AverageHeartRateBpm>"
        )

    content = of(f'{lap(300, 120)}</Lap><Lap StartTime="2025-11-02T12:10:31Z">{lap(100, 160)}')

    assert only_activity(content).avg_heart_rate == 130


def test_a_cut_file_has_the_totals_of_the_points_that_are_left():
    content = read("same_run/garmin_connect.tcx")

    activity = only_activity(content[: len(content) // 4])

    assert activity.distance == pytest.approx(activity.points.distance[-1])
    assert (activity.distance or 0) < 2_500
    assert activity.elapsed_seconds == activity.points.time[-1] - activity.points.time[0]
    assert activity.remarks[0].startswith("The file is cut or broken in line")


@pytest.mark.parametrize("seconds", ["1e308", "1e20", "3600001"])
def test_a_total_that_no_activity_can_have_is_a_problem(seconds):
    lap = f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds><AverageHeartRateBpm><Value>150</Value></AverageHeartRateBpm>"
    content = of(f'{lap}</Lap><Lap StartTime="2025-11-02T12:10:31Z">{lap}')

    (problem,) = tcx.READER.parse(io.BytesIO(content), Answers(ZoneInfo("UTC")))

    assert isinstance(problem, Problem)
    assert problem.detail.startswith("moving_seconds: ")


def test_a_course_is_passed_over():
    found = tcx.read(
        b"<TrainingCenterDatabase><Courses><Course><Lap/><Track><Trackpoint/></Track></Course></Courses>"
        b"</TrainingCenterDatabase>"
    )

    assert (found.skipped, found.activities, found.problems) == (["A course, not an activity."], [], [])


def test_an_activity_without_any_time_is_a_problem():
    assert tcx.read(of("", start="")).problems == ["An activity without a start."]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_damage_raises_nothing_and_a_cut_is_said(sample):
    for copy, is_cut in damaged(read(f"tcx/{sample.name}")):
        try:
            found = tcx.read(copy)
        except UnreadableFile:
            continue
        remarks = [remark for activity in found.activities for remark in activity.remarks]
        assert not is_cut or any("cut or broken" in one for one in found.problems + remarks)
