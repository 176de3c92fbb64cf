"""Runs that two sources tell: suggest, mark, tell apart."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor, time_zone
from fitness.db import duplicates, runs
from fitness.schemas.base import page_of
from fitness.schemas.duplicates import DuplicateOfSchema, SuggestionSchema, SuggestionsQuery
from fitness.schemas.runs import RunSchema
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, if_match, page, with_etag

blp = Blueprint("duplicates", __name__, url_prefix="/runs", description="Runs that two sources tell")

ORDER = "duplicates"


@blp.route("/duplicates")
class Suggestions(MethodView):
    @blp.arguments(SuggestionsQuery, location="query")
    @blp.response(200, page_of(SuggestionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List runs that look like another source's

        Newest first, each with the one that it is most like. Suggested are runs of different sources that begin within
        10 minutes and differ by at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration. MapMyFitness
        tells no time of day: its runs need to be of the same local day, and `minutes_apart` is null.

        `score` is the mean of how near time, distance and duration are: 1 when equal, falling evenly to 0 at the most
        that they may differ; a time that is not known counts 0.5. `duplicate_of` is the run to keep: one with a time of
        day before one without, then one with a heart rate, then Strava's.
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

        Statistics count the other alone, or this one while the other is deleted. Marking is a version; marking it so
        again changes nothing. 409 when the other is marked itself, or this one has duplicates of its own.
        """
        return with_etag(duplicates.mark_duplicate(run_id, body["run_id"], changed_by=actor(), if_tags=if_match()))


@blp.route("/<run_id>/duplicate-of/<other_run_id>")
class NoDuplicateOf(MethodView):
    @blp.response(200, RunSchema)
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, run_id: str, other_run_id: str) -> Any:
        """Say that two runs are not the same

        They are not suggested again. One that was marked as a duplicate of the other counts again, which is a version.
        """
        return with_etag(duplicates.tell_apart(run_id, other_run_id, changed_by=actor(), if_tags=if_match()))
