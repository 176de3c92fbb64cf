"""Hevy: its JSON and its exports in, workouts and problems out; and its client against a stand-in."""

import csv
import io
import threading
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.providers.client import ConnectionRefused, NotThere, ProviderError, RateLimited, Unreachable
from fitness.providers.hevy import client
from fitness.providers.hevy.client import Hevy, Page, pages
from fitness.providers.hevy.workouts import parse_event, parse_template, parse_workout
from fitness.readers.hevy import export_id, parse_export
from fitness.readers.hevy_values import NAMESPACE, workout_id
from fitness.readers.records import (
    DeletedWorkout,
    ParsedExercise,
    ParsedSet,
    ParsedTemplate,
    ParsedWorkout,
    Problem,
    UnreadableFile,
)
from migrations.exercise_catalog import EXERCISES
from tests.samples import DATA
from tests.standins.hevy import KEY, HevyStandIn, made_set, made_workout, made_workouts, sample, without_items
from tests.standins.server import Answer, Fault, json_answer

CHICAGO = ZoneInfo("America/Chicago")
WHEN = datetime(2025, 10, 29, 22, 31, 48, tzinfo=UTC)
ID = "0f6c1a52-2e4b-4d1c-9b7e-6a1f0c9d2b11"
SAMPLE_WORKOUTS = [workout for page in (1, 2) for workout in sample(f"hevy_workouts_page{page}.json")["workouts"]]


def workout_of(record):
    assert isinstance(record, ParsedWorkout), record
    return record


def problem_of(record):
    assert isinstance(record, Problem), record
    return record


def set_of(**values):
    """Return a set in kg that says nothing but these."""
    return ParsedSet("normal", None, "kg", None, None, None, None, None, None)._replace(**values)


# --- the API: the samples


def test_a_workout_of_the_sample_is_read_whole():
    found = workout_of(parse_workout(SAMPLE_WORKOUTS[0], 1))

    assert found == ParsedWorkout(
        row=1,
        id=UUID("52064164-eb2b-52fb-9d7c-955513c0d639"),
        external_id=ID,
        title="Push day 💪",
        start_ts=WHEN,
        end_ts=datetime(2025, 10, 29, 23, 24, 21, tzinfo=UTC),
        notes='Felt strong, "easy" finish',
        exercises=(
            ParsedExercise(
                "Bench Press (Barbell)",
                "79D0BB3A",
                "Paused first rep,\nelbows in",
                (
                    set_of(set_type="warmup", weight=40, reps=10),
                    set_of(weight=80, reps=8, rpe=8),
                    set_of(weight=82.5, reps=6, rpe=9.5),
                    set_of(set_type="failure", weight=82.5, reps=4, rpe=10),
                ),
            ),
            ParsedExercise(
                "Overhead Press (Barbell)",
                "7B8D84E8",
                None,
                (set_of(weight=45, reps=8, superset_id=0), set_of(weight=45, reps=7, superset_id=0)),
            ),
            ParsedExercise(
                "Bicep Curl (Dumbbell)",
                "37FCC2BB",
                None,
                (
                    set_of(weight=14, reps=12, superset_id=0),
                    set_of(set_type="dropset", weight=10, reps=10, superset_id=0),
                ),
            ),
            ParsedExercise(
                "Plank", "C6C9B8A0", None, (set_of(duration_seconds=75), set_of(duration_seconds=60))
            ),
        ),
        updated_at=datetime(2025, 10, 29, 23, 24, 22, 6000, tzinfo=UTC),
    )  # fmt: skip


def test_all_workouts_of_the_sample_are_read_one_without_exercises_among_them():
    found = [workout_of(parse_workout(workout, row)) for row, workout in enumerate(SAMPLE_WORKOUTS, 1)]

    assert [(workout.row, workout.title, len(workout.exercises)) for workout in found] == [
        (1, "Push day 💪", 4), (2, "Legs + treadmill", 4), (3, "Pull (lb gym)", 3), (4, "Late carry session", 2),
        (5, "Empty log", 0), (6, "First log", 1),
    ]  # fmt: skip
    assert len({workout.id for workout in found}) == 6


def test_an_exercise_done_twice_is_two_blocks_in_the_order_of_the_workout():
    legs = workout_of(parse_workout(SAMPLE_WORKOUTS[1], 1))

    assert [(block.name, block.note, len(block.sets)) for block in legs.exercises] == [
        ("Squat (Barbell)", None, 3),
        ("Treadmill", None, 1),
        ("Stair Machine (Floors)", None, 1),
        ("Squat (Barbell)", "back-off block", 1),
    ]


def test_metres_become_miles_and_floors_a_note():
    legs = workout_of(parse_workout(SAMPLE_WORKOUTS[1], 1))

    (treadmill,), (stairs,) = legs.exercises[1].sets, legs.exercises[2].sets
    assert treadmill == set_of(distance_miles=1.969746679, duration_seconds=1200)
    assert stairs == set_of(duration_seconds=600, note="custom metric 42")


def test_weights_entered_in_pounds_keep_all_digits_of_their_kilograms_and_an_empty_set_stays():
    pull, carry = (workout_of(parse_workout(SAMPLE_WORKOUTS[number], 1)) for number in (2, 3))

    assert pull.exercises[0].sets[0].weight == 102.05828325483829
    assert carry.exercises[1].sets[0] == set_of()


