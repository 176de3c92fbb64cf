"""Runs, workouts and rep sessions side by side. Distances are miles, durations seconds."""

from marshmallow import fields, validate

from fitness.db.timeline import KINDS, PERIODS
from fitness.schemas import runs, workouts
from fitness.schemas.base import DaysQuery, PageQuery, Schema, described
from fitness.schemas.run_metrics import SeriesQuery
from fitness.schemas.workout_metrics import COUNTED_REPS, REPS, SETS, VOLUME_KILOGRAMS, VOLUME_POUNDS
from fitness.schemas.workouts import EXERCISE_TYPE

KIND = described("run, workout or reps", "run")
TYPE = described(f"Of a run {' or '.join(runs.TYPES)}; of a workout {', '.join(workouts.TYPES)}", "Outdoor Run")
SOURCE = described("Where it came from: MapMyFitness, Strava, Hevy or Manual", "Strava")


class ActivityFilters(Schema):
    """Which activities."""

    type = fields.String(validate=validate.OneOf([*runs.TYPES, *workouts.TYPES]), metadata=TYPE)
    source = fields.String(
        validate=validate.OneOf(list(dict.fromkeys([*runs.SOURCES, *workouts.SOURCES]))), metadata=SOURCE
    )


class TimelineQuery(DaysQuery, PageQuery, ActivityFilters):
    """Which activities of the list."""

    kind = fields.String(validate=validate.OneOf(KINDS), metadata=KIND)


class SummaryQuery(SeriesQuery, ActivityFilters):
    """Which activities add up, and over how long."""

    period = fields.String(
        load_default="week",
        validate=validate.OneOf(PERIODS),
        metadata=described("day, week (from Monday on), month or year", "week"),
    )


class ActivitySchema(Schema):
    """A run, a workout or a rep session; what it does not know is null."""

    kind = fields.String(required=True, metadata=KIND)
    id = fields.String(required=True, metadata=described("Of the run or of the workout", "mmf_8700100201"))
    start_ts = fields.AwareDateTime(required=True, metadata=described("When it began", "2025-11-02T12:05:31Z"))
    type = fields.String(required=True, metadata=TYPE)
    title = fields.String(required=True, allow_none=True, metadata=described("Title", "Morning run"))
    source = fields.String(required=True, metadata=SOURCE)
    duration_seconds = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Seconds; of a workout, what its session says, else from its start to its end", 3180),
    )
    distance_miles = fields.Float(required=True, allow_none=True, metadata=described("Miles of a run or cardio", 6.21))
    avg_heart_rate = fields.Float(required=True, allow_none=True, metadata=runs.AVG_HEART_RATE)
    calories_burned = fields.Float(required=True, allow_none=True, metadata=described("Calories", None))
    exercise_type = fields.String(required=True, allow_none=True, metadata=EXERCISE_TYPE)
    sets = fields.Integer(required=True, allow_none=True, metadata=described("Sets but for warm-ups; null of runs", 18))
    reps = fields.Integer(
        required=True, allow_none=True, metadata=described("Repetitions, counted or of these sets; null of runs", 142)
    )
    volume_pounds = fields.Float(
        required=True, allow_none=True, metadata=described("Weight × repetitions of these sets; null of runs", 18250.5)
    )


class SummaryFields(Schema):
    """What activities add up to."""

    runs = fields.Integer(required=True, metadata=described("Runs", 4))
    run_miles = fields.Float(required=True, metadata=described("Miles of runs", 24.8))
    run_seconds = fields.Float(required=True, metadata=described("Seconds of runs", 12600))
    workouts = fields.Integer(required=True, metadata=described("Finished workouts, without rep sessions", 2))
    rep_sessions = fields.Integer(required=True, metadata=described("Finished rep sessions", 1))
    workout_seconds = fields.Float(required=True, metadata=described("Seconds of workouts and rep sessions", 7380))
    cardio_miles = fields.Float(required=True, metadata=described("Miles of cardio workouts", 2.5))
    calories_burned = fields.Float(required=True, metadata=described("Calories of the workouts that tell", 640))
    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)
    volume_pounds = fields.Float(required=True, metadata=VOLUME_POUNDS)
    volume_kilograms = fields.Float(required=True, metadata=VOLUME_KILOGRAMS)
    counted_reps = fields.Integer(required=True, metadata=COUNTED_REPS)


class SummaryPeriodSchema(SummaryFields):
    """What the activities of a period add up to."""

    start = fields.Date(required=True, metadata=described("First local day of the period", "2025-10-27"))


class SummarySchema(Schema):
    """What activities add up to, period by period and in all."""

    period = fields.String(required=True, metadata=described("day, week, month or year", "week"))
    periods = fields.List(
        fields.Nested(SummaryPeriodSchema),
        required=True,
        metadata={"description": "From `start` (or the first activity) to `end` (or the last), those without one too"},
    )
    total = fields.Nested(SummaryFields, required=True)
