"""What a first page shows, in one answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask.views import MethodView

from fitness.api.changesets import page_of_changesets
from fitness.api.planned_workouts import page_of_planned_workouts
from fitness.api.run_metrics import selection
from fitness.api.timeline import page_of_activities
from fitness.db import inbox, plan, run_metrics, shoes, training_load
from fitness.schemas.timeline import TimelineQuery
from fitness.schemas.today import TodayQuery, TodaySchema
from fitness.web.blueprint import Blueprint, page

blp = Blueprint("today", __name__, url_prefix="/today", description="What a first page shows, in one answer")

LATEST = 6
PAGE = 50


@blp.route("")
class Today(MethodView):
    @blp.arguments(TodayQuery, location="query")
    @blp.response(200, TodaySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get what a first page shows

        The answers of `/metrics/mileage/by-day` and `/metrics/training-load/by-day` from `start`, of `/plan/adherence`
        for the 7 days from `week`, of `/shoes` and `/inbox`, and the first pages of `/planned-workouts` for these days
        with `selected=true` (50), of `/timeline` (6) and of `/changesets` (50).
        """
        week = query.pop("week")
        of_week = {"start": week, "end": week + timedelta(days=6)}
        days = selection(query)
        latest: Any = TimelineQuery().load({"limit": LATEST})
        return {
            "mileage": run_metrics.get_mileage("day", days),
            "training_load": training_load.get_training_load(days),
            "adherence": {"weeks": plan.get_adherence(replace(days, **of_week))},
            "planned": page_of_planned_workouts({**of_week, "selected": True, "limit": PAGE}),
            "timeline": page_of_activities(latest),
            "changesets": page_of_changesets({"limit": PAGE}),
            "shoes": page(shoes.get_shoes(), None),
            "inbox": inbox.get_inbox(time_zone=days.time_zone),
        }
