"""Planned workouts compared with what was done."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from fitness.schemas.base import FIRST_DAY, LAST_DAY, AsOfQuery, Day, DaysQuery, Rounded, Schema, WeeksQuery, described

MOST_DAYS = 3660


class AdherenceQuery(WeeksQuery, AsOfQuery, DaysQuery):
    """A range of days, at most ten years, and when weeks start."""

    start = Day(required=True, metadata=FIRST_DAY)
    end = Day(required=True, metadata=LAST_DAY)

    @validates_schema
    def not_too_long(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and (data["end"] - data["start"]).days >= MOST_DAYS:
            raise ValidationError(f"The range is longer than {MOST_DAYS:,} days", "end")


class Hours(Rounded):
    """A duration; a decimal more than seconds need."""

    decimals = 4


class AdherenceWeekSchema(Schema):
    """What was planned and done in a week."""

    week = fields.Date(required=True, metadata=described("First day of the week", "2026-03-02"))
    planned = fields.Integer(required=True, metadata=described("Workouts planned", 6))
    done = fields.Integer(required=True, metadata=described("… of them done: linked to a run or workout", 4))
    missed = fields.Integer(required=True, metadata=described("… of them missed: not done, and the day has passed", 1))
    moved = fields.Integer(required=True, metadata=described("… of them moved from their original day", 2))
    planned_hours = Hours(required=True, metadata=described("Hours planned", 7.5))
    done_hours = Hours(required=True, metadata=described("Hours of the linked runs and workouts", 5.25))
    planned_distance_meters = Rounded(required=True, metadata=described("Metres planned", 52000))
    done_distance_meters = Rounded(required=True, metadata=described("Metres of the linked runs and workouts", 38400))
    planned_tss = Rounded(required=True, metadata=described("Training stress score planned", 410))
    done_tss = Rounded(required=True, metadata=described("Planned training stress score of the workouts done", 290))


class AdherenceSchema(Schema):
    """How much of the plan was done, week by week."""

    weeks = fields.List(fields.Nested(AdherenceWeekSchema), required=True)