def test_events_are_workouts_as_they_are_now_and_deletions():
    events = sample("hevy_events.json")["events"]

    edited, deleted, older = (parse_event(event, row) for row, event in enumerate(events, 1))

    assert workout_of(edited).id == workout_of(parse_workout(SAMPLE_WORKOUTS[0], 1)).id
    assert [block.name for block in workout_of(edited).exercises] == [
        "Bench Press (Barbell)", "Overhead Press (Barbell)", "Bicep Curl (Dumbbell)",
    ]  # fmt: skip
    assert workout_of(edited).updated_at == datetime(2025, 10, 31, 7, 15, 9, 480000, tzinfo=UTC)
    assert deleted == DeletedWorkout(
        2,
        workout_id("77ab3d20-9e15-4c88-a6f4-1b2c3d4e5f44"),
        "77ab3d20-9e15-4c88-a6f4-1b2c3d4e5f44",
        datetime(2025, 10, 30, 18, 2, 44, 120000, tzinfo=UTC),
    )
    assert workout_of(older).row == 3


def test_templates_say_what_they_train_and_what_with():
    templates = sample("hevy_exercise_templates.json")["exercise_templates"]

    found = [parse_template(template, row) for row, template in enumerate(templates, 1)]

    assert found[0] == ParsedTemplate(1, "79D0BB3A", "Bench Press (Barbell)", "Chest", "BARBELL", False)
    assert found[-1] == ParsedTemplate(
        12, "5c9a2d1e-7b34-4e0f-9d2a-3f6b8c1d0e77", "Cable Face Thing", "Shoulders", None, True
    )
    assert [template.body_part for template in found if isinstance(template, ParsedTemplate)] == [
        "Chest", "Quadriceps", "Glutes", "Shoulders", "Back", "Biceps", "Triceps", "Core", "Full Body", "Full Body",
        "Forearms", "Shoulders",
    ]  # fmt: skip
    assert [template.modality for template in found if isinstance(template, ParsedTemplate)] == [
        "BARBELL", "BARBELL", "BARBELL", "BARBELL", "BODYWEIGHT", "DUMBBELL", None, None, None, None, None, None,
    ]  # fmt: skip


# --- the API: each fact


def read_set(**values):
    """Read a workout of one set with these values, and return the set; a Problem comes back as it is."""
    squat = {"title": "Squat (Barbell)", "sets": [made_set(weight_kg=100, reps=5), made_set(**values)]}
    found = parse_workout(made_workout(ID, WHEN, [squat]), 7)
    return found.exercises[0].sets[1] if isinstance(found, ParsedWorkout) else found


def test_the_id_is_made_of_the_name_of_the_provider_and_its_id():
    assert workout_of(parse_workout(made_workout("abc", WHEN, []), 1)).id == uuid5(NAMESPACE, "hevy:abc")


@pytest.mark.parametrize(
    "written",
    ["2025-10-29T22:31:48+00:00", "2025-10-29T22:31:48Z", "2025-10-29T22:31:48.000Z", "2025-10-29T17:31:48-05:00"],
)
def test_an_instant_is_read_with_any_offset(written):
    workout = workout_of(parse_workout(made_workout(ID, WHEN, [], start_time=written), 1))

    assert workout.start_ts == WHEN and workout.start_ts.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["2025-10-29T22:31:48", "2025-10-29", "yesterday", "1899-12-31T00:00:00Z", "2200-01-01T00:00:00Z", 1761777108,
     "2025-10-29T22:31:48Z\0", "\ud800", [], {}],
)  # fmt: skip
def test_an_unreadable_instant_is_a_problem(written):
    for name in ("start_time", "end_time", "updated_at"):
        problem = problem_of(parse_workout(made_workout(ID, WHEN, [], **{name: written}), 7))

        assert (problem.row, problem.id) == (7, ID)
        assert problem.detail.startswith(f"{name}: ")


def test_a_workout_needs_an_id_and_a_start_and_ends_after_it():
    assert parse_workout(made_workout(ID, WHEN, [], id=None), 1) == Problem(1, None, "id: missing.")
    assert parse_workout(made_workout(ID, WHEN, [], start_time=None), 1) == Problem(1, ID, "start_time: missing.")
    assert parse_workout(made_workout(ID, WHEN, [], end_time="2025-10-29T22:31:47Z"), 1) == Problem(
        1, ID, "end_time: before the start_time."
    )


def test_whatever_may_be_null_or_missing_is():
    bare = {"id": ID, "start_time": "2025-10-29T22:31:48Z"}

    assert parse_workout(bare, 1) == ParsedWorkout(1, workout_id(ID), ID, None, WHEN, None, None, ())
    nulls = dict.fromkeys(["title", "description", "end_time", "updated_at", "exercises", "routine_id"])
    assert parse_workout(bare | nulls, 1) == parse_workout(bare, 1)
    exercise = {"title": "Plank", "notes": None, "sets": None}
    assert workout_of(
        parse_workout(bare | {"exercises": [exercise, {"title": "Plank", "sets": [{}]}]}, 1)
    ).exercises == (
        ParsedExercise("Plank", None, None, ()),
        ParsedExercise("Plank", None, None, (set_of(),)),
    )


def test_empty_notes_are_none_and_line_breaks_are_plain():
    found = workout_of(parse_workout(made_workout(ID, WHEN, [], title=" Legs ", description=" one\r\ntwo "), 1))

    assert (found.title, found.notes) == ("Legs", "one\ntwo")
    assert workout_of(parse_workout(made_workout(ID, WHEN, [], description=" "), 1)).notes is None


@pytest.mark.parametrize("name", ["superset_id", "supersets_id"])
def test_a_superset_is_read_under_either_name(name):
    exercise = {"title": "Plank", "sets": [{}], "superset_id": None, name: 3}

    assert workout_of(parse_workout(made_workout(ID, WHEN, [exercise]), 1)).exercises[0].sets[0].superset_id == 3


