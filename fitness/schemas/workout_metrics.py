"""Statistics of workouts. Distances are miles, durations seconds; weights and volumes are given in both units."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.schemas.base import (
    AsOfQuery,
    Day,
    DaysQuery,
    Digits,
    Flag,
    Miles,
    PageQuery,
    Rounded,
    Schema,
    WeeksQuery,
    described,
)
from fitness.schemas.exercise_executions import EXERCISE_ID, WEIGHT_UNITS, StrengthSetSchema
from fitness.schemas.workouts import COUNTED, EXERCISE_TYPE, START_TS, TITLE
from fitness.units import KG_PER_LB

EXERCISE_NAME = described("Name of the exercise", "Bench Press")
WORKOUT_ID = described("Workout id", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")
SETS = described("Sets without warm-ups", 412)
REPS = described("Repetitions in these sets", 3204)
VOLUME_POUNDS = described("Weight × repetitions of these sets, in pounds; assistance counts as 0", 410250.5)
VOLUME_KILOGRAMS = described("In kilograms", 186086.4)
WEIGHT = described("Weight as entered", 100)
WEIGHT_UNIT = described("lb or kg", "kg")
SET_REPS = described("Repetitions", 5)
COUNTED_REPS = described("Repetitions of the rep counter", 1250)
WEEK = described("First day of the week", "2025-10-27")
MONTH = described("First day of the month", "2025-11-01")


class VolumeFields(Schema):
    """Totals of sets."""

    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)
    volume_pounds = Rounded(required=True, metadata=VOLUME_POUNDS)
    volume_kilograms = Rounded(required=True, metadata=VOLUME_KILOGRAMS)


class TotalsSchema(VolumeFields):
    """Totals of workouts."""

    workouts = fields.Integer(required=True, metadata=described("Workouts", 141))
    strength_workouts = fields.Integer(required=True, metadata=described("Workouts of type STRENGTH", 104))
    cardio_workouts = fields.Integer(required=True, metadata=described("Workouts of type CARDIO", 22))
    rep_workouts = fields.Integer(required=True, metadata=described("Workouts of type REPS", 15))
    counted_reps = fields.Integer(required=True, metadata=COUNTED_REPS)
    duration_seconds = Rounded(
        required=True,
        metadata=described("Seconds of the cardio or rep session, otherwise from start to end of the workout", 507600),
    )
    strength_seconds = Rounded(required=True, metadata=described("Those of the workouts of type STRENGTH", 374400))
    distance_miles = Miles(required=True, metadata=described("Miles of cardio sessions and sets", 61.3))
    calories_burned = Rounded(required=True, metadata=described("Calories, where recorded", 42300))


class WeekSchema(Schema):
    """Number of workouts in a week."""

    week = fields.Date(required=True, metadata=WEEK)
    workouts = fields.Integer(required=True, metadata=described("Workouts", 3))


class MonthSchema(Schema):
    """Number of workouts in a month."""

    month = fields.Date(required=True, metadata=MONTH)
    workouts = fields.Integer(required=True, metadata=described("Workouts", 13))


class FrequencySchema(Schema):
    """Frequency of workouts."""

    per_week = Rounded(
        required=True,
        metadata=described(
            "Workouts per week, from the week of `start` (or the first workout) to that of `end` (or today)", 2.7
        ),
    )
    per_month = Rounded(required=True, metadata=described("Workouts per month, over the same range", 11.75))
    weeks = fields.List(
        fields.Nested(WeekSchema),
        required=True,
        metadata={"description": "The latest 52 of these weeks, including weeks without a workout"},
    )
    months = fields.List(
        fields.Nested(MonthSchema),
        required=True,
        metadata={"description": "The latest 24 of these months, including months without a workout"},
    )


class PerformedExerciseSchema(Schema):
    """An exercise and how often it was done."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    workouts = fields.Integer(required=True, metadata=described("Workouts with these sets", 52))
    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)


class BodyPartSchema(Schema):
    """A body part and its share of the training."""

    body_part = fields.String(required=True, metadata=described("Body part; Unknown if the exercise has none", "Chest"))
    sets = fields.Integer(required=True, metadata=SETS)
    share = fields.Float(required=True, metadata=described("Share of all sets, 0 to 1", 0.25))


