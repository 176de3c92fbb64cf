"""Days, links, numbers and notes in the cells of MapMyFitness's export."""

import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.readers.records import Skipped
from tests.readers.mapmyfitness.tables import CHICAGO, HEADING, PLAIN, read, table
from tests.readers.records import problem_of, run_of, skipped_of


def read_row(**cells):
    """Parse one plain run with some cells changed, named without blanks and units: WorkoutDate, Distance, Notes."""
    by_short_name = {name.split(" (")[0].replace(" ", ""): name for name in HEADING}
    (record,) = read(table(PLAIN | {by_short_name[short]: value for short, value in cells.items()}))
    return record


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Jan. 8, 2021", date(2021, 1, 8)),
        ("Feb. 29, 2024", date(2024, 2, 29)),
        ("March 9, 2025", date(2025, 3, 9)),
        ("April 30, 2021", date(2021, 4, 30)),
        ("May 6, 2025", date(2025, 5, 6)),
        ("June 11, 2022", date(2022, 6, 11)),
        ("July 4, 2024", date(2024, 7, 4)),
        ("Aug. 19, 2019", date(2019, 8, 19)),
        ("Sept. 24, 2024", date(2024, 9, 24)),
        ("Oct. 18, 2025", date(2025, 10, 18)),
        ("Nov. 1, 2025", date(2025, 11, 1)),
        ("Dec. 31, 2023", date(2023, 12, 31)),
        ("September 24, 2024", date(2024, 9, 24)),
        ("december 1, 1900", date(1900, 12, 1)),
        ("Sep 24, 2199", date(2199, 9, 24)),
        ("6-Jun-17", date(2017, 6, 6)),
        ("06-Jun-2017", date(2017, 6, 6)),
        ("24-Sept-24", date(2024, 9, 24)),
        ("31-Dec-99", date(1999, 12, 31)),
        ("2024-09-24", date(2024, 9, 24)),
        ("  May 6, 2025 ", date(2025, 5, 6)),
    ],
)
def test_every_way_of_writing_a_day_is_read(written, day):
    run = run_of(read_row(WorkoutDate=written))

    assert run.datetime_utc.astimezone(CHICAGO) == datetime(day.year, day.month, day.day, 12, tzinfo=CHICAGO)
    assert run.datetime_utc.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["", "Feb. 29, 2025", "Smarch 1, 2025", "May 6", "5/6/2025", "Dec. 31, 1899", "Jan. 1, 2200", "May 0, 2025",
     "May 32, 2025", "2025-13-01", "0000-01-01", "yesterday", "٢٠٢٥-01-01"],
)  # fmt: skip
def test_an_unreadable_day_is_a_problem(written):
    problem = problem_of(read_row(WorkoutDate=written))

    assert (problem.row, problem.id) == (2, "mmf_8700100201")
    assert problem.detail.startswith(f"Workout Date: “{written}” is not a day")


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 12), ("America/Chicago", 18), ("Asia/Kolkata", 6)])
def test_the_instant_is_noon_in_the_given_zone(zone, hour):
    (run,) = read(table(PLAIN | {"Workout Date": "Jan. 8, 2021"}), ZoneInfo(zone))

    assert run_of(run).datetime_utc.replace(minute=0) == datetime(2021, 1, 8, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "link",
    [
        "http://www.mapmyfitness.com/workout/8700100201",
        "https://www.mapmyfitness.com/workout/8700100201",
        "http://www.mapmyrun.com/workout/8700100201",
        "https://mapmyride.com/workout/8700100201/",
        "HTTP://WWW.MAPMYRUN.COM/workout/8700100201?utm=x",
        "https://www.mapmywalk.com/workout/8700100201/?a=b#c",
        "www.mapmyhike.com/workout/8700100201",
        " http://www.mapmyfitness.com/workout/8700100201 ",
    ],
)
def test_the_workout_number_is_found_in_any_link(link):
    assert run_of(read_row(Link=link)).id == "mmf_8700100201"


