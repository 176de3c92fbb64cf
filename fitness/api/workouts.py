"""Workouts: create, list, read, edit, finish, delete, history, restore."""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from flask.views import MethodView
from marshmallow import fields

from fitness.auth import actor, set_own_zone
from fitness.db import workouts, workouts_create, workouts_list
from fitness.db.history import versions
from fitness.db.history.bulk import Selection
from fitness.db.workouts import WORKOUTS, Workout
from fitness.db.workouts_list import Filters
from fitness.errors import etag, found
from fitness.schemas.base import RecordQuery, page_of
from fitness.schemas.exercise_executions import FinishedQuery
from fitness.schemas.workouts import (
    NEW_WORKOUT,
    WORKOUT_ID,
    BulkWorkoutChangesSchema,
    FinishSchema,
    NewWorkoutSchema,
    StoredSchema,
    WorkoutChangesSchema,
    WorkoutFilters,
    WorkoutSchema,
    WorkoutsQuery,
    WorkoutVersionSchema,
)
from fitness.web.activity_points import add_points
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, if_match, page, with_etag
from fitness.web.bulk import add_bulk
from fitness.web.history import add_history
from fitness.web.record_sources import add_sources

blp = Blueprint("workouts", __name__, url_prefix="/workouts", description="Your own workouts")


@blp.route("")
class Workouts(MethodView):
    @blp.arguments(WorkoutsQuery, location="query")
    @blp.response(200, page_of(WorkoutSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List workouts

        Newest first by default, in pages. Days are local to `time_zone`.
        """
        limit, cursor = query.pop("limit"), query.pop("cursor", None)
        order = f"start_ts {query['sort_order']}"
        descending = query.pop("sort_order") == "desc"
        set_own_zone(query)
        items, following = workouts_list.list_workouts(
            Filters(**query), descending=descending, limit=limit, after=cursor_of(cursor, order)
        )
        return page(items, following and following.encode(order))

    @blp.arguments(NewWorkoutSchema, example=NEW_WORKOUT)
    @blp.response(201, StoredSchema)
    @blp.alt_response(200, schema=StoredSchema, description="The same `client_uuid` and workout were sent before")
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, workout: dict[str, Any]) -> Any:
        """Add a workout

        The workout and its sets are stored together or not at all. Repeating the call with the same `client_uuid`
        returns 200 and the workout stored the first time, or 409 if the body differs.
        """
        request = orjson.dumps(workout, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        stored = workouts_create.create_workout(
            workout, changed_by=actor(), client_request=hashlib.sha256(request).hexdigest()
        )
        body = {
            "workout_id": stored.workout_id,
            "strength_set_count": stored.strength_set_count,
            "version": stored.version,
        }
        headers = {"ETag": etag(stored.tag), "Location": f"/v1/workouts/{stored.workout_id}"}
        return body, 201 if stored.created else 200, headers


@blp.route("/<uuid:workout_id>")
class WorkoutItem(MethodView):
    @blp.arguments(RecordQuery, location="query")
    @blp.response(200, WorkoutSchema)
    def get(self, query: dict[str, Any], workout_id: UUID) -> Any:
        """Read one workout with its exercises, sets and sessions"""
        return with_etag(found(workouts.get_workout_by_id(workout_id, **query), "Workout"))

    @blp.for_operator(True)
    @blp.arguments(FinishedQuery, location="query")
    @blp.arguments(WorkoutChangesSchema)
    @blp.response(200, WorkoutSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, query: dict[str, Any], changes: dict[str, Any], workout_id: UUID) -> Any:
        """Correct one workout

        Only the fields you send change; null clears a field. The history keeps the earlier version. Sending
        `finished_at: null` reopens a finished workout; its sets and sessions cannot be changed before that, unless
        `keep_finished` says that they are corrected.

        While a workout is in progress, consecutive changes without a `change_reason` form one version, and `live_edits`
        counts them, so that the history does not grow with every set. Finishing the workout creates the next version.
        """
        reason = changes.pop("change_reason", None)
        workout = workouts.update_workout(
            workout_id, changes, changed_by=actor(), change_reason=reason, if_tags=if_match(), **query
        )
        return with_etag(workout)

    @blp.response(204)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, workout_id: UUID) -> None:
        """Delete one workout

        Its history stays; to undo the deletion, restore a version.
        """
        versions.delete(WORKOUTS, workout_id, versions.Change(actor()), if_tags=if_match())


@blp.route("/<uuid:workout_id>/finish")
class WorkoutFinish(MethodView):
    @blp.for_operator(True)
    @blp.arguments(FinishSchema, required=False)
    @blp.response(200, WorkoutSchema)
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, ending: dict[str, Any], workout_id: UUID) -> Any:
        """Finish a workout in progress

        A finished workout stays unchanged.
        """
        finished_at = ending.get("finished_at")
        return with_etag(
            workouts.finish_workout(workout_id, finished_at=finished_at, changed_by=actor(), if_tags=if_match())
        )


def _read(workout_id: UUID) -> Workout:
    return found(workouts.get_workout_by_id(workout_id), "Workout")


def _select(filters: dict[str, Any]) -> Selection:
    set_own_zone(filters)
    return workouts_list.select_workouts(Filters(**filters))


add_bulk(
    blp,
    WORKOUTS,
    id_field=fields.UUID(metadata=WORKOUT_ID),
    filters=WorkoutFilters,
    changes=BulkWorkoutChangesSchema,
    example={"filters": {"source": "Hevy", "q": "push"}, "changes": {"title": "Push day"}},
    select=_select,
)
add_history(blp, WORKOUTS, schema=WorkoutSchema, version_schema=WorkoutVersionSchema, read=_read)
add_points(blp, WORKOUTS)
add_sources(blp, WORKOUTS)