class BestSetSchema(Schema):
    """The best set of an exercise and the day of it."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    weight = fields.Float(required=True, allow_none=True, metadata=WEIGHT)
    weight_unit = fields.String(required=True, validate=validate.OneOf(WEIGHT_UNITS), metadata=WEIGHT_UNIT)
    weight_kilograms = Rounded(
        required=True, allow_none=True, metadata=described(f"Weight in kilograms; a pound is {KG_PER_LB} kg", 100)
    )
    weight_pounds = Rounded(required=True, allow_none=True, metadata=described("Weight in pounds", 220.46))
    is_assistance = Flag(
        required=True, metadata=described("Whether the weight is assistance, so that less is better", False)
    )
    reps = fields.Integer(required=True, metadata=SET_REPS)
    achieved_on = fields.Date(required=True, metadata=described("Local day", "2025-11-02"))
    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)
    estimated_one_rep_max_pounds = Rounded(
        required=True,
        allow_none=True,
        metadata=described(
            "In pounds, after Epley (1985): weight × (1 + reps / 30); for one repetition, the weight; null without a "
            "weight and for assistance",
            257.21,
        ),
    )
    estimated_one_rep_max_kilograms = Rounded(
        required=True, allow_none=True, metadata=described("In kilograms", 116.67)
    )


class StreaksSchema(Schema):
    """Streaks of days with a workout."""

    current_days = fields.Integer(
        required=True, metadata=described("Length of the streak that reaches today or yesterday, otherwise 0", 3)
    )
    longest_days = fields.Integer(
        required=True, metadata=described("Length of the longest streak; the latest among equals", 9)
    )
    longest_from = fields.Date(
        required=True, allow_none=True, metadata=described("First day of the longest streak", "2025-06-01")
    )
    longest_to = fields.Date(
        required=True, allow_none=True, metadata=described("Last day of the longest streak", "2025-06-09")
    )
    last_workout_on = fields.Date(
        required=True, allow_none=True, metadata=described("Local day of the latest workout", "2025-11-02")
    )


class UserStatsSchema(Schema):
    """Statistics of workouts."""

    totals = fields.Nested(TotalsSchema, required=True)
    frequency = fields.Nested(FrequencySchema, required=True)
    most_performed_exercises = fields.List(
        fields.Nested(PerformedExerciseSchema),
        required=True,
        metadata={
            "description": "At most ten, by number of workouts, then sets, then repetitions (most first), then name"
        },
    )
    body_parts = fields.List(
        fields.Nested(BodyPartSchema), required=True, metadata={"description": "Most sets first, then by name"}
    )
    personal_records = fields.List(
        fields.Nested(BestSetSchema),
        required=True,
        metadata={
            "description": "The heaviest set of each exercise, or the one with the least assistance (among equals the "
            "one with more repetitions, then the earlier one), latest records first, at most 100"
        },
    )
    streaks = fields.Nested(StreaksSchema, required=True)


class ExerciseTotalsSchema(VolumeFields):
    """Totals of an exercise."""

    workouts = fields.Integer(required=True, metadata=described("Workouts with these sets", 52))
    first_on = fields.Date(
        required=True, allow_none=True, metadata=described("Local day of the first set", "2024-02-05")
    )
    last_on = fields.Date(
        required=True, allow_none=True, metadata=described("Local day of the latest set", "2025-11-02")
    )


class ExerciseWeekSchema(VolumeFields):
    """Totals of an exercise in a week."""

    week = fields.Date(required=True, metadata=WEEK)


class ExerciseStatsSchema(Schema):
    """Statistics of an exercise."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    totals = fields.Nested(ExerciseTotalsSchema, required=True)
    best_set = fields.Nested(
        BestSetSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "The heaviest set, or the one with the least assistance; among equals, and without weights, "
            "the one with more repetitions, then the earlier one"
        },
    )
    estimated_one_rep_max = fields.Nested(
        BestSetSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The set with the highest estimated one-repetition maximum"},
    )
    weeks = fields.List(
        fields.Nested(ExerciseWeekSchema),
        required=True,
        metadata={
            "description": "The latest 52 weeks from `start` (or the first set) to `end` (or today), including weeks "
            "without a set"
        },
    )


class PerformedSetSchema(StrengthSetSchema):
    """A set in the training history of an exercise."""

    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)
    start_ts = fields.AwareDateTime(required=True, metadata=START_TS)
    title = fields.String(required=True, allow_none=True, metadata=TITLE)
    estimated_one_rep_max = Rounded(
        required=True,
        allow_none=True,
        metadata=described(
            "In the unit of the set, after Epley (1985); null without a weight or a repetition, and for assistance",
            262.5,
        ),
    )


class StatsQuery(WeeksQuery, AsOfQuery, DaysQuery):
    """A range of local days, as it was at an instant, and when weeks start."""


class PerformedSetsQuery(AsOfQuery, PageQuery):
    """Paging of an exercise's sets, as they were at an instant."""


class RepsQuery(AsOfQuery, DaysQuery):
    """Filters of rep sessions."""

    days = Digits(
        validate=validate.Range(1, 3650),
        metadata=described("Number of local days, up to and including `end`; default: 30, unless `start` is given", 30),
    )
    end = Day(metadata=described("Last local day; default: today", "2025-11-30"))
    exercise_type = fields.String(validate=validate.OneOf(COUNTED), metadata=EXERCISE_TYPE)

    @validates_schema
    def is_one(self, data: dict[str, Any], **_: Any) -> None:
        if "days" in data and "start" in data:
            raise ValidationError("Send either days or start", "start")


class RepFields(Schema):
    """Totals of rep sessions."""

    sessions = fields.Integer(required=True, metadata=described("Sessions", 12))
    reps = fields.Integer(required=True, metadata=described("Repetitions", 384))


class RepTotalsSchema(RepFields):
    """Totals of all rep sessions."""

    duration_seconds = fields.Integer(required=True, metadata=described("Seconds", 2160))
    calories_burned = Rounded(required=True, metadata=described("Calories, where recorded", 150))


class RepTypeSchema(RepFields):
    """Totals of the rep sessions of one exercise."""

    exercise_type = fields.String(required=True, validate=validate.OneOf(COUNTED), metadata=EXERCISE_TYPE)
    average_reps = Rounded(required=True, metadata=described("Repetitions per session", 32))
    record_reps = fields.Integer(required=True, metadata=described("Most in a session", 51))
    record_on = fields.Date(
        required=True, metadata=described("Local day of the first session with that number", "2025-11-02")
    )


class RepDaySchema(RepFields):
    """Totals of the rep sessions of a day."""

    day = fields.Date(required=True, metadata=described("Local day", "2025-11-02"))
    duration_seconds = fields.Integer(required=True, metadata=described("Seconds", 180))


class RepStatsSchema(Schema):
    """Statistics of rep sessions."""

    totals = fields.Nested(RepTotalsSchema, required=True)
    exercise_types = fields.List(
        fields.Nested(RepTypeSchema), required=True, metadata={"description": "Exercises with a session, by name"}
    )
    days = fields.List(
        fields.Nested(RepDaySchema), required=True, metadata={"description": "All days, ending with `end`"}
    )
