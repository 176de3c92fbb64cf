"""Planned against done."""

from typing import Any

from flask.views import MethodView

from fitness.auth import time_zone
from fitness.db import plan
from fitness.schemas.plan import AdherenceQuery, AdherenceSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("plan", __name__, url_prefix="/plan", description="How much of the plan was done")


@blp.route("/adherence")
class Adherence(MethodView):
    @blp.arguments(AdherenceQuery, location="query")
    @blp.response(200, AdherenceSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Compare what was planned with what was done, week by week

        Of the planned workouts of these days that are neither deselected nor days off, each on the day that it is
        planned for now. What is neither done nor missed is still to come. A planned workout without a TSS has that of
        its hours and intensity factor (hours × IF² × 100).
        """
        query.setdefault("time_zone", time_zone())
        return {"weeks": plan.get_adherence(**query)}