@pytest.mark.parametrize(
    "link",
    ["", "8700100201", "http://www.mapmyfitness.com/", "http://www.mapmyfitness.com/workout/",
     "http://www.mapmyfitness.com/workout/abc", "http://www.mapmyfitness.com/workout/12x",
     "http://www.mapmyfitness.com/workout/" + "1" * 21, "http://x/?next=/workout/12", "http://x/workout/١٢"],
)  # fmt: skip
def test_a_link_without_a_workout_number_is_a_problem_without_an_id(link):
    problem = problem_of(read_row(Link=link))

    assert problem.id is None
    assert problem.detail.startswith("Link: ")


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("Run", "Outdoor Run"),
        ("run", "Outdoor Run"),
        ("Trail Run", "Outdoor Run"),
        ("Track Running", "Outdoor Run"),
        ("Run / Jog", "Outdoor Run"),
        ("Indoor Run / Jog", "Treadmill Run"),
        ("Treadmill Run", "Treadmill Run"),
        ("Treadmill", "Treadmill Run"),
    ],
)
def test_every_kind_of_run_goes_in(kind, type_):
    assert run_of(read_row(ActivityType=kind)).type == type_


@pytest.mark.parametrize(
    "kind",
    ["Walk", "Hike", "Bike Ride", "Indoor Bike Ride", "Swim", "Weight Workout", "Machine Workout", "Generic",
     "Sport / Other Activity", "Winter Sport / Activity", "Crunches", "Treadmill Walk", "Ski Run", "Bike / Run"],
)  # fmt: skip
def test_any_other_activity_is_skipped_whatever_its_numbers_are(kind):
    skipped = skipped_of(read_row(ActivityType=kind, Distance="", WorkoutDate="?"))

    assert skipped == Skipped(2, "mmf_8700100201", f"Not a run: “{kind}”.")


def test_a_row_without_an_activity_type_is_a_problem():
    assert problem_of(read_row(ActivityType=" ")).detail == "Activity Type: empty."


@pytest.mark.parametrize(
    ("written", "rate"), [("", None), ("0", None), ("0.0", None), (" ", None), ("20", 20.0), ("300", 300.0)]
)
def test_a_heart_rate_is_read_and_empty_or_zero_means_none(written, rate):
    assert run_of(read_row(AvgHeartRate=written)).avg_heart_rate == rate


ABSURD = ["-1", "nan", "inf", "-inf", "1e999", "abc", "1_0", "1,5", "0x10"]


@pytest.mark.parametrize("written", [*ABSURD, "", "1000.01"])
def test_an_absurd_distance_is_a_problem(written):
    assert (
        problem_of(read_row(Distance=written)).detail == f"Distance: “{written}” is not a number from 0 to 1,000 miles."
    )


@pytest.mark.parametrize("written", [*ABSURD, "", "3600001"])
def test_an_absurd_duration_is_a_problem(written):
    assert (
        problem_of(read_row(WorkoutTime=written)).detail
        == f"Workout Time: “{written}” is not a number from 0 to 3,600,000 seconds."
    )


@pytest.mark.parametrize("written", [*ABSURD, "19.9", "1", "301"])
def test_an_absurd_heart_rate_is_a_problem(written):
    assert problem_of(read_row(AvgHeartRate=written)).detail.startswith(f"Avg Heart Rate: “{written}” is ")


def test_the_largest_and_the_smallest_numbers_go_in():
    largest = run_of(read_row(Distance="1000", WorkoutTime="3600000"))
    smallest = run_of(read_row(Distance="-0.0", WorkoutTime="0"))

    assert (largest.distance, largest.duration) == (1000, 3_600_000)
    assert (math.copysign(1, smallest.distance), smallest.duration) == (1, 0)


