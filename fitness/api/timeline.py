"""Runs, workouts and rep sessions side by side: one list, one summary."""

from typing import Any

from flask.views import MethodView

from fitness.api.run_metrics import selection
from fitness.db import timeline
from fitness.schemas.base import page_of
from fitness.schemas.timeline import ActivitySchema, SummaryQuery, SummarySchema, TimelineQuery
from fitness.web.blueprint import Blueprint, cursor_of, page

blp = Blueprint("timeline", __name__, url_prefix="", description="All that you did: runs, workouts and rep sessions")

ORDER = "timeline"


@blp.route("/timeline")
class Timeline(MethodView):
    @blp.arguments(TimelineQuery, location="query")
    @blp.response(200, page_of(ActivitySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List all that you did

        Runs, finished workouts and rep sessions, newest first, a page at a time. Of runs that are here twice only the
        one is listed. Days are local to `time_zone`.
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
        """Add up all that you did, period by period

        Runs, finished workouts and rep sessions, by local days, weeks (from Monday on), months or years. Of the first
        and the last period only the days asked for count. Sets are counted but for warm-ups.
        """
        return timeline.get_summary(query.pop("period"), selection(query))
