"""Instants at the turn of the first and the last year of records, which are in another year in UTC."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Problem
from tests.samples import ACTIVITIES, DATA

EAST, WEST = ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12")
FILES = {
    "Hevy": (DATA / "hevy_export.csv", "29 Oct 2025, 17:31", "1 Jan 1900, 00:30", "31 Dec 2199, 23:30"),
    "MapMyFitness": (DATA / "mapmyfitness.csv", "May 6, 2025", "Jan. 1, 1900", "Dec. 31, 2199"),
    "Garmin": (
        ACTIVITIES / "same_run/garmin_activities.csv", "2025-11-02 06:05:31", "1900-01-01 00:30:00",
        "2199-12-31 23:30:00",
    ),
    "Runkeeper": (
        ACTIVITIES / "runkeeper/cardioActivities.csv", "2025-11-02 06:05:31", "1900-01-01 00:30:00",
        "2199-12-31 23:30:00",
    ),
    "Strong": (
        ACTIVITIES / "strong/strong_ios_comma.csv", "2025-10-29 17:31:48", "1900-01-01 00:30:00",
        "2199-12-31 23:30:00",
    ),
    "StrongLifts": (ACTIVITIES / "stronglifts/stronglifts.csv", "2025/10/29", "0001/01/01", "9999/12/31"),
    "FitNotes": (ACTIVITIES / "fitnotes/fitnotes_android.csv", "2025-10-29", "1900-01-01", "2199-12-31"),
}  # fmt: skip
"""A file of each app, a start in it, and starts in the first and in the last year."""


@pytest.mark.parametrize("app", FILES)
@pytest.mark.parametrize("zone", [EAST, WEST], ids=str)
def test_a_row_of_a_year_that_no_record_can_be_of_is_a_problem_and_the_others_are_read(app, zone):
    file, written, *turns = FILES[app]
    content = file.read_bytes().decode("utf-8-sig")
    assert written in content
    answers = Answers(zone, "kg", distance_unit="km")
    reader = recognise(io.BytesIO(content.encode()))
    for turn in turns:
        records = list(reader.parse(io.BytesIO(content.replace(written, turn).encode()), answers))

        parsed = [record.workout if isinstance(record, OtherSport) else record for record in records]
        for one in parsed:
            if isinstance(one, ParsedRun):
                assert_can_be(one.datetime_utc)
            elif isinstance(one, ParsedWorkout):
                assert_can_be(one.start_ts)
                assert_can_be(one.end_ts or one.start_ts)
        if app == "StrongLifts":
            assert [type(one) for one in parsed] == [Problem] * len(parsed)


def assert_can_be(instant):
    assert datetime(1900, 1, 1, tzinfo=UTC) <= instant < datetime(2200, 1, 1, tzinfo=UTC)
