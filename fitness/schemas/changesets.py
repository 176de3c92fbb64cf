"""Changesets: all changes of one import, sync, bulk edit, merge, decision, revert or rewind."""

from marshmallow import fields, validate

from fitness.db.history.records import KINDS as NOUNS
from fitness.schemas.base import PROVIDERS, Flag, Schema, described
from fitness.schemas.records import OCCURRED_AT, TITLE, PreviewQuery, previewed

KINDS = ("import", "sync", "bulk_edit", "merge", "separation", "decision", "revert", "rewind")


class ChangesetSchema(Schema):
    """One import, sync, bulk edit, merge of shoes, decision, revert or rewind."""

    changeset_id = fields.Integer(required=True, metadata=described("Number of the changeset", 12))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata=described("import, sync, bulk_edit, merge, separation, decision, revert or rewind", "import"),
    )
    source = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf((*PROVIDERS, "Manual")),
        metadata=described("Source of the data", "MapMyFitness"),
    )
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
    redoes = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Changeset that this one does again, as it reverts its revert", None),
    )
    reverted_by = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Changeset that reverts this one; null once that is reverted itself", None),
    )
    back_to = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Instant of a rewind; null for others", None)
    )
    created_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-02T13:00:00Z"))


class RevertQuery(PreviewQuery):
    """Options of a revert."""

    force = Flag(load_default=False, metadata=described("Also take back what was changed since then", False))


class KeptSchema(Schema):
    """A record of which fields, or all, stay as they are."""

    noun = fields.String(
        required=True, validate=validate.OneOf(list(NOUNS)), metadata=described("Noun of the record", "runs")
    )
    id = fields.String(required=True, metadata=described("Record id", "mmf_8700100201"))
    title = fields.String(required=True, metadata=TITLE)
    occurred_at = fields.String(required=True, allow_none=True, metadata=OCCURRED_AT)
    staying = fields.List(
        fields.String(),
        required=True,
        data_key="fields",
        metadata=described("Fields that stay; none if it is only in use", ["distance"]),
    )
    detail = fields.String(required=True, metadata=described("Reason", "Changed since then; now at version 3"))


class UndoneSchema(Schema):
    """The result of a revert or rewind."""

    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Its own changeset; null for a dry run", 13)
    )
    dry_run = Flag(required=True, metadata=described("True: nothing was stored", False))
    reverted = fields.Integer(required=True, metadata=described("Records changed", 9))
    kept = fields.Integer(required=True, metadata=described("Records that stay in part or as they are", 1))
    problems = fields.List(
        fields.Nested(KeptSchema), required=True, metadata={"description": "The first 1,000 of these records"}
    )
    records = previewed()


class RevertedSchema(UndoneSchema):
    """The result of a revert."""

    reverts = fields.Integer(required=True, metadata=described("Changeset that was reverted", 12))
