"""Account changes that need the current password."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from fitness.schemas.auth import EMAIL, SECOND_FACTOR, Email, NewPassword, PasskeyAnswer
from fitness.schemas.base import Flag, Schema, described

CURRENT_PASSWORD = described("Current password", "a long pass phrase")


class OwnerSchema(Schema):
    """The current password, as confirmation; without one, it needs a login of the last five minutes."""

    current_password = fields.String(load_only=True, metadata=CURRENT_PASSWORD)


class NewPasswordSchema(Schema):
    """A new password."""

    new_password = NewPassword()


class ConfirmationSchema(OwnerSchema):
    """The current password and a code of the second factor, if the account has them; or a passkey."""

    second_factor = fields.String(load_only=True, metadata=SECOND_FACTOR)
    passkey = PasskeyAnswer()


class PasswordChangeSchema(OwnerSchema, NewPasswordSchema):
    """The current and the new password."""

    revoke_tokens = Flag(
        load_default=False, metadata=described("Whether to revoke all your personal access tokens too", False)
    )


class ChangedPasswordSchema(Schema):
    """What a new password leaves."""

    ended_sessions = fields.Integer(required=True, metadata=described("How many other sessions have ended", 2))
    active_tokens = fields.Integer(
        required=True, metadata=described("How many personal access tokens are still valid", 1)
    )


class EmailChangeSchema(OwnerSchema):
    """The current password and the new e-mail address."""

    email = Email(required=True, metadata=EMAIL)


class LeavingSchema(Schema):
    """Confirmation that an account is to be deleted: exactly one of the two fields."""

    current_password = fields.String(load_only=True, metadata=CURRENT_PASSWORD)
    confirmation = fields.String(load_only=True, metadata={"description": "`delete <your e-mail address>`"})

    @validates_schema
    def confirmed(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Send either current_password or confirmation", "current_password")
