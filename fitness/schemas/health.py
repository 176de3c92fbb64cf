"""Health checks."""

from marshmallow import fields, validate

from fitness.schemas.base import Schema, described

STATUS = described("Always ok", "ok")


class HealthSchema(Schema):
    """The process responds."""

    status = fields.String(required=True, validate=validate.Equal("ok"), metadata=STATUS)
    database = fields.String(
        required=True,
        validate=validate.OneOf(("ok", "unreachable")),
        metadata=described("ok, or unreachable: requests that need it answer 503", "ok"),
    )
    environment = fields.String(required=True, metadata=described("Which server this is: dev or prod", "prod"))
    version = fields.String(required=True, metadata=described("Version of the program", "0.1.0"))
    sign_up = fields.String(
        required=True,
        validate=validate.OneOf(("open", "invitation", "closed")),
        metadata=described("Who may sign up: everybody (open), who has an invitation, or nobody (closed)", "open"),
    )
    sends_mail = fields.Boolean(
        required=True, metadata=described("Whether forgotten passwords can be set by mail", True)
    )
    google_login = fields.Boolean(required=True, metadata=described("Whether people can log in with Google", True))
    passkey_origin = fields.String(
        required=True,
        allow_none=True,
        metadata=described(
            "Origin whose pages can use passkeys; null: none, as the server has no host name or no HTTPS",
            "https://log.mine.net",
        ),
    )


class DatabaseHealthSchema(Schema):
    """The database responds and its schema matches the program."""

    status = fields.String(required=True, validate=validate.Equal("ok"), metadata=STATUS)
    revision = fields.String(
        required=True, allow_none=True, metadata=described("Schema revision of the database", "0003")
    )
    head = fields.String(required=True, metadata=described("Schema revision that the program needs", "0003"))
