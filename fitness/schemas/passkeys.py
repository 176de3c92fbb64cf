"""Passkeys. What browsers take and answer is the JSON of the standard WebAuthn."""

from marshmallow import fields

from fitness.schemas.auth import KnownEmail, PasskeyAnswer
from fitness.schemas.base import Name, Schema, described

LONGEST_NAME = 100
NAME = described("Name of the passkey", "Phone")


class PasskeyOptionsSchema(Schema):
    """Options for the browser. Their challenge works once, within five minutes."""

    public_key = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=described(
            "For `PublicKeyCredential.parseCreationOptionsFromJSON` or `.parseRequestOptionsFromJSON`",
            {"challenge": "kR3v…", "timeout": 300000},
        ),
    )


class PasskeyLoginOptionsSchema(Schema):
    """The account to log in to, if it is known."""

    email = KnownEmail()


class PasskeyLoginSchema(Schema):
    """A login by a passkey; the e-mail address is needed only if it was sent for the options."""

    passkey = PasskeyAnswer(required=True)
    email = KnownEmail()


class PasskeyChangesSchema(Schema):
    """A new name."""

    name = Name(required=True, longest=LONGEST_NAME, metadata=NAME)


class NewPasskeySchema(PasskeyChangesSchema):
    """A passkey that the browser has made, and its name."""

    passkey = PasskeyAnswer(required=True)


class PasskeySchema(Schema):
    """A passkey."""

    id = fields.Integer(required=True, metadata=described("Passkey id", 2))
    name = fields.String(required=True, metadata=NAME)
    last_used_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last use; null: none yet", "2026-02-16T15:00:00Z")
    )
    created_at = fields.AwareDateTime(required=True, metadata=described("When it was added", "2026-01-01T12:00:00Z"))
