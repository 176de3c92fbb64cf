"""Dates, distances and kinds in the cells of Strava's exports."""

import pytest

from fitness.readers.records import OtherSport, Problem, Skipped
from tests.readers.records import problem_of, run_of, skipped_of
from tests.readers.strava.tables import LOOP, PLAIN, read, read_row, table


@pytest.mark.parametrize(
    "written",
    [
        "Nov 2, 2025, 12:05:31 PM", "Nov 2, 2025, 12:05:31\u202fPM", "Nov 2, 2025, 12:05:31\xa0pm",
        "2 Nov 2025, 12:05:31", "02.11.2025, 12:05:31", "2025-11-02 12:05:31", "November 2, 2025, 12:05:31 p.m.",
        "2. Nov. 2025, 12:05:31", " 2 Nov 2025 12:05:31 ",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_date_is_utc(written):
    assert run_of(read_row({1: written})).datetime_utc == LOOP.datetime_utc


@pytest.mark.parametrize(
    ("written", "hour"), [("12:00:00 AM", 0), ("1:00:00 AM", 1), ("12:00:00 PM", 12), ("11:00:00 PM", 23)]
)
def test_noon_and_midnight_are_told_apart(written, hour):
    assert run_of(read_row({1: f"Nov 2, 2025, {written}"})).datetime_utc.hour == hour


@pytest.mark.parametrize(
    "written",
    ["", "Nov 2, 2025", "Smarch 2, 2025, 12:05:31 PM", "Nov 31, 2025, 12:05:31 PM", "Nov 2, 2025, 13:05:31 PM",
     "Nov 2, 2025, 0:05:31 AM", "2 Nov 2025, 24:00:00", "Nov 2, 1899, 12:05:31 PM", "11/02/2025, 12:05:31",
     "2025-13-02 12:05:31", "٢ Nov 2025, 12:05:31"],
)  # fmt: skip
def test_an_unreadable_date_is_a_problem(written):
    problem = problem_of(read_row({1: written}))

    assert problem == Problem(2, "strava_7001", problem.detail)
    assert problem.detail.startswith(f"Activity Date: “{written}” is not a date like")


@pytest.mark.parametrize(
    ("shown", "metres"),
    [("8.04", 8040), ("8,04", 8040), ("5", 5000), ("9.60", 9600), ("1,234.5", 1_234_500), ("1.234,5", 1_234_500)],
)
def test_the_distance_as_shown_is_the_last_resort(shown, metres):
    assert run_of(read_row({6: shown, 17: ""})).distance == pytest.approx(metres / 1609.344)
    assert run_of(read_row({6: shown})).distance == LOOP.distance


def test_the_moving_time_counts_and_the_elapsed_ones_where_nothing_moved():
    assert run_of(read_row({16: ""})).duration == 2790
    assert run_of(read_row({16: "0.0"})).duration == 2790
    assert run_of(read_row({16: "", 15: "", 5: "77"})).duration == 77
    assert run_of(read_row({16: "0", 15: "", 5: ""})).duration == 0


@pytest.mark.parametrize(
    ("kind", "type_"), [("Run", "Outdoor Run"), ("Trail Run", "Outdoor Run"), ("Virtual Run", "Treadmill Run"),
                        ("run", "Outdoor Run"), ("TrailRun", "Outdoor Run")]
)  # fmt: skip
def test_every_kind_of_run_in_an_export_has_its_type(kind, type_):
    assert run_of(read_row({3: kind})).type == type_


@pytest.mark.parametrize(
    "kind", ["Ride", "Virtual Ride", "Weight Training", "Nordic Ski", "Workout", "Crossfit", "Row"]
)
def test_other_sports_are_skipped_whatever_their_numbers_are(kind):
    other = read_row({3: kind, 1: "?", 17: "?"})

    assert isinstance(other, OtherSport)
    assert problem_of(other.workout).id == "strava_7001"
    assert skipped_of(other) == Skipped(2, "strava_7001", f"Not a run: “{kind}”.")


def test_a_new_kind_of_run_is_a_problem_and_not_passed_over():
    assert "“Night Run” is unknown" in problem_of(read_row({3: "Night Run"})).detail


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ({0: ""}, "Activity ID: “” is not a number."),
        ({0: "abc"}, "Activity ID: "),
        ({0: "0"}, "Activity ID: "),
        ({3: " "}, "Activity Type: empty."),
        ({17: "-1"}, "Distance: “-1” is not"),
        ({17: "nan"}, "Distance: "),
        ({17: "1609345"}, "Distance: "),
        ({17: "", 6: ""}, "Distance: “” is not a number from 0 to"),
        ({17: "", 6: "far"}, "Distance: "),
        ({16: "-1"}, "Moving Time: "),
        ({16: "3600001"}, "Moving Time: "),
        ({16: "", 15: "", 5: ""}, "Elapsed Time: "),
        ({31: "fast"}, "Average Heart Rate: "),
        ({4: "x" * 10_001}, "Activity Description: longer than"),
    ],
)
def test_an_absurd_cell_is_a_problem_that_names_its_column(places, says):
    problem = problem_of(read_row(places))

    assert problem.detail.startswith(says)
    assert problem.id == (None if 0 in places else "strava_7001")


@pytest.mark.parametrize(
    ("written", "rate"),
    [("", None), ("0", None), ("0.0", None), ("19", None), ("301", None), ("117.04443", 117.0)],
)
def test_a_heart_rate_in_an_export_is_as_in_the_api(written, rate):
    assert run_of(read_row({31: written})).avg_heart_rate == rate


def test_an_activity_that_comes_twice_is_skipped_the_second_time():
    first, second = read(table(PLAIN, PLAIN))

    assert first == LOOP
    assert second == Skipped(3, "strava_7001", "The same activity as row 2.")


def test_a_row_with_missing_cells_is_a_problem_and_the_next_is_read():
    short, whole = read(table(PLAIN[:50], PLAIN))

    assert problem_of(short).id is None
    assert whole == LOOP._replace(row=3)
