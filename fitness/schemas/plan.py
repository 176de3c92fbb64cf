"""Planned against done."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from fitness.schemas.base import FIRST_DAY, LAST_DAY, Day, DaysQuery, Schema, described

MOST_DAYS = 3660


class AdherenceQuery(DaysQuery):
    """Which days; ten years at most."""

    start = Day(required=True, metadata=FIRST_DAY)
    end = Day(required=True, metadata=LAST_DAY)

    @validates_schema
    def not_for_ever(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and (data["end"] - data["start"]).days >= MOST_DAYS:
            raise ValidationError(f"The range is longer than {MOST_DAYS:,} days", "end")


class AdherenceWeekSchema(Schema):
    """What was planned for a week, and what was done of it."""

    week = fields.Date(required=True, metadata=described("Its Monday", "2026-03-02"))
    planned = fields.Integer(required=True, metadata=described("Workouts planned for its days", 6))
    done = fields.Integer(required=True, metadata=described("… that a run or workout fulfils", 4))
    missed = fields.Integer(required=True, metadata=described("… that nothing fulfils, and whose day is over", 1))
    moved = fields.Integer(required=True, metadata=described("… that were planned for another day at first", 2))
    planned_hours = fields.Float(required=True, metadata=described("Hours planned", 7.5))
    done_hours = fields.Float(required=True, metadata=described("Hours of what fulfils them", 5.25))
    planned_distance_meters = fields.Float(required=True, metadata=described("Metres planned", 52000))
    done_distance_meters = fields.Float(required=True, metadata=described("Metres of what fulfils them", 38400))
    planned_tss = fields.Float(required=True, metadata=described("Training stress score planned", 410))
    done_tss = fields.Float(required=True, metadata=described("Of it, that of those which are done", 290))


class AdherenceSchema(Schema):
    """How much of the plan was done, week by week."""

    weeks = fields.List(fields.Nested(AdherenceWeekSchema), required=True)
