"""Whether the service works."""

from marshmallow import fields

from fitness.schemas.base import Schema, described


class HealthSchema(Schema):
    """The process answers."""

    status = fields.String(required=True, metadata=described("Always ok", "ok"))


class DatabaseHealthSchema(HealthSchema):
    """The database answers, and its schema is the program's."""

    revision = fields.String(required=True, allow_none=True, metadata=described("The database's schema", "0003"))
    head = fields.String(required=True, metadata=described("The schema that the program needs", "0003"))
