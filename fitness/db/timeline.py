"""Runs, workouts and rep sessions side by side: what they add up to by period.

Distances are miles, durations seconds, instants UTC. The same runs and workouts count as in the statistics.
"""

from typing import LiteralString

from orjson import Fragment

from fitness.db import workout_metrics
from fitness.db.connection import fetch_json
from fitness.db.days import ActivityFilter, begin_of, zero_filled
from fitness.db.fields import listed
from fitness.db.history.instants import looks_back_at_few
from fitness.db.run_metrics import counted_runs
from fitness.db.timeline_list import SUMS, TRAINED, shown
from fitness.db.workout_metrics import weighed
from fitness.db.workout_sources import sources
from fitness.units import KG_PER_LB


def _done(activities: ActivityFilter) -> LiteralString:
    """Return the condition on counted workouts `w`."""
    condition = workout_metrics.done(activities)
    if activities.type:
        condition += " AND w.workout_type = %(type)s"
    if activities.source:
        condition += " AND w.source = %(source)s"
    return condition


PERIODS = ("day", "week", "month", "year")


def get_summary(period: str, activities: ActivityFilter) -> Fragment:
    """Return {period, periods: [{start, runs, …}], total: {runs, …}} as JSON."""
    begin = begin_of(period)
    source = sources(by_date=looks_back_at_few(activities.start, activities.end))
    return fetch_json(
        f"""
        {counted_runs(activities)}, {weighed()}, ran AS (
            SELECT {begin.format("datetime_utc AT TIME ZONE %(time_zone)s")} AS period, count(*) AS runs,
                sum(distance) AS run_miles, sum(duration) AS run_seconds
            FROM counted
            GROUP BY 1
        ), trained AS (
            SELECT {begin.format("w.start_ts AT TIME ZONE %(time_zone)s")} AS period,
                {TRAINED}
            FROM {source.workouts} AS w {source.sessions} {source.lifted}
            WHERE {_done(activities)}
            GROUP BY 1
        ), busy AS (
            SELECT period, {listed(SUMS)}
            FROM ran
            FULL JOIN trained USING (period)
        ), periods AS (
            SELECT span.period::date AS start, {shown("{}")}
            FROM {zero_filled(period)}
        ), total AS (
            SELECT {shown("sum({})")}
            FROM busy
        )
        SELECT json_build_object(
            'period', %(unit)s::text,
            'periods', (SELECT coalesce(json_agg(periods ORDER BY start), '[]') FROM periods),
            'total', (SELECT to_json(total) FROM total)
        )::text
        """,
        unit=period,
        kg_per_lb=KG_PER_LB,
        **activities.params(),
    )
