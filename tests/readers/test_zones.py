"""The time zone in which an activity began, as each kind of file and provider says it; never guessed."""

import io
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fitness.providers.hevy.workouts import parse_workout
from fitness.providers.strava.activities import parse_activity
from fitness.readers import zones
from fitness.readers.any_csv import SOURCE as CSV
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Zone
from fitness.times import is_offset, offset_name
from tests.providers.strava.calls import RUN
from tests.readers.records import workout_of
from tests.readers.test_any_csv import asked
from tests.samples import ACTIVITIES, DATA

CHICAGO = Zone("America/Chicago", "answer")
OFFSET = Zone("-06:00", "file")


def zones_of(content: bytes, answers: Answers) -> list[Zone | None]:
    stream = io.BytesIO(content)
    reader = recognise(stream)
    if reader.source == CSV:
        answers = answers._replace(mapping=asked(content).mapping)
    stream.seek(0)
    return [found.time_zone for one in reader.parse(stream, answers) if (found := activity_of(one))]


def activity_of(record: object) -> ParsedRun | ParsedWorkout | None:
    found = record.workout if isinstance(record, OtherSport) else record
    return found if isinstance(found, ParsedRun | ParsedWorkout) else None


@pytest.mark.parametrize(
    ("path", "zone"),
    [
        (ACTIVITIES / "same_run" / "watch.fit", OFFSET),
        (ACTIVITIES / "fit" / "made_local_time_garbage.fit", None),
        (ACTIVITIES / "gpx" / "timezone_offsets.gpx", Zone("+01:15", "file")),
        (ACTIVITIES / "same_run" / "strava_17405838535.gpx", None),
        (ACTIVITIES / "same_run" / "garmin_connect.tcx", None),
        (ACTIVITIES / "same_run" / "strava_export.zip", OFFSET),
        (DATA / "strava_export_activities.csv", None),
        (ACTIVITIES / "same_run" / "garmin_account_export.zip", OFFSET),
        (ACTIVITIES / "same_run" / "apple_health_export.zip", Zone("America/Chicago", "file")),
        (ACTIVITIES / "same_run" / "health_auto_export.json", None),
        (ACTIVITIES / "polar" / "session.json", OFFSET),
        (ACTIVITIES / "google_fit" / "running.json", None),
        (ACTIVITIES / "same_run" / "garmin_activities.csv", CHICAGO),
        (ACTIVITIES / "runkeeper" / "cardioActivities.csv", CHICAGO),
        (ACTIVITIES / "any_csv" / "my_sheet_de.csv", CHICAGO),
        (ACTIVITIES / "strong" / "strong_ios_comma.csv", CHICAGO),
        (ACTIVITIES / "stronglifts" / "stronglifts.csv", CHICAGO),
        (ACTIVITIES / "fitnotes" / "fitnotes_android.csv", CHICAGO),
        (ACTIVITIES / "fitbod" / "fitbod.csv", None),
        (DATA / "hevy_export.csv", CHICAGO),
        (DATA / "mapmyfitness.csv", CHICAGO),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_each_kind_of_file_says_the_zone_that_it_knows(path, zone):
    answers = Answers(ZoneInfo("America/Chicago"), "kg", "mi", zone_source="answer")

    assert zones_of(path.read_bytes(), answers)[0] == zone


@pytest.mark.parametrize("source", ["account", None])
def test_a_zone_that_nobody_said_of_the_file_is_that_of_the_profile_or_none(source):
    answers = Answers(ZoneInfo("Asia/Tokyo"), "kg", "mi", zone_source=source)
    runs = (ACTIVITIES / "runkeeper" / "cardioActivities.csv").read_bytes()

    assert {*zones_of(runs, answers)} == {source and Zone("Asia/Tokyo", source)}


def test_an_offset_beside_a_time_counts_more_than_what_was_said():
    sheet = b"Date,Distance (km),Time\n2025-11-02T06:05:31-06:00,8,45:12\n2025-11-03T06:05:31Z,8,45:12\n"

    assert zones_of(sheet, Answers(ZoneInfo("Asia/Tokyo"), zone_source="answer")) == [OFFSET, None]


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ({}, Zone("America/Chicago", "provider")),
        ({"timezone": "(GMT+05:30) Asia/Kolkata"}, Zone("Asia/Kolkata", "provider")),
        ({"timezone": "(GMT+05:30) Mars/Olympus", "utc_offset": 19_800.0}, Zone("+05:30", "provider")),
        ({"timezone": None, "utc_offset": -12_600}, Zone("-03:30", "provider")),
        ({"timezone": None, "utc_offset": None}, None),
        ({"timezone": 7, "utc_offset": 1e18}, None),
        ({"timezone": "localtime", "utc_offset": 86_400}, None),
    ],
)
def test_strava_names_the_zone_or_else_an_offset(said, zone):
    for sport in ("Run", "Ride"):
        found = activity_of(parse_activity({**RUN, "sport_type": sport, "type": sport, **said}, 1))

        assert found and found.time_zone == zone


def test_hevy_names_no_zone():
    page = json.loads((DATA / "hevy_workouts_page1.json").read_text())

    assert {workout_of(parse_workout(one, 1)).time_zone for one in page["workouts"]} == {None}


def test_what_no_zone_has_is_none():
    years = timedelta(days=27 * 365)

    assert [zones.of_offset(one) for one in (None, years, -years, timedelta(hours=14, minutes=1))] == [None] * 4
    assert [zones.of_name(one) for one in (None, "", "localtime", "Mars/Olympus", "america/chicago")] == [None] * 5
    assert offset_name(timedelta(seconds=1)) is None


def test_offsets_are_written_in_one_way():
    written = [offset_name(timedelta(minutes=minutes)) for minutes in (0, 330, -210, 840, -840)]

    assert written == ["+00:00", "+05:30", "-03:30", "+14:00", "-14:00"]
    assert all(one and is_offset(one) for one in written)
    assert not any(map(is_offset, ("", "5:30", "+5:30", "+14:01", "+05:60", "Z", "+05:30:00", "٠5:30")))
