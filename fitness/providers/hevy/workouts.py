"""Parse the JSON of Hevy's API: workouts, events and exercise templates.

Hevy's weights are kilograms, distances metres, instants ISO 8601 with an offset; every value may be null. The routine
of a workout and the time it was entered are left out.
"""

import re
from collections.abc import Mapping
from typing import Any

from fitness.ranges import LONGEST_NAME, LONGEST_NOTE, MOST_SETS
from fitness.readers.hevy_values import LONGEST_ID, needed_name, needed_text, parsed_set, within, workout_id
from fitness.readers.records import (
    BadValue,
    DeletedWorkout,
    Modality,
    ParsedExercise,
    ParsedSet,
    ParsedTemplate,
    ParsedWorkout,
    Problem,
)
from fitness.readers.values import instant, json_object, text

Json = Mapping[str, Any]

# The body parts of the exercise catalog: hip exercises belong to the glutes, rowing and climbing machines to the full
# body. "other" has no body part.
_BODY_PARTS = {
    "abdominals": "Core",
    "abductors": "Glutes",
    "adductors": "Glutes",
    "biceps": "Biceps",
    "calves": "Calves",
    "cardio": "Full Body",
    "chest": "Chest",
    "forearms": "Forearms",
    "full_body": "Full Body",
    "glutes": "Glutes",
    "hamstrings": "Hamstrings",
    "lats": "Back",
    "lower_back": "Back",
    "neck": "Neck",
    "quadriceps": "Quadriceps",
    "shoulders": "Shoulders",
    "traps": "Back",
    "triceps": "Triceps",
    "upper_back": "Back",
}
_MODALITIES: dict[str, Modality] = {
    "barbell": "BARBELL",
    "dumbbell": "DUMBBELL",
    "kettlebell": "DUMBBELL",  # as in the catalog
    "cable": "CABLE",
    "machine": "MACHINE",
    "bodyweight": "BODYWEIGHT",
}
_ASSISTED = "bodyweight_assisted_reps"
"""The type of exercises whose weights, which Hevy writes as positive numbers, are assistance."""
_IN_BRACKETS = re.compile(rf"\((?:[^()]*\b)?({'|'.join(_MODALITIES)})\b[^()]*\)", re.IGNORECASE)


def parse_workout(workout: object, row: int) -> ParsedWorkout | Problem:
    """Return a workout, with weights in kg and distances in miles, or a Problem if it cannot be read.

    The Problem names the exercise and the set. Nothing is raised, whatever the JSON.
    """
    external_id = None
    try:
        given = json_object(workout, "The workout")
        external_id = needed_text(given.get("id"), "id", LONGEST_ID)
        start, end = instant(given.get("start_time"), "start_time"), instant(given.get("end_time"), "end_time")
        if start is None:
            raise BadValue("start_time: missing.")
        if end and end < start:
            raise BadValue("end_time: before the start_time.")
        exercises = tuple(map(_exercise, _list(given, "exercises")))
        if max(len(exercises), sum(len(exercise.sets) for exercise in exercises)) > MOST_SETS:
            raise BadValue(f"More than {MOST_SETS:,} sets.")
        return ParsedWorkout(
            row,
            workout_id(external_id),
            external_id,
            text(given.get("title"), "title", LONGEST_NAME),
            start,
            end,
            text(given.get("description"), "description", LONGEST_NOTE),
            exercises,
            instant(given.get("updated_at"), "updated_at"),
        )
    except BadValue as error:
        return Problem(row, external_id, str(error))


def parse_event(event: object, row: int) -> ParsedWorkout | DeletedWorkout | Problem:
    """Return the workout of an event as it is now, or a DeletedWorkout, or a Problem.

    The feed has one event per edit, newest first: if a workout has several events, the first one counts.
    """
    external_id = None
    try:
        given = json_object(event, "The event")
        if given.get("type") == "updated":  # includes created
            return parse_workout(given.get("workout"), row)
        external_id = needed_text(given.get("id"), "id", LONGEST_ID)
        if given.get("type") != "deleted":
            raise BadValue("type: the event is neither updated nor deleted.")
        return DeletedWorkout(row, workout_id(external_id), external_id, instant(given.get("deleted_at"), "deleted_at"))
    except BadValue as error:
        return Problem(row, external_id, str(error))


def parse_template(template: object, row: int) -> ParsedTemplate | Problem:
    """Return an exercise template, with body part and modality, None if unknown.

    The modality is the word in brackets in the title, otherwise from the equipment, otherwise from the type.
    """
    template_id = None
    try:
        given = json_object(template, "The exercise template")
        template_id = needed_text(given.get("id"), "id", LONGEST_ID)
        name = needed_name(given.get("title"), "title")
        in_brackets = _IN_BRACKETS.search(name)
        equipment = text(given.get("equipment_category"), "equipment_category", LONGEST_NAME) or ""
        kind = text(given.get("type"), "type", LONGEST_NAME) or ""
        return ParsedTemplate(
            row,
            template_id,
            name,
            _BODY_PARTS.get(text(given.get("primary_muscle_group"), "primary_muscle_group", LONGEST_NAME) or ""),
            _MODALITIES.get((in_brackets[1] if in_brackets else equipment).lower())
            or ("BODYWEIGHT" if kind.startswith("bodyweight") else None),
            given.get("is_custom") is True,
            True if kind == _ASSISTED else None,
        )
    except BadValue as error:
        return Problem(row, template_id, str(error))


def _exercise(exercise: Json) -> ParsedExercise:
    name = needed_name(exercise.get("title"), "The title of an exercise")
    with within(name):
        superset_id = exercise.get("superset_id")
        if superset_id is None:
            superset_id = exercise.get("supersets_id")  # in the published schema, not yet seen in a response
        return ParsedExercise(
            name,
            text(exercise.get("exercise_template_id"), "exercise_template_id", LONGEST_ID),
            text(exercise.get("notes"), "notes", LONGEST_NOTE),
            tuple(_set(given, number, superset_id) for number, given in enumerate(_list(exercise, "sets"), 1)),
        )


def _set(given: Json, number: int, superset_id: object) -> ParsedSet:
    with within(f"set {number}"):
        return parsed_set(
            set_type=given.get("type"),
            weight=given.get("weight_kg"),
            weight_unit="kg",
            reps=given.get("reps"),
            rpe=given.get("rpe"),
            duration_seconds=given.get("duration_seconds"),
            distance=given.get("distance_meters"),
            distance_unit="metres",
            superset_id=superset_id,
            custom_metric=given.get("custom_metric"),
        )


def _list(owner: Json, name: str) -> list[Json]:
    """Return the objects in a list, sorted by `index` if all have one; a missing list is empty."""
    value = owner.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadValue(f"{name}: not a list.")
    items = [json_object(item, f"{name}: one") for item in value]
    if all(type(item.get("index")) is int for item in items):
        items.sort(key=lambda item: item["index"])
    return items
