"""Changesets: what an import, a bulk edit or a revert did as a whole."""

from marshmallow import fields

from fitness.schemas.base import Schema, described


class ChangesetSchema(Schema):
    """One import, sync, bulk edit or revert."""

    changeset_id = fields.Integer(required=True, metadata=described("Its number", 12))
    kind = fields.String(required=True, metadata=described("import, sync, bulk_edit or revert", "import"))
    source = fields.String(required=True, allow_none=True, metadata=described("Where from", "MapMyFitness"))
    actor = fields.String(required=True, allow_none=True, metadata=described("Who did it", "ada"))
    reason = fields.String(required=True, allow_none=True, metadata=described("Why", None))
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("What it did", {"found": 15, "created": 9, "skipped": 5, "failed": 1}),
    )
    reverts = fields.Integer(required=True, allow_none=True, metadata=described("Which one it took back", None))
    reverted_by = fields.Integer(required=True, allow_none=True, metadata=described("Which one took it back", None))
    created_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-02T13:00:00Z"))


class RevertQuery(Schema):
    """How to revert."""

    force = fields.Boolean(
        load_default=False, metadata=described("Also take back records that were changed since", False)
    )


class KeptSchema(Schema):
    """A record that the revert left alone."""

    id = fields.String(required=True, metadata=described("The record", "mmf_8700100201"))
    detail = fields.String(required=True, metadata=described("Why", "Changed since, it is at version 3"))


class RevertedSchema(Schema):
    """What a revert did."""

    changeset_id = fields.Integer(required=True, metadata=described("The revert's own changeset", 13))
    reverts = fields.Integer(required=True, metadata=described("The changeset it took back", 12))
    reverted = fields.Integer(required=True, metadata=described("Records that went back", 9))
    kept = fields.Integer(required=True, metadata=described("Records left alone", 1))
    problems = fields.List(fields.Nested(KeptSchema), required=True)