def test_exercises_and_sets_are_in_the_order_of_their_index():
    sets = [made_set(index=1, reps=1), made_set(index=0, reps=2)]
    exercises = [{"index": 1, "title": "B", "sets": sets}, {"index": 0, "title": "A", "sets": []}]

    found = workout_of(parse_workout(made_workout(ID, WHEN, exercises), 1))

    assert [block.name for block in found.exercises] == ["A", "B"]
    assert [one.reps for one in found.exercises[1].sets] == [2, 1]
    del exercises[0]["index"]
    assert [block.name for block in workout_of(parse_workout(made_workout(ID, WHEN, exercises), 1)).exercises] == [
        "B",
        "A",
    ]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"weight_kg": -20.5}, {"weight": -20.5}),
        ({"weight_kg": 0}, {"weight": 0}),
        ({"weight_kg": 5000}, {"weight": 5000}),
        ({"reps": 0}, {"reps": 0}),
        ({"reps": 8.0}, {"reps": 8}),
        ({"duration_seconds": 0}, {"duration_seconds": None}),
        ({"duration_seconds": 61}, {"duration_seconds": 61}),
        ({"distance_meters": 1609.344}, {"distance_miles": 1}),
        ({"distance_meters": 0}, {"distance_miles": 0}),
        ({"type": None}, {"set_type": "normal"}),
        ({"type": "Dropset"}, {"set_type": "dropset"}),
        ({"type": "amrap"}, {"set_type": "normal", "note": "set type amrap"}),
        ({"type": "amrap", "custom_metric": 12.5}, {"note": "set type amrap; custom metric 12.5"}),
        ({"custom_metric": 0}, {"note": "custom metric 0"}),
        *(({"rpe": rpe}, {"rpe": rpe}) for rpe in (6, 7, 7.5, 8, 8.5, 9, 9.5, 10)),
    ],
)
def test_a_value_of_a_set_is_read(given, read):
    assert read_set(**given) == set_of(**read)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"weight_kg": 5000.5}, "weight: “5000.5” is not a number from -5,000 to 5,000 kg."),
        ({"weight_kg": "80"}, "weight: “80” is not a number from -5,000 to 5,000 kg."),
        ({"weight_kg": True}, "weight: “True” is not a number from -5,000 to 5,000 kg."),
        ({"weight_kg": float("nan")}, "weight: “nan” is not a number from -5,000 to 5,000 kg."),
        ({"reps": -1}, "reps: “-1” is not a whole number from 0 to 100,000."),
        ({"reps": 8.5}, "reps: “8.5” is not a whole number from 0 to 100,000."),
        ({"reps": float("inf")}, "reps: “inf” is not a whole number from 0 to 100,000."),
        ({"rpe": 11}, "rpe: “11” is not a number from 0 to 10."),
        ({"duration_seconds": -5}, "duration: “-5” is not a number from 0 to 3,600,000 seconds."),
        ({"distance_meters": 2e6}, "distance: “2000000.0” is not a number from 0 to 1,609,344.0 metres."),
        ({"custom_metric": []}, "custom metric: “[]” is not a number from -1,000,000,000 to 1,000,000,000."),
        ({"type": 5}, "type: “5” is not text."),
    ],
)
def test_a_value_out_of_range_is_a_problem_that_names_exercise_and_set(given, says):
    assert read_set(**given) == Problem(7, ID, f"Squat (Barbell): set 2: {says}")


@pytest.mark.parametrize(
    ("exercises", "says"),
    [
        ({}, "exercises: not a list."),
        ([5], "exercises: one is not a JSON object."),
        ([{"sets": []}], "The title of an exercise: missing."),
        ([{"title": "x" * 201}], "The title of an exercise: longer than 200 characters."),
        ([{"title": "Plank", "sets": "many"}], "Plank: sets: not a list."),
        ([{"title": "Plank", "notes": "x" * 10_001}], "Plank: notes: longer than 10,000 characters."),
        ([{"title": "Plank", "notes": "a\0b"}], "Plank: notes: a null byte in the text."),
        ([{"title": "Plank", "notes": "a\udc00b"}], "Plank: notes: half of a character in the text."),
        ([{"title": "Plank", "superset_id": -1, "sets": [{}]}],
         "Plank: set 1: superset: “-1” is not a whole number from 0 to 1,000,000."),
        ([{"title": "Plank", "sets": [{}] * 1001}], "More than 1,000 sets."),
        ([{"title": "Plank"}] * 1001, "More than 1,000 sets."),
    ],
)  # fmt: skip
def test_an_unreadable_exercise_is_a_problem(exercises, says):
    assert parse_workout(made_workout(ID, WHEN, exercises), 7) == Problem(7, ID, says)


def test_an_event_of_another_kind_is_a_problem():
    assert parse_event({"type": "liked", "id": "x"}, 1) == Problem(
        1, "x", "type: the event is neither updated nor deleted."
    )
    assert parse_event({"type": "deleted"}, 1) == Problem(1, None, "id: missing.")
    assert parse_event({"type": "updated"}, 1) == Problem(1, None, "The workout is not a JSON object.")
    assert parse_event({"type": "deleted", "id": "x"}, 1) == DeletedWorkout(1, workout_id("x"), "x", None)


