"""Shoes."""

from datetime import date
from typing import Any

from marshmallow import fields, post_load

from fitness.ranges import LONGEST_NOTE, LONGEST_REASON
from fitness.schemas.base import (
    CHANGE_REASON,
    AsOfQuery,
    Day,
    DeletedQuery,
    Flag,
    Line,
    Miles,
    Name,
    RecordFields,
    Schema,
    SearchQuery,
    VersionFields,
    described,
)

SHOE_ID = described("Shoe id, made from the first name of the shoe", "brooks_ghost_16")
NAME = described("Display name", "Brooks Ghost 16")
NOTES = described("Notes", "For long runs")
RETIRED_AT = described("Day it was retired; null while in use", "2025-12-01")
RETIREMENT_NOTES = described("Why it was retired", "Worn out after 500 miles")


class ShoeSchema(RecordFields):
    """A pair of shoes with its mileage."""

    id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    retirement_notes = fields.String(required=True, allow_none=True, metadata=RETIREMENT_NOTES)
    merged_into = fields.String(
        required=True, allow_none=True, metadata=described("Id of the shoe it was merged into", None)
    )
    mileage = Miles(required=True, metadata=described("Miles of its runs", 312.4))
    run_count = fields.Integer(required=True, metadata=described("Number of its runs", 61))


class NewShoeSchema(Schema):
    """A new shoe."""

    protected = frozenset({"id", "version"})

    name = Name(required=True, metadata=NAME)
    notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES)


class RetirementDay(Day):
    """A day; for an instant, the date as written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        return super()._deserialize(value[:10] if isinstance(value, str) and "T" in value else value, attr, data)


class ShoeChangesSchema(Schema):
    """Changes to a shoe; omitted fields stay, null clears a field.

    A day in `retired_at` retires the shoe; null takes it back into use, and clears `retirement_notes`.
    """

    protected = frozenset({"id", "version", "merged_into", "deleted_at", "mileage", "changed_by"})

    name = Name(metadata=NAME)
    notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES)
    retired_at = RetirementDay(allow_none=True, metadata=RETIRED_AT)
    retirement_notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=RETIREMENT_NOTES)
    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)

    @post_load
    def take_back_into_use(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clear the retirement notes of a shoe that is taken back into use."""
        if "retired_at" in data and data["retired_at"] is None:
            data.setdefault("retirement_notes", None)
        return data


class BulkShoeChangesSchema(ShoeChangesSchema):
    """Changes to many shoes: all fields but the name; null clears a field."""

    class Meta:
        exclude = ("name", "change_reason")


class ShoeVersionSchema(VersionFields):
    """A version of a shoe."""

    shoe_id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    retirement_notes = fields.String(required=True, allow_none=True, metadata=RETIREMENT_NOTES)
    merged_into = fields.String(
        required=True, allow_none=True, metadata=described("Id of the shoe it was merged into", None)
    )


class MergeSchema(Schema):
    """The target of a merge."""

    into = Line(required=True, metadata=described("Id of the shoe that gets the runs", "brooks_ghost_16"))


class MergeAnswerSchema(Schema):
    """The shoe that got the runs, and the changeset of the merge."""

    changeset_id = fields.Integer(required=True, metadata=described("Revert it to undo the merge", 12))
    moved = fields.Integer(required=True, metadata=described("Number of runs moved", 17))
    shoe = fields.Nested(ShoeSchema, required=True)


class ShoeFilters(DeletedQuery, SearchQuery):
    """Filters of shoes."""

    retired = Flag(allow_none=True, metadata=described("true: only retired shoes; false: only shoes in use", False))


class ShoesQuery(AsOfQuery, ShoeFilters):
    """What a list of shoes is asked for."""
