"""Duplicate runs, workouts and planned workouts."""

from marshmallow import fields, validate

from fitness.ranges import LAST_ID
from fitness.schemas.base import Line, PageQuery, Schema, Whole, ZoneQuery, described
from fitness.schemas.planned_workouts import PlannedWorkoutSchema
from fitness.schemas.runs import RunSchema
from fitness.schemas.workouts import WORKOUT_ID, WorkoutSchema


class SuggestionFields(Schema):
    """Two records that may be the same."""

    score = fields.Float(required=True, metadata=described("How similar the two are, from 0 to 1", 0.93))


class TimedSuggestionFields(SuggestionFields):
    """Two records with a start time that may be the same."""

    minutes_apart = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Minutes between the start times; null if one has no time of day", 2.0),
    )


class SuggestionSchema(TimedSuggestionFields):
    """Two runs that may be the same."""

    run = fields.Nested(RunSchema, required=True)
    duplicate_of = fields.Nested(RunSchema, required=True)


class WorkoutSuggestionSchema(TimedSuggestionFields):
    """Two workouts that may be the same."""

    workout = fields.Nested(WorkoutSchema, required=True)
    duplicate_of = fields.Nested(WorkoutSchema, required=True)


class PlannedWorkoutSuggestionSchema(SuggestionFields):
    """Two planned workouts that may be the same."""

    planned_workout = fields.Nested(PlannedWorkoutSchema, required=True)
    duplicate_of = fields.Nested(PlannedWorkoutSchema, required=True)
    days_apart = fields.Integer(required=True, metadata=described("Days between the original days", 1))


class SuggestionsQuery(PageQuery, ZoneQuery):
    """Filters of the suggestions."""


class DuplicateOfSchema(Schema):
    """The run that another one is a duplicate of."""

    run_id = Line(required=True, metadata=described("Id of the run that counts", "strava_1234567890"))


class WorkoutDuplicateOfSchema(Schema):
    """The workout that another one is a duplicate of."""

    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)


class PlannedWorkoutDuplicateOfSchema(Schema):
    """The planned workout that another one is a duplicate of."""

    planned_workout_id = Whole(
        required=True,
        validate=validate.Range(1, LAST_ID),
        metadata=described("Id of the planned workout that counts", 5),
    )
