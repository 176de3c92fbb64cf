"""The inbox: what waits for a decision."""

from marshmallow import fields

from fitness.schemas.base import Schema, described


class InboxSchema(Schema):
    """How much waits for a decision."""

    conflicts = fields.Integer(
        required=True, metadata=described("Fields in which a provider and you disagree: `GET /conflicts`", 2)
    )
    duplicates = fields.Integer(
        required=True, metadata=described("Runs, workouts and planned workouts that may be duplicates", 1)
    )
    failed_calendar_syncs = fields.Integer(
        required=True, metadata=described("Runs and workouts that could not be sent to the calendar", 0)
    )
