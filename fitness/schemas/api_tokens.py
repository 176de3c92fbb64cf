"""Personal access tokens."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.schemas.base import Instant, Line, Schema, described

SCOPES = ("read", "write", "import")
NAME = described("What it is for", "Watch")
SCOPE = described("read, write or import", "read")
GOOD_FOR = {"description": "`read`, `write` (all changes but imports), `import` (uploads and syncs)"}
EXPIRES = described("When it ends; null: never", "2027-01-01T00:00:00Z")


class NewApiTokenSchema(Schema):
    """A token to be made."""

    name = Line(required=True, longest=100, metadata=NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES), metadata=SCOPE),
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata=GOOD_FOR,
    )
    expires_at = Instant(allow_none=True, load_default=None, metadata=EXPIRES)

    @validates_schema
    def ends_later(self, data: dict[str, Any], **_: Any) -> None:
        if data["expires_at"] and data["expires_at"] <= datetime.now(UTC):
            raise ValidationError("This is over already", "expires_at")


class ApiTokenSchema(Schema):
    """A token, without itself: it is shown once, when it is made."""

    id = fields.Integer(required=True, metadata=described("Number of the token", 3))
    name = fields.String(required=True, metadata=NAME)
    scopes = fields.List(fields.String(metadata=SCOPE), required=True, metadata=GOOD_FOR)
    expires_at = fields.AwareDateTime(required=True, allow_none=True, metadata=EXPIRES)
    last_used_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last used, to a minute", "2026-02-16T15:00:00Z")
    )
    revoked_at = fields.AwareDateTime(required=True, allow_none=True, metadata=described("When revoked", None))
    created_at = fields.AwareDateTime(required=True, metadata=described("When made", "2026-01-01T12:00:00Z"))


class MadeApiTokenSchema(ApiTokenSchema):
    """A token that was just made."""

    token = fields.String(required=True, metadata=described("For `Authorization: Bearer …`; keep it", "fit_…"))
