"""Archives of accounts."""

from marshmallow import fields

from fitness.schemas.base import Flag, Schema, described


class ArchiveReportSchema(Schema):
    """The result of importing an archive."""

    dry_run = Flag(required=True, metadata=described("True: nothing was stored", False))
    sha256 = fields.String(
        required=True,
        metadata=described(
            "SHA-256 of the content; an export of this account now has the same",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    )
    tables = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("Number of rows per table", {"profile": 1, "runs": 1204, "runs_history": 1311}),
    )
