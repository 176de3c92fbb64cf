"""Errors: the plain body, and problem details (RFC 9457) for clients that accept them."""

from typing import Any

from marshmallow import fields, validate

from fitness.schemas.base import Schema, described

CODES = (
    "abandoned",
    "confirmation_needed",
    "conflict",
    "cursor_expired",
    "deletes_refused",
    "forbidden",
    "import_expired",
    "insufficient_scope",
    "internal_error",
    "invalid",
    "method_not_allowed",
    "not_found",
    "points_missing",
    "points_removed",
    "provider_error",
    "provider_misconfigured",
    "provider_rate_limit",
    "quota_exceeded",
    "reconnect_required",
    "second_factor_needed",
    "too_large",
    "too_many_requests",
    "took_too_long",
    "unauthorized",
    "unavailable",
    "undecipherable",
    "unreadable",
    "unsupported_media_type",
    "version_mismatch",
    "workout_finished",
)

FIELD_ERRORS: dict[str, Any] = {
    "type": "object",
    "description": "The problems of each field; those of an object or list within it, by its fields or positions",
    "additionalProperties": {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"$ref": "#/components/schemas/FieldErrors"},
        ]
    },
}
"""The schema `FieldErrors`, which refers to itself."""


class ErrorFields(Schema):
    """What both forms of an error have."""

    detail = fields.String(required=True, metadata=described("What is wrong", "Run not found"))
    errors = fields.Raw(
        metadata={
            "description": "Only for 422: the problems of each field",
            "allOf": [{"$ref": "#/components/schemas/FieldErrors"}],
        }
    )
    request_id = fields.String(metadata=described("Only for 500: search for it in the log", "7d3f2c7a9b1e4f60"))


class ErrorAnswerSchema(ErrorFields):
    """The body of an error."""


class ProblemDetailsSchema(ErrorFields):
    """The body of an error for clients that accept `application/problem+json` (RFC 9457)."""

    type = fields.String(
        required=True, validate=validate.Equal("about:blank"), metadata=described("Always", "about:blank")
    )
    title = fields.String(required=True, metadata=described("Name of the status", "Not Found"))
    status = fields.Integer(required=True, metadata=described("HTTP status", 404))
    code = fields.String(
        required=True,
        validate=validate.OneOf(CODES),
        metadata=described("Kind of the error, for programs: codes stay, sentences may change", "not_found"),
    )
