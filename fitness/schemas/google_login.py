"""Logging in by way of Google."""

from marshmallow import EXCLUDE, fields

from fitness.schemas.base import Schema, described

LINK_TOKEN = described("Good for ten minutes, with the account's password or session", "WzQyLCIxMTAx…")


class GoogleCallbackQuery(Schema):
    """What Google sends a person back with; what else it says does not matter."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    state = fields.String(required=True, metadata=described("What they were sent with", "kR3v…"))
    code = fields.String(metadata=described("To be exchanged for an id token", "4/0AX4…"))
    error = fields.String(metadata=described("Why there is no code", "access_denied"))


class GoogleLinkTokenSchema(Schema):
    """What links a Google account with the account of the same e-mail address."""

    link_token = fields.String(required=True, metadata=LINK_TOKEN)


class GoogleLinkSchema(Schema):
    """A Google account to be linked, and the password of the account; none when the account is logged in."""

    link_token = fields.String(required=True, load_only=True, metadata=LINK_TOKEN)
    password = fields.String(load_only=True, metadata=described("Password", "a long pass phrase"))
