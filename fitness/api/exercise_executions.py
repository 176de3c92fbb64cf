"""Add, change, reorder and remove the exercises and sets of a workout in progress.

Every response carries the ETag of the workout. Changes to a finished workout answer 409 until it is reopened, except
those that replace an exercise with `keep_finished`.
"""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from flask.views import MethodView

from fitness.auth import actor
from fitness.db import exercise_executions, workouts
from fitness.db.history import versions
from fitness.db.workouts import WorkoutRow
from fitness.errors import found
from fitness.schemas.base import AsOfQuery
from fitness.schemas.exercise_executions import (
    ExecutionChangesSchema,
    ExerciseExecutionSchema,
    FinishedQuery,
    NewSetSchema,
    PutExecutionSchema,
    ReorderSchema,
    SetChangesSchema,
    StrengthSetSchema,
)
from fitness.schemas.workouts import WorkoutSchema
from fitness.web.blueprint import ETAG, IF_MATCH, Blueprint, etag_of, if_match

EXECUTIONS = "/<uuid:workout_id>/exercise-executions"
EXECUTION = f"{EXECUTIONS}/<uuid:exercise_id>"

blp = Blueprint(
    "exercise_executions", __name__, url_prefix="/workouts", description="The exercises and sets of a workout"
)


def _change(fields: dict[str, Any]) -> versions.Change:
    return versions.Change(actor(), fields.pop("change_reason", None))


def _execution(workout: WorkoutRow, exercise_id: UUID) -> Any:
    execution = exercise_executions.get_execution(workout.id, exercise_id)
    return found(execution, exercise_executions.NOUN), etag_of(workout)


@blp.route(EXECUTION)
class Execution(MethodView):
    @blp.arguments(AsOfQuery, location="query")
    @blp.response(200, ExerciseExecutionSchema, headers=ETAG)
    def get(self, _query: dict[str, Any], workout_id: UUID, exercise_id: UUID) -> Any:
        """Read an exercise of a workout with its sets"""
        workout = found(workouts.get_workout_by_id(workout_id), "Workout")
        return _execution(workout, exercise_id)

    @blp.arguments(FinishedQuery, location="query")
    @blp.arguments(PutExecutionSchema)
    @blp.response(200, ExerciseExecutionSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def put(self, query: dict[str, Any], execution: dict[str, Any], workout_id: UUID, exercise_id: UUID) -> Any:
        """Add an exercise to a workout, or replace it

        Replaces the note and the sets with those sent. A catalog exercise is copied to your own exercises. With
        `keep_finished`, a finished workout is corrected by one version, and stays finished.
        """
        change = _change(execution)
        workout, own_id = exercise_executions.put_execution(
            workout_id,
            exercise_id,
            execution["sets"],
            note=execution["note"],
            change=change,
            if_tags=if_match(),
            **query,
        )
        return _execution(workout, own_id)

    @blp.for_operator(True)
    @blp.arguments(ExecutionChangesSchema)
    @blp.response(200, ExerciseExecutionSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], workout_id: UUID, exercise_id: UUID) -> Any:
        """Change the note on an exercise of a workout"""
        change = _change(changes)
        workout = exercise_executions.set_note(
            workout_id, exercise_id, changes["note"], change=change, if_tags=if_match()
        )
        return _execution(workout, exercise_id)

    @blp.response(204, headers=ETAG)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, workout_id: UUID, exercise_id: UUID) -> Any:
        """Remove an exercise and its sets from a workout"""
        change = versions.Change(actor())
        workout = exercise_executions.delete_execution(workout_id, exercise_id, change=change, if_tags=if_match())
        return None, etag_of(workout)


@blp.route(f"{EXECUTION}/restore/<int:version>")
class ExecutionRestore(MethodView):
    @blp.for_operator(True)
    @blp.response(200, ExerciseExecutionSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def post(self, workout_id: UUID, exercise_id: UUID, version: int) -> Any:
        """Restore an exercise of a workout

        Makes the exercise with its sets as it was in a version of the workout; the others stay. One that was removed
        comes back as the last one.
        """
        workout, own_id = exercise_executions.restore_execution(
            workout_id, exercise_id, version, changed_by=actor(), if_tags=if_match()
        )
        return _execution(workout, own_id)


@blp.route(f"{EXECUTIONS}/reorder")
class Reorder(MethodView):
    @blp.for_operator(True)
    @blp.arguments(ReorderSchema)
    @blp.response(200, WorkoutSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, order: dict[str, Any], workout_id: UUID) -> Any:
        """Reorder the exercises of a workout

        Send the id of each exercise exactly once.
        """
        change = _change(order)
        workout = exercise_executions.reorder_executions(
            workout_id, order["exercise_ids"], change=change, if_tags=if_match()
        )
        return found(workouts.get_workout_by_id(workout_id), "Workout"), etag_of(workout)


@blp.route(f"{EXECUTION}/sets")
class Sets(MethodView):
    @blp.arguments(NewSetSchema)
    @blp.response(201, StrengthSetSchema)
    @blp.alt_response(200, schema=StrengthSetSchema, description="The same `client_uuid` and set were sent before")
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def post(self, one: dict[str, Any], workout_id: UUID, exercise_id: UUID) -> Any:
        """Add a set to an exercise of a workout

        Without a `set_index`, the set gets the next number of the exercise. With a `client_uuid`, sending it again
        answers 200 with the set of the first time, even if that was changed or deleted since, and 409 if it differs.
        """
        client_uuid, change = one.pop("client_uuid", None), versions.Change(actor())
        if client_uuid is None:
            workout, added = exercise_executions.add_set(
                workout_id, exercise_id, one, change=change, if_tags=if_match()
            )
            return added, etag_of(workout)
        request = orjson.dumps([workout_id, exercise_id, one], option=orjson.OPT_SORT_KEYS)
        workout, added, is_new = exercise_executions.add_set_once(
            client_uuid,
            hashlib.sha256(request).hexdigest(),
            workout_id,
            exercise_id,
            one,
            change=change,
            if_tags=if_match(),
        )
        return added, 201 if is_new else 200, etag_of(workout)


@blp.route(f"{EXECUTION}/sets/<uuid:set_id>")
class SetItem(MethodView):
    @blp.for_operator(True)
    @blp.arguments(SetChangesSchema)
    @blp.response(200, StrengthSetSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], workout_id: UUID, exercise_id: UUID, set_id: UUID) -> Any:
        """Correct a set

        Only the fields you send change; null clears a field.
        """
        change = _change(changes)
        workout, changed = exercise_executions.update_set(
            workout_id, exercise_id, set_id, changes, change=change, if_tags=if_match()
        )
        return changed, etag_of(workout)

    @blp.response(204, headers=ETAG)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, workout_id: UUID, exercise_id: UUID, set_id: UUID) -> Any:
        """Remove a set from a workout"""
        workout = exercise_executions.delete_set(
            workout_id, exercise_id, set_id, change=versions.Change(actor()), if_tags=if_match()
        )
        return None, etag_of(workout)
