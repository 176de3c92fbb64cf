"""What only the owner of an account may do to it, who says the password once more."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from fitness.schemas.auth import EMAIL, Email, NewPassword
from fitness.schemas.base import Schema, described

CURRENT_PASSWORD = described("As it is now", "a long pass phrase")


class CurrentPasswordSchema(Schema):
    """That it is really you."""

    current_password = fields.String(required=True, load_only=True, metadata=CURRENT_PASSWORD)


class PasswordChangeSchema(CurrentPasswordSchema):
    """Another password."""

    new_password = NewPassword()


class EmailChangeSchema(CurrentPasswordSchema):
    """Another e-mail address."""

    email = Email(required=True, metadata=EMAIL)


class LeavingSchema(Schema):
    """That everything is to go: one of these two says so."""

    current_password = fields.String(load_only=True, metadata=CURRENT_PASSWORD)
    confirmation = fields.String(load_only=True, metadata={"description": "`delete <your e-mail address>`"})

    @validates_schema
    def confirmed(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Say either the current password or the confirmation", "current_password")
