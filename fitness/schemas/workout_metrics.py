"""Statistics of workouts. Distances are miles, durations seconds; weights and volumes are given in both units."""

from marshmallow import fields, validate

from fitness.schemas.base import Schema, TimeZone, described
from fitness.schemas.exercise_executions import EXERCISE_ID, StrengthSetSchema
from fitness.schemas.workouts import COUNTED, EXERCISE_TYPE, START_TS, TITLE

EXERCISE_NAME = described("Its name", "Bench Press")
WORKOUT_ID = described("The workout", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")
SETS = described("Sets, warm-ups left out", 412)
REPS = described("Repetitions in these sets", 3204)
VOLUME_POUNDS = described("Weight × repetitions of these sets, in pounds; assistance (below zero) moves none", 410250.5)
VOLUME_KILOGRAMS = described("The same in kilograms", 186086.4)
WEIGHT = described("As it was entered", 100)
WEIGHT_UNIT = described("lb or kg", "kg")
SET_REPS = described("Repetitions", 5)
COUNTED_REPS = described("Repetitions that the rep counter saw", 1250)
WEEK = described("Its Monday", "2025-10-27")
MONTH = described("Its first day", "2025-11-01")


class VolumeFields(Schema):
    """What sets add up to."""

    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)
    volume_pounds = fields.Float(required=True, metadata=VOLUME_POUNDS)
    volume_kilograms = fields.Float(required=True, metadata=VOLUME_KILOGRAMS)


class TotalsSchema(VolumeFields):
    """What all workouts add up to."""

    workouts = fields.Integer(required=True, metadata=described("Workouts", 141))
    strength_workouts = fields.Integer(required=True, metadata=described("Those of lifts", 104))
    cardio_workouts = fields.Integer(required=True, metadata=described("Those of cardio", 22))
    rep_workouts = fields.Integer(required=True, metadata=described("Those of the rep counter", 15))
    counted_reps = fields.Integer(required=True, metadata=COUNTED_REPS)
    duration_seconds = fields.Float(
        required=True,
        metadata=described(
            "What the cardio or rep session says it took, else from a workout's start to its end", 507600
        ),
    )
    distance_miles = fields.Float(required=True, metadata=described("Of cardio sessions and of sets", 61.3))
    calories_burned = fields.Float(required=True, metadata=described("Calories of the workouts that tell", 42300))


class WeekSchema(Schema):
    """How often in a week."""

    week = fields.Date(required=True, metadata=WEEK)
    workouts = fields.Integer(required=True, metadata=described("Workouts", 3))


class MonthSchema(Schema):
    """How often in a month."""

    month = fields.Date(required=True, metadata=MONTH)
    workouts = fields.Integer(required=True, metadata=described("Workouts", 13))


class FrequencySchema(Schema):
    """How often."""

    per_week = fields.Float(
        required=True,
        metadata=described(
            "Workouts a week, over all weeks from `start` (or the first one) to `end` (or the last)", 2.7
        ),
    )
    per_month = fields.Float(required=True, metadata=described("Workouts a month, likewise", 11.75))
    weeks = fields.List(
        fields.Nested(WeekSchema),
        required=True,
        metadata={"description": "The latest 52 of these weeks, those without a workout too"},
    )
    months = fields.List(
        fields.Nested(MonthSchema), required=True, metadata={"description": "The latest 24 of these months, likewise"}
    )


class PerformedExerciseSchema(Schema):
    """An exercise and how often it was done."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    workouts = fields.Integer(required=True, metadata=described("Workouts with such a set", 52))
    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)


class BodyPartSchema(Schema):
    """A body part and how much of the training was for it."""

    body_part = fields.String(required=True, metadata=described("Unknown where the exercise says none", "Chest"))
    sets = fields.Integer(required=True, metadata=SETS)
    share = fields.Float(required=True, metadata=described("Of all sets, 0 to 1", 0.25))


class RecordSchema(Schema):
    """The best set of an exercise, from the day it was first lifted."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    weight = fields.Float(required=True, metadata=WEIGHT)
    weight_unit = fields.String(required=True, metadata=WEIGHT_UNIT)
    weight_kilograms = fields.Float(required=True, metadata=described("In kilograms; a pound is 0.45359237 kg", 100))
    weight_pounds = fields.Float(required=True, metadata=described("In pounds", 220.46))
    reps = fields.Integer(required=True, metadata=SET_REPS)
    achieved_on = fields.Date(required=True, metadata=described("Local day", "2025-11-02"))
    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)
    estimated_one_rep_max_pounds = fields.Float(
        required=True, metadata=described("After Epley (1985): weight × (1 + reps / 30), of one rep its weight", 257.21)
    )
    estimated_one_rep_max_kilograms = fields.Float(required=True, metadata=described("The same in kilograms", 116.67))


