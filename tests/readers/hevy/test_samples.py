"""Hevy's exports say what its API says."""

from fitness.providers.hevy.workouts import parse_workout
from tests.providers.hevy.records import SAMPLE_WORKOUTS
from tests.readers.hevy.tables import read
from tests.readers.records import workout_of
from tests.samples import DATA


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
