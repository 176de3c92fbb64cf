"""Selections of planned workouts, with the field names of the calendar page; snake_case is accepted too."""

from typing import Any, LiteralString, cast

from marshmallow import fields, post_load, pre_load

from fitness.db.planned_workouts import SELECTION
from fitness.ranges import LONGEST_NOTE, LONGEST_TIME_OF_DAY
from fitness.schemas.base import Day, Flag, Line, Schema, described

IS_SELECTED = described("Whether it is part of the plan; true until it is deselected", True)
CURRENT_PLAN_DAY = described("Day it was moved to; null: the original day", "2026-03-02")
TIME_OF_DAY = described("Time of day", "morning")
WORKOUT_LOCATION = described("Where", "Track")
USER_NOTES = described("Notes", "With Grace")


class PlanSelectionSchema(Schema):
    """The selection of a planned workout."""

    workout_id = fields.Integer(data_key="workoutId", required=True, metadata=described("Planned workout id", 5))
    is_selected = Flag(data_key="isSelected", required=True, metadata=IS_SELECTED)
    current_plan_day = fields.Date(data_key="currentPlanDay", required=True, allow_none=True, metadata=CURRENT_PLAN_DAY)
    time_of_day = fields.String(data_key="timeOfDay", required=True, allow_none=True, metadata=TIME_OF_DAY)
    workout_location = fields.String(
        data_key="workoutLocation", required=True, allow_none=True, metadata=WORKOUT_LOCATION
    )
    user_notes = fields.String(data_key="userNotes", required=True, allow_none=True, metadata=USER_NOTES)


class SelectionFields(Schema):
    """Changes to a selection, under the names of its columns."""

    is_selected = Flag(metadata=IS_SELECTED)
    current_plan_day = Day(allow_none=True, metadata=CURRENT_PLAN_DAY)
    time_of_day = Line(longest=LONGEST_TIME_OF_DAY, allow_none=True, metadata=TIME_OF_DAY)
    workout_location = Line(allow_none=True, metadata=WORKOUT_LOCATION)
    user_notes = Line(longest=LONGEST_NOTE, allow_none=True, metadata=USER_NOTES)

    @post_load
    def deselect(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clear the time of day with a deselection."""
        return {**data, "time_of_day": None} if data.get("is_selected") is False else data


class SelectionChangesSchema(SelectionFields):
    """Changes to a selection; omitted fields stay, null clears a field."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        field_obj.data_key = SELECTION[cast("LiteralString", field_name)]

    @pre_load
    def read_snake_case(self, data: Any, **_: Any) -> Any:
        """Accept each field under both names; if both are sent, the second is reported as unknown."""
        if not isinstance(data, dict):
            return data
        return {key if SELECTION.get(key) in data else SELECTION.get(key, key): value for key, value in data.items()}
