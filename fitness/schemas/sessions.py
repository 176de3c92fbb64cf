"""Sessions and the security log."""

from marshmallow import fields, validate

from fitness.db.security_events import EVENTS
from fitness.schemas.base import Schema, described

DEVICE = described("Browser and system, or the program; null if unknown", "Firefox on Windows")
ADDRESS = described("IP address; null if unknown", "203.0.113.7")


class SessionSchema(Schema):
    """A session that has not ended."""

    id = fields.Integer(required=True, metadata=described("Session id", 4))
    device = fields.String(required=True, allow_none=True, metadata=DEVICE)
    address = fields.String(required=True, allow_none=True, metadata=ADDRESS)
    current = fields.Boolean(required=True, metadata=described("Whether it is the one of this request", True))
    created_at = fields.AwareDateTime(required=True, metadata=described("Time of the login", "2026-02-16T15:00:00Z"))
    last_used_at = fields.AwareDateTime(
        required=True, metadata=described("Last refresh: at most one access token ago", "2026-02-18T07:45:00Z")
    )
    expires_at = fields.AwareDateTime(
        required=True, metadata=described("End of the session without another use", "2026-03-20T07:45:00Z")
    )
    ends_at = fields.AwareDateTime(
        required=True, metadata=described("End of the session in any case", "2027-02-16T15:00:00Z")
    )


class EndedSessionsSchema(Schema):
    """Sessions that have ended."""

    ended_sessions = fields.Integer(required=True, metadata=described("How many sessions have ended", 2))


class SecurityEventSchema(Schema):
    """Something that happened to your account."""

    id = fields.Integer(required=True, metadata=described("Event id", 31))
    event = fields.String(required=True, validate=validate.OneOf(EVENTS), metadata=described("What happened", "login"))
    detail = fields.String(
        required=True, allow_none=True, metadata=described("What it happened to, such as the name of a token", None)
    )
    device = fields.String(required=True, allow_none=True, metadata=DEVICE)
    address = fields.String(required=True, allow_none=True, metadata=ADDRESS)
    created_at = fields.AwareDateTime(required=True, metadata=described("When", "2026-02-16T15:00:00Z"))
