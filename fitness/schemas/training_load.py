"""Training load of runs, by heart rate."""

from marshmallow import fields

from fitness.schemas.base import Schema, described
from fitness.schemas.run_metrics import DATE

TRIMP = described("After Banister; null when the profile lacks what is `missing`", 84.2)


class LoadFields(Schema):
    """What a series of loads rests on."""

    missing = fields.List(
        fields.String(metadata=described("Field of the profile", "max_heart_rate")),
        required=True,
        metadata={
            "description": "What the profile (`/users/me`) lacks of max_heart_rate and resting_heart_rate, without "
            "both of which all loads are null"
        },
    )
    estimated = fields.List(
        fields.String(metadata=described("Field of the profile", "sex")),
        required=True,
        metadata={
            "description": "Other fields that the profile lacks, or that contradict these, for which the usual is taken"
        },
    )
    runs_without_heart_rate = fields.Integer(
        required=True, metadata=described("Runs of these days that count as no load", 2)
    )


class TrimpDaySchema(Schema):
    """A day's TRIMP."""

    date = fields.Date(required=True, metadata=DATE)
    trimp = fields.Float(required=True, allow_none=True, metadata=TRIMP)


class TrimpByDaySchema(LoadFields):
    """TRIMP day by day."""

    days = fields.List(fields.Nested(TrimpDaySchema), required=True)


class TrainingLoadDaySchema(TrimpDaySchema):
    """A day's load and the averages after it."""

    hr_tss = fields.Float(
        required=True, allow_none=True, metadata=described("100 for an hour at the lactate threshold", 61.3)
    )
    atl = fields.Float(required=True, allow_none=True, metadata=described("Fatigue: average of 7 days", 48.9))
    ctl = fields.Float(required=True, allow_none=True, metadata=described("Fitness: average of 42 days", 41.5))
    tsb = fields.Float(
        required=True, allow_none=True, metadata=described("Form: CTL − ATL of the evening before", -6.2)
    )


class TrainingLoadSchema(LoadFields):
    """Training load day by day."""

    lactate_threshold_heart_rate = fields.Float(
        required=True, allow_none=True, metadata=described("Beats per minute, as they were reckoned with", 168)
    )
    days = fields.List(fields.Nested(TrainingLoadDaySchema), required=True)
