"""Connections with providers."""

from marshmallow import EXCLUDE, fields, validate

from fitness.schemas.base import Schema, described


class AuthorizeUrlSchema(Schema):
    """Where to go in order to connect."""

    url = fields.String(
        required=True, metadata=described("To be opened in a browser", "https://www.strava.com/oauth/authorize?…")
    )


class CallbackQuery(Schema):
    """What the provider sends a person back with; what else it says does not matter."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    state = fields.String(required=True, metadata=described("What they were sent with", "WzQyLCJzdHJh…"))
    code = fields.String(metadata=described("To be exchanged for tokens", "7f2a"))
    scope = fields.String(metadata=described("What was granted", "read,activity:read_all"))
    error = fields.String(metadata=described("Why there is no code", "access_denied"))


class ConnectionSchema(Schema):
    """How a connection stands."""

    provider = fields.String(required=True, metadata=described("Which one", "strava"))
    connected = fields.Boolean(required=True, metadata=described("Whether it can be synced", True))
    needs_reconnect = fields.Boolean(
        required=True, metadata=described("Whether the provider has ended the connection", False)
    )
    account_id = fields.String(
        required=True, allow_none=True, metadata=described("What the provider calls you", "40123456")
    )
    scopes = fields.List(
        fields.String(metadata=described("A scope", "activity:read_all")),
        required=True,
        metadata={"description": "What you granted"},
    )
    missing_scopes = fields.List(
        fields.String(metadata=described("A scope", "profile:read_all")),
        required=True,
        metadata={"description": "What you did not grant of what is asked for"},
    )
    expires_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("End of the access token, which is refreshed before", "2025-11-02T18:05:31Z"),
    )
    connected_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Since when", "2025-11-02T12:05:31Z")
    )
    syncing = fields.Boolean(required=True, metadata=described("Whether a sync is under way", False))
    found = fields.Integer(
        required=True, metadata=described("Records that the last sync, or the one under way, has seen", 412)
    )
    last_success_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("Beginning of the last sync that ended well", "2025-11-02T12:06:00Z"),
    )
    last_error = fields.String(
        required=True, allow_none=True, metadata=described("What went wrong last", "Strava answered 500")
    )
    last_error_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When", "2025-11-01T12:06:00Z")
    )
    retry_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When the provider may be asked again, if not now", None)
    )


class HevyKeySchema(Schema):
    """A key of Hevy's API."""

    key = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 200),
        metadata=described("From Hevy's settings; it needs Hevy Pro", "3f1c9a52-0000-4000-8000-000000000000"),
    )


class DisconnectQuery(Schema):
    """How to disconnect."""

    force = fields.Boolean(
        load_default=False, metadata=described("Forget the connection even if the provider cannot be told", False)
    )