@pytest.mark.parametrize(
    ("title", "rest", "modality"),
    [
        ("Row (Cable)", {}, "CABLE"),
        ("Bench Press (Smith Machine)", {}, "MACHINE"),
        ("Curl (dumbbell, seated)", {}, "DUMBBELL"),
        ("Swing (Kettlebell)", {}, "DUMBBELL"),
        ("Row (Cable)", {"equipment_category": "machine"}, "CABLE"),
        ("Row", {"equipment_category": "machine"}, "MACHINE"),
        ("Row", {"equipment_category": ""}, None),
        ("Row", {"equipment_category": "none"}, None),
        ("Push Up", {"type": "bodyweight_reps"}, "BODYWEIGHT"),
        ("Pull Up (Assisted)", {"type": "bodyweight_assisted_reps"}, "BODYWEIGHT"),
        ("Barbell Row", {}, None),
    ],
)
def test_what_an_exercise_is_done_with(title, rest, modality):
    template = parse_template({"id": "1", "title": title, "primary_muscle_group": "other", **rest}, 1)

    assert template == ParsedTemplate(1, "1", title, None, modality, False)


def test_every_muscle_group_has_a_body_part_of_the_catalog():
    groups = [
        "abdominals", "shoulders", "biceps", "triceps", "forearms", "quadriceps", "hamstrings", "calves", "glutes",
        "abductors", "adductors", "lats", "upper_back", "traps", "lower_back", "chest", "cardio", "neck", "full_body",
    ]  # fmt: skip
    found = [parse_template({"id": "1", "title": "x", "primary_muscle_group": group}, 1) for group in groups]

    assert {part.body_part for part in found if isinstance(part, ParsedTemplate)} == {
        exercise.body_part for exercise in EXERCISES
    }


# --- the API: anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
@pytest.mark.parametrize("parse", [parse_workout, parse_event, parse_template])
def test_any_json_is_a_record_or_a_problem(parse, value):
    assert isinstance(parse(value, 1), Problem)


def replaced(value, path, new):
    """Return JSON with what is at the path replaced."""
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


def paths(value, path=()):
    """Yield the path of each value in JSON."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*path, key))


@given(st.sampled_from(list(paths(SAMPLE_WORKOUTS[1]))), json_values)
def test_a_workout_with_any_value_in_any_place_is_read_within_the_ranges_or_a_problem(path, value):
    found = parse_workout(replaced(SAMPLE_WORKOUTS[1], path, value), 1)

    if isinstance(found, ParsedWorkout):
        assert_storable(found)
    else:
        assert found.detail.endswith(".")
        assert len(found.detail) < 400


def assert_storable(workout):
    """Check a workout against the ranges of the tables."""
    assert workout.title is None or 0 < len(workout.title) <= 200
    assert workout.end_ts is None or workout.end_ts >= workout.start_ts
    for note in [workout.title, workout.notes, *(block.note for block in workout.exercises)]:
        assert note is None or (note.encode() and "\0" not in note)
    for block in workout.exercises:
        assert block.name == block.name.strip() != ""
        for one in block.sets:
            assert one.set_type in {"normal", "warmup", "failure", "dropset"} and one.weight_unit in {"kg", "lb"}
            assert one.weight is None or -5000 <= one.weight <= 5000
            assert one.reps is None or (0 <= one.reps <= 100_000 and type(one.reps) is int)
            assert one.rpe is None or 0 <= one.rpe <= 10
            assert one.duration_seconds is None or 0 < one.duration_seconds <= 3_600_000
            assert one.distance_miles is None or 0 <= one.distance_miles <= 1000
            assert one.superset_id is None or 0 <= one.superset_id <= 1_000_000


# --- exports: the samples


def read(content, time_zone=CHICAGO):
    """Parse bytes, or text as UTF-8, into a list."""
    return list(parse_export(io.BytesIO(content.encode() if isinstance(content, str) else content), time_zone))


def export(name):
    return [workout_of(record) for record in read((DATA / name).read_bytes())]


def in_minutes(workout):
    """Return what an export says of a workout: no seconds, no ids, no custom metric, and weights to two decimals."""
    return workout._replace(
        row=0,
        id=None,
        external_id=None,
        updated_at=None,
        start_ts=workout.start_ts.replace(second=0),
        end_ts=workout.end_ts.replace(second=0),
        exercises=tuple(
            block._replace(
                template_id=None,
                sets=tuple(
                    one._replace(weight=None if one.weight is None else round(one.weight, 2), note=None)
                    for one in block.sets
                ),
            )
            for block in workout.exercises
        ),
    )


def test_the_export_in_kg_and_km_says_what_the_api_says():
    api = [workout_of(parse_workout(workout, 0)) for workout in SAMPLE_WORKOUTS]

    found = export("hevy_export.csv")

    assert [in_minutes(workout) for workout in found] == [in_minutes(workout) for workout in api if workout.exercises]
    assert [workout.row for workout in found] == [2, 12, 18, 23, 26]


def test_the_export_in_pounds_and_miles_keeps_its_pounds():
    metric, imperial = export("hevy_export.csv"), export("hevy_export_lbs_web.csv")

    assert [(one.id, one.title, one.start_ts, one.end_ts, one.notes) for one in imperial] == [
        (one.id, one.title, one.start_ts, one.end_ts, one.notes) for one in metric
    ]
    assert [one.weight for one in imperial[2].exercises[0].sets] == [225, 275]
    assert {one.weight_unit for workout in imperial for block in workout.exercises for one in block.sets} == {"lb"}
    assert imperial[1].exercises[1].sets[0].distance_miles == 1.97


def test_the_export_of_the_app_with_pounds_and_km_has_its_line_breaks_back():
    (push, legs), (same_push, same_legs, *_) = export("hevy_export_app_lbs_km_crlf.csv"), export("hevy_export.csv")

    assert push.exercises[0].note == "Paused first rep,\nelbows in"
    assert (push.exercises[0].sets[1].weight, push.exercises[0].sets[1].weight_unit) == (176.37, "lb")
    assert legs.exercises[1].sets[0].distance_miles == same_legs.exercises[1].sets[0].distance_miles == 1.969746679
    assert (push.id, legs.id) == (same_push.id, same_legs.id)


# --- exports: each fact

HEADING = [
    "title", "start_time", "end_time", "description", "exercise_title", "superset_id", "exercise_notes", "set_index",
    "set_type", "weight_kg", "reps", "distance_km", "duration_seconds", "rpe",
]  # fmt: skip
PLAIN = {
    "title": "Legs",
    "start_time": "29 Oct 2025, 17:31",
    "end_time": "29 Oct 2025, 18:24",
    "exercise_title": "Squat (Barbell)",
    "set_index": "0",
    "set_type": "normal",
    "weight_kg": "100",
    "reps": "5",
}


def table(*rows, heading=HEADING, **format_):
    """Return CSV text: the heading, and a line for each dict of cells."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **format_})
    writer.writerow(heading)
    writer.writerows([[row.get(name, "") for name in heading] for row in rows])
    return text.getvalue()


