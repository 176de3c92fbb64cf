"""Shoes."""

from datetime import date
from typing import Any

from marshmallow import fields

from fitness.ranges import LONGEST_NOTE
from fitness.schemas.base import (
    CHANGE_REASON,
    Day,
    DeletedQuery,
    Line,
    RecordFields,
    Schema,
    VersionFields,
    described,
)

SHOE_ID = described("Made of the name the shoe first came with", "brooks_ghost_16")
NAME = described("Display name", "Brooks Ghost 16")
NOTES = described("Free text", "For long runs")
RETIRED_AT = described("Day it was retired; null while in use", "2025-12-01")
RETIREMENT_NOTES = described("Why it was retired", "Worn out after 500 miles")


class ShoeSchema(RecordFields):
    """A pair of shoes, with what it has run."""

    id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    retirement_notes = fields.String(required=True, allow_none=True, metadata=RETIREMENT_NOTES)
    merged_into = fields.String(
        required=True, allow_none=True, metadata=described("The shoe that took over its runs", None)
    )
    mileage = fields.Float(required=True, metadata=described("Miles of its runs", 312.4))
    run_count = fields.Integer(required=True, metadata=described("Number of its runs", 61))


class NewShoeSchema(Schema):
    """A shoe to be stored."""

    protected = frozenset({"id", "version"})

    name = Line(required=True, metadata=NAME)
    notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES)


class RetirementDay(Day):
    """A day; of an instant, its date as written is taken."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        return super()._deserialize(value[:10] if isinstance(value, str) and "T" in value else value, attr, data)


class ShoeChangesSchema(Schema):
    """What to change; fields left out stay, null clears. `retired_at` retires a shoe, null takes it back into use."""

    protected = frozenset({"id", "version", "merged_into", "deleted_at", "mileage", "changed_by"})

    name = Line(metadata=NAME)
    notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES)
    retired_at = RetirementDay(allow_none=True, metadata=RETIRED_AT)
    retirement_notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=RETIREMENT_NOTES)
    change_reason = Line(longest=1000, allow_none=True, metadata=CHANGE_REASON)


class ShoeVersionSchema(VersionFields):
    """A shoe as one of its versions left it."""

    shoe_id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    retirement_notes = fields.String(required=True, allow_none=True, metadata=RETIREMENT_NOTES)
    merged_into = fields.String(required=True, allow_none=True, metadata=described("Merged into", None))


class MergeSchema(Schema):
    """Where the runs are to go."""

    into = Line(required=True, metadata=described("Id of the shoe that takes over the runs", "brooks_ghost_16"))


class MergeAnswerSchema(Schema):
    """The shoe that took over, and the changeset that can be reverted."""

    changeset_id = fields.Integer(required=True, metadata=described("Revert it to undo the merge", 12))
    moved = fields.Integer(required=True, metadata=described("How many runs moved", 17))
    shoe = fields.Nested(ShoeSchema, required=True)


class ShoesQuery(DeletedQuery):
    """Which shoes."""

    retired = fields.Boolean(
        allow_none=True, metadata=described("true: only retired ones; false: only those in use", False)
    )
