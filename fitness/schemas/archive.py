"""Archives of whole accounts."""

from marshmallow import fields

from fitness.schemas.base import Schema, described


class ArchiveReportSchema(Schema):
    """What an archive held, all of which is here now."""

    dry_run = fields.Boolean(required=True, metadata=described("Whether all was taken back at the end", False))
    sha256 = fields.String(
        required=True,
        metadata=described(
            "Of its content; an export of this account has the same now",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    )
    tables = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("How many rows of each kind", {"profile": 1, "runs": 1204, "runs_history": 1311}),
    )
