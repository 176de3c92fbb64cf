"""Garmin's exports: the whole account, and the list of Garmin Connect."""

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import garmin_list
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, Problem, Skipped
from tests.archives import files_of, packed
from tests.readers.cuts import damaged
from tests.readers.fit import writer
from tests.readers.records import run_of, workout_of
from tests.samples import ACTIVITIES

ACCOUNT = (ACTIVITIES / "same_run" / "garmin_account_export.zip").read_bytes()
LIST = (ACTIVITIES / "same_run" / "garmin_activities.csv").read_bytes()
START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
PARENT = "An activity of several sports, of which each is read by itself."


def records(content, **answers):
    stream = io.BytesIO(content)
    reader = recognise(stream)
    assert reader.source == "Garmin"
    return list(reader.parse(stream, Answers(CHICAGO, **answers)))


def export(*summaries, files=None):
    listed = json.dumps([{"summarizedActivitiesExport": [*summaries]}]).encode()
    parts = packed(files or {})
    return packed({"DI_CONNECT/a/ada_0_summarizedActivities.json": listed, "DI_CONNECT/b/Part1.zip": parts})


def summary(**values):
    return {
        "activityId": 20876543210, "name": "Chicago Running", "activityType": "running", "startTimeGmt": 1762085131000,
        "duration": 60_000.0, "elapsedDuration": 61_000.0, "distance": 18_000.0, "elevationGain": 2100.0, "avgHr": 143,
    } | values  # fmt: skip


def test_the_sample_is_one_run_of_the_file_with_name_and_id_of_the_list():
    parent, run, others = records(ACCOUNT)

    run = run_of(run)
    assert (run.id, run.name, run.datetime_utc) == ("garmin_20876543210", "Chicago Running", START)
    assert (run.type, run.duration, run.elapsed, run.ascent) == ("Outdoor Run", 2712, 2790, 21)
    assert run.distance == pytest.approx(5, abs=0.001)
    assert run.points and run.original
    assert run.keys == (
        f"file:{run.original.sha256}", "garmin:20876543210", "device:3900000002:20251102T120531Z",
    )  # fmt: skip
    assert (parent, others) == (
        Skipped(0, None, PARENT),
        Skipped(0, None, "6 FIT files of no activity, such as those of the steps of a day."),
    )


def test_an_activity_of_the_list_alone_has_its_units():
    (run,) = records(export(summary(deviceId=3900000002, startTimeLocal=1762063531000)))

    run = run_of(run)
    assert (run.distance, run.duration, run.elapsed) == (pytest.approx(0.111847, abs=1e-6), 60, 61)
    assert (run.ascent, run.avg_heart_rate, run.points) == (21, 143, None)
    assert run.keys == ("garmin:20876543210", "device:3900000002:20251102T120531Z")


def test_legs_of_several_sports_are_read_each_by_itself_beside_their_parent():
    legs = [summary(activityId=1 + leg, startTimeGmt=1762085131000 + 60_000 * leg, name=f"Leg {leg}") for leg in (0, 1)]
    legs[1]["activityType"] = "cycling"
    sessions = [writer.session(start=writer.START + 60 * leg, sport=sport) for leg, sport in ((0, 1), (1, 2))]
    file = writer.file(writer.activity(), writer.points(120), *sessions)

    parent, run, ride = records(export(summary(activityType="multi_sport"), *legs, files={"a.fit": file}))

    assert parent == Skipped(0, None, PARENT)
    assert (run_of(run).id, run_of(run).name) == ("garmin_1", "Leg 0")
    assert isinstance(ride, OtherSport)
    assert (ride.id, workout_of(ride.workout).title) == ("garmin_2", "Leg 1")


def test_a_file_that_the_list_does_not_name_is_read_and_one_that_comes_twice_is_one():
    watch = (ACTIVITIES / "same_run" / "watch.fit").read_bytes()

    run, again = records(export(files={"a.fit": watch, "b.fit": watch}))

    assert run_of(run).id == "garmin_3900000002_20251102T120531Z"
    assert again == Skipped(2, None, "The same activity as number 1.")


def test_what_cannot_be_read_hides_nothing_else():
    broken = summary(activityId=None)
    content = export(broken, summary(), files={"a.fit": b"\x0e\x20\0\0\xff\0\0\0.FIT"})

    problem, of_file, run = records(content)

    assert (isinstance(problem, Problem), isinstance(of_file, Problem)) == (True, True)
    assert problem.detail == "“DI_CONNECT/a/ada_0_summarizedActivities.json”: an activity without a start or an id."
    assert of_file.detail.startswith("“DI_CONNECT/b/Part1.zip/a.fit”: ")
    assert run_of(run).name == "Chicago Running"


def test_damage_to_the_list_raises_nothing_but_is_said():
    name, listed = next((name, data) for name, data in files_of(ACCOUNT).items() if b"summarized" in data)
    for copy, is_cut in damaged(listed):
        if b'"summarizedActivitiesExport"' in copy[:512]:
            found = records(packed(files_of(ACCOUNT) | {name: copy}))
            assert not is_cut or any(isinstance(one, Problem) for one in found)


def test_the_list_of_garmin_connect_asks_for_unit_and_zone():
    reader = recognise(io.BytesIO(LIST))
    (question,) = reader.questions(io.BytesIO(LIST))

    assert (reader.zone, question.field, question.choices) == ("times", "distance_unit", ("km", "mi"))
    assert question.examples == ("Chicago Running: 5.00 km or 5.00 mi", "Pool Swim: 1650 m or 1650 yd")


def test_the_list_of_garmin_connect_is_read_in_the_unit_that_was_answered():
    run, lifting, swim = records(LIST, distance_unit="mi")

    run = run_of(run)
    assert (run.datetime_utc, run.name, run.duration, run.elapsed) == (START, "Chicago Running", 2712, 2790)
    assert (run.distance, run.avg_heart_rate, run.max_heart_rate) == (pytest.approx(5, abs=1e-4), 143, 158)
    assert (run.avg_cadence, run.calories, run.ascent) == (82, 588, pytest.approx(21.03, abs=0.01))
    assert workout_of(lifting.workout).workout_type == "STRENGTH"
    session = workout_of(swim.workout).cardio_session
    assert session and session.distance_miles == pytest.approx(1650 * 0.9144 / 1609.344, abs=1e-4)
    assert (session.sport, session.avg_heart_rate) == ("Swim", None)


def test_a_distance_without_a_unit_is_a_problem_and_never_a_guess():
    run, lifting, swim = records(LIST)

    assert (isinstance(run, Problem), isinstance(lifting, OtherSport), isinstance(swim, Problem)) == (True,) * 3
    assert garmin_list.questions(io.BytesIO(LIST))


def test_a_spreadsheet_may_have_saved_the_list_with_decimal_commas():
    rows = list(csv.reader(io.StringIO(LIST.decode("utf-8-sig"))))
    saved = io.StringIO()
    csv.writer(saved, delimiter=";").writerows([[cell.replace(".", ",") for cell in row] for row in rows])

    assert records(saved.getvalue().encode(), distance_unit="mi") == records(LIST, distance_unit="mi")


@pytest.mark.parametrize(("written", "miles"), [("1,650", 1650), ("12,5", 12.5), ("0,125", 0.125), ("5,25", 5.25)])
def test_three_digits_behind_a_comma_are_thousands_as_in_swims(written, miles):
    run, *_ = records(LIST.replace(b'"5.00"', f'"{written}"'.encode()), distance_unit="mi")

    assert isinstance(run, Problem) if miles > 1000 else run_of(run).distance == pytest.approx(miles, abs=1e-4)
