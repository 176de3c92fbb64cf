"""Exercises."""

from typing import Any

from marshmallow import fields, validate

from fitness.db.exercises import MODALITIES, normal_name
from fitness.ranges import LONGEST_NOTE
from fitness.schemas.base import (
    CHANGE_REASON,
    VERSION,
    DeletedQuery,
    Line,
    PageQuery,
    Schema,
    VersionFields,
    described,
)

EXERCISE_ID = described("An own copy of a catalog exercise has the same", "5ad0e3f5-2a0c-5a8e-9d0e-0a4bdf6f2b1c")
NAME = described("What it is called; upper case and blanks do not tell two apart", "Incline Dumbbell Press")
BODY_PART = described("What it trains most", "Chest")
MODALITY = described("What it is done with: BARBELL, DUMBBELL, CABLE, MACHINE or BODYWEIGHT", "DUMBBELL")
NOTES = described("Free text", "Bench on the second hole")


class Words(Line):
    """Text without null bytes, a single blank wherever it has some, none around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return normal_name(super()._deserialize(value, attr, data, **kwargs))


class ExerciseValues(Schema):
    """What an exercise and each of its versions say."""

    name = fields.String(required=True, metadata=NAME)
    body_part = fields.String(required=True, allow_none=True, metadata=BODY_PART)
    modality = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*MODALITIES, None]), metadata=MODALITY
    )
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)


class ExerciseSchema(ExerciseValues):
    """An exercise of your own, or one of the catalog: `is_system`, without version and times."""

    id = fields.UUID(required=True, metadata=EXERCISE_ID)
    is_system = fields.Boolean(required=True, metadata=described("It is the catalog's, not your own", False))
    version = fields.Integer(required=True, allow_none=True, metadata=VERSION)
    last_edited_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last change", "2025-12-01T07:00:00Z")
    )
    last_edited_by = fields.String(required=True, allow_none=True, metadata=described("Who made it", "ada"))
    deleted_at = fields.AwareDateTime(required=True, allow_none=True, metadata=described("When deleted", None))
    created_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("First stored", "2025-11-02T13:00:00Z")
    )
    updated_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last stored", "2025-12-01T07:00:00Z")
    )


def _editable_fields(*, name_required: bool, **kwargs: Any) -> dict[str, fields.Field]:
    """What a person may say about an exercise; the same checks at its making and at a change."""
    return {
        "name": Words(required=name_required, metadata=NAME),
        "body_part": Words(longest=100, allow_none=True, metadata=BODY_PART, **kwargs),
        "modality": fields.String(allow_none=True, validate=validate.OneOf(MODALITIES), metadata=MODALITY, **kwargs),
        "notes": Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES, **kwargs),
    }


class NewExerciseSchema(Schema.from_dict(_editable_fields(name_required=True), name="NewExerciseFields")):
    """An exercise to be stored."""

    protected = frozenset({"id", "is_system", "version"})


class _Changes(Schema):
    protected = frozenset({"id", "is_system", "version", "deleted_at", "changed_by"})

    change_reason = Line(longest=1000, allow_none=True, metadata=CHANGE_REASON)


class ExerciseChangesSchema(_Changes, Schema.from_dict(_editable_fields(name_required=False), name="ExerciseChange")):
    """What to change; fields left out stay, null clears."""


class WholeExerciseSchema(
    _Changes, Schema.from_dict(_editable_fields(name_required=True, load_default=None), name="ExerciseFields")
):
    """All that the exercise is to say; fields left out are cleared."""


class ExerciseVersionSchema(ExerciseValues, VersionFields):
    """An exercise as one of its versions left it."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)


class CatalogQuery(PageQuery):
    """Which exercises."""

    name = Words(metadata=described("Part of the name, in upper or lower case", "press"))
    body_part = Words(longest=100, metadata=described("Body part, in upper or lower case", "chest"))
    modality = fields.String(validate=validate.OneOf(MODALITIES), metadata=MODALITY)


class OwnExercisesQuery(CatalogQuery, DeletedQuery):
    """Which of one's own exercises."""


class ExercisesQuery(OwnExercisesQuery):
    """Which exercises, and whose."""

    source = fields.String(
        validate=validate.OneOf(["own", "system"]),
        metadata=described("own: only your own; system: only the catalog's that you have no own of", "own"),
    )


class _WholeList(Schema):
    next_cursor = fields.String(required=True, allow_none=True, metadata=described("Always null: all at once", None))


class BodyPartsSchema(_WholeList):
    """Body parts that exercises have."""

    items = fields.List(fields.String(metadata=BODY_PART), required=True)


class ModalitiesSchema(_WholeList):
    """What exercises can be done with."""

    items = fields.List(fields.String(validate=validate.OneOf(MODALITIES), metadata=MODALITY), required=True)