def read_row(time_zone=CHICAGO, **cells):
    """Parse one plain set with some cells changed."""
    (record,) = read(table(PLAIN | cells), time_zone)
    return record


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


def test_rows_of_one_title_start_and_end_that_follow_each_other_are_a_workout():
    later = PLAIN | {"start_time": "29 Oct 2025, 18:31", "end_time": ""}
    found = read(table(PLAIN, PLAIN | {"set_index": "1"}, PLAIN | {"title": "Arms"}, later, PLAIN | {"end_time": ""}))

    assert [(one.row, one.title, one.start_ts.hour, one.end_ts is None) for one in map(workout_of, found)] == [
        (2, "Legs", 22, False), (4, "Arms", 22, False), (5, "Legs", 23, True), (6, "Legs", 22, True),
    ]  # fmt: skip


def test_the_id_is_made_of_title_and_start_and_counts_workouts_that_share_both():
    found = read(table(PLAIN, PLAIN | {"end_time": "29 Oct 2025, 18:00"}, PLAIN | {"title": "", "end_time": ""}))

    start = WHEN.replace(second=0)
    assert [workout_of(one).id for one in found] == [
        uuid5(NAMESPACE, "hevy:Legs:2025-10-29T22:31Z"),
        uuid5(NAMESPACE, "hevy:Legs:2025-10-29T22:31Z:2"),
        uuid5(NAMESPACE, "hevy::2025-10-29T22:31Z"),
    ]
    assert [workout_of(one).id for one in found] == [
        export_id("Legs", WHEN), export_id("Legs", start, 2), export_id(None, start.astimezone(CHICAGO)),
    ]  # fmt: skip
    assert {workout_of(one).external_id for one in found} == {None}


def test_a_set_index_that_does_not_rise_or_another_title_note_or_superset_begins_a_block():
    rows = [
        ("Squat", "0", "", ""), ("Squat", "1", "", ""), ("Squat", "0", "", ""), ("Press", "0", "", ""),
        ("Press", "1", "slow", ""), ("Press", "2", "slow", "1"), ("Squat", "3", "", ""),
    ]  # fmt: skip
    names = ("exercise_title", "set_index", "exercise_notes", "superset_id")

    (found,) = read(table(*(PLAIN | dict(zip(names, row, strict=True)) for row in rows)))

    assert [(block.name, block.note, len(block.sets)) for block in workout_of(found).exercises] == [
        ("Squat", None, 2), ("Squat", None, 1), ("Press", None, 1), ("Press", "slow", 1), ("Press", "slow", 1),
        ("Squat", None, 1),
    ]  # fmt: skip


def test_rows_that_cannot_be_read_are_problems_and_the_rest_of_the_workout_goes_in():
    text = table(
        PLAIN,
        PLAIN | {"set_index": "1", "reps": "many"},
        PLAIN | {"set_index": "2", "start_time": "some day"},
        PLAIN | {"set_index": "3"},
    )
    broken = text + "Legs,too,few\n" + table(PLAIN | {"set_index": "4"}, PLAIN | {"title": "Arms"}).split("\n", 1)[1]

    found = read(broken)

    assert [(type(one), one.row) for one in found] == [
        (Problem, 3), (Problem, 4), (Problem, 6), (ParsedWorkout, 2), (ParsedWorkout, 8),
    ]  # fmt: skip
    assert len(workout_of(found[3]).exercises[0].sets) == 3
    assert problem_of(found[2]).detail == "3 cells where the heading has 14."


def test_a_workout_of_which_no_row_can_be_read_is_none():
    bad = PLAIN | {"reps": "x"}

    found = read(table(bad, bad, PLAIN | {"title": "Arms"}, bad))

    assert [(type(one), one.row) for one in found] == [(Problem, 2), (Problem, 3), (ParsedWorkout, 4), (Problem, 5)]


def test_no_workout_has_more_sets_than_may_be_stored():
    rows = [PLAIN | {"set_index": str(number)} for number in range(1001)]

    problem, workout = read(table(*rows[:1000], PLAIN))

    assert problem_of(problem) == Problem(1002, None, "Squat (Barbell): More than 1,000 sets in the workout.")
    assert len(workout_of(workout).exercises[0].sets) == 1000


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_any_line_ending_change_nothing(mark, ending):
    cells = PLAIN | {"description": 'windy, "fun"'}

    (found,) = read(mark + table(cells, lineterminator=ending, quoting=csv.QUOTE_ALL).encode())

    assert (workout_of(found).title, workout_of(found).notes) == ("Legs", 'windy, "fun"')


