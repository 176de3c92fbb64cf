"""Workouts. Distances are miles, durations seconds, weights pounds unless `weight_unit` says kg, instants UTC."""

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from fitness.ranges import (
    FARTHEST_MILES,
    FASTEST_HEART,
    FASTEST_MPH,
    HIGHEST_CLIMB,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_SECONDS,
    MOST_CALORIES,
    MOST_COUNTED,
    MOST_SETS,
    SLOWEST_HEART,
    STEEPEST_PERCENT,
)
from fitness.schemas.base import (
    CHANGE_REASON,
    FILES,
    LIFTING_APPS,
    VERSION,
    AsOfQuery,
    DaysQuery,
    DeletedQuery,
    Flag,
    Instant,
    Line,
    Miles,
    Name,
    Number,
    PageQuery,
    RecordFields,
    Schema,
    VersionFields,
    Whole,
    conflicts_of,
    described,
    sync_status,
)
from fitness.schemas.exercise_executions import ExerciseExecutionSchema, set_fields
from fitness.schemas.runs import (
    ASCENT,
    AVG_CADENCE,
    AVG_POWER,
    DEVICE,
    MAX_HEART_RATE,
    POINTS_ID,
    TEMPERATURE,
    TIME_ZONE,
    NewStartZoneSchema,
    StartZoneSchema,
)

TYPES = ("STRENGTH", "CARDIO", "REPS")
SOURCES = ("Manual", "Hevy", "Strava", "MapMyFitness", *FILES, *LIFTING_APPS)
COUNTED = ("push-up", "jump-rope")

WORKOUT_ID = described("Workout id; equals client_uuid if one was sent", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")
CLIENT_UUID = described("UUID chosen by the client: repeating the call is safe", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")
WORKOUT_TYPE = described("STRENGTH, CARDIO or REPS", "STRENGTH")
TITLE = described("Title", "Push day")
START_TS = described("When it began", "2026-02-16T15:00:00Z")
END_TS = described("When it ended", "2026-02-16T16:05:00Z")
FINISHED_AT = described("When it was finished; null while it is in progress", "2026-02-16T16:05:00Z")
CALORIES = described("Kilocalories", 412.5)
NOTES = described("Notes", "Felt strong")
SOURCE = described("Source: a service or an app, a kind of file, or Manual", "Manual")
DUPLICATE_OF = described("Id of the workout that this one duplicates, and that counts instead", None)
EXERCISE_TYPE = described("push-up or jump-rope", "push-up")
REPS_COUNT = described("Repetitions counted", 25)
DURATION = described("Seconds", 1800)


DISTANCE_MILES = described("Miles", 3.1)
SPEED_MPH = described("Miles per hour", 6.2)
INCLINE_PERCENT = described("Percent", 1.5)
SPORT = described("Sport, as the provider names it", "Ride")
AVG_HEART_RATE = described("Beats per minute", 149)


class CardioSessionSchema(Schema):
    """The cardio session of a workout."""

    distance_miles = Miles(required=True, allow_none=True, metadata=DISTANCE_MILES)
    duration_seconds = fields.Float(required=True, allow_none=True, metadata=DURATION)
    speed_mph = fields.Float(required=True, allow_none=True, metadata=SPEED_MPH)
    incline_percent = fields.Float(required=True, allow_none=True, metadata=INCLINE_PERCENT)
    avg_heart_rate = fields.Float(required=True, allow_none=True, metadata=AVG_HEART_RATE)
    sport = fields.String(required=True, allow_none=True, metadata=SPORT)
    ascent = fields.Float(required=True, allow_none=True, metadata=ASCENT)
    max_heart_rate = fields.Float(required=True, allow_none=True, metadata=MAX_HEART_RATE)
    avg_cadence = fields.Float(required=True, allow_none=True, metadata=AVG_CADENCE)
    avg_power = fields.Float(required=True, allow_none=True, metadata=AVG_POWER)
    temperature = fields.Float(required=True, allow_none=True, metadata=TEMPERATURE)


class CardioSessionChangesSchema(Schema):
    """The cardio session of a new workout, or changes to it."""

    distance_miles = Miles(allow_none=True, validate=validate.Range(0, FARTHEST_MILES), metadata=DISTANCE_MILES)
    duration_seconds = Number(allow_none=True, validate=validate.Range(0, LONGEST_SECONDS), metadata=DURATION)
    speed_mph = Number(allow_none=True, validate=validate.Range(0, FASTEST_MPH), metadata=SPEED_MPH)
    incline_percent = Number(
        allow_none=True, validate=validate.Range(-STEEPEST_PERCENT, STEEPEST_PERCENT), metadata=INCLINE_PERCENT
    )
    avg_heart_rate = Number(
        allow_none=True,
        validate=validate.Range(SLOWEST_HEART, FASTEST_HEART),
        metadata=AVG_HEART_RATE,
    )
    sport = Line(longest=LONGEST_NAME, allow_none=True, metadata=SPORT)
    ascent = Number(allow_none=True, validate=validate.Range(0, HIGHEST_CLIMB), metadata=ASCENT)


def _rep_session(required: bool) -> dict[str, fields.Field]:
    """Return the fields of a rep session; a new one requires all of them."""
    return {
        "exercise_type": fields.String(required=required, validate=validate.OneOf(COUNTED), metadata=EXERCISE_TYPE),
        "reps_count": Whole(required=required, validate=validate.Range(0, MOST_COUNTED), metadata=REPS_COUNT),
        "duration_seconds": Whole(required=required, validate=validate.Range(0, LONGEST_SECONDS), metadata=DURATION),
    }


class RepSessionSchema(Schema):
    """The rep session of a workout."""

    exercise_type = fields.String(required=True, validate=validate.OneOf(COUNTED), metadata=EXERCISE_TYPE)
    reps_count = fields.Integer(required=True, metadata=REPS_COUNT)
    duration_seconds = fields.Integer(required=True, metadata=DURATION)


NewRepSessionSchema = Schema.from_dict(_rep_session(required=True), name="NewRepSession")
RepSessionChangesSchema = Schema.from_dict(_rep_session(required=False), name="RepSessionChanges")


class WorkoutValues(Schema):
    """The fields of a workout and of its versions."""

    workout_type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata=WORKOUT_TYPE)
    title = fields.String(required=True, allow_none=True, metadata=TITLE)
    start_ts = fields.AwareDateTime(required=True, metadata=START_TS)
    end_ts = fields.AwareDateTime(required=True, allow_none=True, metadata=END_TS)
    finished_at = fields.AwareDateTime(required=True, allow_none=True, metadata=FINISHED_AT)
    calories_burned = fields.Float(required=True, allow_none=True, metadata=CALORIES)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    source = fields.String(required=True, validate=validate.OneOf(SOURCES), metadata=SOURCE)
    duplicate_of = fields.UUID(required=True, allow_none=True, metadata=DUPLICATE_OF)
    device = fields.String(required=True, allow_none=True, metadata=DEVICE)
    points_id = fields.String(required=True, allow_none=True, metadata=POINTS_ID)
    time_zone = fields.Nested(StartZoneSchema, required=True, allow_none=True, metadata=TIME_ZONE)
    exercise_executions = fields.List(fields.Nested(ExerciseExecutionSchema), required=True)
    cardio_session = fields.Nested(CardioSessionSchema, required=True, allow_none=True)
    rep_session = fields.Nested(RepSessionSchema, required=True, allow_none=True)


class WorkoutSchema(WorkoutValues, RecordFields):
    """A workout."""

    id = fields.UUID(required=True, metadata=WORKOUT_ID)
    external_id = fields.String(
        required=True, allow_none=True, metadata=described("Id of the workout at the provider", None)
    )
    live_edits = fields.Integer(
        required=True, metadata=described("Edits in the newest version of a workout in progress", 0)
    )
    conflicts = fields.Nested(
        conflicts_of(WorkoutValues, name="WorkoutConflicts"),
        required=True,
        allow_none=True,
        metadata=described(
            "The provider's values for fields that you changed too; your values stay", {"title": "Legs"}
        ),
    )


class WorkoutVersionSchema(WorkoutValues, VersionFields):
    """A version of a workout with its exercises, sets and sessions."""

    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)


