"""Uploads, and what came of them."""

from flask_smorest.fields import Upload
from marshmallow import fields

from fitness.schemas.base import Schema, TimeZone, described


class UploadSchema(Schema):
    """A file, as a browser form sends it."""

    file = Upload(required=True, metadata={"description": "The file"})


class UploadFormSchema(Schema):
    """What may come beside the file."""

    timezone = TimeZone(
        metadata=described("Zone of the file's local days and times; the user's own by default", "Europe/Berlin")
    )


class UploadQuery(Schema):
    """How to import."""

    dry_run = fields.Boolean(load_default=False, metadata=described("Only say what would happen", False))


class SyncQuery(UploadQuery):
    """How to sync."""

    full_sync = fields.Boolean(
        load_default=False, metadata=described("Fetch all there is, not only what came since the last sync", False)
    )
    allow_deletes = fields.Boolean(
        load_default=False, metadata=described("Delete also more than a tenth of what is covered", False)
    )


class ProblemSchema(Schema):
    """A row that could not be read."""

    row = fields.Integer(required=True, metadata=described("As a spreadsheet counts: the heading is row 1", 17))
    id = fields.String(required=True, allow_none=True, metadata=described("The record, if known", "mmf_8700100201"))
    detail = fields.String(required=True, metadata=described("What is wrong with it", "The distance is negative."))


class ConflictSchema(Schema):
    """A field that both the person and the provider changed; the person's value stayed."""

    id = fields.String(required=True, metadata=described("The record", "strava_16321877401"))
    field = fields.String(required=True, metadata=described("The field", "distance"))
    yours = fields.Raw(required=True, allow_none=True, metadata=described("What stayed", 6.2))
    theirs = fields.Raw(required=True, allow_none=True, metadata=described("What the provider says now", 6.25))


class RemarkSchema(Schema):
    """A record that was read otherwise than it stands in the file."""

    row = fields.Integer(required=True, metadata=described("As a spreadsheet counts: the heading is row 1", 17))
    id = fields.String(required=True, metadata=described("The record", "strava_16321877401"))
    detail = fields.String(
        required=True,
        metadata=described("What was read how", "The two Distance columns stand in each other's place."),
    )


class QuestionSchema(Schema):
    """What must be answered before a file can be read."""

    field = fields.String(required=True, metadata=described("The field to send the answer in", "timezone"))
    detail = fields.String(
        required=True,
        metadata=described("The question", "The times in this file name no zone: say in which one they are"),
    )


class FileSchema(Schema):
    """A file, and what it is."""

    name = fields.String(required=True, allow_none=True, metadata=described("As it was sent", "activities.csv"))
    source = fields.String(required=True, metadata=described("Whose file it is", "Strava"))


def _count(description: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata=described(description, example))


class ReportSchema(Schema):
    """What an import or sync did."""

    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Revert it to undo; null when nothing changed", 12)
    )
    dry_run = fields.Boolean(required=True, metadata=described("Whether all was taken back at the end", False))
    found = _count("Records in the file", 15)
    created = _count("New here", 9)
    updated = _count("Changed by the provider", 0)
    unchanged = _count("Here already", 0)
    kept = _count("Changed by the provider and by you: yours stayed", 0)
    deleted = _count("Deleted by the provider", 0)
    skipped = _count("Left out on purpose, such as a ride", 5)
    failed = _count("Could not be read", 1)
    skipped_why = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("How many were left out for which reason", {"Not a run: “Ride”.": 5}),
    )
    problems = fields.List(
        fields.Nested(ProblemSchema), required=True, metadata={"description": "The first 1,000 that could not be read"}
    )
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)
    remarks = fields.List(
        fields.Nested(RemarkSchema),
        required=True,
        metadata={"description": "The first 1,000 records that were read otherwise than they stand in the file"},
    )
    time_zone = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Zone in which the file's local times were read; null where it has none", "Europe/Berlin"),
    )
    questions = fields.List(
        fields.Nested(QuestionSchema),
        required=True,
        metadata={"description": "What must be answered first: nothing is stored then"},
    )
    files = fields.List(fields.Nested(FileSchema), required=True, metadata={"description": "The files that were read"})


class SyncReportSchema(ReportSchema):
    """What a sync did, and whether it came to its end."""

    complete = fields.Boolean(
        required=True,
        metadata=described("False when the provider's limits stopped it: sync again at `resume_at`", True),
    )
    resume_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When the provider may be asked again", None)
    )
