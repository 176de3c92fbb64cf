"""Statistics of runs. Distances are miles, durations seconds."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.db.run_metrics import BANDS
from fitness.schemas.base import DaysQuery, Schema, described
from fitness.schemas.runs import DISTANCE, DURATION, NAME, SOURCE, SOURCES, TYPE, TYPES
from fitness.schemas.shoes import NAME as SHOE_NAME
from fitness.schemas.shoes import RETIRED_AT, SHOE_ID
from fitness.schemas.workout_metrics import MONTH, WEEK

LONGEST_DAYS = 36_600
DATE = described("Local day", "2025-11-02")
MILES = described("Miles", 31.4)
SECONDS = described("Seconds", 15780)
RUNS = described("Runs", 5)


class SeriesQuery(DaysQuery):
    """A range of local days that is no longer than a hundred years."""

    @validates_schema
    def not_too_long(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and (data["end"] - data["start"]).days >= LONGEST_DAYS:
            raise ValidationError(f"The range is longer than {LONGEST_DAYS} days", "end")


class RunMetricsQuery(SeriesQuery):
    """Which runs count."""

    type = fields.String(validate=validate.OneOf(TYPES), metadata=TYPE)
    source = fields.String(validate=validate.OneOf(SOURCES), metadata=SOURCE)


class RollingQuery(RunMetricsQuery):
    """Which runs count, and how many days at a time."""

    window = fields.Integer(
        load_default=7, validate=validate.Range(1, 3650), metadata=described("Days that are added up", 7)
    )


class ShoeMileageQuery(RunMetricsQuery):
    """Which runs count, and which shoes."""

    include_retired = fields.Boolean(load_default=False, metadata=described("Retired shoes too", True))


class SecondsTotalSchema(Schema):
    """How long all runs took."""

    seconds = fields.Float(required=True, metadata=SECONDS)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageTotalSchema(Schema):
    """How far all runs went."""

    miles = fields.Float(required=True, metadata=MILES)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageFields(Schema):
    """What runs add up to."""

    miles = fields.Float(required=True, metadata=MILES)
    seconds = fields.Float(required=True, metadata=SECONDS)
    runs = fields.Integer(required=True, metadata=RUNS)


class MileageDaySchema(MileageFields):
    """What the runs of a day add up to."""

    date = fields.Date(required=True, metadata=DATE)


class MileageByDaySchema(Schema):
    """Day by day."""

    days = fields.List(fields.Nested(MileageDaySchema), required=True)


class MileageWeekSchema(MileageFields):
    """What the runs of a week add up to."""

    week = fields.Date(required=True, metadata=WEEK)


class MileageByWeekSchema(Schema):
    """Week by week."""

    weeks = fields.List(fields.Nested(MileageWeekSchema), required=True)


class MileageMonthSchema(MileageFields):
    """What the runs of a month add up to."""

    month = fields.Date(required=True, metadata=MONTH)


class MileageByMonthSchema(Schema):
    """Month by month."""

    months = fields.List(fields.Nested(MileageMonthSchema), required=True)


class RollingDaySchema(Schema):
    """A day and those before it."""

    date = fields.Date(required=True, metadata=DATE)
    miles = fields.Float(required=True, metadata=described("Miles of this day and of those before it", 31.4))


class RollingMileageSchema(Schema):
    """Miles of the latest days, day by day."""

    window = fields.Integer(required=True, metadata=described("How many days are added up, the day itself included", 7))
    days = fields.List(fields.Nested(RollingDaySchema), required=True)


class ShoeMileageSchema(MileageFields):
    """What a shoe has run."""

    shoe_id = fields.String(required=True, metadata=SHOE_ID)
    name = fields.String(required=True, metadata=SHOE_NAME)
    retired_at = fields.Date(required=True, allow_none=True, metadata=RETIRED_AT)


class MileageByShoeSchema(Schema):
    """What each shoe has run."""

    shoes = fields.List(
        fields.Nested(ShoeMileageSchema), required=True, metadata={"description": "By name, those without a run too"}
    )
    without_shoe = fields.Nested(MileageFields, required=True)


class BestRunSchema(Schema):
    """A run that is the best in something; of equal ones the first."""

    run_id = fields.String(required=True, metadata=described("The run", "mmf_8700100201"))
    name = fields.String(required=True, allow_none=True, metadata=NAME)
    date = fields.Date(required=True, metadata=DATE)
    distance = fields.Float(required=True, metadata=DISTANCE)
    duration = fields.Float(required=True, metadata=DURATION)
    seconds_per_mile = fields.Float(
        required=True, allow_none=True, metadata=described("Pace; null without a distance or a duration", 512.1)
    )


class BandSchema(Schema):
    """The best runs of a distance."""

    band = fields.String(required=True, metadata=described(", ".join(BANDS), "10 km"))
    from_miles = fields.Float(required=True, metadata=described("Where the band begins: 1 % short of its name", 6.15))
    below_miles = fields.Float(
        required=True, allow_none=True, metadata=described("Where the next one begins; null for the last", 12.98)
    )
    fastest = fields.Nested(
        BestRunSchema, required=True, allow_none=True, metadata={"description": "The run of the best pace"}
    )
    longest = fields.Nested(
        BestRunSchema, required=True, allow_none=True, metadata={"description": "The run of the greatest distance"}
    )


class RunRecordsSchema(Schema):
    """The best of a person's runs; null where there is none."""

    bands = fields.List(fields.Nested(BandSchema), required=True)
    longest_distance = fields.Nested(BestRunSchema, required=True, allow_none=True)
    longest_duration = fields.Nested(BestRunSchema, required=True, allow_none=True)
    best_week = fields.Nested(
        MileageWeekSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The week of the most miles; of equal ones the first"},
    )
    best_month = fields.Nested(
        MileageMonthSchema, required=True, allow_none=True, metadata={"description": "The month likewise"}
    )


class StreakSchema(Schema):
    """Days or weeks with a run, one after the other; a week goes by its Monday."""

    current = fields.Integer(
        required=True, metadata=described("Of the streak that reaches this day (week) or the one before, else 0", 3)
    )
    longest = fields.Integer(required=True, metadata=described("Of the longest; of equal ones the latest", 9))
    longest_from = fields.Date(required=True, allow_none=True, metadata=described("Its first one", "2025-06-01"))
    longest_to = fields.Date(required=True, allow_none=True, metadata=described("Its last one", "2025-06-09"))


class RunStreaksSchema(Schema):
    """Streaks of runs."""

    days = fields.Nested(StreakSchema, required=True)
    weeks = fields.Nested(StreakSchema, required=True)
    last_run_on = fields.Date(required=True, allow_none=True, metadata=described("Latest local day", "2025-11-02"))