@pytest.mark.parametrize("written", ["one\ntwo", "one\r\ntwo", r"one\ntwo"])
def test_a_line_break_in_a_text_is_one_however_it_was_written(written):
    found = workout_of(read_row(description=written, exercise_notes=written))

    assert (found.notes, found.exercises[0].note) == ("one\ntwo", "one\ntwo")


@pytest.mark.parametrize("column", ["description", "superset_id", "exercise_notes", "rpe"])
def test_some_columns_may_be_missing(column):
    assert read(table(PLAIN, heading=[name for name in HEADING if name != column])) == read(table(PLAIN))


def test_columns_are_found_by_name_in_any_order_and_case_with_unknown_ones_ignored():
    heading = [*(name.upper() for name in reversed(HEADING)), "Mood"]

    assert read(table({name.upper(): cell for name, cell in PLAIN.items()}, heading=heading)) == read(table(PLAIN))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        ((DATA / "mapmyfitness.csv").read_bytes(), "Not a Hevy export: the heading row lacks title, start_time, "),
        (table(PLAIN, delimiter=";").encode(), "separated by semicolons"),
        (table(PLAIN).encode("utf-16"), "UTF-16"),
        *(
            (table(PLAIN, heading=[name for name in HEADING if name != column]).encode(), f"lacks {named}.")
            for column, named in {
                **{name: name for name in ("title", "start_time", "end_time", "exercise_title", "set_index", "reps")},
                "weight_kg": "weight_kg or weight_lbs",
                "distance_km": "distance_km or distance_miles",
            }.items()
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile) as refused:
        read(content)

    assert says in str(refused.value)


def test_a_heading_alone_holds_nothing():
    assert read(table()) == []


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(",".join(HEADING) + "\n")
        for number in range(2_000):
            when = WHEN - timedelta(days=number)
            row = PLAIN | {"start_time": f"{when:%Y-%m-%d %H:%M}", "end_time": "", "description": "x" * 9_000}
            file.write(table(row).split("\n", 1)[1])  # 18 MB in all

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            kinds = Counter(type(record) for record in parse_export(stream, CHICAGO))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kinds == {ParsedWorkout: 2_000}
    assert peak < 4_000_000


@given(st.binary())
@example(b'"')
@example(b"\xef\xbb\xbf")
def test_arbitrary_bytes_raise_nothing_but_unreadable_file(content):
    try:
        read(content)
    except UnreadableFile as refused:
        assert str(refused).endswith(".")


@given(st.data())
def test_a_damaged_export_raises_nothing_but_unreadable_file_and_what_it_gives_can_be_stored(data):
    content = bytearray((DATA / "hevy_export_lbs_web.csv").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 200))] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b",", b"\0"])
        )

    try:
        found = read(bytes(content))
    except UnreadableFile:
        return

    for record in found:
        if isinstance(record, ParsedWorkout):
            assert record.exercises
            assert_storable(record)


@given(st.integers(0, 600_000), st.sampled_from(["America/Chicago", "Europe/Berlin", "Pacific/Chatham", "Asia/Seoul"]))
def test_any_minute_comes_back_but_for_the_second_time_that_clocks_show_it(minutes, name):
    zone = ZoneInfo(name)
    instant = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = instant.astimezone(zone)

    found = workout_of(read_row(zone, start_time=f"{local:%d.%m.%Y, %H:%M}", end_time=""))

    assert found.start_ts == local.replace(fold=0).astimezone(UTC)
    assert found.start_ts == instant or local.fold == 1


# --- the client, against a stand-in

QUICK = httpx.Timeout(0.2)


@pytest.fixture
def stand_in():
    with HevyStandIn.of_samples() as stand_in:
        yield stand_in


@pytest.fixture
def hevy(stand_in):
    with Hevy(stand_in.url, KEY) as hevy:
        yield hevy


def all_of(fetch):
    return [item for page in pages(fetch) for item in page.items]


def test_the_key_is_checked_and_sent(stand_in, hevy):
    assert hevy.check_key() == "ada"
    assert stand_in.requests[0].headers["api-key"] == KEY


def test_workouts_come_in_pages_of_ten_newest_first(stand_in):
    made = made_workouts(25)
    with HevyStandIn(made) as stand_in, Hevy(stand_in.url, KEY) as hevy:
        assert hevy.workout_count() == 25
        assert hevy.workouts(3) == Page(made[20:], 3)
        assert all_of(hevy.workouts) == made
        assert [request.query for request in stand_in.asked("/v1/workouts")[2:]] == [
            {"page": str(page), "pageSize": "10"} for page in (1, 2, 3)
        ]
    assert all(isinstance(parse_workout(workout, 1), ParsedWorkout) for workout in made)


def test_the_samples_come_through_the_client_as_they_are(stand_in, hevy):
    assert all_of(hevy.workouts) == SAMPLE_WORKOUTS
    assert hevy.workout_count() == sample("hevy_workout_count.json")["workout_count"]
    assert hevy.workout(ID) == SAMPLE_WORKOUTS[0]
    assert hevy.templates(1).items == sample("hevy_exercise_templates.json")["exercise_templates"]
    assert stand_in.asked("/v1/exercise_templates")[0].query == {"page": "1", "pageSize": "100"}


