"""Hevy's JSON: workouts, events and templates."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.providers.hevy.workouts import parse_event, parse_template, parse_workout
from fitness.readers.hevy_values import NAMESPACE, workout_id
from fitness.readers.records import DeletedWorkout, ParsedExercise, ParsedTemplate, ParsedWorkout, Problem
from migrations.exercise_catalog import EXERCISES
from tests.providers.hevy.records import ID, SAMPLE_WORKOUTS, WHEN, assert_storable, set_of
from tests.readers.records import problem_of, workout_of
from tests.standins.hevy import made_set, made_workout, sample

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
        ([{"title": "Plank", "notes": "a\0b"}], "Plank: notes: the text contains a null byte."),
        ([{"title": "Plank", "notes": "a\udc00b"}], "Plank: notes: the text contains half a character."),
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

    assert template == ParsedTemplate(1, "1", title, None, modality, False, "Assisted" in title or None)


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
