"""Duplicate runs, workouts and planned workouts: suggest, mark, unmark."""

from collections.abc import Callable, Sequence
from typing import Any

from flask.views import MethodView

from fitness.auth import actor, time_zone
from fitness.db import duplicates, planned_workouts, runs, separations, workouts
from fitness.db.duplicates import Page, Suggestion
from fitness.db.history import reading
from fitness.db.history.duplicates import forget_different, mark_different, mark_duplicate
from fitness.db.history.versioned import Record, Versioned
from fitness.db.paging import described
from fitness.db.planned_workouts import PLANNED_WORKOUTS
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.errors import Conflict, found
from fitness.schemas.base import PageQuery, Schema, page_of
from fitness.schemas.duplicates import (
    DuplicateOfSchema,
    PlannedWorkoutDuplicateOfSchema,
    PlannedWorkoutSuggestionSchema,
    SuggestionSchema,
    SuggestionsQuery,
    WorkoutDuplicateOfSchema,
    WorkoutSuggestionSchema,
)
from fitness.schemas.planned_workouts import PlannedWorkoutSchema
from fitness.schemas.runs import RunSchema
from fitness.schemas.workouts import WorkoutSchema
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, if_match, page, with_etag

blp = Blueprint("duplicates", __name__, url_prefix="", description="Runs and workouts that are stored twice")

ORDER = "duplicates"


def _page(noun: str, apart: str, suggested: Page, read: Callable[[set[Any]], dict[Any, Any]]) -> dict[str, Any]:
    items, following = suggested

    def describe(some: Sequence[Suggestion]) -> list[dict[str, Any]]:
        by_id = read({id for item in some for id in (item.id, item.duplicate_of)})
        return [
            {noun: by_id[item.id], "duplicate_of": by_id[item.duplicate_of], "score": item.score, apart: item.apart}
            for item in some
        ]

    shown = described(items, describe, limit=len(items))
    if len(shown) < len(items):
        following = items[len(shown) - 1].cursor
    return page(shown, following and following.encode(ORDER))


def _paging(query: dict[str, Any]) -> dict[str, Any]:
    return {"limit": query["limit"], "after": cursor_of(query.get("cursor"), ORDER)}


