"""Login with Google."""

from marshmallow import EXCLUDE, fields

from fitness.schemas.auth import SECOND_FACTOR, PasskeyAnswer
from fitness.schemas.base import Schema, described

LINK_TOKEN = described("Works for ten minutes, together with the account's password or session", "WzQyLCIxMTAx…")


class GoogleCallbackQuery(Schema):
    """The query of Google's redirect; unknown parameters are ignored."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    state = fields.String(required=True, metadata=described("State of the authorization request", "kR3v…"))
    code = fields.String(metadata=described("Code to exchange for an ID token", "4/0AX4…"))
    error = fields.String(metadata=described("Error, if there is no code", "access_denied"))


class GoogleCodeSchema(Schema):
    """The code of a Google login, to exchange for a session."""

    code = fields.String(
        required=True,
        load_only=True,
        metadata=described("Works once, for one minute, in the browser that started the login", "mBz1…"),
    )
    second_factor = fields.String(load_only=True, metadata=SECOND_FACTOR)
    passkey = PasskeyAnswer()


class GoogleLinkTokenSchema(Schema):
    """A token that links a Google account to the account with the same e-mail address."""

    link_token = fields.String(required=True, metadata=LINK_TOKEN)


class GoogleLinkSchema(Schema):
    """A Google account to link, and the password of the account, unless it is logged in."""

    link_token = fields.String(required=True, load_only=True, metadata=LINK_TOKEN)
    password = fields.String(load_only=True, metadata=described("Password", "a long pass phrase"))
    second_factor = fields.String(load_only=True, metadata=SECOND_FACTOR)
    passkey = PasskeyAnswer()
