"""What the histories of all nouns have in common: changes between versions."""

import copy
from collections.abc import Collection
from typing import Any, cast

from marshmallow import fields, validate

from fitness.db.history.versioned import Versioned
from fitness.ranges import LAST_VERSION
from fitness.schemas.base import CHANGE_REASON, PROVIDERS, Digits, Schema, described
from fitness.schemas.exercise_executions import EXERCISE_ID, NOTE, SET_INDEX, StrengthSetSchema

EXERCISE_NAME = described("Name of the exercise", "Squat")
WHATS_OF_PART = ("added", "removed", "moved", "changed")
WHAT_OF_PART = described("added, removed, moved (only its place changed) or changed", "changed")


class Pair(fields.List):
    """A value before and after a change; null before it existed, or when it is empty."""

    def __init__(self, value: fields.Field, **kwargs: Any) -> None:
        either = copy.copy(value)
        either.allow_none = True
        example = [None, value.metadata.get("examples", [None])[0]]
        metadata = {"description": "The value before and after", "examples": [example]}
        super().__init__(either, validate=validate.Length(equal=2), metadata=metadata, **kwargs)


class ChangedSetSchema(Schema):
    """A set of an exercise before and after a change."""

    what = fields.String(required=True, validate=validate.OneOf(WHATS_OF_PART), metadata=WHAT_OF_PART)
    before = fields.Nested(StrengthSetSchema, required=True, allow_none=True)
    after = fields.Nested(StrengthSetSchema, required=True, allow_none=True)


class ExecutionChangesOfVersionSchema(Schema):
    """The fields of an exercise in a workout that changed."""

    note = Pair(fields.String(metadata=NOTE))
    execution_order = Pair(fields.Integer(metadata=described("Position in the workout", 2)))


class ChangedExecutionSchema(Schema):
    """An exercise of a workout that changed, with its changed sets."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    exercise_name = fields.String(required=True, metadata=EXERCISE_NAME)
    what = fields.String(required=True, validate=validate.OneOf(WHATS_OF_PART), metadata=WHAT_OF_PART)
    changes = fields.Nested(ExecutionChangesOfVersionSchema, required=True)
    sets = fields.List(fields.Nested(ChangedSetSchema), required=True)


def _change_of(name: str, value: fields.Field) -> fields.Field:
    if name == "exercise_executions":
        return fields.List(
            fields.Nested(ChangedExecutionSchema),
            metadata={"description": "The exercises that changed; those that stayed are left out"},
        )
    return Pair(value)


def changes_schema(kind: Versioned[Any, Any], version_schema: type[Schema]) -> type[Schema]:
    """Return the schema of the changes between two versions: a pair for each field that differs."""
    values = version_schema._declared_fields
    held: Collection[str] = (*kind.snapshot, *kind.parts)
    deleted_at = fields.AwareDateTime(metadata=described("Time of deletion", "2025-12-01T07:00:00Z"))
    return _made(
        {**{name: _change_of(name, values[name]) for name in held}, "deleted_at": Pair(deleted_at)},
        name=_noun_of(version_schema) + "Differences",
    )


def version_with_changes(changes: type[Schema], version_schema: type[Schema]) -> type[Schema]:
    """Return the schema of a version that says what changed in it."""
    return cast(
        "type[Schema]",
        version_schema.from_dict(
            {"changes": fields.Nested(changes, required=True)}, name=_noun_of(version_schema) + "Version"
        ),
    )


def diff_schema(changes: type[Schema], version_schema: type[Schema]) -> type[Schema]:
    """Return the schema of the difference between two versions."""
    return _made(
        {
            "from": fields.Integer(required=True, metadata=described("Number of the one version; 0: none", 2)),
            "to": fields.Integer(required=True, metadata=described("Number of the other version", 5)),
            "changes": fields.Nested(changes, required=True),
        },
        name=_noun_of(version_schema) + "Diff",
    )


def _made(named: dict[str, fields.Field], name: str) -> type[Schema]:
    return cast("type[Schema]", Schema.from_dict(named, name=name))


def _noun_of(version_schema: type[Schema]) -> str:
    return version_schema.__name__.removesuffix("VersionSchema")


_VERSION = validate.Range(0, LAST_VERSION)
DiffQuery = Schema.from_dict(
    {
        "from": Digits(
            validate=_VERSION,
            metadata=described("The one version; 0: before the record existed; default: the one before `to`", 2),
        ),
        "to": Digits(validate=_VERSION, metadata=described("The other version; default: the newest", 5)),
    },
    name="DiffQuery",
)


class OriginSchema(Schema):
    """A value, and the version that put it there."""

    value = fields.Raw(required=True, allow_none=True, metadata=described("The value", 3.2))
    version = fields.Integer(required=True, metadata=described("Version that put it there", 2))
    changed_by = fields.String(required=True, allow_none=True, metadata=described("Who", "ada"))
    provider = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(PROVIDERS),
        metadata=described("Provider, if an import or a sync put it there", None),
    )
    changed_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-03T07:00:00Z"))
    change_reason = fields.String(required=True, allow_none=True, metadata=CHANGE_REASON)
    changeset_id = fields.Integer(required=True, allow_none=True, metadata=described("Changeset", None))


ORIGIN = {
    "value": 3.2,
    "version": 2,
    "changed_by": "ada",
    "provider": None,
    "changed_at": "2025-11-03T07:00:00Z",
    "change_reason": "GPS was off",
    "changeset_id": None,
}


def _origins() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Nested(OriginSchema),
        required=True,
        metadata=described("Field → its value and origin", {"distance": ORIGIN}),
    )


# `fields` is a name that marshmallow uses in classes.
_FIELDS: dict[str, fields.Field] = {"fields": _origins()}


class BlamedSetSchema(Schema.from_dict(_FIELDS, name="BlamedSetFields")):
    """A set, and who set each of its fields."""

    id = fields.UUID(required=True, metadata=described("Set id", "5b0f5d0e-7a55-4c2a-9d9b-0f6f0d1c7a90"))
    set_index = fields.Integer(required=True, metadata=SET_INDEX)


class BlamedExecutionSchema(Schema.from_dict(_FIELDS, name="BlamedExecutionFields")):
    """An exercise in a workout, and who set each of its fields and sets."""

    exercise_id = fields.UUID(required=True, metadata=EXERCISE_ID)
    exercise_name = fields.String(required=True, metadata=EXERCISE_NAME)
    sets = fields.List(fields.Nested(BlamedSetSchema), required=True)


class BlameSchema(Schema.from_dict(_FIELDS, name="BlameFields")):
    """Who set each field of a record."""

    version = fields.Integer(required=True, metadata=described("The newest version", 2))


class WorkoutBlameSchema(BlameSchema):
    """Who set each field of a workout, and of its exercises and sets."""

    exercise_executions = fields.List(fields.Nested(BlamedExecutionSchema), required=True)
