"""Runs and workouts in the calendar."""

from marshmallow import fields

from fitness.schemas.base import Schema, described

VERSION_SENT = described("Version that was sent; 0: it is to be removed", 1)


class SyncStateFields(Schema):
    """What is told of a record in the calendar, whatever its noun."""

    sync_status = fields.String(
        required=True, allow_none=True, metadata=described("synced, failed, pending; null when never sent", "synced")
    )
    behind = fields.Boolean(required=True, metadata=described("Whether it has changed since", False))
    google_event_id = fields.String(
        required=True, allow_none=True, metadata=described("Event", "fit3f1c9a52d0b84e6a9c7e5f20b1d4a6c8e0f2b4d6")
    )
    synced_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When last sent", "2025-11-02T13:05:00Z")
    )
    error_message = fields.String(required=True, allow_none=True, metadata=described("Why it failed", None))


class RunSyncSchema(SyncStateFields):
    """A run in the calendar."""

    run_id = fields.String(required=True, metadata=described("The run", "strava_16321877401"))
    run_version = fields.Integer(required=True, allow_none=True, metadata=VERSION_SENT)


class WorkoutSyncSchema(SyncStateFields):
    """A workout in the calendar."""

    workout_id = fields.UUID(required=True, metadata=described("The workout", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"))
    workout_version = fields.Integer(required=True, allow_none=True, metadata=VERSION_SENT)


class CalendarProblemSchema(Schema):
    """A record that the calendar did not take."""

    id = fields.String(required=True, metadata=described("The record", "strava_16321877401"))
    detail = fields.String(required=True, metadata=described("Why", "Google refuses this: invalid"))


def _count(description: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata=described(description, example))


class CalendarReportSchema(Schema):
    """What a sync with the calendar did, and whether it came to its end."""

    found = _count("What the calendar did not show as it is", 12)
    created = _count("Sent for the first time", 9)
    updated = _count("Sent again", 1)
    deleted = _count("Removed, as they are deleted here", 1)
    failed = _count("Not taken; the next sync tries again", 1)
    problems = fields.List(
        fields.Nested(CalendarProblemSchema), required=True, metadata={"description": "The first 1,000 that failed"}
    )
    complete = fields.Boolean(
        required=True, metadata=described("False when Google's limits stopped it: sync again at `resume_at`", True)
    )
    resume_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("When Google may be asked again", None)
    )