class StoredSchema(Schema):
    """The result of adding a workout."""

    workout_id = fields.UUID(required=True, metadata=WORKOUT_ID)
    strength_set_count = fields.Integer(
        required=True, metadata=described("Number of sets stored; 0 if the workout was stored before", 2)
    )
    version = fields.Integer(required=True, metadata=VERSION)


class WorkoutSetSchema(Schema.from_dict(set_fields(), name="WorkoutSetFields")):
    """A set of a new workout."""

    exercise_id = fields.UUID(
        metadata=described(
            "Id of one of your exercises or of a catalog exercise", "8a3ce2b4-5f0e-4c8e-8d35-2f6f0d1c7a90"
        )
    )
    exercise_name = Name(
        longest=LONGEST_NAME,
        metadata=described("Instead of exercise_id; created if you have no exercise with this name", "Squat"),
    )

    @validates_schema
    def names_one_exercise(self, data: dict[str, Any], **_: Any) -> None:
        if len({"exercise_id", "exercise_name"} & data.keys()) != 1:
            raise ValidationError("Send either exercise_id or exercise_name", "exercise_name")


def _editable_fields() -> dict[str, fields.Field]:
    """Return the editable fields, with the same checks for a new workout and for changes."""
    return {
        "title": Line(longest=LONGEST_NAME, allow_none=True, metadata=TITLE),
        "start_ts": Instant(metadata=START_TS),
        "end_ts": Instant(allow_none=True, metadata=END_TS),
        "finished_at": Instant(allow_none=True, metadata=FINISHED_AT),
        "calories_burned": Number(allow_none=True, validate=validate.Range(0, MOST_CALORIES), metadata=CALORIES),
        "notes": Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES),
        "time_zone": fields.Nested(NewStartZoneSchema, allow_none=True, metadata=TIME_ZONE),
    }


