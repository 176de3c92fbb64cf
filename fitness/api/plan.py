"""Planned workouts compared with what was done."""

from typing import Any

from flask.views import MethodView

from fitness.auth import own_days
from fitness.db import plan
from fitness.db.days import Days
from fitness.schemas.plan import AdherenceQuery, AdherenceSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("plan", __name__, url_prefix="/plan", description="How much of your plan you have done")


@blp.route("/adherence")
class Adherence(MethodView):
    @blp.arguments(AdherenceQuery, location="query")
    @blp.response(200, AdherenceSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Compare planned with completed workouts, by week

        Counts the planned workouts of these days, each on its current planned day, except deselected ones and days off.
        A planned workout that is neither done nor missed is still to come. If its TSS is missing, it is calculated:
        hours × IF² × 100.
        """
        return {"weeks": plan.get_adherence(Days(**own_days(query)))}
