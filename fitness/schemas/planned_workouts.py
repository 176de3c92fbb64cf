"""Planned workouts. Durations are hours, distances metres, days have no zone."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.ranges import (
    FARTHEST_METRES,
    HIGHEST_INTENSITY,
    LONGEST_HOURS,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_TYPE,
    MOST_TSS,
)
from fitness.schemas import workouts
from fitness.schemas.base import (
    CHANGE_REASON,
    AsOfQuery,
    Day,
    DeletedQuery,
    Flag,
    Line,
    Number,
    PageQuery,
    RangeQuery,
    RecordFields,
    Rounded,
    Schema,
    SearchQuery,
    VersionFields,
    conflicts_of,
    described,
)
from fitness.schemas.plan import Hours
from fitness.schemas.selections import (
    CURRENT_PLAN_DAY,
    IS_SELECTED,
    TIME_OF_DAY,
    USER_NOTES,
    WORKOUT_LOCATION,
    PlanSelectionSchema,
    SelectionFields,
)

PLANNED_WORKOUT_ID = described("Planned workout id", 5)
TITLE = described("Title", "Track: 5 x 1000 m")
WORKOUT_TYPE = described("Run, Bike, Swim, Strength, Day Off, Race … or any other word", "Run")
DESCRIPTION = described("What to do", "WU 15 min; 5x1000 m at 5K pace, 400 m jog; CD 10 min")
ORIGINALLY_PLANNED_DAY = described("Day it was planned for", "2026-03-01")
PLANNED_DURATION_HOURS = described("Hours", 1.25)
PLANNED_DISTANCE_METERS = described("Metres", 11265.4)
COACH_COMMENTS = described("Comments of the coach", "Stop at 4 if form goes.")
TSS = described("Planned training stress score", 78.1)
INTENSITY_FACTOR = described("Planned intensity factor", 0.79)
IS_CUSTOM = described("True if created by hand, not by an import", True)
DUPLICATE_OF = described("Id of the planned workout that this one duplicates, and that counts instead", None)
RUN_ID = described("The run that fulfils it", "mmf_8700100201")
WORKOUT_ID = described("The workout that fulfils it", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11")


KINDS = ("RUN", *workouts.TYPES)


class PlanValues(Schema):
    """The fields that say what is planned."""

    title = fields.String(required=True, metadata=TITLE)
    workout_type = fields.String(required=True, metadata=WORKOUT_TYPE)
    description = fields.String(required=True, allow_none=True, metadata=DESCRIPTION)
    originally_planned_day = fields.Date(required=True, metadata=ORIGINALLY_PLANNED_DAY)
    planned_duration_hours = fields.Float(required=True, allow_none=True, metadata=PLANNED_DURATION_HOURS)
    planned_distance_meters = fields.Float(required=True, allow_none=True, metadata=PLANNED_DISTANCE_METERS)
    coach_comments = fields.String(required=True, allow_none=True, metadata=COACH_COMMENTS)
    tss = fields.Float(required=True, allow_none=True, metadata=TSS)
    intensity_factor = fields.Float(required=True, allow_none=True, metadata=INTENSITY_FACTOR)
    is_custom = Flag(required=True, metadata=IS_CUSTOM)
    duplicate_of = fields.Integer(required=True, allow_none=True, metadata=DUPLICATE_OF)


class DoneSchema(Schema):
    """The run or workout that fulfils a planned workout."""

    run_id = fields.String(required=True, allow_none=True, metadata=RUN_ID)
    workout_id = fields.UUID(required=True, allow_none=True, metadata=described("… or the workout", None))


class PlannedWorkoutValues(DoneSchema, PlanValues):
    """The fields of a planned workout and of its versions: what is planned, the selection, and what fulfils it."""

    is_selected = fields.Boolean(required=True, metadata=IS_SELECTED)
    current_plan_day = fields.Date(required=True, allow_none=True, metadata=CURRENT_PLAN_DAY)
    time_of_day = fields.String(required=True, allow_none=True, metadata=TIME_OF_DAY)
    workout_location = fields.String(required=True, allow_none=True, metadata=WORKOUT_LOCATION)
    user_notes = fields.String(required=True, allow_none=True, metadata=USER_NOTES)


class PlannedWorkoutSchema(PlannedWorkoutValues, RecordFields):
    """A planned workout."""

    id = fields.Integer(required=True, metadata=PLANNED_WORKOUT_ID)
    current_day = fields.Date(
        required=True,
        metadata=described("Current planned day: the day it was moved to, otherwise the original day", "2026-03-02"),
    )
    selection = fields.Nested(PlanSelectionSchema, required=True)
    done = fields.Nested(
        DoneSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The run or workout that fulfils it; null: none yet"},
    )
    conflicts = fields.Nested(
        conflicts_of(PlanValues, name="PlannedWorkoutConflicts"),
        required=True,
        allow_none=True,
        metadata=described("Values of the plan's file for fields that you changed too; your values stay", {"tss": 80}),
    )


def _editable_fields(required: bool) -> dict[str, fields.Field]:
    """Return the editable fields, with the same checks for a new planned workout and for changes."""
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
    """A new planned workout."""

    protected = frozenset({"id", "version", "duplicate_of"})

    is_custom = Flag(load_default=True, metadata=IS_CUSTOM)
    client_uuid = fields.UUID(
        metadata=described(
            "UUID chosen by the client: repeating the call is safe", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"
        )
    )


class PlannedWorkoutChangesSchema(Schema.from_dict(_editable_fields(required=False), name="PlannedWorkoutChanges")):
    """Changes to a planned workout; omitted fields stay, null clears a field."""

    protected = frozenset({"id", "version", "client_uuid", "deleted_at", "changed_by", "duplicate_of"})

    is_custom = Flag(truthy={True}, falsy={False}, metadata=IS_CUSTOM)
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class BulkPlannedWorkoutChangesSchema(SelectionFields, PlannedWorkoutChangesSchema):
    """Changes to many planned workouts: the fields that may be the same for all; null clears a field."""

    class Meta:
        exclude = ("originally_planned_day", "is_custom", "change_reason")


class PlannedWorkoutVersionSchema(PlannedWorkoutValues, VersionFields):
    """A version of a planned workout."""

    planned_workout_id = fields.Integer(required=True, metadata=PLANNED_WORKOUT_ID)


class PlannedWorkoutFilters(RangeQuery, DeletedQuery, SearchQuery):
    """Filters of planned workouts, by their current planned day."""

    workout_type = Line(longest=LONGEST_TYPE, metadata=described("Workout type, ignoring case", "Run"))
    selected = Flag(metadata=described("True: selected ones; false: deselected ones", True))
    include_duplicates = Flag(
        load_default=True, metadata=described("false: leave out planned workouts marked as duplicates", True)
    )


class PlannedWorkoutsQuery(AsOfQuery, PlannedWorkoutFilters, PageQuery):
    """Filters and paging of planned workouts."""


class LinkSchema(Schema):
    """The run or workout that fulfils a planned workout."""

    run_id = Line(metadata=RUN_ID)
    workout_id = fields.UUID(metadata=WORKOUT_ID)

    @validates_schema
    def is_one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Send either run_id or workout_id", "run_id")


class CandidateSchema(Schema):
    """A run or workout that may fulfil a planned workout."""

    kind = fields.String(
        required=True, validate=validate.OneOf(KINDS), metadata=described("RUN, STRENGTH, CARDIO or REPS", "RUN")
    )
    run_id = fields.String(required=True, allow_none=True, metadata=described("The run", "mmf_8700100201"))
    workout_id = fields.UUID(required=True, allow_none=True, metadata=described("… or the workout", None))
    title = fields.String(required=True, allow_none=True, metadata=described("Title", "Morning run"))
    day = fields.Date(required=True, metadata=described("Local day it began on", "2026-03-02"))
    days_apart = fields.Integer(required=True, metadata=described("Days after the planned day; below 0 before it", 0))
    hours = Hours(required=True, allow_none=True, metadata=described("Hours it took", 1.2))
    distance_meters = Rounded(required=True, allow_none=True, metadata=described("Metres", 11100.5))
    size_difference = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Relative difference of distance, otherwise of duration; null if unknown", 0.015),
    )


class CandidatesSchema(Schema):
    """Candidates for a planned workout, best match first."""

    items = fields.List(fields.Nested(CandidateSchema), required=True)
