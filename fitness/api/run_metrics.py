"""Statistics of runs: totals, mileage over time and by shoe, records, streaks."""

from typing import Any

from flask.views import MethodView

from fitness.auth import time_zone
from fitness.db import run_metrics
from fitness.db.days import ActivityFilter
from fitness.schemas.run_metrics import (
    MileageByDaySchema,
    MileageByMonthSchema,
    MileageByShoeSchema,
    MileageByWeekSchema,
    MileageTotalSchema,
    RollingMileageSchema,
    RollingQuery,
    RunMetricsQuery,
    RunRecordsSchema,
    RunStreaksSchema,
    SecondsTotalSchema,
    ShoeMileageQuery,
)
from fitness.web.blueprint import Blueprint

blp = Blueprint(
    "run_metrics",
    __name__,
    url_prefix="/metrics",
    description="What your runs add up to: those that are not deleted, and of runs that are here twice only the one",
)


def selection(query: dict[str, Any]) -> ActivityFilter:
    """Return what a query selects; its days are local to the user's zone if it does not name another."""
    query.setdefault("time_zone", time_zone())
    return ActivityFilter(**query)


@blp.route("/seconds/total")
class SecondsTotal(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, SecondsTotalSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up how long you ran"""
        totals = run_metrics.get_totals(selection(query))
        return {"seconds": totals["seconds"], "runs": totals["runs"]}


@blp.route("/mileage/total")
class MileageTotal(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageTotalSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up how far you ran"""
        totals = run_metrics.get_totals(selection(query))
        return {"miles": totals["miles"], "runs": totals["runs"]}


@blp.route("/mileage/by-day")
class MileageByDay(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageByDaySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up your runs day by day

        From `start` (or the first run) to `end` (or the last), days without a run too.
        """
        return run_metrics.get_mileage("day", selection(query))


@blp.route("/mileage/by-week")
class MileageByWeek(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageByWeekSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up your runs week by week

        Weeks begin on Monday (ISO 8601). From that of `start` (or the first run) to that of `end` (or the last), weeks
        without a run too; of the first and the last week only the days asked for count.
        """
        return run_metrics.get_mileage("week", selection(query))


@blp.route("/mileage/by-month")
class MileageByMonth(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageByMonthSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up your runs month by month

        From the month of `start` (or the first run) to that of `end` (or the last), months without a run too; of the
        first and the last month only the days asked for count.
        """
        return run_metrics.get_mileage("month", selection(query))


@blp.route("/mileage/rolling-by-day")
class RollingMileage(MethodView):
    @blp.arguments(RollingQuery, location="query")
    @blp.response(200, RollingMileageSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up the latest days, day by day

        The miles of each day and of the `window` − 1 days before it, which count although they lie before `start`.
        """
        return run_metrics.get_rolling_mileage(query.pop("window"), selection(query))


@blp.route("/mileage/by-shoe")
class MileageByShoe(MethodView):
    @blp.arguments(ShoeMileageQuery, location="query")
    @blp.response(200, MileageByShoeSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up your runs shoe by shoe"""
        include_retired = query.pop("include_retired")
        return run_metrics.get_mileage_by_shoe(selection(query), include_retired=include_retired)


@blp.route("/records")
class RunRecords(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, RunRecordsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Find your best runs, week and month

        A band of distances reaches from its name, less 1 % for what watches measure short, to the next one: the
        fastest of `10 km` is the best pace over at least 9.9 kilometers and less than a half marathon.
        """
        return run_metrics.get_records(selection(query))


@blp.route("/streaks")
class RunStreaks(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, RunStreaksSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Count the days and the weeks that you ran in a row"""
        return run_metrics.get_run_streaks(selection(query))
