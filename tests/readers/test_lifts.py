"""What is read of the files of lifting apps."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import fitbod, fitnotes, strong, stronglifts
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import Problem
from tests.readers.cuts import damaged
from tests.readers.records import problem_of, workout_of
from tests.samples import ACTIVITIES

CHICAGO = ZoneInfo("America/Chicago")
SAMPLES = sorted(
    path for app in ("strong", "fitnotes", "fitbod", "stronglifts") for path in (ACTIVITIES / app).iterdir()
)
STRONG = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Weight Unit,Reps,Seconds\n"


def content(name):
    return (ACTIVITIES / name).read_bytes()


def read(module, sample, unit=None):
    stream = io.BytesIO(content(sample) if isinstance(sample, str) else sample)
    return list(module.parse(stream, Answers(CHICAGO, unit)))


def only_workout(module, sample, unit=None):
    (workout,) = read(module, sample, unit)
    return workout_of(workout)


def sets_of(workout):
    return [(block.name, one) for block in workout.exercises for one in block.sets]


@pytest.mark.parametrize(
    ("sample", "source"),
    [
        ("strong/strong_android_semicolon.csv", "Strong"),
        ("strong/strong_ios_comma.csv", "Strong"),
        ("strong/strong_units_per_row.csv", "Strong"),
        ("fitnotes/fitnotes_android.csv", "FitNotes"),
        ("fitnotes/fitnotes_ios.csv", "FitNotes"),
        ("fitbod/fitbod.csv", "Fitbod"),
        ("stronglifts/stronglifts.csv", "StrongLifts"),
    ],
)
def test_each_file_is_recognised(sample, source):
    assert recognise(io.BytesIO(content(sample))).source == source


def test_strong_of_android_has_types_of_sets_and_passes_rests_over():
    workout = only_workout(strong, "strong/strong_android_semicolon.csv")

    assert (workout.title, workout.start_ts) == ("Push", datetime(2025, 10, 29, 22, 31, 48, tzinfo=UTC))
    assert workout.end_ts is not None
    assert (workout.end_ts - workout.start_ts).total_seconds() == 3153
    assert [(one.set_type, one.weight, one.weight_unit, one.reps, one.note) for _, one in sets_of(workout)] == [
        ("warmup", 40, "kg", 10, None),
        ("normal", 62.5, "kg", 8, None),
        ("dropset", 50, "kg", 8, None),
        ("failure", 50, "kg", 5, "slow"),
    ]


def test_strong_of_the_iphone_asks_for_the_unit_and_shows_rows_both_ways():
    (question,) = strong.READER.questions(io.BytesIO(content("strong/strong_ios_comma.csv")))

    assert (question.field, question.choices) == ("weight_unit", ("kg", "lb"))
    assert question.examples == (
        "Bench Press (Barbell): 135.0 kg or 135.0 lb",
        "Bench Press (Barbell): 155.0 kg or 155.0 lb",
        "Squat (Barbell): 225 kg or 225 lb",
    )


def test_strong_of_the_iphone_is_read_in_the_unit_of_the_answer():
    push, legs = (workout_of(one) for one in read(strong, "strong/strong_ios_comma.csv", "lb"))

    assert [(name, one.weight, one.weight_unit, one.reps, one.duration_seconds) for name, one in sets_of(push)] == [
        ("Bench Press (Barbell)", 135, "lb", 10, None),
        ("Bench Press (Barbell)", 155, "lb", 8, None),
        ("Plank", None, "lb", None, 60),
    ]
    assert [(one.weight, one.reps) for _, one in sets_of(legs)] == [(225, 5)]
    assert legs.end_ts is not None
    assert (legs.end_ts - legs.start_ts).total_seconds() == 3720


def test_without_an_answer_a_weight_is_not_guessed():
    problems = [one for one in read(strong, "strong/strong_ios_comma.csv") if isinstance(one, Problem)]

    assert [problem.row for problem in problems] == [2, 3, 5]
    assert {problem.detail for problem in problems} == {
        "Weight: the file does not say whether it is kilograms or pounds."
    }


@pytest.mark.parametrize("name", ["strong_units_per_row.csv", "strong_android_semicolon.csv"])
def test_strong_with_units_asks_nothing(name):
    assert strong.READER.questions(io.BytesIO(content(f"strong/{name}"))) == ()


def test_strong_with_a_unit_in_each_row_is_read_in_it():
    workout = only_workout(strong, "strong/strong_units_per_row.csv", "lb")

    assert [(one.set_type, one.weight, one.weight_unit) for _, one in sets_of(workout)] == [
        ("warmup", 40, "kg"),
        ("normal", 60, "kg"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2025-10-29 17:31:48,Push,1h,Bench Press,1,60,stone,8,0", "Weight Unit: “stone” is neither kg nor lb."),
        ("29/10/2025,Push,1h,Bench Press,1,60,kg,8,0", "Date: “29/10/2025” is not a time like 2025-10-29 17:31:48."),
        ("2025-10-29 17:31:48,Push,1h,Bench Press,X,60,kg,8,0", "Set Order: “x” is not known."),
        ("2025-10-29 17:31:48,Push,1h,Bench Press,1,60,kg,8.5,0", "Reps: “8.5” is not a whole number."),
        ("2025-10-29 17:31:48,Push,1h,,1,60,kg,8,0", "Exercise: missing."),
        (
            "2025-10-29 17:31:48,Push,1h,Bench Press,1,60000,kg,8,0",
            "Weight: “60000” is not a number from 0 to 5,000 kg.",
        ),
        (
            "2025-10-29 17:31:48,Push,long,Bench Press,1,60,kg,8,0",
            "Duration: “long” is not a number from 0 to 3,600,000 seconds.",
        ),
    ],
)
def test_a_bad_row_is_named_and_the_others_go_in(row, says):
    good = "2025-10-29 17:31:48,Push,1h,Bench Press,1,60,kg,8,0"

    problem, workout = read(strong, f"{STRONG}{row}\n{good}\n".encode())

    assert problem_of(problem) == Problem(2, None, says)
    assert len(sets_of(workout_of(workout))) == 1


def test_equal_rows_of_fitnotes_are_equal_sets_of_one_workout_of_the_day():
    workout = only_workout(fitnotes, "fitnotes/fitnotes_android.csv")

    assert (workout.title, workout.end_ts) == (None, None)
    assert workout.start_ts == datetime(2025, 10, 29, 17, tzinfo=UTC)
    assert [(name, one.weight, one.reps, one.duration_seconds, one.note) for name, one in sets_of(workout)] == [
        ("Flat Barbell Bench Press", 60, 8, None, None),
        ("Flat Barbell Bench Press", 60, 8, None, None),
        ("Plank", None, None, 90, None),
        ("Running (Outdoor)", None, None, 1690, "easy"),
    ]
    assert sets_of(workout)[3][1].distance_miles == pytest.approx(3.10686, abs=1e-5)


def test_fitnotes_of_the_iphone_has_a_column_for_each_unit():
    workout = only_workout(fitnotes, "fitnotes/fitnotes_ios.csv")

    assert [(one.weight, one.weight_unit) for _, one in sets_of(workout)] == [(100, "kg"), (220.46, "lb")]


def test_fitbod_has_kilograms_and_instants_and_a_workout_a_day():
    workout = only_workout(fitbod, "fitbod/fitbod.csv")

    assert workout.start_ts == datetime(2025, 10, 29, 22, 31, 48, tzinfo=UTC)
    assert [(one.set_type, one.weight, one.note) for _, one in sets_of(workout)] == [
        ("warmup", 61.23497, None),
        ("normal", 31.75, "Weight of each dumbbell."),
        ("normal", None, None),
    ]


def test_the_day_of_fitbod_is_that_of_the_zone():
    workouts = fitbod.parse(io.BytesIO(content("fitbod/fitbod.csv")), Answers(ZoneInfo("Europe/Berlin")))

    assert [len(sets_of(workout_of(one))) for one in workouts] == [2, 1]  # before and after midnight


def test_stronglifts_has_its_sets_in_columns():
    workout = only_workout(stronglifts, "stronglifts/stronglifts.csv")

    assert (workout.title, workout.start_ts) == ("A", datetime(2025, 10, 29, 22, 30, tzinfo=UTC))
    assert workout.end_ts == datetime(2025, 10, 29, 23, 0, tzinfo=UTC)
    assert [(name, one.reps, one.weight, one.weight_unit) for name, one in sets_of(workout)] == [
        ("Squat", 5, 100, "kg"),
        ("Squat", 5, 100, "kg"),
    ]


def test_a_file_with_too_many_sets_is_refused(monkeypatch):
    monkeypatch.setattr("fitness.readers.lifts.MOST_LIFTS", 3)

    with pytest.raises(ValueError, match="More than 3 sets in the file"):
        read(fitnotes, "fitnotes/fitnotes_android.csv")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_damage_raises_nothing_but_a_sentence(sample):
    for copy, _ in damaged(sample.read_bytes()):
        try:
            reader = recognise(io.BytesIO(copy))
            list(reader.parse(io.BytesIO(copy), Answers(CHICAGO, "kg")))
        except ValueError as refused:
            assert type(refused).__name__ in ("UnreadableFile", "ColumnsMissing")
