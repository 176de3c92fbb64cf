"""Exercises: find, create, change, delete, merge, history, restore. Reading the catalog needs no login."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from fitness.auth import actor, is_logged_in
from fitness.db import exercises, exercises_list, exercises_merge
from fitness.db.exercises import EXERCISES, MODALITIES, NewExercise, OwnExercise
from fitness.db.exercises_list import Filters
from fitness.db.history import record_merges, versions
from fitness.errors import found
from fitness.schemas.base import RecordQuery, page_of
from fitness.schemas.exercises import (
    BodyPartsSchema,
    CatalogQuery,
    ExerciseChangesSchema,
    ExerciseMergeAnswerSchema,
    ExerciseMergeSchema,
    ExerciseSchema,
    ExercisesQuery,
    ExerciseVersionSchema,
    ModalitiesSchema,
    NewExerciseSchema,
    OwnExercisesQuery,
    WholeExerciseSchema,
)
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, if_match, page, with_etag
from fitness.web.history import add_history

blp = Blueprint("exercises", __name__, url_prefix="/exercises", description="Your own exercises and the catalog")

ORDER = "name"


def _page(source: str, query: dict[str, Any]) -> Any:
    limit, after = query.pop("limit"), cursor_of(query.pop("cursor", None), ORDER)
    items, following = exercises_list.list_exercises(source, Filters(**query), limit=limit, after=after)
    return page(items, following and following.encode(ORDER))


def _own(exercise_id: UUID) -> OwnExercise:
    return found(exercises.get_own_exercise_by_id(exercise_id, include_deleted=True), "Exercise")


@blp.route("")
class Exercises(MethodView):
    @blp.login_optional
    @blp.arguments(ExercisesQuery, location="query")
    @blp.response(200, page_of(ExerciseSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """Find exercises

        Sorted by name, in pages: your own exercises, and the catalog exercises of which you have no exercise with the
        same id or name. Without a login, only the catalog.
        """
        source = query.pop("source", None)
        if not is_logged_in():
            return page([], None) if source == "own" else _page("catalog", query)
        return _page({None: "all", "own": "own", "system": "rest of catalog"}[source], query)

    @blp.arguments(NewExerciseSchema)
    @blp.response(201, ExerciseSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, fields: dict[str, Any]) -> Any:
        """Add an exercise

        If the catalog has an exercise with this name, omitted fields are filled from it. If you have deleted an
        exercise with this name, it is restored with the fields sent now.
        """
        exercise_id = exercises.create_exercise(NewExercise(**fields), changed_by=actor())
        exercise, headers = with_etag(_own(exercise_id))
        return exercise, 201, {**headers, "Location": f"/v1/exercises/{exercise_id}"}


@blp.route("/system")
class SystemExercises(MethodView):
    @blp.login_optional
    @blp.arguments(CatalogQuery, location="query")
    @blp.response(200, page_of(ExerciseSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List the catalog"""
        return _page("catalog", query)


@blp.route("/my-exercises")
class OwnExercises(MethodView):
    @blp.arguments(OwnExercisesQuery, location="query")
    @blp.response(200, page_of(ExerciseSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List your own exercises"""
        return _page("own", query)


@blp.route("/body-parts")
class BodyParts(MethodView):
    @blp.login_optional
    @blp.response(200, BodyPartsSchema)
    def get(self) -> Any:
        """List body parts

        Those of the catalog exercises and, if you are logged in, of your own exercises.
        """
        return page(exercises_list.get_body_parts("all" if is_logged_in() else "catalog"), None)


@blp.route("/modalities")
class Modalities(MethodView):
    @blp.login_optional
    @blp.response(200, ModalitiesSchema)
    def get(self) -> Any:
        """List modalities (equipment)"""
        return page(list(MODALITIES), None)


@blp.route("/<uuid:exercise_id>")
class ExerciseItem(MethodView):
    @blp.login_optional
    @blp.arguments(RecordQuery, location="query")
    @blp.response(200, ExerciseSchema)
    def get(self, query: dict[str, Any], exercise_id: UUID) -> Any:
        """Read one exercise

        Your own exercise with this id, otherwise the catalog exercise; without a login, only catalog exercises.
        """
        own = exercises.get_own_exercise_by_id(exercise_id, **query) if is_logged_in() else None
        return with_etag(own) if own else found(exercises_list.get_catalog_exercise_by_id(exercise_id), "Exercise")

    @blp.for_operator(True)
    @blp.arguments(ExerciseChangesSchema)
    @blp.response(200, ExerciseSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], exercise_id: UUID) -> Any:
        """Change one of your own exercises

        Only the fields you send change.
        """
        return _edited(exercise_id, changes)

    @blp.arguments(WholeExerciseSchema)
    @blp.response(200, ExerciseSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def put(self, fields: dict[str, Any], exercise_id: UUID) -> Any:
        """Replace one of your own exercises

        Omitted fields are cleared.
        """
        return _edited(exercise_id, fields)

    @blp.response(204)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, exercise_id: UUID) -> None:
        """Delete one of your own exercises

        Workouts that use it keep it. To undo this, restore a version or use the name again.
        """
        versions.delete(EXERCISES, exercise_id, versions.Change(actor()), if_tags=if_match())


@blp.route("/<uuid:exercise_id>/merge")
class ExerciseMerge(MethodView):
    @blp.arguments(ExerciseMergeSchema)
    @blp.response(200, ExerciseMergeAnswerSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, body: dict[str, Any], exercise_id: UUID) -> Any:
        """Merge one of your own exercises into another

        Moves its sets to the other exercise, in all workouts and each as a new version, and deletes it. Later workouts
        and imports that name it use the other exercise. To undo the merge, revert its changeset. Sending it again
        answers the same and changes nothing.
        """
        changeset_id, moved = record_merges.merge_once(
            EXERCISES, exercise_id, body["into"], actor=actor(), merge=exercises_merge.merge_exercise
        )
        return {"changeset_id": changeset_id, "moved": moved, "exercise": _own(body["into"])}


def _edited(exercise_id: UUID, updates: dict[str, Any]) -> Any:
    change = versions.Change(actor(), updates.pop("change_reason", None))
    versions.edit(EXERCISES, exercise_id, updates, change, if_tags=if_match())
    return with_etag(_own(exercise_id))


add_history(blp, EXERCISES, schema=ExerciseSchema, version_schema=ExerciseVersionSchema, read=_own)
