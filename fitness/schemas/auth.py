"""Accounts and logins."""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from fitness.db.days import WEEK_STARTS
from fitness.db.users import OPERATOR
from fitness.names import normal_address
from fitness.ranges import (
    FARTHEST_MILES,
    FIRST_YEAR,
    LAST_BIRTH_YEAR,
    LONGEST_EMAIL,
    LONGEST_URL,
    MAX_HEART_RATES,
    RESTING_HEART_RATES,
)
from fitness.schemas.base import Flag, Line, Name, Number, Schema, TimeZone, Whole, described

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
"""In characters of any script."""


def _is_not_reserved(username: str) -> None:
    if username.lower() == OPERATOR:
        raise ValidationError("This username is reserved")


USERNAME = [
    validate.Regexp(r"^[A-Za-z0-9_-]{3,50}$", error="3 to 50 letters, digits, underscores or hyphens"),
    _is_not_reserved,
]
EMAIL = described("E-mail address", "ada@example.com")
SEXES = ("female", "male")
UNIT_SYSTEMS = ("miles", "kilometres")
UNITS = described("Unit in which apps show distances: miles or kilometres; the API always uses miles", "miles")

WEEK_START = described("Day on which weeks start: monday, sunday or saturday", "monday")
WEEKLY_GOAL = described("How far to run in a week, in miles; for apps to compare with", 32)

OTHER_SPORTS = described("Whether imports and syncs store rides, walks, swims and other sports as workouts", True)

SYNC_POINTS = described("Whether the points of activities from Strava are fetched in the background", False)


SECOND_FACTOR = described("Code that the app shows now, or a recovery code", "492039")


def _profile_fields() -> dict[str, fields.Field]:
    """Return the profile fields that can be set both at sign-up and later."""
    return {
        "birth_year": Whole(
            allow_none=True,
            validate=validate.Range(FIRST_YEAR, LAST_BIRTH_YEAR),
            metadata=described("Year of birth", 1992),
        ),
        "birth_month": Whole(allow_none=True, validate=validate.Range(1, 12), metadata=described("Month of birth", 8)),
        "time_zone": TimeZone(allow_none=True, metadata=described("Time zone of local days", "Europe/Berlin")),
    }


class Email(fields.Email):
    """An e-mail address of at most LONGEST_EMAIL characters, as it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Length(max=LONGEST_EMAIL), _is_printable], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return normal_address(super()._deserialize(value, attr, data, **kwargs))


def _is_printable(address: str) -> None:
    if not address.isprintable() or " " in address:
        raise ValidationError("Spaces and control characters are not allowed")


class Username(Line):
    """A username: 3 to 50 ASCII letters, digits, underscores or hyphens; compatible characters become these."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            longest=50,
            validate=USERNAME,
            metadata=described("Username; can be used to log in", "ada"),
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return normal_address(super()._deserialize(value, attr, data, **kwargs))


