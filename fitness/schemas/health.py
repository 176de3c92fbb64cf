"""Health checks."""

from marshmallow import fields, validate

from fitness.schemas.base import Schema, described


class HealthSchema(Schema):
    """The process responds."""

    status = fields.String(required=True, validate=validate.Equal("ok"), metadata=described("Always ok", "ok"))


class DatabaseHealthSchema(HealthSchema):
    """The database responds and its schema matches the program."""

    revision = fields.String(
        required=True, allow_none=True, metadata=described("Schema revision of the database", "0003")
    )
    head = fields.String(required=True, metadata=described("Schema revision that the program needs", "0003"))
