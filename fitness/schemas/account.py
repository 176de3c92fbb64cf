"""Account changes that need the current password."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from fitness.schemas.auth import EMAIL, Email, NewPassword
from fitness.schemas.base import Schema, described

CURRENT_PASSWORD = described("Current password", "a long pass phrase")


class CurrentPasswordSchema(Schema):
    """The current password, as confirmation."""

    current_password = fields.String(required=True, load_only=True, metadata=CURRENT_PASSWORD)


class NewPasswordSchema(Schema):
    """A new password."""

    new_password = NewPassword()


class PasswordChangeSchema(CurrentPasswordSchema, NewPasswordSchema):
    """The current and the new password."""


class EmailChangeSchema(CurrentPasswordSchema):
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