@pytest.mark.parametrize("unit", ["km", "KM", "kilometers", "kilometres"])
def test_kilometres_are_converted_and_their_limit_is_the_same(unit):
    heading = [name.replace("(mi)", f"({unit})") for name in HEADING]

    marathon, farthest, beyond = read(
        table(
            PLAIN | {f"Distance ({unit})": "42.195"},
            PLAIN | {f"Distance ({unit})": "1609.344", "Link": "/workout/2"},
            PLAIN | {f"Distance ({unit})": "1609.35", "Link": "/workout/3"},
            heading=heading,
        )
    )

    assert run_of(marathon).distance == pytest.approx(26.218758, abs=1e-6)
    assert run_of(farthest).distance == 1000
    assert problem_of(beyond).detail == "Distance: “1609.35” is not a number from 0 to 1,609.344 km."


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("", None),
        ("  ", None),
        (" easy \n", "easy"),
        ("two\nlines", "two\nlines"),
        ("café 🏃", "café 🏃"),
        ("b''", None),
        ('b""', None),
        ("b'Fail :('", "Fail :("),
        (r"b'didn\'t push'", "didn't push"),
        ('b"didn\'t push"', "didn't push"),
        (r"b'a\nb\tc\r\\n'", "a\nb\tc\r\\n"),
        (r"b'caf\xc3\xa9 \xf0\x9f\x8f\x83'", "café 🏃"),
        (r"b'caf\xe9'", "caf\ufffd"),
        ("b'", "b'"),
        ("b'never closed", "b'never closed"),
        ("b'it's'", "b'it's'"),
        (r"b'\d'", r"b'\d'"),
        (r"b'\xc'", r"b'\xc'"),
        ("b'a' + b'b'", "b'a' + b'b'"),
        ("b'café'", "b'café'"),
        ("bib 12", "bib 12"),
    ],
)
def test_a_note_is_unwrapped_when_it_is_a_bytes_literal_and_else_left_as_it_is(written, note):
    assert run_of(read_row(Notes=written)).notes == note


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_every_bytes_literal_unwraps_to_what_was_wrapped(text):
    expected = text.strip() or None

    assert run_of(read_row(Notes=repr(text.encode()))).notes == expected


@pytest.mark.parametrize(
    ("notes", "name"),
    [
        ("Shoes: Brooks Ghost 16", "Brooks Ghost 16"),
        ("Shoes:Brooks", "Brooks"),
        ("shoes :  Mizuno \t Wave 24  ", "Mizuno Wave 24"),
        ("Windy, felt slow. Shoes: Brooks Ghost 16", "Brooks Ghost 16"),
        ("Shoes: Saucony Ride 15\nPark loop", "Saucony Ride 15"),
        ("Park loop\r\nShoes: Saucony Ride 15\r\nagain", "Saucony Ride 15"),
        ("Shoes: Ghost, red, wide", "Ghost, red, wide"),
        (r"b'Shoes: Brooks Ghost 16\nfelt good'", "Brooks Ghost 16"),
        ("Shoes:\nGym pair", None),
        ("Shoes: \nShoes: Gym pair", "Gym pair"),
        ("Shoes: --", None),
        ("new shoes", None),
        ("Snowshoes: Tubbs", None),
        ("Shoes: " + "x" * 200, "x" * 200),
    ],
)
def test_shoes_are_read_from_the_note_and_the_note_stays_whole(notes, name):
    run = run_of(read_row(Notes=notes))

    assert run.shoe_name == name
    assert run.notes is not None and (run.notes == notes.strip() or notes.startswith("b'"))


def test_an_endless_shoe_name_is_a_problem():
    assert problem_of(read_row(Notes="Shoes: " + "x" * 201)).detail.startswith("Notes: the name after “Shoes:”")


def test_a_note_of_up_to_ten_thousand_characters_goes_in_and_a_longer_one_is_a_problem():
    assert len(run_of(read_row(Notes="x" * 10_000)).notes or "") == 10_000
    assert len(run_of(read_row(Notes=repr(("é" * 10_000).encode()))).notes or "") == 10_000
    assert problem_of(read_row(Notes="x" * 10_001)).detail == "Notes: longer than 10000 characters."


def test_long_cells_are_cut_in_messages():
    assert len(problem_of(read_row(Distance="9" * 5_000)).detail) < 200
    assert len(skipped_of(read_row(ActivityType="Yoga " * 1_000)).detail) < 200
