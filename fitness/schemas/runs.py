"""Runs. Distances are miles, durations seconds, instants UTC."""

from typing import Any

from marshmallow import fields, post_load, validate

from fitness.db.runs import MEASURED
from fitness.db.runs_list import DETAIL_SORTS, SORTS
from fitness.ranges import (
    FARTHEST_MILES,
    FASTEST_HEART,
    HIGHEST_CLIMB,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_SECONDS,
    MOST_CALORIES,
    SLOWEST_HEART,
)
from fitness.schemas.base import (
    CHANGE_REASON,
    FILES,
    AsOfQuery,
    DaysQuery,
    DeletedQuery,
    Flag,
    Instant,
    Line,
    Miles,
    Number,
    PageQuery,
    RecordFields,
    Rounded,
    Schema,
    SearchQuery,
    VersionFields,
    ZoneName,
    conflicts_of,
    described,
    sync_status,
)
from fitness.schemas.calendar import SyncStatus

TYPES = ("Outdoor Run", "Treadmill Run")
SOURCES = ("MapMyFitness", "Strava", "Manual", *FILES)

RUN_ID = described("Run id: strava_…, mmf_…, fit_…, manual_…, …, by source", "mmf_8700100201")
DATETIME_UTC = described("When the run began", "2025-11-02T12:05:31Z")
TYPE = described("Outdoor Run or Treadmill Run", "Outdoor Run")
DISTANCE = described("Miles", 6.21)
DURATION = described("Seconds", 3180)
SOURCE = described("Where the run came from: a service, a kind of file, or Manual", "MapMyFitness")
AVG_HEART_RATE = described("Beats per minute", 149)
SHOE_ID = described("Id of one of your shoes", "brooks_ghost_16")
NAME = described("Title", "Morning run")
NOTES = described("Notes", "Windy, felt slow")
DUPLICATE_OF = described("Id of the run that this one duplicates, and that counts instead", None)


ELAPSED = described("Seconds from start to end, with pauses", 3302)
ASCENT = described("Metres climbed", 84)
CALORIES = described("Kilocalories", 512)
MAX_HEART_RATE = described("Greatest heart rate, in beats per minute", 171)
AVG_CADENCE = described("Steps of one foot, turns or strokes per minute", 84.5)
AVG_POWER = described("Watts", 241)
TEMPERATURE = described("Degrees Celsius, as the device measured them", 11)
DEVICE = described("What recorded it", "Garmin Forerunner 255")
POINTS_ID = described(
    "Id of its points, see …/points; null if there are none",
    "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a",
)
TIME_ZONE = {"description": "The time zone in which it began; null if it is not known"}
ZONE_NAME = described("Name in the IANA database, or offset from UTC", "America/Chicago")
PROTECTED = frozenset(MEASURED) - {"ascent", "calories", "time_zone"}
"""What was measured, and cannot be edited."""


class StartZoneSchema(Schema):
    """A time zone, and where it came from."""

    name = fields.String(required=True, metadata=ZONE_NAME)
    source = fields.String(
        required=True,
        validate=validate.OneOf(("provider", "file", "answer", "account", "person")),
        metadata=described(
            "provider or file: it named the zone. answer or account: local times were read in it, as it was said of"
            " the file or is set in the profile. person: somebody edited it",
            "file",
        ),
    )


class NewStartZoneSchema(Schema):
    """A time zone that a person sets."""

    protected = frozenset({"source"})

    name = ZoneName(required=True, metadata=ZONE_NAME)

    @post_load
    def of_person(self, zone: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**zone, "source": "person"}


class RunValues(Schema):
    """The fields of a run and of its versions."""

    datetime_utc = fields.AwareDateTime(required=True, metadata=DATETIME_UTC)
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata=TYPE)
    distance = Miles(required=True, metadata=DISTANCE)
    duration = fields.Float(required=True, metadata=DURATION)
    source = fields.String(required=True, validate=validate.OneOf(SOURCES), metadata=SOURCE)
    avg_heart_rate = fields.Float(required=True, allow_none=True, metadata=AVG_HEART_RATE)
    shoe_id = fields.String(required=True, allow_none=True, metadata=SHOE_ID)
    name = fields.String(required=True, allow_none=True, metadata=NAME)
    notes = fields.String(required=True, allow_none=True, metadata=NOTES)
    duplicate_of = fields.String(required=True, allow_none=True, metadata=DUPLICATE_OF)
    elapsed = fields.Float(required=True, allow_none=True, metadata=ELAPSED)
    ascent = fields.Float(required=True, allow_none=True, metadata=ASCENT)
    calories = fields.Float(required=True, allow_none=True, metadata=CALORIES)
    max_heart_rate = fields.Float(required=True, allow_none=True, metadata=MAX_HEART_RATE)
    avg_cadence = fields.Float(required=True, allow_none=True, metadata=AVG_CADENCE)
    avg_power = fields.Float(required=True, allow_none=True, metadata=AVG_POWER)
    temperature = fields.Float(required=True, allow_none=True, metadata=TEMPERATURE)
    device = fields.String(required=True, allow_none=True, metadata=DEVICE)
    points_id = fields.String(required=True, allow_none=True, metadata=POINTS_ID)
    time_zone = fields.Nested(StartZoneSchema, required=True, allow_none=True, metadata=TIME_ZONE)


