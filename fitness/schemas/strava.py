"""Requests of Strava's webhook."""

from marshmallow import EXCLUDE, fields, validate

from fitness.schemas.base import Flag, Schema, described


class SubscriptionQuery(Schema):
    """Strava's request to confirm a subscription."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    mode = fields.String(
        required=True,
        data_key="hub.mode",
        validate=validate.Equal("subscribe"),
        metadata=described("Always subscribe", "subscribe"),
    )
    verify_token = fields.String(
        required=True,
        data_key="hub.verify_token",
        metadata=described("Verify token that was set when subscribing", "5f2c…"),
    )
    challenge = fields.String(
        required=True, data_key="hub.challenge", metadata=described("Value to send back", "15f7d1a91c1f40f8a748")
    )


class ChallengeSchema(Schema):
    """The response that confirms a subscription."""

    challenge = fields.String(
        required=True, data_key="hub.challenge", metadata=described("Value from the request", "15f7d1a91c1f40f8a748")
    )


class StravaEventSchema(Schema):
    """A change at Strava; unknown fields are ignored."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE

    object_type = fields.String(
        required=True,
        validate=validate.OneOf(["activity", "athlete"]),
        metadata=described("activity or athlete", "activity"),
    )
    object_id = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**63 - 1),
        metadata=described("Id of the activity or athlete", 16321877401),
    )
    owner_id = fields.Integer(required=True, strict=True, metadata=described("Athlete id", 40123456))
    subscription_id = fields.Integer(
        required=True, strict=True, metadata=described("Subscription id of the webhook", 298000)
    )


class NotedSchema(Schema):
    """Confirmation that an event was received."""

    noted = Flag(required=True, metadata=described("Always true", True))