def test_edits_and_deletions_are_events_newest_first(stand_in, hevy):
    newest, deleted, _ = sample("hevy_events.json")["events"]
    stand_in.put(newest["workout"])
    stand_in.delete(deleted["id"], deleted["deleted_at"])

    since = datetime(2025, 10, 30, 18, 2, 44, 900_000, tzinfo=UTC)
    found = all_of(partial(hevy.events, since))

    assert found == [newest, deleted]
    assert stand_in.requests[-1].query["since"] == "2025-10-30T18:02:44Z"
    assert len(all_of(partial(hevy.events, datetime(1970, 1, 1, tzinfo=UTC)))) == 8
    with pytest.raises(NotThere):
        hevy.workout(deleted["id"])


def test_a_new_key_has_no_events_and_an_empty_account_no_pages(stand_in, hevy):
    stand_in.has_events = False
    assert hevy.events(WHEN, 1) == Page([], 0)

    with HevyStandIn() as empty, Hevy(empty.url, KEY) as its_hevy:
        assert its_hevy.workouts(1) == Page([], 0)
        assert list(pages(its_hevy.workouts)) == []
        assert its_hevy.workout_count() == 0
        assert len(empty.requests) == 3


@pytest.mark.parametrize("beyond", ["404", "empty"])
def test_a_page_beyond_the_end_is_empty(stand_in, hevy, beyond):
    stand_in.beyond = beyond

    assert hevy.workouts(2).items == []
    assert hevy.workouts(99).items == []


def test_a_first_page_that_is_not_there_is_an_error_and_no_empty_list(stand_in):
    with Hevy(f"{stand_in.url}/elsewhere", KEY) as lost, pytest.raises(NotThere):
        lost.workouts(1)


@pytest.mark.parametrize("workout_id", ["", "..", "../exercise_templates", "count?x=1", "a/b", "é"])
def test_an_id_cannot_lead_to_another_path(stand_in, hevy, workout_id):
    with pytest.raises(NotThere):
        hevy.workout(workout_id)

    assert stand_in.requests == []


def test_a_wrong_key_must_be_entered_anew_and_shows_nowhere(stand_in):
    with Hevy(stand_in.url, "wrong-key-4711") as hevy:
        with pytest.raises(ConnectionRefused) as refused:
            hevy.check_key()
        assert "4711" not in f"{refused.value!r} {hevy!r} {vars(hevy)!r}"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel", "x" * 201])
def test_what_cannot_be_a_key_is_refused_without_being_shown(key):
    with pytest.raises(ConnectionRefused) as refused:
        Hevy("http://127.0.0.1:9", key)

    assert not key or key not in repr(refused.value)


PLAIN_TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(Answer(401, b"InvalidApiKey", PLAIN_TEXT)), ConnectionRefused, "does not accept the key"),
        (Fault(Answer(500, b"<html>oops</html>")), Unreachable, "Hevy answered 500"),
        (Fault(Answer(502)), Unreachable, "Hevy answered 502"),
        (Fault(Answer(503, b"busy")), Unreachable, "Hevy answered 503"),
        (Fault(Answer(403, b"<html>blocked</html>")), Unreachable, "Hevy answered 403"),
        (Fault(json_answer({"error": "pageSize"}, 400)), Unreachable, "Hevy answered 400"),
        (Fault(Answer(302, b"", {"Location": "https://example.org/"})), Unreachable, "Hevy answered 302"),
        (Fault(cut=True), Unreachable, "could not be reached"),
        (Fault(Answer(200, b'{"page": 1, "workou')), Unreachable, "not JSON"),
        (Fault(Answer(200, b"")), Unreachable, "not JSON"),
        (Fault(Answer(200, b"\xff\xfe\x00")), Unreachable, "not JSON"),
        (Fault(Answer(200, b"<html>maintenance</html>")), Unreachable, "not JSON"),
        (Fault(json_answer([])), Unreachable, "JSON that is no object"),
        (Fault(json_answer({})), Unreachable, "a page without workouts"),
        (Fault(json_answer({"page": 1, "page_count": 1, "workouts": {}})), Unreachable, "a page without workouts"),
        (Fault(json_answer({"page": 1, "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 1, "page_count": -1, "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 1, "page_count": "1", "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 2, "page_count": 2, "workouts": []})), Unreachable, "another page"),
    ],
)
def test_every_fault_is_its_error_and_the_next_request_goes_through(stand_in, hevy, fault, error, says):
    stand_in.fail(fault)

    with pytest.raises(ProviderError) as raised:
        hevy.workouts(1)

    assert type(raised.value) is error
    assert says in raised.value.detail
    assert KEY not in raised.value.detail
    assert len(hevy.workouts(1).items) == 6


def test_a_slow_answer_is_given_up(stand_in):
    stand_in.fail(Fault(delay=60))

    with Hevy(stand_in.url, KEY, time_limits=QUICK) as hevy, pytest.raises(Unreachable, match="did not answer in time"):
        hevy.workouts(1)


def test_a_server_that_is_gone_is_unreachable():
    with HevyStandIn() as gone:
        pass

    with Hevy(gone.url, KEY) as hevy, pytest.raises(Unreachable, match="could not be reached: ConnectError"):
        hevy.check_key()


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, 60), ("30", 30), ("0", 0), ("86400000", 86_400), ("soon", 60), ("-5", 60), ("1.5", 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wed, 21 Oct 2065 07:28:00 GMT", 86_400),
        ("Wed, 21 Oct 2065 07:28:00 -0000", 86_400), ("Wed, 99 Oct 2065 07:28:00 GMT", 60),
    ],
)  # fmt: skip
def test_too_many_requests_say_when_to_ask_again(stand_in, hevy, retry_after, seconds):
    headers = {"Retry-After": retry_after} if retry_after else {}
    stand_in.fail(Fault(Answer(429, b"slow down", headers)))
    before = datetime.now(UTC)

    with pytest.raises(RateLimited) as limited:
        hevy.workouts(1)

    waits = timedelta(seconds=seconds)
    assert before + waits <= limited.value.retry_at <= datetime.now(UTC) + waits


