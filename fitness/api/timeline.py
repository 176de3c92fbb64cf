"""All activities (runs, workouts, rep sessions): a list and a summary."""

from typing import Any

from flask.views import MethodView

from fitness.api.run_metrics import selection
from fitness.auth import time_zone
from fitness.db import runs_list, timeline, timeline_list, workouts_list
from fitness.db.timeline_list import Filters
from fitness.schemas.base import page_of
from fitness.schemas.timeline import (
    ActivitySchema,
    SummaryFields,
    SummaryQuery,
    SummarySchema,
    TimelineFilters,
    TimelineQuery,
)
from fitness.web.blueprint import Blueprint, cursor_of, page

blp = Blueprint("timeline", __name__, url_prefix="", description="All your activities: runs, workouts, rep sessions")

_OF_RUNS = ("shoe_id", "without_shoe")
_OF_WORKOUTS = ("workout_type", "exercise_id")


def _filters(query: dict[str, Any]) -> Filters:
    """Return the filters of runs and of workouts; a filter that only one of the two has leaves out the other."""
    query.setdefault("time_zone", time_zone())
    kind, type_of_any = query.pop("kind", None), query.pop("type", None)
    of_runs = {name: query.pop(name) for name in (*_OF_RUNS, "include_duplicates") if name in query}
    of_workouts = {name: query.pop(name) for name in (*_OF_WORKOUTS, "finished") if name in query}
    only_runs = any(of_runs.get(name) for name in _OF_RUNS)
    only_workouts = any(name in of_workouts for name in _OF_WORKOUTS) or not of_workouts["finished"]
    of_workouts.setdefault("workout_type", type_of_any)
    return Filters(
        None if only_workouts else runs_list.Filters(**query, **of_runs, type=type_of_any),
        None if only_runs else workouts_list.Filters(**query, **of_workouts),
        kind,
    )


@blp.route("/timeline")
class Timeline(MethodView):
    @blp.arguments(TimelineQuery, location="query")
    @blp.response(200, page_of(ActivitySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List all your activities

        Runs, finished workouts and rep sessions, newest first by default, in pages. Duplicate runs are listed once.
        Days are local to `time_zone`; missing values sort last. It has the filters of runs and of workouts; one that
        only one of the two has, such as `shoe_id` or `exercise_id`, leaves out the other.
        """
        limit, cursor = query.pop("limit"), query.pop("cursor", None)
        sort_by, sort_order = query.pop("sort_by"), query.pop("sort_order")
        order = f"timeline {sort_by} {sort_order}"
        items, following = timeline_list.list_activities(
            _filters(query),
            sort_by=sort_by,
            descending=sort_order == "desc",
            limit=limit,
            after=cursor_of(cursor, order),
        )
        return page(items, following and following.encode(order))


@blp.route("/timeline/totals")
class TimelineTotals(MethodView):
    @blp.arguments(TimelineFilters, location="query")
    @blp.response(200, SummaryFields)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up all your activities

        What the activities that the timeline has with these filters add up to.
        """
        return timeline_list.get_totals(_filters(query))


@blp.route("/summary")
class Summary(MethodView):
    @blp.arguments(SummaryQuery, location="query")
    @blp.response(200, SummarySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Sum up all your activities by period

        Runs, finished workouts and rep sessions, by local day, week (from Monday), month or year. Days outside `start`
        and `end` do not count. Warm-up sets do not count.
        """
        return timeline.get_summary(query.pop("period"), selection(query))
