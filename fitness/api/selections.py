"""Selections: what a person makes of a planned workout, by the calls of the calendar."""

from typing import Any

from flask.views import MethodView

from fitness.db import planned_workouts, selections
from fitness.errors import found
from fitness.schemas.selections import SelectionChangesSchema, SelectionSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("selections", __name__, url_prefix="/selections", description="What you make of your plan")


def _update(planned_workout_id: int, changes: dict[str, Any]) -> dict[str, Any]:
    return found(selections.update_selection(planned_workout_id, changes), "Planned workout")


@blp.route("/<int:planned_workout_id>")
class Selection(MethodView):
    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, SelectionSchema)
    def put(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Select a planned workout, move it to another day, say when and where

        Only the fields sent change, null clears one. Deselecting it clears its time of day. Names in snake_case, such
        as `current_plan_day`, are understood as well.
        """
        return _update(planned_workout_id, changes)

    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, SelectionSchema)
    def post(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """The same as PUT"""
        return _update(planned_workout_id, changes)

    @blp.response(204)
    def delete(self, planned_workout_id: int) -> None:
        """Put a planned workout back to how it was planned"""
        found(planned_workouts.get_planned_workout_by_id(planned_workout_id), "Planned workout")
        selections.delete_selection(planned_workout_id)
