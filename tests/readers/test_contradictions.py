"""What a file says twice is compared: what can be true is taken, and a remark says so, or the row is named."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import mapmyfitness, strava_export
from fitness.readers.reader import Answers
from fitness.readers.records import ParsedRun, Problem
from tests.samples import DATA

HEADING = next(csv.reader((DATA / "strava_export_activities.csv").read_text().splitlines()))
RUN = {
    0: "7001", 1: "Nov 2, 2025, 12:05:31 PM", 3: "Run", 5: "2700", 6: "8.04", 15: "2700.0", 16: "2600.0", 17: "8046.7",
    30: "170", 31: "150",
}  # fmt: skip
MMF = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Avg Pace (min/mi),Avg Speed (mi/h),Link"


def of_strava(**cells):
    places = RUN | {int(place[1:]): cell for place, cell in cells.items()}
    content = io.StringIO()
    csv.writer(content).writerows([HEADING, [places.get(place, "") for place in range(len(HEADING))]])
    (record,) = strava_export.parse_export(io.BytesIO(content.getvalue().encode()))
    return record


def of_mapmyfitness(distance, seconds, pace="", speed="", heading=MMF):
    line = f'"May 6, 2025",Run,{distance},{seconds},{pace},{speed},http://www.mapmyfitness.com/workout/1\n'
    (record,) = mapmyfitness.parse(io.BytesIO(f"{heading}\n{line}".encode()), Answers(ZoneInfo("UTC")))
    return record


@pytest.mark.parametrize(
    ("cells", "miles", "seconds", "remark"),
    [
        ({}, 5.0, 2600, None),
        ({"_6": "8046.7", "_17": "8.04"}, 5.0, 2600, "The two Distance columns stand in each other's place."),
        ({"_6": "", "_17": "8.0467"}, 5.0, 2600, "cannot be, km can"),
        ({"_6": "50.1"}, 5.0, 2600, "contradict each other; the time fits 8,046.7 metres."),
        ({"_17": "80.4"}, 4.996, 2600, "contradict each other; the time fits 8,040 metres."),
        ({"_6": "5.00"}, 5.0, 2600, None),  # miles
        ({"_16": "86400"}, 5.0, 2700, "86400 of 2700 elapsed seconds cannot be"),
        ({"_5": "2790", "_15": "2600", "_16": "2790"}, 5.0, 2600, "the elapsed ones were taken"),
        ({"_15": "", "_5": "", "_16": "2600"}, 5.0, 2600, None),
    ],
)
def test_of_strava_the_sane_distance_and_time_are_taken(cells, miles, seconds, remark):
    run = of_strava(**cells)

    assert isinstance(run, ParsedRun), run
    assert (run.distance, run.duration) == (pytest.approx(miles, abs=0.001), seconds)
    assert run.remark is None if remark is None else remark in (run.remark or "")


def test_a_distance_of_strava_that_fits_no_time_is_a_problem_of_its_row():
    problem = of_strava(_6="900", _17="5", _5="60", _15="60", _16="60")

    assert isinstance(problem, Problem)
    assert (problem.row, problem.id) == (2, "strava_7001")
    assert problem.detail == (
        "Distance: 5 metres and 900 km contradict each other, and neither fits the time of 60 seconds."
    )


def test_of_strava_the_lower_heart_rate_is_the_average():
    run = of_strava(_30="150", _31="170")

    assert isinstance(run, ParsedRun)
    assert (run.avg_heart_rate, run.remark) == (150, "Average and Max Heart Rate stand in each other's place.")


@pytest.mark.parametrize(
    ("cells", "miles", "seconds", "remarked"),
    [
        (("3.1", "1500", "8.0645", "7.44"), 3.1, 1500, False),
        (("3.1", "1500", "8.0645", ""), 3.1, 1500, False),
        (("3.1", "1500", "0", "0"), 3.1, 1500, False),
        (("3.1", "1500", "99", "7.44"), 3.1, 1500, False),  # two of three
        (("1500", "3.1", "8.0645", "7.44"), 3.1, 1500, True),
        (("0", "1500", "8.0645", "7.44"), 0, 1500, False),
    ],
)
def test_of_mapmyfitness_pace_and_speed_tell_distance_and_time_apart(cells, miles, seconds, remarked):
    run = of_mapmyfitness(*cells)

    assert isinstance(run, ParsedRun), run
    assert (run.distance, run.duration, run.remark is not None) == (miles, seconds, remarked)


@pytest.mark.parametrize("cells", [("3.1", "15000", "8.0645", "7.44"), ("4.99", "1500", "8.0645", "7.44")])
def test_a_row_of_mapmyfitness_that_contradicts_itself_is_named(cells):
    problem = of_mapmyfitness(*cells)

    assert isinstance(problem, Problem)
    assert (problem.row, problem.id) == (2, "mmf_1")
    assert problem.detail == (
        f"Distance and Workout Time: {cells[0]} mi in {cells[1]} seconds contradict the pace and speed beside them,"
        " 8.065 minutes a mile."
    )


def test_each_unit_is_that_of_its_own_heading():
    heading = MMF.replace("Distance (mi)", "Distance (km)").replace("(mi/h)", "(km/h)")

    run = of_mapmyfitness("4.98896640", "1500", "8.0645", "11.97", heading=heading)

    assert isinstance(run, ParsedRun), run
    assert run.distance == pytest.approx(3.1)
