"""All activities (runs, workouts, rep sessions): a list and a summary."""

from typing import Any

from flask.views import MethodView

from fitness.api.run_metrics import selection
from fitness.db import timeline
from fitness.schemas.base import page_of
from fitness.schemas.timeline import ActivitySchema, SummaryQuery, SummarySchema, TimelineQuery
from fitness.web.blueprint import Blueprint, cursor_of, page

blp = Blueprint("timeline", __name__, url_prefix="", description="All your activities: runs, workouts, rep sessions")

ORDER = "timeline"


@blp.route("/timeline")
class Timeline(MethodView):
    @blp.arguments(TimelineQuery, location="query")
    @blp.response(200, page_of(ActivitySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List all your activities

        Runs, finished workouts and rep sessions, newest first, in pages. Duplicate runs are listed once. Days are local
        to `time_zone`.
        """
        limit, kind, cursor = query.pop("limit"), query.pop("kind", None), query.pop("cursor", None)
        after = cursor_of(cursor, ORDER)
        items, following = timeline.list_activities(selection(query), kind=kind, limit=limit, after=after)
        return page(items, following and following.encode(ORDER))


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
