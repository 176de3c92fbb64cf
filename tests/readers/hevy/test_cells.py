"""Times, zones and sets in the cells of Hevy's exports."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers.records import Problem
from tests.providers.hevy.records import set_of
from tests.readers.hevy.tables import CHICAGO, HEADING, PLAIN, read, read_row, table
from tests.readers.records import problem_of, workout_of


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("29 Oct 2025, 17:31", "2025-10-29T17:31"),
        ("3 May 2025, 06:05", "2025-05-03T06:05"),
        ("Oct 29, 2025, 5:31 PM", "2025-10-29T17:31"),
        ("Oct 29, 2025, 5:31\u202fPM", "2025-10-29T17:31"),
        ("Oct 9, 2025, 12:05 AM", "2025-10-09T00:05"),
        ("Oct 9, 2025, 12:05 pm", "2025-10-09T12:05"),
        ("29.10.2025, 17:31", "2025-10-29T17:31"),
        ("3.9.2025, 07:30", "2025-09-03T07:30"),
        ("3 Sept. 2025, 07:30", "2025-09-03T07:30"),
        ("16 Juni 2025, 18:00", "2025-06-16T18:00"),
        ("1 März 2025, 18:00", "2025-03-01T18:00"),
        ("24 Dez. 2025, 18:00", "2025-12-24T18:00"),
        ("19 ago 2025, 14:20", "2025-08-19T14:20"),
        ("19 ene 2025, 14:20", "2025-01-19T14:20"),
        ("5 9월 2025, 06:10", "2025-09-05T06:10"),
        ("15 12월 2025, 06:10", "2025-12-15T06:10"),
        ("2025-10-29 17:31:00", "2025-10-29T17:31"),
        ("2025-10-29 17:31", "2025-10-29T17:31"),
        ("2025-10-29T17:31:59", "2025-10-29T17:31"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_time_is_read_in_the_zone_of_the_person(written, local):
    for zone in (CHICAGO, ZoneInfo("Asia/Seoul"), ZoneInfo("UTC")):
        found = workout_of(read_row(zone, start_time=written, end_time=""))

        assert found.start_ts == datetime.fromisoformat(local).replace(tzinfo=zone)
        assert (found.start_ts.tzinfo, found.end_ts) == (UTC, None)


@pytest.mark.parametrize(
    "month",
    [
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
        "jan. feb. märz apr. mai juni juli aug. sept. okt. nov. dez.",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    ],
)
def test_the_months_of_all_four_languages_are_known(month):
    rows = [PLAIN | {"title": name, "start_time": f"2 {name} 2025, 10:00", "end_time": ""} for name in month.split()]

    found = [workout_of(record) for record in read(table(*rows), ZoneInfo("UTC"))]

    assert [workout.start_ts.month for workout in found] == list(range(1, 13))


@pytest.mark.parametrize(
    "written",
    ["", "29 Oct 2025", "17:31", "31 Feb 2025, 17:31", "29 Smarch 2025, 17:31", "29 Oct 2025, 24:00",
     "29 Oct 2025, 17:60", "Oct 29, 2025, 13:31 PM", "29 10 2025, 17:31", "10/29/2025, 17:31", "0000-10-29 17:31",
     "1 Jan 1899, 10:00", "1 Jan 2200, 10:00", "٢٩ Oct 2025, 17:31"],
)  # fmt: skip
def test_an_unreadable_time_is_a_problem(written):
    problem = problem_of(read_row(start_time=written))

    assert (problem.row, problem.id) == (2, None)
    assert problem.detail.startswith(f"start_time: “{written}” is not a time like “29 Oct 2025, 17:31”")


@pytest.mark.parametrize(
    ("start", "end", "utc_start", "utc_end"),
    [
        # Clocks go back at 2:00 on 2 November 2025: the hour from 1:00 comes twice.
        ("2 Nov 2025, 01:30", "2 Nov 2025, 01:50", "06:30", "06:50"),
        ("2 Nov 2025, 01:50", "2 Nov 2025, 01:10", "06:50", "07:10"),
        ("2 Nov 2025, 00:30", "2 Nov 2025, 01:10", "05:30", "06:10"),
        ("2 Nov 2025, 01:30", "2 Nov 2025, 02:10", "06:30", "08:10"),
        # They go forward at 2:00 on 9 March 2025: 2:30 is never shown.
        ("9 Mar 2025, 02:30", "9 Mar 2025, 03:45", "08:30", "08:45"),
        ("9 Mar 2025, 01:30", "9 Mar 2025, 03:10", "07:30", "08:10"),
    ],
)
def test_the_hours_at_which_clocks_change(start, end, utc_start, utc_end):
    found = workout_of(read_row(start_time=start, end_time=end))

    assert found.end_ts is not None
    assert (f"{found.start_ts:%H:%M}", f"{found.end_ts:%H:%M}") == (utc_start, utc_end)


def test_an_end_before_the_start_is_a_problem():
    assert read_row(end_time="29 Oct 2025, 17:30") == Problem(2, None, "end_time: before the start_time.")


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ({"weight_kg": "-20.5"}, {"weight": -20.5}),
        ({"weight_kg": ""}, {"weight": None}),
        ({"reps": "0"}, {"reps": 0}),
        ({"duration_seconds": "0"}, {"duration_seconds": None}),
        ({"duration_seconds": "75"}, {"duration_seconds": 75}),
        ({"distance_km": "1.609344"}, {"distance_miles": 1}),
        ({"rpe": "8.5"}, {"rpe": 8.5}),
        ({"superset_id": "2"}, {"superset_id": 2}),
        ({"set_type": "dropset"}, {"set_type": "dropset"}),
        ({"set_type": ""}, {"set_type": "normal"}),
        ({"set_type": "amrap"}, {"note": "set type amrap"}),
    ],
)
def test_a_cell_of_a_set_is_read(cells, read):
    found = workout_of(read_row(**cells)).exercises[0].sets[0]

    assert found == set_of(**{"weight": 100, "reps": 5} | read)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"weight_kg": "heavy"}, "Squat (Barbell): set 1: weight: “heavy” is not a number from -5,000 to 5,000 kg."),
        ({"weight_kg": "1_0"}, "Squat (Barbell): set 1: weight: “1_0” is not a number from -5,000 to 5,000 kg."),
        ({"weight_kg": "nan"}, "Squat (Barbell): set 1: weight: “nan” is not a number from -5,000 to 5,000 kg."),
        ({"reps": "5.5"}, "Squat (Barbell): set 1: reps: “5.5” is not a whole number from 0 to 100,000."),
        ({"rpe": "11"}, "Squat (Barbell): set 1: rpe: “11.0” is not a number from 0 to 10."),
        ({"distance_km": "1610"}, "Squat (Barbell): set 1: distance: “1610.0” is not a number from 0 to 1,609.344 km."),
        ({"set_index": ""}, "Squat (Barbell): set_index: missing."),
        ({"set_index": "x"}, "Squat (Barbell): set_index: “x” is not a whole number from 0 to 1,000."),
        ({"exercise_title": " "}, "exercise_title: missing."),
        ({"title": "x" * 201}, "title: longer than 200 characters."),
        ({"exercise_notes": "x" * 10_001}, "Squat (Barbell): exercise_notes: longer than 10,000 characters."),
    ],
)
def test_an_unreadable_cell_is_a_problem(cells, says):
    assert read_row(**cells) == Problem(2, None, says)


@pytest.mark.parametrize(
    ("weights", "distances", "unit", "miles"),
    [
        ("weight_kg", "distance_km", "kg", 0.621371192),
        ("weight_kg", "distance_miles", "kg", 1),
        ("weight_lbs", "distance_km", "lb", 0.621371192),
        ("weight_lbs", "distance_miles", "lb", 1),
    ],
)
def test_the_heading_says_the_units_each_by_itself(weights, distances, unit, miles):
    heading = [{"weight_kg": weights, "distance_km": distances}.get(name, name) for name in HEADING]

    (found,) = read(table(PLAIN | {weights: "80", distances: "1"}, heading=heading))

    assert workout_of(found).exercises[0].sets == (
        set_of(weight=80, weight_unit=unit, reps=5, distance_miles=miles),
    )  # fmt: skip
