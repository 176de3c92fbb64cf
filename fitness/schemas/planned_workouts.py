"""Planned workouts. Durations are hours, distances metres, days have no zone."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.ranges import FARTHEST_METRES, HIGHEST_INTENSITY, LONGEST_HOURS, LONGEST_NOTE, LONGEST_TYPE, MOST_TSS
from fitness.schemas.base import (
    CHANGE_REASON,
    Day,
    DeletedQuery,
    Line,
    Number,
    PageQuery,
    RangeQuery,
    RecordFields,
    Schema,
    VersionFields,
    described,
)
from fitness.schemas.selections import SelectionSchema

TITLE = described("Title", "Track: 5 x 1000 m")
WORKOUT_TYPE = described("Run, Bike, Swim, Strength, Day Off, Race … or a word of your own", "Run")
DESCRIPTION = described("What to do", "WU 15 min; 5x1000 m at 5K pace, 400 m jog; CD 10 min")
ORIGINALLY_PLANNED_DAY = described("Day it was planned for", "2026-03-01")
PLANNED_DURATION_HOURS = described("Hours", 1.25)
PLANNED_DISTANCE_METERS = described("Metres", 11265.4)
COACH_COMMENTS = described("What the coach says", "Stop at 4 if form goes.")
TSS = described("Training stress score that is planned", 78.1)
INTENSITY_FACTOR = described("Intensity factor that is planned", 0.79)
IS_CUSTOM = described("Made by hand, and not by an import", True)
RUN_ID = described("The run that fulfils it", "mmf_8700100201")
WORKOUT_ID = described("The workout that fulfils it", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")


class PlannedWorkoutValues(Schema):
    """What a planned workout and each of its versions say."""

    title = fields.String(required=True, metadata=TITLE)
    workout_type = fields.String(required=True, metadata=WORKOUT_TYPE)
    description = fields.String(required=True, allow_none=True, metadata=DESCRIPTION)
    originally_planned_day = fields.Date(required=True, metadata=ORIGINALLY_PLANNED_DAY)
    planned_duration_hours = fields.Float(required=True, allow_none=True, metadata=PLANNED_DURATION_HOURS)
    planned_distance_meters = fields.Float(required=True, allow_none=True, metadata=PLANNED_DISTANCE_METERS)
    coach_comments = fields.String(required=True, allow_none=True, metadata=COACH_COMMENTS)
    tss = fields.Float(required=True, allow_none=True, metadata=TSS)
    intensity_factor = fields.Float(required=True, allow_none=True, metadata=INTENSITY_FACTOR)
    is_custom = fields.Boolean(required=True, metadata=IS_CUSTOM)


class DoneSchema(Schema):
    """What fulfils a planned workout."""

    run_id = fields.String(required=True, allow_none=True, metadata=RUN_ID)
    workout_id = fields.UUID(required=True, allow_none=True, metadata=described("… or the workout", None))


class PlannedWorkoutSchema(PlannedWorkoutValues, RecordFields):
    """A planned workout as it is now."""

    id = fields.Integer(required=True, metadata=described("Number of the planned workout", 5))
    current_day = fields.Date(
        required=True, metadata=described("Day it is planned for now: moved to, else the original one", "2026-03-02")
    )
    selection = fields.Nested(SelectionSchema, required=True)
    done = fields.Nested(
        DoneSchema, required=True, allow_none=True, metadata={"description": "What fulfils it; null: nothing so far"}
    )
    conflicts = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata=described("What the plan's file says of fields that you changed as well; yours stay", {"tss": 80}),
    )


def _editable_fields(required: bool) -> dict[str, fields.Field]:
    """What a person may say about a planned workout; the same checks at its making and at an edit."""
    return {
        "title": Line(required=required, metadata=TITLE),
        "workout_type": Line(required=required, longest=LONGEST_TYPE, metadata=WORKOUT_TYPE),
        "description": Line(longest=LONGEST_NOTE, allow_none=True, metadata=DESCRIPTION),
        "originally_planned_day": Day(required=required, metadata=ORIGINALLY_PLANNED_DAY),
        "planned_duration_hours": Number(
            allow_none=True, validate=validate.Range(0, int(LONGEST_HOURS)), metadata=PLANNED_DURATION_HOURS
        ),
        "planned_distance_meters": Number(
            allow_none=True, validate=validate.Range(0, int(FARTHEST_METRES)), metadata=PLANNED_DISTANCE_METERS
        ),
        "coach_comments": Line(longest=LONGEST_NOTE, allow_none=True, metadata=COACH_COMMENTS),
        "tss": Number(allow_none=True, validate=validate.Range(0, MOST_TSS), metadata=TSS),
        "intensity_factor": Number(
            allow_none=True, validate=validate.Range(0, HIGHEST_INTENSITY), metadata=INTENSITY_FACTOR
        ),
    }


class NewPlannedWorkoutSchema(Schema.from_dict(_editable_fields(required=True), name="NewPlannedWorkoutFields")):
    """A planned workout to be stored."""

    protected = frozenset({"id", "version"})

    is_custom = fields.Boolean(load_default=True, truthy={True}, falsy={False}, metadata=IS_CUSTOM)
    client_uuid = fields.UUID(
        metadata=described("Chosen by the client: sending it again is safe", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")
    )


class PlannedWorkoutChangesSchema(Schema.from_dict(_editable_fields(required=False), name="PlannedWorkoutChanges")):
    """What to change; fields left out stay, null clears."""

    protected = frozenset({"id", "version", "client_uuid", "deleted_at", "changed_by"})

    is_custom = fields.Boolean(truthy={True}, falsy={False}, metadata=IS_CUSTOM)
    change_reason = Line(longest=1000, allow_none=True, metadata=CHANGE_REASON)


class PlannedWorkoutVersionSchema(PlannedWorkoutValues, VersionFields):
    """A planned workout as one of its versions left it."""

    planned_workout_id = fields.Integer(required=True, metadata=described("The planned workout", 5))


class PlannedWorkoutsQuery(RangeQuery, PageQuery, DeletedQuery):
    """Which planned workouts; the days are those that they are planned for now."""

    workout_type = Line(longest=LONGEST_TYPE, metadata=described("Of this type, in upper or lower case", "Run"))
    selected = fields.Boolean(metadata=described("False: those that were deselected; true: all others", True))


class LinkSchema(Schema):
    """What fulfils a planned workout: a run or a workout."""

    run_id = Line(metadata=RUN_ID)
    workout_id = fields.UUID(metadata=WORKOUT_ID)

    @validates_schema
    def is_one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Name either a run or a workout", "run_id")


class CandidateSchema(Schema):
    """A run or workout that may fulfil a planned workout."""

    kind = fields.String(required=True, metadata=described("RUN, STRENGTH, CARDIO or REPS", "RUN"))
    run_id = fields.String(required=True, allow_none=True, metadata=described("The run", "mmf_8700100201"))
    workout_id = fields.UUID(required=True, allow_none=True, metadata=described("… or the workout", None))
    title = fields.String(required=True, allow_none=True, metadata=described("Its name", "Morning run"))
    day = fields.Date(required=True, metadata=described("Local day it began on", "2026-03-02"))
    days_apart = fields.Integer(required=True, metadata=described("Days after the one planned; below 0 before it", 0))
    hours = fields.Float(required=True, allow_none=True, metadata=described("Hours it took", 1.2))
    distance_meters = fields.Float(required=True, allow_none=True, metadata=described("Metres", 11100.5))
    size_difference = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Share of the larger by which distances, else durations, differ; null if unknown", 0.015),
    )


class CandidatesSchema(Schema):
    """What may fulfil a planned workout, the likeliest first."""

    items = fields.List(fields.Nested(CandidateSchema), required=True)
