"""Codes that are sent by mail."""

from marshmallow import fields, validate

from fitness.ranges import LONGEST_EMAIL
from fitness.schemas.auth import EMAIL, NewPassword
from fitness.schemas.base import Flag, Schema, described

CODE = described("Code from the mail; works once", "mBz1…")


class ForgottenPasswordSchema(Schema):
    """The e-mail address of an account."""

    email = fields.String(
        required=True,
        validate=[
            validate.Length(max=LONGEST_EMAIL),
            validate.ContainsNoneOf("\0", error="Null bytes are not allowed"),
        ],
        metadata=EMAIL,
    )


class MailedCodeSchema(Schema):
    """A code from a mail."""

    code = fields.String(required=True, load_only=True, metadata=CODE)


class PasswordResetSchema(MailedCodeSchema):
    """A code from a mail, and a new password."""

    new_password = NewPassword()
    revoke_tokens = Flag(
        load_default=False, metadata=described("Whether to revoke all your personal access tokens too", False)
    )
