"""All activities (runs, workouts, rep sessions). Distances are miles, durations seconds."""

from marshmallow import fields, validate

from fitness.db.runs_list import SORTS
from fitness.db.timeline import PERIODS
from fitness.db.timeline_list import KINDS
from fitness.ranges import LONGEST_NOTE
from fitness.schemas import runs, workouts
from fitness.schemas.base import (
    AsOfQuery,
    DaysQuery,
    DeletedQuery,
    Flag,
    Line,
    Miles,
    PageQuery,
    Rounded,
    Schema,
    SearchQuery,
    WeeksQuery,
    described,
    sync_status,
)
from fitness.schemas.run_metrics import SeriesQuery
from fitness.schemas.workout_metrics import COUNTED_REPS, REPS, SETS, VOLUME_KILOGRAMS, VOLUME_POUNDS
from fitness.schemas.workouts import EXERCISE_TYPE

TYPES = (*runs.TYPES, *workouts.TYPES)
SOURCES = tuple(dict.fromkeys((*runs.SOURCES, *workouts.SOURCES)))

KIND = described("run, workout or reps", "run")
TYPE = described(f"For runs {' or '.join(runs.TYPES)}; for workouts {', '.join(workouts.TYPES)}", "Outdoor Run")
SOURCE = described("Source: a service or an app, a kind of file, or Manual", "Strava")


class ActivityFilters(Schema):
    """Filters of activities."""

    type = fields.String(validate=validate.OneOf(TYPES), metadata=TYPE)
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=SOURCE)


class TimelineFilters(DaysQuery, DeletedQuery, SearchQuery, ActivityFilters):
    """Filters of the timeline; one that only runs or only workouts have leaves out the others."""

    kind = fields.String(validate=validate.OneOf(KINDS), metadata=KIND)
    sync_status = sync_status()
    only_deleted = Flag(load_default=False, metadata=described("Only deleted activities", False))
    shoe_id = Line(metadata=runs.SHOE_ID)
    without_shoe = Flag(load_default=False, metadata=described("Only runs without a shoe", False))
    include_duplicates = Flag(load_default=False, metadata=described("true: list marked duplicates, too", False))
    workout_type = fields.String(validate=validate.OneOf(workouts.TYPES), metadata=workouts.WORKOUT_TYPE)
    exercise_id = fields.UUID(
        metadata=described("Only workouts with this exercise", "8a3ce2b4-5f0e-4c8e-8d35-2f6f0d1c7a90")
    )
    finished = Flag(
        load_default=True, metadata=described("false: only workouts in progress, which are left out otherwise", True)
    )


class TimelineTotalsQuery(AsOfQuery, TimelineFilters):
    """Filters of the sums of the timeline."""


class TimelineQuery(AsOfQuery, TimelineFilters, PageQuery):
    """Filters, order and paging of the timeline."""

    sort_by = fields.String(
        load_default="date", validate=validate.OneOf(list(SORTS)), metadata=described("Field to sort by", "date")
    )
    sort_order = fields.String(
        load_default="desc", validate=validate.OneOf(["asc", "desc"]), metadata=described("asc or desc", "desc")
    )


class BulkTimelineChangesSchema(Schema):
    """Changes to runs and workouts: the fields that both have; null clears a field."""

    notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=runs.NOTES)


class SummaryQuery(WeeksQuery, SeriesQuery, ActivityFilters):
    """Filters and period of the summary."""

    period = fields.String(
        load_default="week",
        validate=validate.OneOf(PERIODS),
        metadata=described("day, week, month or year", "week"),
    )


class ActivitySchema(Schema):
    """A run, a workout or a rep session; unknown values are null."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata=KIND)
    id = fields.String(required=True, metadata=described("Id of the run or workout", "mmf_8700100201"))
    start_ts = fields.AwareDateTime(required=True, metadata=described("When it began", "2025-11-02T12:05:31Z"))
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata=TYPE)
    sport = fields.String(required=True, allow_none=True, metadata=described("Sport of a workout of type CARDIO", None))
    title = fields.String(required=True, allow_none=True, metadata=described("Title", "Morning run"))
    source = fields.String(required=True, validate=validate.OneOf(SOURCES), metadata=SOURCE)
    duration_seconds = Rounded(
        required=True,
        allow_none=True,
        metadata=described("Seconds; for a workout, of its session, otherwise from start to end", 3180),
    )
    distance_miles = Miles(required=True, allow_none=True, metadata=described("Miles of a run or cardio", 6.21))
    avg_heart_rate = fields.Float(required=True, allow_none=True, metadata=runs.AVG_HEART_RATE)
    calories_burned = fields.Float(required=True, allow_none=True, metadata=described("Calories", None))
    exercise_type = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(workouts.COUNTED), metadata=EXERCISE_TYPE
    )
    sets = fields.Integer(
        required=True, allow_none=True, metadata=described("Sets without warm-ups; null for runs", 18)
    )
    reps = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Repetitions, of the rep counter or of these sets; null for runs", 142),
    )
    volume_pounds = Rounded(
        required=True, allow_none=True, metadata=described("Weight × repetitions of these sets; null for runs", 18250.5)
    )
    deleted_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of deletion; null unless deleted", None)
    )


class SummaryFields(Schema):
    """Totals of activities."""

    runs = fields.Integer(required=True, metadata=described("Runs", 4))
    run_miles = Miles(required=True, metadata=described("Miles of runs", 24.8))
    run_seconds = Rounded(required=True, metadata=described("Seconds of runs", 12600))
    workouts = fields.Integer(required=True, metadata=described("Finished workouts, without rep sessions", 2))
    rep_sessions = fields.Integer(required=True, metadata=described("Finished rep sessions", 1))
    workout_seconds = Rounded(required=True, metadata=described("Seconds of workouts and rep sessions", 7380))
    cardio_miles = Miles(required=True, metadata=described("Miles of cardio workouts", 2.5))
    calories_burned = Rounded(required=True, metadata=described("Calories, where recorded", 640))
    sets = fields.Integer(required=True, metadata=SETS)
    reps = fields.Integer(required=True, metadata=REPS)
    volume_pounds = Rounded(required=True, metadata=VOLUME_POUNDS)
    volume_kilograms = Rounded(required=True, metadata=VOLUME_KILOGRAMS)
    counted_reps = fields.Integer(required=True, metadata=COUNTED_REPS)


class SummaryPeriodSchema(SummaryFields):
    """Totals of a period."""

    start = fields.Date(required=True, metadata=described("First local day of the period", "2025-10-27"))


class SummarySchema(Schema):
    """Totals by period and overall."""

    period = fields.String(
        required=True, validate=validate.OneOf(PERIODS), metadata=described("day, week, month or year", "week")
    )
    periods = fields.List(
        fields.Nested(SummaryPeriodSchema),
        required=True,
        metadata={"description": "From `start` (or the first activity) to `end` (or today), including empty periods"},
    )
    total = fields.Nested(SummaryFields, required=True)