class StreaksSchema(Schema):
    """Days with a workout, one after the other."""

    current_days = fields.Integer(
        required=True, metadata=described("Of the streak that reaches today or yesterday, else 0", 3)
    )
    longest_days = fields.Integer(required=True, metadata=described("Of the longest; of equal ones the latest", 9))
    longest_from = fields.Date(required=True, allow_none=True, metadata=described("Its first day", "2025-06-01"))
    longest_to = fields.Date(required=True, allow_none=True, metadata=described("Its last day", "2025-06-09"))
    last_workout_on = fields.Date(required=True, allow_none=True, metadata=described("Latest day", "2025-11-02"))


class UserStatsSchema(Schema):
    """What a person's workouts add up to."""

    totals = fields.Nested(TotalsSchema, required=True)
    frequency = fields.Nested(FrequencySchema, required=True)
    most_performed_exercises = fields.List(
        fields.Nested(PerformedExerciseSchema),
        required=True,
        metadata={"description": "Ten at most: by workouts, then sets, then repetitions, the most first; then by name"},
    )
    body_parts = fields.List(
        fields.Nested(BodyPartSchema), required=True, metadata={"description": "Most sets first, then by name"}
    )
    personal_records = fields.List(
        fields.Nested(RecordSchema),
        required=True,
        metadata={
            "description": "The heaviest set of each exercise (of equal ones the one with more repetitions, then the "
            "earlier), the latest records first, 100 at most"
        },
    )
    streaks = fields.Nested(StreaksSchema, required=True)


class ExerciseTotalsSchema(VolumeFields):
    """What the sets of an exercise add up to."""

    workouts = fields.Integer(required=True, metadata=described("Workouts with such a set", 52))
    first_on = fields.Date(required=True, allow_none=True, metadata=described("First local day", "2024-02-05"))
    last_on = fields.Date(required=True, allow_none=True, metadata=described("Latest local day", "2025-11-02"))


class ExerciseWeekSchema(VolumeFields):
    """What the sets of an exercise add up to in a week."""

    week = fields.Date(required=True, metadata=WEEK)


class ExerciseStatsSchema(Schema):
    """What a person's sets of an exercise add up to."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    name = fields.String(required=True, metadata=EXERCISE_NAME)
    totals = fields.Nested(ExerciseTotalsSchema, required=True)
    best_set = fields.Nested(
        RecordSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The heaviest; of equal ones that with more repetitions, then the earlier"},
    )
    estimated_one_rep_max = fields.Nested(
        RecordSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The set that suggests the heaviest single repetition"},
    )
    weeks = fields.List(
        fields.Nested(ExerciseWeekSchema),
        required=True,
        metadata={
            "description": "The latest 52 weeks from `start` (or the first set) to `end` (or the last), those without "
            "a set too"
        },
    )


class PerformedSetSchema(StrengthSetSchema):
    """A set in the training history of an exercise."""

    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)
    start_ts = fields.AwareDateTime(required=True, metadata=START_TS)
    title = fields.String(required=True, allow_none=True, metadata=TITLE)
    estimated_one_rep_max = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("In the set's unit, after Epley (1985); null without a repetition of a weight", 262.5),
    )


class RepsQuery(Schema):
    """How many days back, and of what."""

    days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 3650),
        metadata=described("Local days up to today, which is one of them", 30),
    )
    time_zone = TimeZone(metadata=described("Zone of the days; the user's own by default, else UTC", "Europe/Berlin"))
    exercise_type = fields.String(validate=validate.OneOf(COUNTED), metadata=EXERCISE_TYPE)


class RepFields(Schema):
    """What rep sessions add up to."""

    sessions = fields.Integer(required=True, metadata=described("Sessions", 12))
    reps = fields.Integer(required=True, metadata=described("Repetitions", 384))


class RepTotalsSchema(RepFields):
    """What all rep sessions add up to."""

    duration_seconds = fields.Integer(required=True, metadata=described("Seconds", 2160))
    calories_burned = fields.Float(required=True, metadata=described("Calories of the sessions that tell", 150))


class RepTypeSchema(RepFields):
    """What the rep sessions of one exercise add up to."""

    exercise_type = fields.String(required=True, metadata=EXERCISE_TYPE)
    average_reps = fields.Float(required=True, metadata=described("Repetitions a session", 32))
    record_reps = fields.Integer(required=True, metadata=described("Most in a session", 51))
    record_on = fields.Date(
        required=True, metadata=described("Local day of the first session of so many", "2025-11-02")
    )


class RepDaySchema(RepFields):
    """What the rep sessions of a day add up to."""

    day = fields.Date(required=True, metadata=described("Local day", "2025-11-02"))
    duration_seconds = fields.Integer(required=True, metadata=described("Seconds", 180))


class RepStatsSchema(Schema):
    """What a person's rep sessions add up to."""

    totals = fields.Nested(RepTotalsSchema, required=True)
    exercise_types = fields.List(
        fields.Nested(RepTypeSchema), required=True, metadata={"description": "Those with a session, by name"}
    )
    days = fields.List(
        fields.Nested(RepDaySchema), required=True, metadata={"description": "All of the days, today the last"}
    )
