"""Selections: whether, when and where you do a planned workout. The calendar page uses these calls."""

from typing import Any

from flask.views import MethodView

from fitness.db import planned_workouts, selections
from fitness.errors import found
from fitness.schemas.selections import PlanSelectionSchema, SelectionChangesSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint(
    "selections", __name__, url_prefix="/selections", description="Whether, when and where you do a planned workout"
)


def _update(planned_workout_id: int, changes: dict[str, Any]) -> dict[str, Any]:
    return found(selections.update_selection(planned_workout_id, changes), "Planned workout")


@blp.route("/<int:planned_workout_id>")
class Selection(MethodView):
    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, PlanSelectionSchema)
    def put(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Select or deselect a planned workout, set its day, time of day and place

        Only the fields you send change; null clears a field. Deselecting clears the time of day. Field names in
        snake_case, such as `current_plan_day`, are accepted too.
        """
        return _update(planned_workout_id, changes)

    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, PlanSelectionSchema)
    def post(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Change a selection, like PUT"""
        return _update(planned_workout_id, changes)

    @blp.response(204)
    def delete(self, planned_workout_id: int) -> None:
        """Reset a planned workout to its original day, without time, place and notes"""
        found(planned_workouts.get_planned_workout_by_id(planned_workout_id), "Planned workout")
        selections.delete_selection(planned_workout_id)
