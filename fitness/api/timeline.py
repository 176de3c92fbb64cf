"""All activities (runs, workouts, rep sessions): a list and a summary."""

from typing import Any

from flask.views import MethodView

from fitness.api.run_metrics import selection
from fitness.auth import set_own_zone
from fitness.db import runs_list, timeline, timeline_list, workouts_list
from fitness.db.history.bulk import Selection, of_ids
from fitness.db.runs import RUNS
from fitness.db.timeline_list import Filters, select_activities
from fitness.db.workouts import WORKOUTS
from fitness.schemas.base import page_of
from fitness.schemas.bulk import TimelineBulkReportSchema, timeline_bulk_schema
from fitness.schemas.timeline import (
    ActivitySchema,
    BulkTimelineChangesSchema,
    SummaryFields,
    SummaryQuery,
    SummarySchema,
    TimelineFilters,
    TimelineQuery,
    TimelineTotalsQuery,
)
from fitness.web.blueprint import Blueprint, cursor_of, page
from fitness.web.bulk import EXAMPLE, edit_many, reported

blp = Blueprint("timeline", __name__, url_prefix="", description="All your activities: runs, workouts, rep sessions")

_OF_RUNS = ("shoe_id", "without_shoe")
_OF_WORKOUTS = ("workout_type", "exercise_id")


def _filters(query: dict[str, Any]) -> Filters:
    """Return the filters of runs and of workouts; a filter that only one of the two has leaves out the other."""
    set_own_zone(query)
    kind, type_of_any = query.pop("kind", None), query.pop("type", None)
    of_runs = {name: query.pop(name) for name in _OF_RUNS if name in query}
    of_workouts = {name: query.pop(name) for name in (*_OF_WORKOUTS, "finished") if name in query}
    only_runs = any(of_runs.get(name) for name in _OF_RUNS)
    only_workouts = any(name in of_workouts for name in _OF_WORKOUTS) or not of_workouts["finished"]
    of_workouts.setdefault("workout_type", type_of_any)
    return Filters(
        None if only_workouts else runs_list.Filters(**query, **of_runs, type=type_of_any),
        None if only_runs else workouts_list.Filters(**query, **of_workouts),
        kind,
    )


def page_of_activities(query: dict[str, Any]) -> dict[str, Any]:
    """Return the page that a `TimelineQuery` asks for."""
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


@blp.route("/timeline")
class Timeline(MethodView):
    @blp.arguments(TimelineQuery, location="query")
    @blp.response(200, page_of(ActivitySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List all your activities

        Runs, finished workouts and rep sessions, newest first by default, in pages. Marked duplicates are left out.
        Days are local to `time_zone`; missing values sort last. It has the filters of runs and of workouts; one that
        only one of the two has, such as `shoe_id` or `exercise_id`, leaves out the other.
        """
        return page_of_activities(query)


@blp.route("/timeline/totals")
class TimelineTotals(MethodView):
    @blp.arguments(TimelineTotalsQuery, location="query")
    @blp.response(200, SummaryFields)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up all your activities

        What the activities that the timeline has with these filters add up to.
        """
        return timeline_list.get_totals(_filters(query))


_BulkSchema = timeline_bulk_schema(filters=TimelineFilters, changes=BulkTimelineChangesSchema)


@blp.route("/timeline/bulk")
class TimelineBulk(MethodView):
    @blp.arguments(_BulkSchema, example={"filters": {"q": "rainy"}, "changes": {"notes": "Wet"}, **EXAMPLE})
    @blp.response(200, TimelineBulkReportSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Change or delete many runs and workouts at once

        Those in `items`, or all that the timeline has with the `filters`, which are the same as there, except
        `include_deleted` and `only_deleted`; rep sessions are workouts. As with a single edit, null clears a field.
        Those that have the values already get no version. It is one changeset: to undo it, revert it. With `dry_run`,
        nothing is stored, and `records` has what would change.
        """
        selections = _of_items(body["items"]) if "items" in body else select_activities(_filters(body["filters"]))
        edited = edit_many(selections, body)
        return reported(edited, body, [{"noun": noun, "id": id} for noun, id in edited.not_found])


def _of_items(items: list[dict[str, Any]]) -> list[Selection]:
    return [of_ids(kind, [one["id"] for one in items if one["noun"] == kind.path]) for kind in (RUNS, WORKOUTS)]


@blp.route("/summary")
class Summary(MethodView):
    @blp.arguments(SummaryQuery, location="query")
    @blp.response(200, SummarySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Sum up all your activities by period

        Runs, finished workouts and rep sessions, by local day, week (from the `week_start` on), month or year. Days
        outside `start` and `end` do not count. Warm-up sets do not count.
        """
        return timeline.get_summary(query.pop("period"), selection(query))
