"""Selections: whether, when and where you do a planned workout. The calendar page uses these calls."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db import selections
from fitness.schemas.selections import PlanSelectionSchema, SelectionChangesSchema
from fitness.web.blueprint import ETAG, IF_MATCH, Blueprint, etag_of, if_match

blp = Blueprint(
    "selections", __name__, url_prefix="/selections", description="Whether, when and where you do a planned workout"
)


def _update(planned_workout_id: int, changes: dict[str, Any]) -> Any:
    planned = selections.update_selection(planned_workout_id, changes, changed_by=actor(), if_tags=if_match())
    return planned.selection, etag_of(planned)


@blp.route("/<int:planned_workout_id>")
class Selection(MethodView):
    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, PlanSelectionSchema, headers=ETAG)
    @blp.doc(parameters=[IF_MATCH])
    def put(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Select or deselect a planned workout, set its day, time of day and place

        Only the fields you send change; null clears a field. Deselecting clears the time of day. Field names in
        snake_case, such as `current_plan_day`, are accepted too. A change is a version of the planned workout, whose
        ETag comes with the answer.
        """
        return _update(planned_workout_id, changes)

    @blp.arguments(SelectionChangesSchema)
    @blp.response(200, PlanSelectionSchema, headers=ETAG)
    @blp.doc(parameters=[IF_MATCH])
    def post(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Change a selection, like PUT"""
        return _update(planned_workout_id, changes)

    @blp.response(204, headers=ETAG)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, planned_workout_id: int) -> Any:
        """Reset a planned workout to its original day, without time, place and notes

        That is a version of the planned workout, so the earlier selection can be restored.
        """
        planned = selections.reset_selection(planned_workout_id, changed_by=actor(), if_tags=if_match())
        return None, etag_of(planned)
