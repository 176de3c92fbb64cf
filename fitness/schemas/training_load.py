"""Training load of runs, by heart rate."""

from marshmallow import fields

from fitness.schemas.base import Schema, described
from fitness.schemas.run_metrics import DATE

TRIMP = described("Training impulse after Banister; null if `missing` is not empty", 84.2)


class LoadFields(Schema):
    """The data that loads are calculated from."""

    missing = fields.List(
        fields.String(metadata=described("Field of the profile", "max_heart_rate")),
        required=True,
        metadata={
            "description": "Required fields that the profile (`/users/me`) lacks: max_heart_rate, resting_heart_rate; "
            "if one is missing, all loads are null"
        },
    )
    estimated = fields.List(
        fields.String(metadata=described("Field of the profile", "sex")),
        required=True,
        metadata={"description": "Other profile fields that are missing or inconsistent and replaced by a default"},
    )
    runs_without_heart_rate = fields.Integer(
        required=True, metadata=described("Runs of these days without a heart rate; they add no load", 2)
    )


class TrimpDaySchema(Schema):
    """A day's TRIMP."""

    date = fields.Date(required=True, metadata=DATE)
    trimp = fields.Float(required=True, allow_none=True, metadata=TRIMP)


class TrimpByDaySchema(LoadFields):
    """TRIMP day by day."""

    days = fields.List(fields.Nested(TrimpDaySchema), required=True)


class TrainingLoadDaySchema(TrimpDaySchema):
    """The load of a day and the averages after it."""

    hr_tss = fields.Float(
        required=True, allow_none=True, metadata=described("Load; 100 equals one hour at the lactate threshold", 61.3)
    )
    atl = fields.Float(required=True, allow_none=True, metadata=described("Fatigue: average of 7 days", 48.9))
    ctl = fields.Float(required=True, allow_none=True, metadata=described("Fitness: average of 42 days", 41.5))
    tsb = fields.Float(required=True, allow_none=True, metadata=described("Form: CTL − ATL of the day before", -6.2))


class TrainingLoadSchema(LoadFields):
    """Training load day by day."""

    lactate_threshold_heart_rate = fields.Float(
        required=True, allow_none=True, metadata=described("Beats per minute, as used in the calculation", 168)
    )
    days = fields.List(fields.Nested(TrainingLoadDaySchema), required=True)
