"""The TrainingPeaks parser: bytes in, planned workouts, skipped rows and problems out."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.readers.records import ParsedPlannedWorkout, Problem, Skipped, UnreadableFile
from fitness.readers.trainingpeaks import parse
from tests.samples import DATA

SAMPLE = DATA / "trainingpeaks_plan.csv"
PLAIN = {"Title": "Easy run", "WorkoutType": "Run", "WorkoutDay": "2026-01-05"}


def read(content) -> list[Any]:
    return list(parse(io.BytesIO(content.encode() if isinstance(content, str) else content)))


def table(*rows):
    """Return CSV text of rows as dicts; the heading is made of their names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_row(**cells) -> Any:
    (record,) = read(table(PLAIN | cells))
    return record


def test_the_sample_is_read_row_by_row():
    records = read(SAMPLE.read_bytes())

    assert [type(record) for record in records] == [*[ParsedPlannedWorkout] * 9, Skipped]
    assert records[2] == ParsedPlannedWorkout(
        row=4,
        id="2025-11-05 1 Track: 5 x 1000 m (pace)",
        number=1,
        values={
            "title": "Track: 5 x 1000 m (pace)",
            "workout_type": "Run",
            "originally_planned_day": "2025-11-05",
            "description": 'WU 15 min; 5x1000 m at 5K pace, 400 m jog; CD 10 min. "Relaxed, tall".',
            "coach_comments": "Stop at 4 if form goes.",
            "planned_duration_hours": 1.0,
            "planned_distance_meters": 11265.408,
            "tss": None,
            "intensity_factor": None,
        },
    )
    assert records[4].values["workout_type"] == "Day Off"
    assert records[9] == Skipped(11, None, "Done but not planned.")


def test_of_what_was_done_meanwhile_the_plan_is_read_and_not_what_came_of_it():
    recovery = read(SAMPLE.read_bytes())[8]

    assert recovery.values["planned_duration_hours"] == 0.5
    assert recovery.values["planned_distance_meters"] is None
    assert {"tss", "intensity_factor"} & recovery.values.keys() == set()


def test_the_short_form_tells_of_a_planned_load_and_of_nothing_that_it_lacks():
    planned = read_row(TSS="78.5", IF="0.79", PlannedDuration="1.25")

    assert planned.values == {
        "title": "Easy run",
        "workout_type": "Run",
        "originally_planned_day": "2026-01-05",
        "planned_duration_hours": 1.25,
        "tss": 78.5,
        "intensity_factor": 0.79,
    }


def test_columns_are_found_by_name_in_any_order_and_spelling():
    rows = read("coach comments,WORKOUTDAY,unheard of,workouttype,Title\nGo,2026-01-05,1,run,Easy\n")

    assert rows[0].values == {
        "title": "Easy", "workout_type": "Run", "originally_planned_day": "2026-01-05", "coach_comments": "Go",
    }  # fmt: skip


@pytest.mark.parametrize(("written", "type"), [("day off", "Day Off"), ("XC-SKI", "XC-Ski"), ("Yoga", "Yoga")])
def test_a_type_is_written_as_trainingpeaks_does_and_one_that_it_has_not_stays(written, type):
    assert read_row(WorkoutType=written).values["workout_type"] == type


def test_repeats_of_a_day_and_title_are_numbered_whatever_stands_between_them():
    other, bad, done = {"Title": "Swim"}, {"WorkoutDay": "soon"}, {"DistanceInMeters": "5000"}
    rows = read(table(PLAIN, PLAIN | other, PLAIN | bad, PLAIN | done, PLAIN, PLAIN | {"WorkoutType": "Race"}))

    ids = [row.id for row in rows if isinstance(row, ParsedPlannedWorkout)]
    assert ids == [
        "2026-01-05 1 Easy run", "2026-01-05 1 Swim", "2026-01-05 2 Easy run", "2026-01-05 3 Easy run",
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["Title", "WorkoutType", "WorkoutDay"])
def test_a_file_without_a_needed_column_is_refused_by_its_name(column):
    heading = [name for name in PLAIN if name != column]

    with pytest.raises(UnreadableFile, match=f"lacks {column}"):
        read(",".join(heading) + "\nx,y\n")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"%PDF-1.7", b"Title;WorkoutType;WorkoutDay\n", b"<html>"])
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(UnreadableFile):
        read(content)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Title", ""),
        ("Title", "  "),
        ("Title", "x" * 201),
        ("WorkoutType", ""),
        ("WorkoutType", "x" * 51),
        ("WorkoutDay", ""),
        ("WorkoutDay", "05/01/2026"),
        ("WorkoutDay", "2026-02-30"),
        ("WorkoutDay", "20260105"),
        ("WorkoutDay", "2026-W01-1"),
        ("WorkoutDay", "1899-12-31"),
        ("WorkoutDay", "2200-01-01"),
        ("PlannedDuration", "1:15"),
        ("PlannedDuration", "-1"),
        ("PlannedDuration", "1001"),
        ("PlannedDuration", "nan"),
        ("PlannedDistanceInMeters", "10 km"),
        ("PlannedDistanceInMeters", "1e300"),
        ("TSS", "10001"),
        ("IF", "inf"),
        ("WorkoutDescription", "x" * 10_001),
    ],
)
def test_a_value_that_cannot_be_used_is_a_problem_of_its_row(column, cell):
    good, bad, also_good = read(table(PLAIN | {column: "1"} | PLAIN, PLAIN | {column: cell}, PLAIN))

    assert isinstance(bad, Problem)
    assert (bad.row, bad.detail.partition(":")[0]) == (3, column)
    assert isinstance(good, ParsedPlannedWorkout)
    assert isinstance(also_good, ParsedPlannedWorkout)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_below_a_good_heading_become_records_that_the_database_accepts(content):
    for record in read(b"Title,WorkoutType,WorkoutDay,PlannedDuration\n" + content):
        if isinstance(record, ParsedPlannedWorkout):
            assert date.fromisoformat(str(record.values["originally_planned_day"]))
            assert 0 <= float(record.values["planned_duration_hours"] or 0) <= 1000
            assert "\0" not in record.id
