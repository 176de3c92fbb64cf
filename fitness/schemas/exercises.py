"""Exercises."""

from typing import Any

from marshmallow import fields, validate

from fitness.db.exercises import MODALITIES
from fitness.ranges import LONGEST_BODY_PART, LONGEST_NOTE, LONGEST_REASON
from fitness.schemas.base import (
    CHANGE_REASON,
    VERSION,
    AsOfQuery,
    DeletedQuery,
    Flag,
    Line,
    Name,
    PageQuery,
    Schema,
    SearchQuery,
    VersionFields,
    described,
)

EXERCISE_ID = described("Exercise id", "5ad0e3f5-2a0c-5a8e-9d0e-0a4bdf6f2b1c")
NAME = described("Name; unique, ignoring case, extra spaces and invisible characters", "Incline Dumbbell Press")
BODY_PART = described("Main body part that it trains", "Chest")
MODALITY = described("Equipment: BARBELL, DUMBBELL, CABLE, MACHINE or BODYWEIGHT", "DUMBBELL")
NOTES = described("Notes", "Bench on the second hole")
IS_ASSISTED = described(
    "Whether its weights are assistance, which lightens the body, instead of load; null: only if its name has the word "
    "assisted",
    None,
)


class ExerciseValues(Schema):
    """The fields of an exercise and of its versions."""

    name = fields.String(required=True, metadata=NAME)
    body_part = fields.String(required=True, allow_none=True, metadata=BODY_PART)
    modality = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*MODALITIES, None]), metadata=MODALITY
    )
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    is_assisted = Flag(required=True, allow_none=True, metadata=IS_ASSISTED)
    merged_into = fields.UUID(
        required=True, allow_none=True, metadata=described("Id of the exercise it was merged into", None)
    )


class ExerciseSchema(ExerciseValues):
    """Your own exercise, or a catalog exercise: `is_system` is true, version and times are null."""

    id = fields.UUID(required=True, metadata=EXERCISE_ID)
    is_system = Flag(required=True, metadata=described("True for a catalog exercise", False))
    version = fields.Integer(required=True, allow_none=True, metadata=VERSION)
    last_edited_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of the last change", "2025-12-01T07:00:00Z")
    )
    last_edited_by = fields.String(
        required=True, allow_none=True, metadata=described("Who made the last change", "ada")
    )
    deleted_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of deletion; null unless deleted", None)
    )
    created_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of creation", "2025-11-02T13:00:00Z")
    )
    updated_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of the last write", "2025-12-01T07:00:00Z")
    )


def _editable_fields(*, name_required: bool, **kwargs: Any) -> dict[str, fields.Field]:
    """Return the editable fields, with the same checks for a new exercise and for changes."""
    return {
        "name": Name(required=name_required, metadata=NAME),
        "body_part": Name(longest=LONGEST_BODY_PART, allow_none=True, metadata=BODY_PART, **kwargs),
        "modality": fields.String(allow_none=True, validate=validate.OneOf(MODALITIES), metadata=MODALITY, **kwargs),
        "notes": Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES, **kwargs),
        "is_assisted": Flag(allow_none=True, metadata=IS_ASSISTED, **kwargs),
    }


class NewExerciseSchema(Schema.from_dict(_editable_fields(name_required=True), name="NewExerciseFields")):
    """A new exercise."""

    protected = frozenset({"id", "is_system", "version", "merged_into"})


class _Changes(Schema):
    protected = frozenset({"id", "is_system", "version", "merged_into", "deleted_at", "changed_by"})

    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class ExerciseChangesSchema(_Changes, Schema.from_dict(_editable_fields(name_required=False), name="ExerciseChange")):
    """Changes to an exercise; omitted fields stay, null clears a field."""


class WholeExerciseSchema(
    _Changes, Schema.from_dict(_editable_fields(name_required=True, load_default=None), name="ExerciseFields")
):
    """All fields of an exercise; omitted ones are cleared."""


class ExerciseVersionSchema(ExerciseValues, VersionFields):
    """A version of an exercise."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)


class ExerciseMergeSchema(Schema):
    """The target of a merge."""

    into = fields.UUID(
        required=True, metadata=described("Id of your exercise that gets the sets", EXERCISE_ID["examples"][0])
    )


class ExerciseMergeAnswerSchema(Schema):
    """The exercise that got the sets, and the changeset of the merge."""

    changeset_id = fields.Integer(required=True, metadata=described("Revert it to undo the merge", 12))
    moved = fields.Integer(required=True, metadata=described("Number of workouts changed", 17))
    exercise = fields.Nested(ExerciseSchema, required=True)


class CatalogQuery(PageQuery, SearchQuery):
    """Filters of the catalog."""

    name = Name(metadata=described("Part of the name, in upper or lower case", "press"))
    body_part = Name(longest=LONGEST_BODY_PART, metadata=described("Body part, in upper or lower case", "chest"))
    modality = fields.String(validate=validate.OneOf(MODALITIES), metadata=MODALITY)


class OwnExercisesQuery(AsOfQuery, CatalogQuery, DeletedQuery):
    """Filters of your own exercises."""


class ExercisesQuery(OwnExercisesQuery):
    """Filters of your own and the catalog's exercises."""

    source = fields.String(
        validate=validate.OneOf(["own", "system"]),
        metadata=described(
            "own: only your own; system: only catalog exercises that you have no own exercise for", "own"
        ),
    )


class _WholeList(Schema):
    next_cursor = fields.String(
        required=True, allow_none=True, metadata=described("Always null, as there is one page", None)
    )


class BodyPartsSchema(_WholeList):
    """All body parts."""

    items = fields.List(fields.String(metadata=BODY_PART), required=True)


class ModalitiesSchema(_WholeList):
    """All modalities (equipment)."""

    items = fields.List(fields.String(validate=validate.OneOf(MODALITIES), metadata=MODALITY), required=True)
