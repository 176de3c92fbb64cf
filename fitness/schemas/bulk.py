"""Bulk edits: many records changed or deleted at once."""

from typing import Any, ClassVar, cast
from uuid import UUID

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from fitness.db.history.bulk import MOST_MATCHED
from fitness.ranges import LONGEST_REASON
from fitness.schemas.base import CHANGE_REASON, Flag, Line, Schema, described
from fitness.schemas.records import RECORD_ID, PreviewQuery, previewed

MOST_IDS = 10_000
_COUNT = validate.Length(min=1, max=MOST_IDS)
_OF_DELETED = {"include_deleted", "only_deleted"}
"""Filters of lists that a bulk edit refuses, as it never changes deleted records."""


class BulkFields(PreviewQuery):
    """What all bulk edits have; `named` is the field that names records."""

    named: ClassVar[str] = "ids"

    delete = Flag(
        load_default=False,
        metadata=described("Instead of `changes`: delete the records", False),
    )
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)

    @validates_schema
    def chooses(self, data: dict[str, Any], **_: Any) -> None:
        if (self.named in data) == ("filters" in data):
            raise ValidationError(f"Send either {self.named} or filters", "filters")
        if ("changes" in data) == data["delete"]:
            raise ValidationError("Send either changes or delete", "changes")
        if data.get("changes") == {}:
            raise ValidationError("Send at least one field to change", "changes")


def bulk_schema(
    id_field: fields.Field, *, filters: type[MarshmallowSchema], changes: type[MarshmallowSchema]
) -> type[Schema]:
    """Return the schema of a bulk edit of a noun."""
    return _made(
        BulkFields,
        fields.List(id_field, validate=_COUNT, metadata={"description": f"Ids of the records; at most {MOST_IDS:,}"}),
        filters,
        changes,
    )


def _made(
    base: type[BulkFields],
    named: fields.Field,
    filters: type[MarshmallowSchema],
    changes: type[MarshmallowSchema],
) -> type[Schema]:
    of_list = f"the filters of the list, except those of deleted records, for {MOST_MATCHED:,} at most"
    chosen = fields.Nested(
        filters,
        exclude=sorted(_OF_DELETED & filters().fields.keys()),
        metadata={"description": f"Instead of `{base.named}`: {of_list}"},
    )
    name = changes.__name__.removesuffix("ChangesSchema") + "Edit"
    made = base.from_dict({base.named: named, "filters": chosen, "changes": fields.Nested(changes)}, name=name)
    return cast("type[Schema]", made)


_ACTIVITY = validate.OneOf(("runs", "workouts"))


class ActivityKeySchema(Schema):
    """The id of a run or workout."""

    noun = fields.String(required=True, validate=_ACTIVITY, metadata=described("runs or workouts", "runs"))
    id = Line(required=True, metadata=described("Id of the run or workout", "mmf_8700100201"))

    @validates_schema
    def is_id(self, data: dict[str, Any], **_: Any) -> None:
        if data["noun"] == "workouts":
            try:
                UUID(data["id"])
            except ValueError as error:
                raise ValidationError("Not a valid UUID.", "id") from error

    @post_load
    def typed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the id as the database has it."""
        return {**data, "id": UUID(data["id"])} if data["noun"] == "workouts" else data


class BulkActivityFields(BulkFields):
    """What a bulk edit of the timeline has."""

    named = "items"


def timeline_bulk_schema(*, filters: type[Schema], changes: type[Schema]) -> type[Schema]:
    """Return the schema of a bulk edit of the timeline."""
    items = fields.List(
        fields.Nested(ActivityKeySchema),
        validate=_COUNT,
        metadata={"description": f"The runs and workouts; at most {MOST_IDS:,}"},
    )
    return _made(BulkActivityFields, items, filters, changes)


class _Report(Schema):
    changeset_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Revert it to undo the edit; null if nothing changed, and for a dry run", 14),
    )
    dry_run = Flag(required=True, metadata=described("True: nothing was stored", False))
    matched = fields.Integer(
        required=True, metadata=described("Records that were selected; deleted ones never are", 12)
    )
    changed = fields.Integer(
        required=True, metadata=described("Of these, records that changed; the others have the values already", 9)
    )
    records = previewed()


class BulkReportSchema(_Report):
    """The result of a bulk edit."""

    not_found = fields.List(
        fields.Raw(metadata=RECORD_ID),
        required=True,
        metadata=described("Those of the ids that do not exist or are deleted", ["mmf_8700100201"]),
    )


class FoundActivitySchema(Schema):
    """The id of a run or workout, in an answer."""

    noun = fields.String(required=True, validate=_ACTIVITY, metadata=described("runs or workouts", "runs"))
    id = fields.String(required=True, metadata=described("Id of the run or workout", "mmf_8700100201"))


class TimelineBulkReportSchema(_Report):
    """The result of a bulk edit of the timeline."""

    not_found = fields.List(
        fields.Nested(FoundActivitySchema),
        required=True,
        metadata={"description": "Those of the items that do not exist or are deleted"},
    )
