"""Personal access tokens."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.schemas.base import Instant, Name, Schema, described

SCOPES = ("read", "write", "import")
NAME = described("Name of the token", "Watch")
STORED_SCOPES = (*SCOPES, "operator")
SCOPE = described("read, write or import", "read")
STORED_SCOPE = described("read, write or import; operator: it belongs to the operator of the server", "read")
REASON = described("Why the operator has the token; null for your own", None)
SCOPES_HELP = {"description": "`read`, `write` (all changes except imports), `import` (uploads and syncs)"}
EXPIRES = described("Expiry; null: never", "2027-01-01T00:00:00Z")


class NewApiTokenSchema(Schema):
    """A token to create."""

    name = Name(required=True, longest=100, metadata=NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES), metadata=SCOPE),
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata=SCOPES_HELP,
    )
    expires_at = Instant(allow_none=True, load_default=None, metadata=EXPIRES)

    @validates_schema
    def ends_later(self, data: dict[str, Any], **_: Any) -> None:
        if data["expires_at"] and data["expires_at"] <= datetime.now(UTC):
            raise ValidationError("Must be in the future", "expires_at")


class ApiTokenSchema(Schema):
    """A token without its secret, which is shown only at creation."""

    id = fields.Integer(required=True, metadata=described("Token id", 3))
    name = fields.String(required=True, metadata=NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(STORED_SCOPES), metadata=STORED_SCOPE),
        required=True,
        metadata=SCOPES_HELP,
    )
    expires_at = fields.AwareDateTime(required=True, allow_none=True, metadata=EXPIRES)
    last_used_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last use, to the minute", "2026-02-16T15:00:00Z")
    )
    revoked_at = fields.AwareDateTime(required=True, allow_none=True, metadata=described("Time of revocation", None))
    created_at = fields.AwareDateTime(required=True, metadata=described("Time of creation", "2026-01-01T12:00:00Z"))
    reason = fields.String(required=True, allow_none=True, metadata=REASON)


class MadeApiTokenSchema(ApiTokenSchema):
    """A new token with its secret."""

    token = fields.String(
        required=True, metadata=described("For `Authorization: Bearer …`; store it safely", "fit_42.…")
    )
