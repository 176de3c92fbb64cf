"""Accounts and logins."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.schemas.base import Line, Schema, TimeZone, Whole, described

BCRYPT_MAX_BYTES = 72
"""bcrypt ignores what follows; a longer password is refused instead of silently cut."""

USERNAME = validate.Regexp(r"^[A-Za-z0-9_-]{3,50}$", error="3 to 50 letters, digits, underscores or hyphens")
EMAIL = described("E-mail address", "ada@example.com")
UNITS = described("What to show distances in: miles or kilometres; the API itself says miles", "miles")


def _profile_fields() -> dict[str, fields.Field]:
    """What a person may say about themselves, at the sign-up and later."""
    return {
        "birth_year": Whole(
            allow_none=True, validate=validate.Range(1900, 2100), metadata=described("Year of birth", 1992)
        ),
        "birth_month": Whole(allow_none=True, validate=validate.Range(1, 12), metadata=described("Month of birth", 8)),
        "time_zone": TimeZone(allow_none=True, metadata=described("Zone of local days", "Europe/Berlin")),
    }


class Email(fields.Email):
    """An e-mail address of at most 254 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=254), **kwargs)


class NewPassword(fields.String):
    """A password to be, of 8 characters or more and at most 72 bytes."""

    def __init__(self) -> None:
        super().__init__(
            required=True,
            load_only=True,
            validate=[validate.Length(min=8), _fits_bcrypt],
            metadata=described("At least 8 characters, at most 72 bytes", "a long pass phrase"),
        )


def _fits_bcrypt(password: str) -> None:
    if len(password.encode()) > BCRYPT_MAX_BYTES:
        raise ValidationError(f"Longer than {BCRYPT_MAX_BYTES} bytes")
    if "\0" in password:
        raise ValidationError("A null byte is not text")


_Profile = Schema.from_dict(_profile_fields(), name="ProfileFields")


class SignupSchema(_Profile):
    """A new account; of name and username one is enough."""

    email = Email(required=True, metadata=EMAIL)
    username = Line(longest=50, validate=[USERNAME], metadata=described("Also good for logging in", "ada"))
    name = Line(metadata=described("What to call the person", "Ada Lovelace"))
    password = NewPassword()

    @validates_schema
    def named(self, data: dict[str, Any], **_: Any) -> None:
        if "name" not in data and "username" not in data:
            raise ValidationError("Say a name or a username", "name")


class LoginSchema(Schema):
    """Who wants in; `email` and `username` may each hold either."""

    email = fields.String(metadata=EMAIL)
    username = fields.String(metadata=described("Username, instead of the e-mail address", "ada"))
    password = fields.String(required=True, load_only=True, metadata=described("Password", "a long pass phrase"))

    @validates_schema
    def one_login(self, data: dict[str, Any], **_: Any) -> None:
        if ("email" in data) == ("username" in data):
            raise ValidationError("Say either the e-mail address or the username", "email")


class BrowserQuery(Schema):
    """Where the refresh token goes."""

    cookie = fields.Boolean(
        load_default=False,
        metadata=described("For pages: into a cookie that scripts cannot read, instead of into the answer", False),
    )


class RefreshSchema(Schema):
    """The refresh token to be traded in; without it, the one of the Authorization header or of the cookie."""

    refresh_token = fields.String(metadata=described("As the login gave it", "eyJhbGciOi…"))


class TokensSchema(Schema):
    """What a client shows (access) and keeps for later (refresh)."""

    access_token = fields.String(required=True, metadata=described("For `Authorization: Bearer …`", "eyJhbGciOi…"))
    refresh_token = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Good for one refresh; null when it went into a cookie", "eyJhbGciOi…"),
    )
    token_type = fields.String(required=True, metadata=described("Always Bearer", "Bearer"))
    expires_in = fields.Integer(required=True, metadata=described("Life of the access token, seconds", 900))


class UserSchema(Schema):
    """An account, as its owner sees it."""

    user_id = fields.Integer(required=True, metadata=described("Number of the account", 42))
    email = fields.Email(required=True, metadata=EMAIL)
    username = fields.String(required=True, allow_none=True, metadata=described("Username", "ada"))
    name = fields.String(required=True, metadata=described("What to call the person", "Ada Lovelace"))
    profile_image_url = fields.String(required=True, allow_none=True, metadata=described("Picture", None))
    birth_year = fields.Integer(required=True, allow_none=True, metadata=described("Year of birth", 1992))
    birth_month = fields.Integer(required=True, allow_none=True, metadata=described("Month of birth", 8))
    sex = fields.String(required=True, allow_none=True, metadata=described("female or male", "female"))
    time_zone = fields.String(required=True, allow_none=True, metadata=described("Zone of local days", "Europe/Berlin"))
    max_heart_rate = fields.Integer(required=True, allow_none=True, metadata=described("Beats per minute", 186))
    resting_heart_rate = fields.Integer(required=True, allow_none=True, metadata=described("Beats per minute", 52))
    lactate_threshold_heart_rate = fields.Integer(
        required=True, allow_none=True, metadata=described("Beats per minute", 168)
    )
    units = fields.String(required=True, metadata=UNITS)
    is_active = fields.Boolean(required=True, metadata=described("Whether the account may log in", True))
    is_admin = fields.Boolean(required=True, metadata=described("Whether it may administrate", False))
    created_at = fields.AwareDateTime(required=True, metadata=described("Signed up", "2025-11-02T12:05:31Z"))
    updated_at = fields.AwareDateTime(required=True, metadata=described("Last changed", "2025-11-02T12:05:31Z"))


class SignupAnswerSchema(TokensSchema):
    """The first session of a new account, and the account."""

    user = fields.Nested(UserSchema, required=True)


class ProfileChangesSchema(_Profile):
    """What a person changes about themselves; null clears."""

    protected = frozenset({"user_id", "email", "hashed_password", "password", "is_active", "is_admin", "google_id"})

    username = Line(
        longest=50, validate=[USERNAME], allow_none=True, metadata=described("Also good for logging in", "ada")
    )
    name = Line(metadata=described("What to call the person", "Ada Lovelace"))
    profile_image_url = fields.Url(
        allow_none=True,
        schemes={"https", "http"},
        validate=[validate.Length(max=2000), validate.ContainsNoneOf("\0", error="A null byte is not text")],
        metadata=described("Picture", "https://example.com/ada.png"),
    )
    sex = fields.String(
        allow_none=True, validate=validate.OneOf(["female", "male"]), metadata=described("For TRIMP", "female")
    )
    max_heart_rate = Whole(
        allow_none=True, validate=validate.Range(60, 250), metadata=described("Beats per minute", 186)
    )
    resting_heart_rate = Whole(
        allow_none=True, validate=validate.Range(20, 150), metadata=described("Beats per minute", 52)
    )
    lactate_threshold_heart_rate = Whole(
        allow_none=True, validate=validate.Range(60, 250), metadata=described("Beats per minute", 168)
    )
    units = fields.String(validate=validate.OneOf(["miles", "kilometres"]), metadata=UNITS)
