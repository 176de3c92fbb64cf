"""What is read of each sample of a FIT file."""

from datetime import UTC, datetime

import pytest

from fitness.readers import fit, fit_messages
from fitness.readers.records import Zone
from tests.samples import ACTIVITIES

SAMPLES = ACTIVITIES / "fit"
READ_UP_TO = "The file is cut at {} %: what was recorded before was read."
BAD_CHECKSUM = "The checksum is wrong: some values may be damaged."
NO_CLOCK = "The clock of the device was not set: the start counts from when it was switched on."


def contents(name):
    return fit.read((SAMPLES / name).read_bytes())


def only_activity(name):
    (activity,) = contents(name).activities
    return activity


@pytest.mark.parametrize(
    ("name", "sport", "sub_sport", "points", "metres", "seconds", "remarks"),
    [
        ("tiny_activity.fit", "running", None, 14, 5.73, 13.749, []),
        ("run_2013_header12.fit", "running", None, 590, 4835.38, 2625.14, []),
        ("run_fenix5_15s.fit", "running", None, 21, 157.56, 56.887, []),
        ("walk_fenix5.fit", "walking", None, 17, 67.85, 45.379, []),
        ("ride_edge820.fit", "cycling", "commuting", 15, 457.12, 64.524, []),
        ("wahoo_no_application_id.fit", "cycling", None, 132, 963.65, 132, []),
        ("null_component.fit", "cycling", "virtual_activity", 1808, 13400.14, 1808, []),
        ("indoor_ride_no_gps.fit", "cycling", None, 2263, 0, 2261.85, []),
        ("compressed_timestamps_and_distance.fit", "running", None, 755, 10248.67, 3772.75, [NO_CLOCK]),
        ("compressed_timestamps_no_distance.fit", "running", None, 686, None, 3426.898, [NO_CLOCK]),
        ("made_treadmill.fit", "running", "treadmill", 538, 6437.4, 2148, []),
        ("made_created_by_server.fit", "running", None, 60, 735.95, 236, []),
        ("made_local_time_garbage.fit", "running", None, 60, 735.95, 236, []),
        ("made_utc_local_swapped.fit", "running", None, 60, 735.95, 236, []),
        ("made_zero_records.fit", "running", None, 1, 0, 0, []),
        ("made_bad_crc.fit", "running", None, 120, 1405.99, 398, [BAD_CHECKSUM]),
        ("broken_crc.fit", "running", None, 14, 5.73, 13.749, [BAD_CHECKSUM]),
        ("broken_truncated.fit", "running", None, 14, 5.73, 13.749, [READ_UP_TO.format(99)]),
        ("broken_chained_second_cut.fit", "running", None, 14, 5.73, 13.749, []),
        (
            "broken_chained_second_header.fit", "running", None, 14, 5.73, 13.749,
            ["The last 83 of 854 bytes are no FIT file."],
        ),
        ("chained_activity_then_settings.fit", "running", None, 14, 5.73, 13.749, []),
        (
            "broken_undefined_local_message.fit", "running", None, 472, 11274.04, 3558,
            [
                "Byte 7,471 of 78,233 begins a message that is not defined. What stands before it was read.",
                READ_UP_TO.format(99),
                "1 points with a time far from those beside them were left out.",
                "The file says 11,274 metres, its points 928: the former were taken.",
            ],
        ),
        (
            "made_truncated.fit", "generic", None, 122, 1428.52, 484,
            [READ_UP_TO.format(59), "The recording has no end: its totals are from its 122 points."],
        ),
        (
            "made_no_session.fit", "generic", None, 200, 2388.48, 796,
            ["The recording has no end: its totals are from its 200 points."],
        ),
    ],
)  # fmt: skip
def test_a_sample_is_one_activity(name, sport, sub_sport, points, metres, seconds, remarks):
    activity = only_activity(name)

    assert (activity.sport, activity.sub_sport) == (sport, sub_sport)
    assert len(activity.points) == points
    assert activity.distance == metres
    assert activity.moving_seconds == pytest.approx(seconds)
    assert activity.remarks == remarks


