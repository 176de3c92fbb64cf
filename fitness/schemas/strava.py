"""What Strava's webhook says."""

from marshmallow import EXCLUDE, fields, validate

from fitness.schemas.base import Schema, described


class SubscriptionQuery(Schema):
    """How Strava asks whether a subscription is wanted."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    mode = fields.String(
        required=True,
        data_key="hub.mode",
        validate=validate.Equal("subscribe"),
        metadata=described("Always subscribe", "subscribe"),
    )
    verify_token = fields.String(
        required=True, data_key="hub.verify_token", metadata=described("What it was told to say", "5f2c…")
    )
    challenge = fields.String(
        required=True, data_key="hub.challenge", metadata=described("What it wants to hear", "15f7d1a91c1f40f8a748")
    )


class ChallengeSchema(Schema):
    """What Strava wants to hear."""

    challenge = fields.String(
        required=True, data_key="hub.challenge", metadata=described("As it asked", "15f7d1a91c1f40f8a748")
    )


class StravaEventSchema(Schema):
    """Something that changed at Strava; what else it says does not matter."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    object_type = fields.String(
        required=True,
        validate=validate.OneOf(["activity", "athlete"]),
        metadata=described("activity or athlete", "activity"),
    )
    object_id = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 2**63 - 1), metadata=described("Which one", 16321877401)
    )
    owner_id = fields.Integer(required=True, strict=True, metadata=described("The athlete", 40123456))
    subscription_id = fields.Integer(required=True, strict=True, metadata=described("The webhook's number", 298000))


class NotedSchema(Schema):
    """That an event has arrived."""

    noted = fields.Boolean(required=True, metadata=described("Always true", True))
