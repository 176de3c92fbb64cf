"""The exercises of a workout and their sets. Weights are pounds unless `weight_unit` says kg."""

from typing import Any

from marshmallow import fields, validate

from fitness.db.exercises import MODALITIES
from fitness.ranges import (
    FARTHEST_MILES,
    HARDEST,
    HEAVIEST,
    HIGHEST_SET,
    LARGEST_SUPERSET,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_SECONDS,
    MOST_REPS,
    MOST_SETS,
)
from fitness.schemas.base import CHANGE_REASON, Flag, Line, Miles, Number, Schema, Whole, described

SET_TYPES = ("normal", "warmup", "failure", "dropset")
WEIGHT_UNITS = ("lb", "kg")

EXERCISE_ID = described("Exercise id", "8a3ce2b4-5f0e-4c8e-8d35-2f6f0d1c7a90")
NOTE = described("Note", "Paused the first rep")
SET_INDEX = described("Number of the set within its exercise; default: the next number", 1)


class FinishedQuery(Schema):
    """Whether the sets and sessions of a finished workout change."""

    keep_finished = Flag(
        load_default=False, metadata=described("Change a finished workout, too; it stays finished", True)
    )


def set_fields(*, defaults: bool = True) -> dict[str, fields.Field]:
    """Return the fields of a set that a person can set; an edit has the same checks, but no defaults."""

    def default(value: str) -> dict[str, Any]:
        return {"load_default": value} if defaults else {}

    return {
        "set_index": Whole(validate=validate.Range(0, HIGHEST_SET), metadata=SET_INDEX),
        "set_type": fields.String(
            **default("normal"),
            validate=validate.OneOf(SET_TYPES),
            metadata=described("normal, warmup, failure or dropset", "normal"),
        ),
        "weight": Number(
            allow_none=True,
            validate=validate.Range(-HEAVIEST, HEAVIEST),
            metadata=described("Weight in weight_unit; below 0 for assistance", 225),
        ),
        "weight_unit": fields.String(
            **default("lb"), validate=validate.OneOf(WEIGHT_UNITS), metadata=described("lb or kg", "lb")
        ),
        "reps": Whole(allow_none=True, validate=validate.Range(0, MOST_REPS), metadata=described("Repetitions", 5)),
        "forced_reps": Whole(
            allow_none=True, validate=validate.Range(0, MOST_REPS), metadata=described("Repetitions with help", 1)
        ),
        "rpe": Number(
            allow_none=True, validate=validate.Range(0, HARDEST), metadata=described("Rate of perceived exertion", 8.5)
        ),
        "duration_seconds": Number(
            allow_none=True, validate=validate.Range(0, LONGEST_SECONDS), metadata=described("Seconds", 60)
        ),
        "distance_miles": Number(
            allow_none=True, validate=validate.Range(0, FARTHEST_MILES), metadata=described("Miles", 0.25)
        ),
        "superset_id": Whole(
            allow_none=True,
            validate=validate.Range(0, LARGEST_SUPERSET),
            metadata=described("Superset number; equal for all sets of one superset", 0),
        ),
        "note": Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTE),
    }


class StrengthSetSchema(Schema):
    """A set."""

    id = fields.UUID(required=True, metadata=described("Set id", "5b0f5d0e-7a55-4c2a-9d9b-0f6f0d1c7a90"))
    position = fields.Integer(required=True, metadata=described("Number of the set within the workout", 1))
    set_index = fields.Integer(required=True, metadata=SET_INDEX)
    set_type = fields.String(
        required=True,
        validate=validate.OneOf(SET_TYPES),
        metadata=described("normal, warmup, failure or dropset", "normal"),
    )
    weight = fields.Float(required=True, allow_none=True, metadata=described("Weight in weight_unit", 225))
    weight_unit = fields.String(
        required=True, validate=validate.OneOf(WEIGHT_UNITS), metadata=described("lb or kg", "lb")
    )
    reps = fields.Integer(required=True, allow_none=True, metadata=described("Repetitions", 5))
    forced_reps = fields.Integer(required=True, allow_none=True, metadata=described("Repetitions with help", 1))
    rpe = fields.Float(required=True, allow_none=True, metadata=described("Rate of perceived exertion", 8.5))
    duration_seconds = fields.Float(required=True, allow_none=True, metadata=described("Seconds", 60))
    distance_miles = Miles(required=True, allow_none=True, metadata=described("Miles", 0.25))
    superset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Superset number; equal for all sets of one superset", 0)
    )
    note = fields.String(required=True, allow_none=True, metadata=NOTE)


class ExerciseExecutionSchema(Schema):
    """An exercise in a workout, with its sets in their order."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    exercise_name = fields.String(required=True, metadata=described("Name of the exercise", "Squat"))
    body_part = fields.String(
        required=True, allow_none=True, metadata=described("Body part that it trains", "Quadriceps")
    )
    modality = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(MODALITIES), metadata=described("Equipment", "BARBELL")
    )
    execution_order = fields.Integer(required=True, metadata=described("Position in the workout", 1))
    note = fields.String(required=True, allow_none=True, metadata=NOTE)
    sets = fields.List(fields.Nested(StrengthSetSchema), required=True)


class PutSetSchema(Schema.from_dict(set_fields(), name="PutSetFields")):
    """A set among those that an exercise is to have."""

    protected = frozenset({"id", "position", "exercise_id"})


class NewSetSchema(Schema.from_dict(set_fields(), name="AddedSetFields")):
    """A set to add."""

    protected = frozenset({"id", "position", "exercise_id"})

    client_uuid = fields.UUID(
        metadata=described(
            "Chosen by the client, the set's id: sending it again is safe", "5b0f5d0e-7a55-4c2a-9d9b-0f6f0d1c7a90"
        )
    )


class SetChangesSchema(Schema.from_dict(set_fields(defaults=False), name="SetChangesFields")):
    """Changes to a set; omitted fields stay, null clears a field."""

    protected = frozenset({"id", "position", "exercise_id"})

    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class PutExecutionSchema(Schema):
    """The note and sets of an exercise in a workout; omitted ones are cleared."""

    note = Line(longest=LONGEST_NOTE, allow_none=True, load_default=None, metadata=NOTE)
    sets = fields.List(
        fields.Nested(PutSetSchema),
        load_default=list,
        validate=validate.Length(max=MOST_SETS, error=f"A workout can have at most {MOST_SETS} sets"),
    )
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class ExecutionChangesSchema(Schema):
    """The note on an exercise in a workout; null clears it."""

    note = Line(longest=LONGEST_NOTE, allow_none=True, required=True, metadata=NOTE)
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class ReorderSchema(Schema):
    """The exercises of a workout in their new order."""

    exercise_ids = fields.List(fields.UUID(metadata=EXERCISE_ID), required=True)
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)