@blp.route("/runs/duplicates")
class RunSuggestions(MethodView):
    @blp.arguments(SuggestionsQuery, location="query")
    @blp.response(200, page_of(SuggestionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List possible duplicate runs

        Newest first, each with its best match. Two runs match if they start within 10 minutes of each other, and differ
        by at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration; two of one source must also overlap
        in time. MapMyFitness has no time of day: its runs match on the same local day, and `minutes_apart` is null.

        `score` is the mean of three values, for start time, distance and duration. Each is 1 if equal and falls
        linearly to 0 at the largest allowed difference; an unknown start time counts as 0.5. `duplicate_of` is the run
        to keep: the one with a time of day, otherwise with a heart rate, otherwise the one from Strava.
        """
        suggested = duplicates.list_runs(time_zone=query.get("time_zone") or time_zone(), **_paging(query))
        return _page("run", "minutes_apart", suggested, runs.get_runs_by_ids)


@blp.route("/workouts/duplicates")
class WorkoutSuggestions(MethodView):
    @blp.arguments(SuggestionsQuery, location="query")
    @blp.response(200, page_of(WorkoutSuggestionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List possible duplicate workouts

        Newest first, each with its best match. Two finished workouts of one type match if they took place at the same
        time for at least half of the shorter one, or have the same sets on the same local day. If one has no length,
        they match if they start within 10 minutes of each other. MapMyFitness has no time of day: its workouts match
        others on the same local day that differ by at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in
        duration, and `minutes_apart` is null.

        `score` is the mean of two values: the share of the longer workout in which both took place (0.5 if a time of
        day is unknown), and the sets: 1 if they are the same, 0.5 if one has none, otherwise 0. `duplicate_of` is the
        workout to keep: the one with sets, otherwise the one from an API, otherwise the one that was stored last.
        """
        suggested = duplicates.list_workouts(time_zone=query.get("time_zone") or time_zone(), **_paging(query))
        return _page("workout", "minutes_apart", suggested, workouts.get_workouts_by_ids)


@blp.route("/planned-workouts/duplicates")
class PlannedWorkoutSuggestions(MethodView):
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(PlannedWorkoutSuggestionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List possible duplicate planned workouts

        Newest first, each with its best match. Two planned workouts match if they have the same title, type and planned
        values, are at most 7 days apart, and did not come with the same import, as a plan repeats itself. They are what
        remains when a workout is moved to another day in TrainingPeaks and the plan is imported again.

        `score` is 1 on the same day and falls linearly to 0 after 8 days. `duplicate_of` is the one to keep: the one
        that is done, otherwise the one that was stored last.
        """
        suggested = duplicates.list_planned_workouts(**_paging(query))
        return _page("planned_workout", "days_apart", suggested, planned_workouts.get_planned_workouts_by_ids)


def _add_marks(
    kind: Versioned[Any, Any], path: str, schema: type[Schema], body_schema: type[Schema], read: Callable[[Any], Any]
) -> None:
    """Add the routes that mark two records of a noun as the same or as different; `read` returns one as it is shown."""
    noun = kind.noun.lower()
    converter = {"uuid": "uuid", "bigint": "int"}.get(kind.id_type, "string")
    one = f"{path}/<{converter}:{kind.key}>/duplicate-of"

    def answer(record: Record) -> Any:
        return with_etag(found(read(record.id), kind.noun))

    @blp.route(one, endpoint=f"{noun}_duplicate_of")
    class DuplicateOf(MethodView):
        @blp.arguments(body_schema)
        @blp.response(200, schema)
        @blp.alt_response(409, "CONFLICT")
        @blp.doc(
            summary=f"Mark one {noun} as a duplicate of another",
            description=f"Statistics count only the other {noun}; while that one is deleted, they count this one. "
            f"Marking creates a version of the {noun}; repeating it changes nothing. Returns 409 if the other {noun} "
            f"is itself marked as a duplicate, or if this {noun} has duplicates.",
            parameters=[IF_MATCH],
        )
        def put(self, body: dict[str, Any], **ids: Any) -> Any:
            record = mark_duplicate(kind, ids[kind.key], body[kind.key], changed_by=actor(), if_tags=if_match())
            return answer(record)

    @blp.route(f"{one}/<{converter}:other_{kind.key}>", endpoint=f"{noun}_no_duplicate_of")
    class NoDuplicateOf(MethodView):
        @blp.response(200, schema)
        @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
        @blp.doc(
            summary=f"Mark two {noun}s as different",
            description="They are not suggested again. If one was marked as a duplicate of the other, it counts again; "
            "this creates a version.",
            parameters=[IF_MATCH],
        )
        def delete(self, **ids: Any) -> Any:
            one, other = ids[kind.key], ids[f"other_{kind.key}"]
            return answer(mark_different(kind, one, other, changed_by=actor(), if_tags=if_match()))


def _add_second_thoughts(kind: Versioned[Any, Any], path: str) -> None:
    """Add the route that lets two records of a noun be suggested again."""
    noun = kind.noun.lower()
    converter = {"uuid": "uuid", "bigint": "int"}.get(kind.id_type, "string")

    @blp.route(
        f"{path}/<{converter}:{kind.key}>/different-from/<{converter}:other_{kind.key}>",
        endpoint=f"{noun}_different_from",
    )
    class DifferentFrom(MethodView):
        @blp.response(204)
        @blp.alt_response(409, "CONFLICT")
        @blp.doc(
            summary=f"Forget that two {noun}s are different",
            description="They can be suggested as the same again. 409 if a separation keeps them apart: revert that.",
        )
        def delete(self, **ids: Any) -> None:
            one, other = ids[kind.key], ids[f"other_{kind.key}"]
            if kind.joins and (changeset_id := separations.find_between(kind, one, other)):
                raise Conflict(f"Change {changeset_id} has separated them: revert it to have one {noun} again")
            for id in (one, other):
                found(reading.latest_version_number(kind, id), kind.noun)
            forget_different(kind, one, other)


_add_marks(RUNS, "/runs", RunSchema, DuplicateOfSchema, runs.get_run_by_id)
_add_marks(WORKOUTS, "/workouts", WorkoutSchema, WorkoutDuplicateOfSchema, workouts.get_workout_by_id)
_add_marks(
    PLANNED_WORKOUTS,
    "/planned-workouts",
    PlannedWorkoutSchema,
    PlannedWorkoutDuplicateOfSchema,
    planned_workouts.get_planned_workout_by_id,
)
for _kind, _path in ((RUNS, "/runs"), (WORKOUTS, "/workouts"), (PLANNED_WORKOUTS, "/planned-workouts")):
    _add_second_thoughts(_kind, _path)
