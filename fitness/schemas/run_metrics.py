"""Statistics of runs. Distances are miles, durations seconds."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.db.run_metrics import BANDS
from fitness.schemas.base import AsOfQuery, DaysQuery, Digits, Flag, Miles, Rounded, Schema, WeeksQuery, described
from fitness.schemas.runs import DISTANCE, DURATION, NAME, SOURCE, SOURCES, TYPE, TYPES
from fitness.schemas.shoes import NAME as SHOE_NAME
from fitness.schemas.shoes import RETIRED_AT, SHOE_ID
from fitness.schemas.workout_metrics import MONTH, WEEK

LONGEST_DAYS = 36_600
DATE = described("Local day", "2025-11-02")
MILES = described("Miles", 31.4)
SECONDS = described("Seconds", 15780)
RUNS = described("Runs", 5)


class LimitedRange(Schema):
    """A range of days, at most a hundred years; an end that is left out counts as today."""

    @validates_schema
    def not_too_long(self, data: dict[str, Any], **_: Any) -> None:
        today = datetime.now(UTC).date()
        if (data.get("end", today) - data.get("start", today)).days >= LONGEST_DAYS:
            field = "end" if "end" in data else "start"
            raise ValidationError(f"The range is longer than {LONGEST_DAYS:,} days", field)


class SeriesQuery(LimitedRange, AsOfQuery, DaysQuery):
    """A range of local days, at most a hundred years."""


class RunMetricsQuery(SeriesQuery):
    """Which runs to count."""

    type = fields.String(validate=validate.OneOf(TYPES), metadata=TYPE)
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=SOURCE)


class RunWeeksQuery(WeeksQuery, RunMetricsQuery):
    """Which runs to count, and when weeks start."""


class RollingQuery(RunMetricsQuery):
    """Which runs to count, and how many days to sum up."""

    window = Digits(load_default=7, validate=validate.Range(1, 3650), metadata=described("Number of days to sum up", 7))


class ShoeMileageQuery(RunMetricsQuery):
    """Which runs to count, and which shoes."""

    include_retired = Flag(load_default=False, metadata=described("Include retired shoes", True))


class SecondsTotalSchema(Schema):
    """The total time of runs."""

    seconds = Rounded(required=True, metadata=SECONDS)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageTotalSchema(Schema):
    """The total distance of runs."""

    miles = Miles(required=True, metadata=MILES)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageFields(Schema):
    """Totals of runs."""

    miles = Miles(required=True, metadata=MILES)
    seconds = Rounded(required=True, metadata=SECONDS)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageDaySchema(MileageFields):
    """Totals of a day."""

    date = fields.Date(required=True, metadata=DATE)


class MileageByDaySchema(Schema):
    """Totals by day."""

    days = fields.List(fields.Nested(MileageDaySchema), required=True)


class MileageWeekSchema(MileageFields):
    """Totals of a week."""

    week = fields.Date(required=True, metadata=WEEK)


class MileageByWeekSchema(Schema):
    """Totals by week."""

    weeks = fields.List(fields.Nested(MileageWeekSchema), required=True)


class MileageMonthSchema(MileageFields):
    """Totals of a month."""

    month = fields.Date(required=True, metadata=MONTH)


class MileageByMonthSchema(Schema):
    """Totals by month."""

    months = fields.List(fields.Nested(MileageMonthSchema), required=True)


class RollingDaySchema(Schema):
    """A day with the sum of it and the days before."""

    date = fields.Date(required=True, metadata=DATE)
    miles = Miles(required=True, metadata=described("Miles of this day and the days before it", 31.4))


class RollingMileageSchema(Schema):
    """Rolling mileage by day."""

    window = fields.Integer(required=True, metadata=described("Number of days summed up, including the day itself", 7))
    days = fields.List(fields.Nested(RollingDaySchema), required=True)


class ShoeMileageSchema(MileageFields):
    """Mileage of a shoe."""

    shoe_id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=SHOE_NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)


class MileageByShoeSchema(Schema):
    """Mileage by shoe."""

    shoes = fields.List(
        fields.Nested(ShoeMileageSchema),
        required=True,
        metadata={"description": "Sorted by name, including shoes without a run"},
    )
    without_shoe = fields.Nested(MileageFields, required=True)
    other_shoes = fields.Nested(
        MileageFields, required=True, metadata={"description": "Of shoes not listed: deleted ones, or retired ones"}
    )
    total = fields.Nested(MileageFields, required=True, metadata={"description": "All of these added up"})


class BestRunSchema(Schema):
    """A best run; the earliest among equals."""

    run_id = fields.String(required=True, metadata=described("The run", "mmf_8700100201"))
    name = fields.String(required=True, allow_none=True, metadata=NAME)
    date = fields.Date(required=True, metadata=DATE)
    distance = Miles(required=True, metadata=DISTANCE)
    duration = fields.Float(required=True, metadata=DURATION)
    seconds_per_mile = Rounded(
        required=True, allow_none=True, metadata=described("Pace; null without a distance or duration", 512.1)
    )


class BandSchema(Schema):
    """The best runs of a distance band."""

    band = fields.String(
        required=True, validate=validate.OneOf(list(BANDS)), metadata=described(", ".join(BANDS), "10 km")
    )
    from_miles = Miles(required=True, metadata=described("Start of the band, 1 % below its name", 6.15))
    below_miles = Miles(
        required=True, allow_none=True, metadata=described("Start of the next band; null for the last one", 12.98)
    )
    fastest = fields.Nested(
        BestRunSchema, required=True, allow_none=True, metadata={"description": "The run with the best pace"}
    )
    longest = fields.Nested(BestRunSchema, required=True, allow_none=True, metadata={"description": "The longest run"})


class RunRecordsSchema(Schema):
    """Your best runs, week and month; null if there is none."""

    bands = fields.List(fields.Nested(BandSchema), required=True)
    longest_distance = fields.Nested(BestRunSchema, required=True, allow_none=True)
    longest_duration = fields.Nested(BestRunSchema, required=True, allow_none=True)
    best_week = fields.Nested(
        MileageWeekSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The week with the most miles; the earliest among equals"},
    )
    best_month = fields.Nested(
        MileageMonthSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The month with the most miles; the earliest among equals"},
    )


class StreakSchema(Schema):
    """Streaks of days or weeks with a run; a week is dated by its first day."""

    current = fields.Integer(
        required=True,
        metadata=described("Length of the streak that reaches this or the previous day (week), otherwise 0", 3),
    )
    longest = fields.Integer(
        required=True, metadata=described("Length of the longest streak; the latest among equals", 9)
    )
    longest_from = fields.Date(
        required=True, allow_none=True, metadata=described("First day (week) of the longest streak", "2025-06-01")
    )
    longest_to = fields.Date(
        required=True, allow_none=True, metadata=described("Last day (week) of the longest streak", "2025-06-09")
    )


class RunStreaksSchema(Schema):
    """Running streaks."""

    days = fields.Nested(StreakSchema, required=True)
    weeks = fields.Nested(StreakSchema, required=True)
    last_run_on = fields.Date(
        required=True, allow_none=True, metadata=described("Local day of the latest run", "2025-11-02")
    )