class _TimesInOrder(Schema):
    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("start_ts") and data.get("end_ts") and data["end_ts"] < data["start_ts"]:
            raise ValidationError("Must not be before start_ts", "end_ts")


class NewWorkoutSchema(_TimesInOrder.from_dict(_editable_fields(), name="NewWorkoutFields")):
    """A new workout: finished, unless `in_progress` is true or `finished_at` is null."""

    protected = frozenset({"id", "source", "version", "external_id", "duplicate_of", "device", "points_id"})

    workout_type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata=WORKOUT_TYPE)
    in_progress = Flag(
        metadata=described("True: the workout is not finished yet; the same as finished_at null", False),
    )
    client_uuid = fields.UUID(metadata=CLIENT_UUID)
    strength_sets = fields.List(
        fields.Nested(WorkoutSetSchema),
        validate=validate.Length(max=MOST_SETS, error=f"A workout can have at most {MOST_SETS} sets"),
    )
    cardio_session = fields.Nested(CardioSessionChangesSchema)
    rep_session = fields.Nested(NewRepSessionSchema)

    @pre_load
    def open_without_an_end(self, data: Any, **_: Any) -> Any:
        """Treat `finished_at: null` as `in_progress: true`."""
        if isinstance(data, dict) and "finished_at" in data and data["finished_at"] is None:
            return {"in_progress": True, **{key: value for key, value in data.items() if key != "finished_at"}}
        return data

    @validates_schema
    def of_one_kind(self, data: dict[str, Any], **_: Any) -> None:
        kinds = {"strength_sets": "STRENGTH", "cardio_session": "CARDIO", "rep_session": "REPS"}
        for part, kind in kinds.items():
            if data.get(part) and data["workout_type"] != kind:
                raise ValidationError(f"Only allowed for workouts of type {kind}", part)
        if data["workout_type"] == "REPS" and "rep_session" not in data and not data.get("in_progress"):
            raise ValidationError("Required for a finished workout of type REPS", "rep_session")
        if data.get("in_progress") and data.get("finished_at"):
            raise ValidationError("Not allowed with in_progress", "finished_at")


NEW_WORKOUT = {
    "workout_type": "STRENGTH",
    "title": "Push day",
    "start_ts": "2026-02-16T15:00:00Z",
    "end_ts": "2026-02-16T16:05:00Z",
    "client_uuid": "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11",
    "strength_sets": [
        {"exercise_name": "Squat", "set_index": 1, "weight": 225, "reps": 5},
        {"exercise_name": "Squat", "set_index": 2, "weight": 102.5, "weight_unit": "kg", "reps": 5, "rpe": 8.5},
    ],
}
"""An example request. One with all fields would not be valid, as some exclude each other."""


class WorkoutChangesSchema(_TimesInOrder.from_dict(_editable_fields(), name="WorkoutChangesFields")):
    """Changes to a workout; omitted fields stay, null clears a field. `finished_at: null` reopens the workout."""

    protected = frozenset(
        {
            "id",
            "workout_type",
            "source",
            "version",
            "client_uuid",
            "external_id",
            "deleted_at",
            "strength_sets",
            "duplicate_of",
            "device",
            "points_id",
        }
    )

    cardio_session = fields.Nested(CardioSessionChangesSchema, allow_none=True)
    rep_session = fields.Nested(RepSessionChangesSchema, allow_none=True)
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class BulkWorkoutChangesSchema(WorkoutChangesSchema):
    """Changes to many workouts: the fields that may be the same for all; null clears a field."""

    class Meta:
        exclude = ("start_ts", "end_ts", "finished_at", "cardio_session", "rep_session", "change_reason")


class FinishSchema(Schema):
    """The end of a workout."""

    finished_at = Instant(metadata=described("Time of finishing; default: now", "2026-02-16T16:05:00Z"))


class WorkoutFilters(DaysQuery, DeletedQuery):
    """Filters of workouts."""

    workout_type = fields.String(validate=validate.OneOf(TYPES), metadata=WORKOUT_TYPE)
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=SOURCE)
    exercise_id = fields.UUID(
        metadata=described("Only workouts with this exercise", "8a3ce2b4-5f0e-4c8e-8d35-2f6f0d1c7a90")
    )
    finished = Flag(metadata=described("True: finished workouts; false: workouts in progress", True))
    q = Line(
        metadata=described("Text to find in the title, the notes and the names of exercises, ignoring case", "push")
    )
    sync_status = sync_status()
    only_deleted = Flag(load_default=False, metadata=described("Only deleted workouts", False))
    include_duplicates = Flag(
        load_default=True, metadata=described("false: leave out workouts marked as duplicates", True)
    )


class WorkoutsQuery(AsOfQuery, WorkoutFilters, PageQuery):
    """Filters and order of workouts."""

    sort_order = fields.String(
        load_default="desc",
        validate=validate.OneOf(("asc", "desc")),
        metadata=described("Order by start; desc: newest first", "desc"),
    )
