"""Planned workouts: create, list, read, edit, delete, mark as done, history, restore."""

from typing import Any

from flask.views import MethodView
from marshmallow import validate

from fitness.auth import actor, time_zone
from fitness.db import plan, planned_workouts
from fitness.db.history import versions
from fitness.db.planned_workouts import PLANNED_WORKOUTS, Filters, PlannedWorkout
from fitness.errors import found
from fitness.ranges import LAST_ID
from fitness.schemas.base import RecordQuery, Whole, ZoneQuery, page_of
from fitness.schemas.planned_workouts import (
    PLANNED_WORKOUT_ID,
    BulkPlannedWorkoutChangesSchema,
    CandidatesSchema,
    LinkSchema,
    NewPlannedWorkoutSchema,
    PlannedWorkoutChangesSchema,
    PlannedWorkoutFilters,
    PlannedWorkoutSchema,
    PlannedWorkoutsQuery,
    PlannedWorkoutVersionSchema,
)
from fitness.web.blueprint import ETAG, IF_MATCH, Blueprint, cursor_of, etag_of, if_match, page, with_etag
from fitness.web.bulk import add_bulk
from fitness.web.history import add_history

blp = Blueprint("planned_workouts", __name__, url_prefix="/planned-workouts", description="What you plan to do")

ORDER = "current_day"


def _read(planned_workout_id: int) -> PlannedWorkout:
    return found(planned_workouts.get_planned_workout_by_id(planned_workout_id), PLANNED_WORKOUTS.noun)


def page_of_planned_workouts(query: dict[str, Any]) -> dict[str, Any]:
    """Return the page that a `PlannedWorkoutsQuery` asks for."""
    limit, cursor = query.pop("limit"), query.pop("cursor", None)
    items, following = planned_workouts.list_planned_workouts(
        Filters(**query), limit=limit, after=cursor_of(cursor, ORDER)
    )
    return page(items, following and following.encode(ORDER))


@blp.route("")
class PlannedWorkouts(MethodView):
    @blp.arguments(PlannedWorkoutsQuery, location="query")
    @blp.response(200, page_of(PlannedWorkoutSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List planned workouts

        Sorted by current planned day, in pages.
        """
        return page_of_planned_workouts(query)

    @blp.arguments(NewPlannedWorkoutSchema)
    @blp.response(201, PlannedWorkoutSchema)
    @blp.alt_response(
        200, schema=PlannedWorkoutSchema, description="The same `client_uuid` and planned workout were sent before"
    )
    @blp.alt_response(409, "CONFLICT")
    def post(self, values: dict[str, Any]) -> Any:
        """Plan a workout

        Repeating the call with the same `client_uuid` returns 200 and the planned workout stored the first time, or 409
        if the body differs.
        """
        client_uuid = values.pop("client_uuid", None)
        planned, is_new = planned_workouts.create_planned_workout(values, client_uuid=client_uuid, changed_by=actor())
        headers = {**etag_of(planned), "Location": f"/v1/planned-workouts/{planned.id}"}
        return planned, 201 if is_new else 200, headers


@blp.route("/<int:planned_workout_id>")
class PlannedWorkoutItem(MethodView):
    @blp.arguments(RecordQuery, location="query")
    @blp.response(200, PlannedWorkoutSchema)
    def get(self, query: dict[str, Any], planned_workout_id: int) -> Any:
        """Read one planned workout"""
        planned = planned_workouts.get_planned_workout_by_id(planned_workout_id, **query)
        return with_etag(found(planned, PLANNED_WORKOUTS.noun))

    @blp.for_operator(True)
    @blp.arguments(PlannedWorkoutChangesSchema)
    @blp.response(200, PlannedWorkoutSchema)
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], planned_workout_id: int) -> Any:
        """Correct one planned workout

        Only the fields you send change; null clears a field. The history keeps the earlier version. To move it to
        another day, change its selection, which is versioned with it.
        """
        change = versions.Change(actor(), changes.pop("change_reason", None))
        versions.edit(PLANNED_WORKOUTS, planned_workout_id, changes, change, if_tags=if_match())
        return with_etag(_read(planned_workout_id))

    @blp.response(204)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, planned_workout_id: int) -> None:
        """Delete one planned workout

        Its history stays; to undo the deletion, restore a version.
        """
        versions.delete(PLANNED_WORKOUTS, planned_workout_id, versions.Change(actor()), if_tags=if_match())


@blp.route("/<int:planned_workout_id>/candidates")
class Candidates(MethodView):
    @blp.arguments(ZoneQuery, location="query")
    @blp.response(200, CandidatesSchema)
    def get(self, query: dict[str, Any], planned_workout_id: int) -> Any:
        """List candidates for a planned workout

        Runs and finished workouts of a matching type, within three days of the current planned day, that do not fulfil
        another planned workout. At most ten, closest day and size first. Confirm one with `PUT …/done`.
        """
        zone = query.get("time_zone", time_zone())
        return {"items": plan.list_candidates(_read(planned_workout_id), time_zone=zone)}


@blp.route("/<int:planned_workout_id>/done")
class Done(MethodView):
    @blp.arguments(LinkSchema, example={"run_id": "mmf_8700100201"})
    @blp.response(200, PlannedWorkoutSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def put(self, done: dict[str, Any], planned_workout_id: int) -> Any:
        """Link the run or workout that fulfils a planned workout

        Replaces an earlier link, as a version. Returns 409 if the run or workout fulfils another planned workout.
        """
        return with_etag(plan.link(planned_workout_id, **done, changed_by=actor(), if_tags=if_match()))

    @blp.response(204, headers=ETAG)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, planned_workout_id: int) -> Any:
        """Unlink the run or workout of a planned workout"""
        return None, etag_of(plan.unlink(planned_workout_id, changed_by=actor(), if_tags=if_match()))


add_bulk(
    blp,
    PLANNED_WORKOUTS,
    id_field=Whole(validate=validate.Range(1, LAST_ID), metadata=PLANNED_WORKOUT_ID),
    filters=PlannedWorkoutFilters,
    changes=BulkPlannedWorkoutChangesSchema,
    example={"filters": {"start": "2026-03-02", "workout_type": "Run"}, "changes": {"workout_type": "Walk"}},
    select=lambda filters: planned_workouts.select_planned_workouts(Filters(**filters)),
)
add_history(blp, PLANNED_WORKOUTS, schema=PlannedWorkoutSchema, version_schema=PlannedWorkoutVersionSchema, read=_read)
