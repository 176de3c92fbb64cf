"""The second factor, and how an account is protected."""

from marshmallow import fields

from fitness.schemas.auth import SECOND_FACTOR
from fitness.schemas.base import Schema, described


class ProtectionSchema(Schema):
    """How your account is protected."""

    has_password = fields.Boolean(required=True, metadata=described("Whether you can log in with a password", True))
    has_google = fields.Boolean(required=True, metadata=described("Whether you can log in with Google", False))
    passkeys = fields.Integer(required=True, metadata=described("Passkeys you can log in with", 2))
    email_verified = fields.Boolean(required=True, metadata=described("Whether your e-mail address is verified", True))
    second_factor = fields.Boolean(required=True, metadata=described("Whether a login needs a second factor", True))
    recovery_codes_left = fields.Integer(required=True, metadata=described("Recovery codes that are not used", 10))


class NewSecondFactorSchema(Schema):
    """A second factor that is not on yet."""

    secret = fields.String(required=True, metadata=described("To type into an app", "JBSWY3DPEHPK3PXP"))
    uri = fields.String(
        required=True,
        metadata=described("The text of a QR code for apps", "otpauth://totp/fitness:ada%40example.com?…"),
    )


class SecondFactorSchema(Schema):
    """A code of the second factor."""

    second_factor = fields.String(required=True, load_only=True, metadata=SECOND_FACTOR)


class RecoveryCodesSchema(Schema):
    """Recovery codes, each for one login without the app; they are shown only once."""

    recovery_codes = fields.List(
        fields.String(metadata=described("A recovery code", "k3qd-7wxo-p2ab-m4hz")), required=True
    )