class KnownEmail(fields.String):
    """The e-mail address of an account; any text is taken, as the answer does not say which is one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=[
                validate.Length(max=LONGEST_EMAIL),
                validate.ContainsNoneOf("\0", error="Null bytes are not allowed"),
            ],
            metadata=EMAIL,
            **kwargs,
        )


class PasskeyAnswer(fields.Dict):
    """What a browser answers for a passkey."""

    def __init__(self, **kwargs: Any) -> None:
        answer = {"id": "q83v…", "rawId": "q83v…", "type": "public-key", "response": {"clientDataJSON": "eyJ0…"}}
        super().__init__(
            keys=fields.String(),
            load_only=True,
            metadata=described("What `credential.toJSON()` returns in the browser", answer),
            **kwargs,
        )


class NewPassword(fields.String):
    """A new password of 8 to 128 characters; the view refuses one that is easily guessed."""

    def __init__(self) -> None:
        super().__init__(
            required=True,
            load_only=True,
            validate=[
                validate.Length(min=SHORTEST_PASSWORD),
                validate.Length(max=LONGEST_PASSWORD),
                validate.ContainsNoneOf("\0", error="Null bytes are not allowed"),
            ],
            metadata=described("8 to 128 characters of any script, not easily guessed", "a long pass phrase"),
        )


_Profile = Schema.from_dict(_profile_fields(), name="ProfileFields")


class SignupSchema(_Profile):
    """A new account; either a name or a username is required."""

    email = Email(required=True, metadata=EMAIL)
    username = Username()
    name = Name(metadata=described("Display name", "Ada Lovelace"))
    password = NewPassword()
    invitation = fields.String(
        load_only=True, metadata=described("Code of an invitation, if the server asks for one", "inv_4qT0…")
    )

    @validates_schema
    def named(self, data: dict[str, Any], **_: Any) -> None:
        if "name" not in data and "username" not in data:
            raise ValidationError("Send a name or a username", "name")


class LoginSchema(Schema):
    """A login; `email` and `username` both accept an e-mail address or a username."""

    email = fields.String(metadata=EMAIL)
    username = fields.String(metadata=described("Username, instead of the e-mail address", "ada"))
    password = fields.String(required=True, load_only=True, metadata=described("Password", "a long pass phrase"))
    second_factor = fields.String(load_only=True, metadata=SECOND_FACTOR)
    passkey = PasskeyAnswer()

    @validates_schema
    def one_login(self, data: dict[str, Any], **_: Any) -> None:
        if ("email" in data) == ("username" in data):
            raise ValidationError("Send either email or username", "email")


class BrowserQuery(Schema):
    """Where to put the refresh token; unknown parameters are ignored, as before there was any."""

    class Meta:
        unknown = EXCLUDE

    cookie = Flag(
        load_default=False,
        metadata=described(
            "For browsers: put the refresh token into an HttpOnly cookie instead of the response", False
        ),
    )


class RefreshSchema(Schema):
    """A refresh token to exchange; if omitted, the one in the Authorization header or the cookie is used."""

    refresh_token = fields.String(metadata=described("Refresh token from the login", "eyJhbGciOi…"))


class TokensSchema(Schema):
    """The tokens of a session: one for requests, one to get new tokens."""

    access_token = fields.String(required=True, metadata=described("For `Authorization: Bearer …`", "eyJhbGciOi…"))
    refresh_token = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Works for one refresh; null if it is in the cookie", "eyJhbGciOi…"),
    )
    token_type = fields.String(
        required=True, validate=validate.Equal("Bearer"), metadata=described("Always Bearer", "Bearer")
    )
    expires_in = fields.Integer(required=True, metadata=described("Lifetime of the access token, seconds", 900))


class UserSchema(Schema):
    """Your account."""

    user_id = fields.Integer(required=True, metadata=described("User id", 42))
    email = fields.Email(required=True, metadata=EMAIL)
    username = fields.String(required=True, allow_none=True, metadata=described("Username", "ada"))
    name = fields.String(required=True, metadata=described("Display name", "Ada Lovelace"))
    profile_image_url = fields.String(
        required=True, allow_none=True, metadata=described("URL of the profile picture", None)
    )
    birth_year = fields.Integer(required=True, allow_none=True, metadata=described("Year of birth", 1992))
    birth_month = fields.Integer(required=True, allow_none=True, metadata=described("Month of birth", 8))
    sex = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(SEXES), metadata=described("female or male", "female")
    )
    time_zone = fields.String(
        required=True, allow_none=True, metadata=described("Time zone of local days", "Europe/Berlin")
    )
    max_heart_rate = fields.Integer(required=True, allow_none=True, metadata=described("Beats per minute", 186))
    resting_heart_rate = fields.Integer(required=True, allow_none=True, metadata=described("Beats per minute", 52))
    lactate_threshold_heart_rate = fields.Integer(
        required=True, allow_none=True, metadata=described("Beats per minute", 168)
    )
    units = fields.String(required=True, validate=validate.OneOf(UNIT_SYSTEMS), metadata=UNITS)
    import_other_sports = Flag(required=True, metadata=OTHER_SPORTS)
    sync_points = Flag(required=True, metadata=SYNC_POINTS)
    week_start = fields.String(required=True, validate=validate.OneOf(list(WEEK_STARTS)), metadata=WEEK_START)
    weekly_goal_miles = fields.Float(required=True, allow_none=True, metadata=WEEKLY_GOAL)
    is_active = Flag(required=True, metadata=described("Whether the account may log in", True))
    created_at = fields.AwareDateTime(required=True, metadata=described("Time of sign-up", "2025-11-02T12:05:31Z"))
    updated_at = fields.AwareDateTime(
        required=True, metadata=described("Time of the last change", "2025-11-02T12:05:31Z")
    )


class SignupAnswerSchema(TokensSchema):
    """A new account and its first session."""

    user = fields.Nested(UserSchema, required=True)


class ProfileChangesSchema(_Profile):
    """Changes to the profile; null clears a field."""

    protected = frozenset({"user_id", "email", "hashed_password", "password", "is_active", "google_id"})

    username = Username(allow_none=True)
    name = Name(metadata=described("Display name", "Ada Lovelace"))
    profile_image_url = fields.Url(
        allow_none=True,
        schemes={"https"},
        validate=[validate.Length(max=LONGEST_URL), validate.ContainsNoneOf("\0", error="Null bytes are not allowed")],
        metadata=described("URL of the profile picture", "https://example.com/ada.png"),
    )
    sex = fields.String(allow_none=True, validate=validate.OneOf(SEXES), metadata=described("For TRIMP", "female"))
    max_heart_rate = Whole(
        allow_none=True, validate=validate.Range(*MAX_HEART_RATES), metadata=described("Beats per minute", 186)
    )
    resting_heart_rate = Whole(
        allow_none=True, validate=validate.Range(*RESTING_HEART_RATES), metadata=described("Beats per minute", 52)
    )
    lactate_threshold_heart_rate = Whole(
        allow_none=True, validate=validate.Range(*MAX_HEART_RATES), metadata=described("Beats per minute", 168)
    )
    units = fields.String(validate=validate.OneOf(UNIT_SYSTEMS), metadata=UNITS)
    import_other_sports = Flag(metadata=OTHER_SPORTS)
    sync_points = Flag(metadata=SYNC_POINTS)
    week_start = fields.String(validate=validate.OneOf(list(WEEK_STARTS)), metadata=WEEK_START)
    weekly_goal_miles = Number(allow_none=True, validate=validate.Range(0, FARTHEST_MILES), metadata=WEEKLY_GOAL)
