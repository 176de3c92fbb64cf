"""Statistics of runs: totals, mileage over time and by shoe, records, streaks."""

from typing import Any

from flask.views import MethodView

from fitness.auth import own_days
from fitness.db import best_efforts, run_metrics
from fitness.db.days import ActivityFilter
from fitness.readers.derived import EFFORTS
from fitness.schemas.activity_points import BestEffortsQuery, BestEffortsSchema
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
    RunWeeksQuery,
    SecondsTotalSchema,
    ShoeMileageQuery,
)
from fitness.web.blueprint import Blueprint

blp = Blueprint(
    "run_metrics",
    __name__,
    url_prefix="/metrics",
    description="Statistics of your runs; deleted runs are left out and duplicates count once",
)


def selection(query: dict[str, Any]) -> ActivityFilter:
    """Return the filter of a query; without a `time_zone` and a `week_start`, days and weeks are the user's."""
    return ActivityFilter(**own_days(query))


@blp.route("/seconds/total")
class SecondsTotal(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, SecondsTotalSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get the total time of your runs"""
        totals = run_metrics.get_totals(selection(query))
        return {"seconds": totals["seconds"], "runs": totals["runs"]}


@blp.route("/mileage/total")
class MileageTotal(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageTotalSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get the total distance of your runs"""
        totals = run_metrics.get_totals(selection(query))
        return {"miles": totals["miles"], "runs": totals["runs"]}


@blp.route("/mileage/by-day")
class MileageByDay(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageByDaySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get mileage by day

        From `start` (or the first run) to `end` (or today), including days without a run.
        """
        return run_metrics.get_mileage("day", selection(query))


@blp.route("/mileage/by-week")
class MileageByWeek(MethodView):
    @blp.arguments(RunWeeksQuery, location="query")
    @blp.response(200, MileageByWeekSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get mileage by week

        Weeks start on the `week_start`. From the week of `start` (or the first run) to the week of `end` (or today),
        including weeks without a run. Days outside `start` and `end` do not count.
        """
        return run_metrics.get_mileage("week", selection(query))


@blp.route("/mileage/by-month")
class MileageByMonth(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, MileageByMonthSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get mileage by month

        From the month of `start` (or the first run) to the month of `end` (or today), including months without a run.
        Days outside `start` and `end` do not count.
        """
        return run_metrics.get_mileage("month", selection(query))


@blp.route("/mileage/rolling-by-day")
class RollingMileage(MethodView):
    @blp.arguments(RollingQuery, location="query")
    @blp.response(200, RollingMileageSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get rolling mileage by day

        For each day, the miles of that day and of the `window` − 1 days before it, including days before `start`.
        """
        return run_metrics.get_rolling_mileage(query.pop("window"), selection(query))


@blp.route("/mileage/by-shoe")
class MileageByShoe(MethodView):
    @blp.arguments(ShoeMileageQuery, location="query")
    @blp.response(200, MileageByShoeSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get mileage by shoe"""
        include_retired = query.pop("include_retired")
        return run_metrics.get_mileage_by_shoe(selection(query), include_retired=include_retired)


@blp.route("/records")
class RunRecords(MethodView):
    @blp.arguments(RunWeeksQuery, location="query")
    @blp.response(200, RunRecordsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get your best runs, week and month

        A distance band starts 1 % below its name, as watches may measure short, and ends where the next band starts:
        the fastest of `10 km` has the best pace over at least 9.9 kilometers and less than the half marathon band.
        """
        return run_metrics.get_records(selection(query))


@blp.route("/streaks")
class RunStreaks(MethodView):
    @blp.arguments(RunWeeksQuery, location="query")
    @blp.response(200, RunStreaksSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get your streaks: days and weeks in a row with a run"""
        return run_metrics.get_run_streaks(selection(query))


@blp.route("/best-efforts")
class BestEfforts(MethodView):
    @blp.arguments(BestEffortsQuery, location="query")
    @blp.response(200, BestEffortsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get your best efforts

        The fastest stretch of each length, from 400 m to the marathon, wherever in a run it is. Only runs with points
        count; pauses within a stretch count as well.
        """
        found = {one["effort"]: one for one in best_efforts.list_best_efforts(selection(query))}
        return {"items": [found[name] for name in EFFORTS if name in found]}