# --- lists that go wrong on the way


@pytest.fixture
def long_list():
    with HevyStandIn(made_workouts(35)) as stand_in:
        yield stand_in


def read_until_error(stand_in):
    """Return how many pages came, and the error after them."""
    came = []
    with Hevy(stand_in.url, KEY) as hevy, pytest.raises(ProviderError) as raised:
        came.extend(pages(hevy.workouts))
    return len(came), raised.value


FINE = Fault()


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(Answer(401, b"InvalidApiKey", PLAIN_TEXT)), ConnectionRefused, "key"),
        (Fault(Answer(429)), RateLimited, "asked again"),
        (Fault(Answer(500)), Unreachable, "500"),
        (Fault(cut=True), Unreachable, "could not be reached"),
        (Fault(without_items), Unreachable, "nothing on page 2 of 4"),
        (Fault(json_answer({"error": "Page not found"}, 404)), Unreachable, "nothing on page 2 of 4"),
        (Fault(Answer(200, b"{")), Unreachable, "not JSON"),
    ],
)
def test_a_fault_in_the_middle_of_a_list_comes_after_the_pages_before_it(long_list, fault, error, says):
    long_list.fail(FINE, fault)

    came, raised = read_until_error(long_list)

    assert (came, type(raised), len(long_list.requests)) == (1, error, 2)
    assert says in raised.detail


def test_the_same_page_twice_ends_the_reading(long_list):
    long_list.fail(FINE, Fault(long_list.page_before))

    came, raised = read_until_error(long_list)

    assert (came, type(raised), raised.detail) == (1, Unreachable, "Hevy sent page 1 again as page 2")


def test_the_same_page_for_ever_ends_the_reading(long_list):
    first = {"page": 1, "page_count": 4, "workouts": made_workouts(1)}
    long_list.fail(*[Fault(json_answer(first))] * 10)

    came, raised = read_until_error(long_list)

    assert (came, raised.detail) == (1, "Hevy sent another page than the one asked for")


def test_a_list_that_grows_for_ever_ends_too(stand_in, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 5)

    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(pages(lambda number: Page([number], number + 1)))


def test_the_last_page_may_vanish_on_the_way(long_list):
    def delete_one(request, right):
        for workout in made_workouts(35)[-5:]:
            long_list.delete(workout["id"], "2025-10-30T18:02:44.120Z")
        return right()

    long_list.fail(FINE, FINE, FINE, Fault(delete_one))

    with Hevy(long_list.url, KEY) as hevy:
        assert len(all_of(hevy.workouts)) == 30


def test_a_workout_that_arrives_on_the_way_moves_one_to_the_next_page(long_list):
    def add_one(request, right):
        long_list.put(made_workout("new", datetime(2025, 11, 1, tzinfo=UTC), []))
        return right()

    long_list.fail(FINE, Fault(add_one))

    with Hevy(long_list.url, KEY) as hevy:
        ids = [workout["id"] for workout in all_of(hevy.workouts)]
    assert len(ids) == 36 and len(set(ids)) == 35


# --- the stand-in itself: what the client never asks


def ask(stand_in, method, path, **given):
    return httpx.request(method, stand_in.url + path, headers={"api-key": KEY}, **given)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/workouts?pageSize=11", 400),
        ("/v1/workouts?page=0", 400),
        ("/v1/workouts?page=one", 400),
        ("/v1/workouts/events?since=yesterday", 400),
        ("/v1/workouts/events?pageSize=11", 400),
        ("/v1/exercise_templates?pageSize=101", 400),
        ("/v1/exercise_templates/79D0BB3A", 200),
        ("/v1/exercise_templates/nothing", 404),
        ("/v1/workouts/nothing", 404),
        ("/v2/workouts", 404),
    ],
)
def test_the_stand_in_refuses_what_hevy_refuses(stand_in, path, status):
    assert ask(stand_in, "GET", path).status_code == status


def test_the_stand_in_has_pages_of_five_by_default(stand_in):
    page = ask(stand_in, "GET", "/v1/workouts?page=2").json()

    assert page == sample("hevy_workouts_page2.json")
    assert ask(stand_in, "GET", "/v1/workouts").json() == sample("hevy_workouts_page1.json")


def test_the_stand_in_keeps_one_webhook(stand_in):
    subscribe = partial(ask, stand_in, path="/v1/webhook-subscription")

    assert subscribe("GET").status_code == 404
    assert subscribe("POST", json={"authToken": "t", "url": "http://127.0.0.1/hook"}).status_code == 201
    assert subscribe("GET").json() == {"url": "http://127.0.0.1/hook", "auth_token": "t"}
    assert subscribe("DELETE").status_code == 200
    assert subscribe("GET").status_code == 404


def test_the_stand_in_serves_several_at_once(long_list):
    def read_all():
        with Hevy(long_list.url, KEY) as hevy:
            counts.append(len(all_of(hevy.workouts)))

    counts = []
    threads = [threading.Thread(target=read_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [35] * 8
    assert len(long_list.requests) == 32