def test_the_run_of_all_samples_is_read_whole():
    (activity,) = fit.read((ACTIVITIES / "same_run" / "watch.fit").read_bytes()).activities

    assert activity.start == datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
    assert activity.time_zone == Zone("-06:00", "file")
    assert (activity.distance, activity.moving_seconds, activity.elapsed_seconds) == (8046.7, 2712, 2790)
    assert (activity.avg_heart_rate, activity.max_heart_rate, activity.ascent) == (143, 158, 21)
    assert (activity.device, activity.serial) == ("Garmin 3113", "3900000002")
    assert [lap.distance for lap in activity.laps] == [1621.53, 1615.22, 1616.56, 1615.7, 1577.7]
    assert len(activity.pauses) == 1
    assert len(activity.points) == 679
    assert activity.points.lat[0] == pytest.approx(41.95, abs=1e-6)


def test_heights_and_heart_rates_without_positions_are_kept():
    points = only_activity("indoor_ride_no_gps.fit").points

    assert points.lat == []
    assert len([rate for rate in points.heart_rate if rate]) > 2_000


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("wahoo_no_application_id.fit", "+02:00"),
        ("walk_fenix5.fit", "-07:00"),
        ("made_utc_local_swapped.fit", "-10:00"),  # as it is written: nothing shows that it is wrong
        ("made_local_time_garbage.fit", None),
        ("compressed_timestamps_and_distance.fit", None),
        ("null_component.fit", None),
    ],
)
def test_the_offset_of_the_local_time_is_read_where_it_can_be(name, offset):
    assert only_activity(name).time_zone == (offset and Zone(offset, "file"))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("not_activity_settings.fit", "settings"),
        ("not_activity_weight.fit", "weights"),
        ("not_activity_workout_plan.fit", "a planned workout"),
        ("not_activity_monitoring.fit", "daily monitoring"),
    ],
)
def test_a_file_of_something_else_is_passed_over(name, what):
    found = contents(name)

    assert (found.activities, found.problems) == ([], [])
    assert found.skipped == [f"A FIT file of {what}, not of an activity."]


def test_settings_behind_an_activity_are_passed_over():
    assert contents("chained_activity_then_settings.fit").skipped == ["A FIT file of settings, not of an activity."]


def test_the_cut_second_file_of_two_is_a_problem_and_the_first_one_is_read():
    found = contents("broken_chained_second_cut.fit")

    assert len(found.activities) == 1
    assert found.problems == [READ_UP_TO.format(92)]


def test_two_activities_in_one_file_are_two():
    starts = [activity.start for activity in contents("made_chained_two_activities.fit").activities]

    assert starts == [datetime(2025, 11, day, 12, 5, 31, tzinfo=UTC) for day in (2, 3)]


def test_points_without_a_time_are_no_activity_and_a_problem():
    content = (SAMPLES / "developer_fields.fit").read_bytes()

    (part,) = fit_messages.parts_of(content)

    assert len(part.times) == 3
    assert fit.read(content).problems == ["No activity: the file has 3 points, none with a time, and no session."]


def test_sets_are_those_that_were_done_with_the_names_of_their_exercises():
    activity = only_activity("made_strength_sets.fit")

    assert [(one.exercise, one.reps, one.weight) for one in activity.sets] == [
        ("Barbell Bench Press", 10, 61.25),
        ("Barbell Bench Press", 8, 70.3125),
        ("Barbell Bench Press", 8, 70.3125),
        ("Barbell Back Squat", 5, 102.0625),
        ("Barbell Back Squat", 5, 102.0625),
        ("Barbell Back Squat", 5, 102.0625),
        ("Unknown", 12, None),
    ]
    assert {(one.weight_unit, one.seconds) for one in activity.sets} == {("kg", 40)}
    assert activity.remarks == ["The exercises are what the watch guessed."]