class RunSchema(RunValues, RecordFields):
    """A run."""

    id = fields.String(required=True, metadata=RUN_ID)
    conflicts = fields.Nested(
        conflicts_of(RunValues, name="RunConflicts"),
        required=True,
        allow_none=True,
        metadata=described(
            "The provider's values for fields that you changed too; your values stay", {"distance": 6.25}
        ),
    )


class RunDetailsSchema(RunSchema):
    """A run with its shoe and its calendar state."""

    shoes = fields.String(required=True, allow_none=True, metadata=described("Name of the shoe", "Brooks Ghost 16"))
    shoe_retired_at = fields.Date(
        required=True, allow_none=True, metadata=described("Day the shoe was retired", "2025-12-01")
    )
    shoe_retirement_notes = fields.String(
        required=True, allow_none=True, metadata=described("Why the shoe was retired", "Worn out")
    )
    sync_status = SyncStatus()
    synced_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=described("When it was last sent to the calendar", "2025-11-02T13:05:00Z"),
    )
    synced_version = fields.Integer(required=True, allow_none=True, metadata=described("Version in the calendar", 1))
    google_event_id = fields.String(required=True, allow_none=True, metadata=described("Event", "fit8700100201"))
    sync_error = fields.String(required=True, allow_none=True, metadata=described("Error of the last attempt", None))
    trimp = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Training impulse; null without a heart rate, or without those of your profile", 84.2),
    )


def _editable_fields(required: bool) -> dict[str, fields.Field]:
    """Return the editable fields, with the same checks for a new run and for changes."""
    return {
        "datetime_utc": Instant(required=required, metadata=DATETIME_UTC),
        "type": fields.String(required=required, validate=validate.OneOf(TYPES), metadata=TYPE),
        "distance": Number(required=required, validate=validate.Range(0, FARTHEST_MILES), metadata=DISTANCE),
        "duration": Number(required=required, validate=validate.Range(0, LONGEST_SECONDS), metadata=DURATION),
        "avg_heart_rate": Number(
            allow_none=True, validate=validate.Range(SLOWEST_HEART, FASTEST_HEART), metadata=AVG_HEART_RATE
        ),
        "shoe_id": Line(longest=LONGEST_NAME, allow_none=True, metadata=SHOE_ID),
        "name": Line(longest=LONGEST_NAME, allow_none=True, metadata=NAME),
        "notes": Line(longest=LONGEST_NOTE, allow_none=True, metadata=NOTES),
        "ascent": Number(allow_none=True, validate=validate.Range(0, HIGHEST_CLIMB), metadata=ASCENT),
        "calories": Number(allow_none=True, validate=validate.Range(0, MOST_CALORIES), metadata=CALORIES),
        "time_zone": fields.Nested(NewStartZoneSchema, allow_none=True, metadata=TIME_ZONE),
    }


class NewRunSchema(Schema.from_dict(_editable_fields(required=True), name="NewRunFields")):
    """A new run."""

    protected = frozenset({"id", "source", "version", "duplicate_of"}) | PROTECTED

    client_uuid = fields.UUID(
        metadata=described(
            "UUID chosen by the client: repeating the call is safe", "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"
        )
    )


class RunChangesSchema(Schema.from_dict(_editable_fields(required=False), name="RunChangesFields")):
    """Changes to a run; omitted fields stay, null clears a field."""

    protected = (
        frozenset({"id", "source", "version", "client_uuid", "deleted_at", "changed_by", "duplicate_of"}) | PROTECTED
    )

    change_reason = Line(longest=LONGEST_REASON, allow_none=True, metadata=CHANGE_REASON)


class BulkRunChangesSchema(RunChangesSchema):
    """Changes to many runs: the fields that may be the same for all; null clears a field."""

    class Meta:
        exclude = ("datetime_utc", "distance", "duration", "ascent", "calories", "change_reason")


class RunVersionSchema(RunValues, VersionFields):
    """A version of a run."""

    run_id = fields.String(required=True, metadata=described("Run id", "mmf_8700100201"))


class RunFilters(DaysQuery, DeletedQuery, SearchQuery):
    """Filters of runs."""

    type = fields.String(validate=validate.OneOf(TYPES), metadata=TYPE)
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=SOURCE)
    shoe_id = Line(metadata=SHOE_ID)
    sync_status = sync_status()
    include_duplicates = Flag(load_default=True, metadata=described("false: leave out runs marked as duplicates", True))
    without_shoe = Flag(load_default=False, metadata=described("Only runs without a shoe", False))
    only_deleted = Flag(load_default=False, metadata=described("Only deleted runs", False))


class RunTotalsQuery(AsOfQuery, RunFilters):
    """Filters of the sums of runs."""


class RunsQuery(AsOfQuery, RunFilters, PageQuery):
    """Filters and order of runs."""

    sort_by = fields.String(
        load_default="date", validate=validate.OneOf(list(SORTS)), metadata=described("Field to sort by", "date")
    )
    sort_order = fields.String(
        load_default="desc", validate=validate.OneOf(["asc", "desc"]), metadata=described("asc or desc", "desc")
    )


class RunDetailsQuery(RunsQuery):
    """Filters and order of runs with shoe, calendar state and TRIMP."""

    sort_by = fields.String(
        load_default="date", validate=validate.OneOf(list(DETAIL_SORTS)), metadata=described("Field to sort by", "date")
    )


class RunTotalsSchema(Schema):
    """What runs add up to."""

    runs = fields.Integer(required=True, metadata=described("Number of runs", 61))
    distance = Miles(required=True, metadata=described("Miles", 312.4))
    duration = Rounded(required=True, metadata=described("Seconds", 161000))
