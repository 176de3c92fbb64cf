"""Hevy's rows belong to their workouts wherever they stand, and nothing in the file counts twice or is lost."""

import io
import random
from collections import Counter
from zoneinfo import ZoneInfo

from fitness.readers.hevy import parse_export
from fitness.readers.reader import Answers
from fitness.readers.records import ParsedWorkout, Problem, Skipped
from tests.samples import DATA

HEADING = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe"
)
SAMPLE = (DATA / "hevy_export.csv").read_text()


def row(title, start, end, exercise, index=0, weight=100, seconds=""):
    day = "4 Mar 2025"
    times = f'"{day}, {start}","{day}, {end}"'
    return f"{title},{times},,{exercise},,,{index},normal,{weight},5,,{seconds},"


def read(*rows, heading=HEADING):
    content = "\n".join([heading, *rows, ""])
    return list(parse_export(io.BytesIO(content.encode()), Answers(ZoneInfo("UTC"))))


def workouts(records):
    return [record for record in records if isinstance(record, ParsedWorkout)]


def sets(records):
    """Return how often each set of each exercise and workout stands in records."""
    return Counter(
        (workout.title, workout.end_ts, block.name, one)
        for workout in workouts(records)
        for block in workout.exercises
        for one in block.sets
    )


def test_two_workouts_of_one_minute_are_two_however_far_apart_they_stand():
    many = [row(f"Lift {number}", "10:00", "11:00", "Row") for number in range(199)]
    squat = row("Morning Lift", "06:00", "06:50", "Squat")
    bench = row("Morning Lift", "06:00", "06:45", "Bench")

    found = {(one.title, one.exercises[0].name): one.id for one in workouts(read(squat, *many, bench))}

    assert len(found) == len(set(found.values())) == 201
    turned = {(one.title, one.exercises[0].name): one.id for one in workouts(read(bench, *many, squat))}
    assert turned == found  # their ids do not hang on their order


def test_a_file_in_any_order_keeps_every_set():
    rows = [
        row(f"Day {day}", "06:00", "07:00", exercise, index, weight)
        for day in range(40)
        for exercise in ("Squat", "Bench", "Row")
        for index, weight in enumerate((60 + day, 80 + day, 80 + day, 100 + day))
    ]
    whole = sets(read(*rows))
    assert sum(whole.values()) == 480

    by_exercise = sorted(rows, key=lambda one: one.split(",")[7])
    by_weight = sorted(rows, key=lambda one: one.split(",")[12])
    shuffled = random.Random(7).sample(rows, len(rows))
    for other in (by_exercise, by_weight, shuffled, rows[::-1]):
        found = read(*other)
        assert sets(found) == whole
        assert len(workouts(found)) == 40
        assert [one for one in found if not isinstance(one, ParsedWorkout)] == []


def test_sets_of_an_exercise_stand_in_the_order_of_their_indexes():
    rows = [row("Push", "06:00", "07:00", name, index, 50 + index) for index in range(3) for name in ("Bench", "Dip")]
    (push,) = workouts(read(*random.Random(3).sample(rows, 6)))
    assert sorted((block.name, [one.weight for one in block.sets]) for block in push.exercises) == [
        ("Bench", [50, 51, 52]), ("Dip", [50, 51, 52]),
    ]  # fmt: skip


def test_a_file_that_was_turned_round_is_the_same():
    rows = [row("Push", "06:00", "07:00", name, index) for name in ("Bench", "Dip", "Bench") for index in range(3)]

    assert workouts(read(*reversed(rows)))[0].exercises == workouts(read(*rows))[0].exercises


def test_exports_in_two_units_that_were_joined_are_one():
    metric, imperial = SAMPLE, (DATA / "hevy_export_lbs_web.csv").read_text()
    alone = list(parse_export(io.BytesIO(metric.encode()), Answers(ZoneInfo("UTC"))))

    found = list(parse_export(io.BytesIO((metric + imperial).encode()), Answers(ZoneInfo("UTC"))))

    assert [one for one in found if isinstance(one, ParsedWorkout)] == alone
    assert [one.detail for one in found if isinstance(one, Skipped)] == ["The same workout again."] * len(alone)


def test_three_copies_without_headings_between_them_are_one():
    heading, rows = SAMPLE.split("\n", 1)
    alone = list(parse_export(io.BytesIO(SAMPLE.encode()), Answers(ZoneInfo("UTC"))))

    found = list(parse_export(io.BytesIO(f"{heading}\n{rows * 3}".encode()), Answers(ZoneInfo("UTC"))))

    assert workouts(found) == alone
    assert len(found) == 3 * len(alone)


def test_single_rows_that_come_twice_are_left_out_and_a_remark_says_so():
    squat = [row("Legs", "06:00", "07:00", "Squat", index) for index in range(3)]

    (legs,) = read(squat[0], squat[0], squat[1], squat[2])

    assert isinstance(legs, ParsedWorkout)
    assert len(legs.exercises[0].sets) == 3
    assert legs.remark == "1 rows that say the same as others were left out."


def test_a_set_that_took_longer_than_its_workout_is_remarked_on():
    (legs,) = read(row("Legs", "06:00", "07:00", "Row", seconds="86400"))

    assert isinstance(legs, ParsedWorkout)
    assert legs.remark == "Row: set 1 took 86,400 seconds, the workout 3,600."


def test_names_that_cannot_be_seen_are_none_and_others_are_kept_composed():
    squat, nothing = "\u200bSquat\u2060  (Barbell)", "\u200b\u2060"

    seen, unseen = read(row("Legs", "06:00", "07:00", squat), row("Arms", "08:00", "09:00", nothing))

    assert isinstance(seen, ParsedWorkout)
    assert seen.exercises[0].name == "Squat (Barbell)"
    assert isinstance(unseen, Problem)
    assert unseen.detail == "exercise_title: missing."
