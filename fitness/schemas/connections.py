"""Connections with providers."""

from marshmallow import EXCLUDE, fields, validate

from fitness.ranges import LONGEST_URL
from fitness.schemas.base import Flag, Line, Schema, Verbatim, described

PROVIDERS = ("strava", "google", "hevy")


class AuthorizeUrlSchema(Schema):
    """The URL to connect with a provider."""

    url = fields.String(
        required=True, metadata=described("Open it in a browser", "https://www.strava.com/oauth/authorize?…")
    )


class ConnectSchema(Schema):
    """What a provider sent with its redirect."""

    state = Verbatim(
        longest=LONGEST_URL,
        required=True,
        metadata=described("State of the authorization request", "WzQyLCJzdHJh…"),
    )
    code = Verbatim(longest=LONGEST_URL, metadata=described("Code to exchange for tokens", "7f2a"))
    scope = Verbatim(longest=LONGEST_URL, metadata=described("Granted scopes", "read,activity:read_all"))
    error = Verbatim(longest=LONGEST_URL, metadata=described("Error, if there is no code", "access_denied"))


class CallbackQuery(ConnectSchema):
    """The query of a provider's redirect; unknown parameters are ignored."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE


class ConnectionSchema(Schema):
    """The state of a connection."""

    provider = fields.String(
        required=True, validate=validate.OneOf(PROVIDERS), metadata=described("Provider", "strava")
    )
    connected = Flag(required=True, metadata=described("Whether the provider is connected", True))
    needs_reconnect = Flag(required=True, metadata=described("Whether the provider has ended the connection", False))
    account_id = fields.String(
        required=True, allow_none=True, metadata=described("Your id at the provider", "40123456")
    )
    scopes = fields.List(
        fields.String(metadata=described("A scope", "activity:read_all")),
        required=True,
        metadata={"description": "Granted scopes"},
    )
    missing_scopes = fields.List(
        fields.String(metadata=described("A scope", "profile:read_all")),
        required=True,
        metadata={"description": "Requested scopes that you did not grant"},
    )
    expires_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("Expiry of the access token; it is refreshed before that", "2025-11-02T18:05:31Z"),
    )
    connected_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of connection", "2025-11-02T12:05:31Z")
    )
    syncing = Flag(required=True, metadata=described("Whether a sync is running", False))
    found = fields.Integer(required=True, metadata=described("Records found by the last or the running sync", 412))
    last_success_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("Start of the last successful sync", "2025-11-02T12:06:00Z"),
    )
    last_error = fields.String(
        required=True, allow_none=True, metadata=described("Last error", "Strava answered with status 500")
    )
    last_error_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When", "2025-11-01T12:06:00Z")
    )
    retry_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("Earliest time for the next request, if the provider set one", None),
    )
    next_sync_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described(
            "When the next sync starts by itself; null if you must act first: connect, or allow deletes",
            "2025-11-02T13:06:00Z",
        ),
    )
    points_left = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Activities whose points are still to be fetched; null unless `sync_points` is on", None),
    )

    own_client_id = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Client id of your own application; null if new connections use the server's", None),
    )
    hint = fields.String(required=True, allow_none=True, metadata=described("What may have ended the connection", None))


class ApplicationSchema(Schema):
    """Your own application at a provider."""

    client_id = Line(required=True, metadata=described("Client id, as the provider shows it", "12345"))
    client_secret = Line(
        required=True,
        load_only=True,
        longest=500,
        metadata=described("Client secret; it is stored encrypted", "5ec2e7"),
    )


class HevyKeySchema(Schema):
    """An API key of Hevy."""

    key = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 200),
        metadata=described("From Hevy's settings; it needs Hevy Pro", "3f1c9a52-0000-4000-8000-000000000000"),
    )


class DisconnectQuery(Schema):
    """Options of disconnecting."""

    force = Flag(
        load_default=False, metadata=described("Disconnect even if the tokens cannot be revoked at the provider", False)
    )
    keep_records = Flag(
        load_default=True,
        metadata=described("False: also delete the runs and workouts from there, as a changeset", True),
    )
