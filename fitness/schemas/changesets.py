"""Changesets: all changes of one import, sync, bulk edit or revert."""

from marshmallow import fields

from fitness.schemas.base import Schema, described
from fitness.schemas.records import PreviewQuery, previewed


class ChangesetSchema(Schema):
    """One import, sync, bulk edit or revert."""

    changeset_id = fields.Integer(required=True, metadata=described("Number of the changeset", 12))
    kind = fields.String(required=True, metadata=described("import, sync, bulk_edit or revert", "import"))
    source = fields.String(required=True, allow_none=True, metadata=described("Source of the data", "MapMyFitness"))
    actor = fields.String(required=True, allow_none=True, metadata=described("User who made it", "ada"))
    reason = fields.String(required=True, allow_none=True, metadata=described("Why", None))
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("Counts of what it did", {"found": 15, "created": 9, "skipped": 5, "failed": 1}),
    )
    reverts = fields.Integer(
        required=True, allow_none=True, metadata=described("Changeset that this one reverts", None)
    )
    reverted_by = fields.Integer(
        required=True, allow_none=True, metadata=described("Changeset that reverts this one", None)
    )
    created_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-02T13:00:00Z"))


class RevertQuery(PreviewQuery):
    """Options of a revert."""

    force = fields.Boolean(load_default=False, metadata=described("Also revert records that were changed since", False))


class KeptSchema(Schema):
    """A record that the revert did not change."""

    id = fields.String(required=True, metadata=described("Record id", "mmf_8700100201"))
    detail = fields.String(required=True, metadata=described("Reason", "Changed since then; now at version 3"))


class RevertedSchema(Schema):
    """The result of a revert."""

    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Changeset of the revert; null for a dry run", 13)
    )
    dry_run = fields.Boolean(required=True, metadata=described("True: nothing was stored", False))
    reverts = fields.Integer(required=True, metadata=described("Changeset that was reverted", 12))
    reverted = fields.Integer(required=True, metadata=described("Records reverted", 9))
    kept = fields.Integer(required=True, metadata=described("Records not changed", 1))
    problems = fields.List(fields.Nested(KeptSchema), required=True)
    records = previewed()
