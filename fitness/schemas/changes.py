"""The feed of changes."""

from marshmallow import fields, validate

from fitness.db.history.records import KINDS
from fitness.schemas.base import CHANGE_TYPES, Digits, Schema, described
from fitness.schemas.records import RECORD_ID

CURSOR = "WyJjaGFuZ2VzIiwgIjEgMCIs…"

# `fields` is a name that marshmallow uses in classes.
ChangesQuery = Schema.from_dict(
    {
        "after": fields.String(
            metadata=described("`next_cursor` of the last answer; without it, from the beginning", CURSOR)
        ),
        "limit": Digits(
            load_default=50, validate=validate.Range(1, 500), metadata=described("Maximum number of items", 50)
        ),
        "fields": fields.String(
            validate=validate.OneOf(["ids"]), metadata=described("`ids`: without the records", "ids")
        ),
    },
    name="ChangesQuery",
)


class ChangeSchema(Schema):
    """A version of a record, in the feed of changes."""

    noun = fields.String(required=True, validate=validate.OneOf(list(KINDS)), metadata=described("What it is", "runs"))
    id = fields.Raw(required=True, metadata=RECORD_ID)
    version = fields.Integer(required=True, metadata=described("Number of the version; 1 is the original", 2))
    change_type = fields.String(
        required=True,
        validate=validate.OneOf(CHANGE_TYPES),
        metadata=described("original, edit or deletion; an edit after a deletion brings the record back", "edit"),
    )
    changed_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-03T07:00:00Z"))
    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Changeset that made the version", None)
    )
    record = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata=described(
            "The record as it was in this version: the fields that versions keep; null with `fields=ids`",
            {"id": "mmf_8700100201", "version": 2, "name": "Morning run"},
        ),
    )


class ChangesSchema(Schema):
    """A page of the feed of changes."""

    items = fields.List(fields.Nested(ChangeSchema), required=True)
    next_cursor = fields.String(
        required=True,
        metadata=described("Send it as `after`, now or later; there is one at the end of the feed, too", CURSOR),
    )
