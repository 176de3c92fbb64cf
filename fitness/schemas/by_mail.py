"""Codes that are sent by mail."""

from marshmallow import fields

from fitness.schemas.auth import KnownEmail, NewPassword
from fitness.schemas.base import Flag, Schema, described

CODE = described("Code from the mail; works once", "mBz1…")


class ForgottenPasswordSchema(Schema):
    """The e-mail address of an account."""

    email = KnownEmail(required=True)


class MailedCodeSchema(Schema):
    """A code from a mail."""

    code = fields.String(required=True, load_only=True, metadata=CODE)


class PasswordResetSchema(MailedCodeSchema):
    """A code from a mail, and a new password."""

    new_password = NewPassword()
    revoke_tokens = Flag(
        load_default=False, metadata=described("Whether to revoke all your personal access tokens too", False)
    )
