"""Runs and workouts in the calendar."""

from typing import Any

from marshmallow import fields, validate

from fitness.schemas.base import Flag, Schema, described

SYNC_STATUSES = ("synced", "failed", "pending")
VERSION_SENT = described("Version in the calendar; 0: to be removed", 1)


class SyncStatus(fields.String):
    """The state of a record in the calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=True,
            allow_none=True,
            validate=validate.OneOf(SYNC_STATUSES),
            metadata=described("synced, failed or pending; null if never sent", "synced"),
            **kwargs,
        )


class SyncStateFields(Schema):
    """The calendar state of a record."""

    sync_status = SyncStatus()
    behind = Flag(required=True, metadata=described("Whether the record has changed since it was sent", False))
    google_event_id = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Id of the event", "fit3f1c9a52d0b84e6a9c7e5f20b1d4a6c8e0f2b4d6"),
    )
    synced_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When it was last sent", "2025-11-02T13:05:00Z")
    )
    error_message = fields.String(required=True, allow_none=True, metadata=described("Error of the last attempt", None))


class RunSyncSchema(SyncStateFields):
    """A run in the calendar."""

    run_id = fields.String(required=True, metadata=described("Run id", "strava_16321877401"))
    run_version = fields.Integer(required=True, allow_none=True, metadata=VERSION_SENT)


class WorkoutSyncSchema(SyncStateFields):
    """A workout in the calendar."""

    workout_id = fields.UUID(required=True, metadata=described("Workout id", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"))
    workout_version = fields.Integer(required=True, allow_none=True, metadata=VERSION_SENT)


class CalendarProblemSchema(Schema):
    """A record that could not be sent to the calendar."""

    id = fields.String(required=True, metadata=described("Record id", "strava_16321877401"))
    detail = fields.String(required=True, metadata=described("The error", "Google rejected the request: invalid"))


def _count(description: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata=described(description, example))


class CalendarReportSchema(Schema):
    """The result of a calendar sync."""

    found = _count("Records that were out of date in the calendar", 12)
    created = _count("Events created", 9)
    updated = _count("Events updated", 1)
    deleted = _count("Events removed, as their records are deleted", 1)
    failed = _count("Records that failed; the next sync tries them again", 1)
    problems = fields.List(
        fields.Nested(CalendarProblemSchema), required=True, metadata={"description": "The first 1,000 failures"}
    )
    complete = Flag(
        required=True,
        metadata=described("False if Google's rate limit stopped the sync: sync again at `resume_at`", True),
    )
    resume_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Earliest time for the next sync", None)
    )
