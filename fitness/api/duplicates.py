"""Duplicate runs: suggest, mark, unmark."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor, time_zone
from fitness.db import duplicates, runs
from fitness.schemas.base import page_of
from fitness.schemas.duplicates import DuplicateOfSchema, SuggestionSchema, SuggestionsQuery
from fitness.schemas.runs import RunSchema
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, if_match, page, with_etag

blp = Blueprint("duplicates", __name__, url_prefix="/runs", description="Runs that two sources recorded")

ORDER = "duplicates"


@blp.route("/duplicates")
class Suggestions(MethodView):
    @blp.arguments(SuggestionsQuery, location="query")
    @blp.response(200, page_of(SuggestionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List possible duplicate runs

        Newest first, each with its best match. Two runs match if they come from different sources, start within 10
        minutes of each other, and differ by at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration.
        MapMyFitness has no time of day: its runs match on the same local day, and `minutes_apart` is null.

        `score` is the mean of three values, for start time, distance and duration. Each is 1 if equal and falls
        linearly to 0 at the largest allowed difference; an unknown start time counts as 0.5. `duplicate_of` is the run
        to keep: the one with a time of day, otherwise with a heart rate, otherwise the one from Strava.
        """
        items, following = duplicates.list_suggestions(
            time_zone=query.get("time_zone") or time_zone(),
            limit=query["limit"],
            after=cursor_of(query.get("cursor"), ORDER),
        )
        by_id = runs.get_runs_by_ids({id for item in items for id in (item.run_id, item.duplicate_of)})
        shown = [
            {
                "run": by_id[item.run_id],
                "duplicate_of": by_id[item.duplicate_of],
                "score": item.score,
                "minutes_apart": item.minutes_apart,
            }
            for item in items
        ]
        return page(shown, following and following.encode(ORDER))


@blp.route("/<run_id>/duplicate-of")
class DuplicateOf(MethodView):
    @blp.arguments(DuplicateOfSchema)
    @blp.response(200, RunSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def put(self, body: dict[str, Any], run_id: str) -> Any:
        """Mark one run as a duplicate of another

        Statistics count only the other run; while that one is deleted, they count this one. Marking creates a version
        of the run; repeating it changes nothing. Returns 409 if the other run is itself marked as a duplicate, or if
        this run has duplicates.
        """
        return with_etag(duplicates.mark_duplicate(run_id, body["run_id"], changed_by=actor(), if_tags=if_match()))


@blp.route("/<run_id>/duplicate-of/<other_run_id>")
class NoDuplicateOf(MethodView):
    @blp.response(200, RunSchema)
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, run_id: str, other_run_id: str) -> Any:
        """Mark two runs as different

        They are not suggested again. If one was marked as a duplicate of the other, it counts again; this creates a
        version.
        """
        return with_etag(duplicates.mark_different(run_id, other_run_id, changed_by=actor(), if_tags=if_match()))
