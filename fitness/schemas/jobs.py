"""Jobs: uploads and syncs that are done after the answer."""

from marshmallow import fields, validate

from fitness.schemas.base import Schema, described


class JobSchema(Schema):
    """An upload or a sync that is done after the answer."""

    job_id = fields.Integer(required=True, metadata=described("Number of the job", 7))
    path = fields.String(required=True, metadata=described("Call that it does", "/v1/hevy/upload-csv?dry_run=false"))
    state = fields.String(
        required=True,
        validate=validate.OneOf(("waiting", "running", "done", "failed")),
        metadata=described("How far it is; `failed` if the call answered with an error", "running"),
    )
    found = fields.Integer(required=True, metadata=described("Records found so far", 1200))
    created_at = fields.AwareDateTime(required=True, metadata=described("When it was sent", "2025-11-02T13:00:00Z"))
    started_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When it was first started", "2025-11-02T13:00:00Z")
    )
    ended_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When it ended; it is kept for a day", None)
    )
    status = fields.Integer(
        required=True, allow_none=True, metadata=described("HTTP status of the call, once it has ended", None)
    )


class JobWithResultSchema(JobSchema):
    """A job with the answer of its call."""

    result = fields.Raw(
        required=True,
        allow_none=True,
        metadata=described("What the call answers: its report, or its error; null until it has ended", None),
    )
