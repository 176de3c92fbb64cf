"""Runs, workouts and rep sessions side by side: what they add up to by period.

Distances are miles, durations seconds, instants UTC. The same runs and workouts count as in the statistics.
"""

from typing import LiteralString

from orjson import Fragment

from fitness.db import workout_metrics
from fitness.db.connection import fetch_json
from fitness.db.days import ZERO_FILLED, ActivityFilter
from fitness.db.run_metrics import counted_runs
from fitness.db.timeline_list import LIFTED, SUMS, TRAINED
from fitness.db.workout_metrics import SESSIONS, WEIGHED
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
    return fetch_json(
        f"""
        {counted_runs(activities)}, {WEIGHED}, ran AS (
            SELECT date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s) AS period, count(*) AS runs,
                sum(distance) AS run_miles, sum(duration) AS run_seconds
            FROM counted
            GROUP BY 1
        ), trained AS (
            SELECT date_trunc(%(unit)s, w.start_ts AT TIME ZONE %(time_zone)s) AS period,
                {TRAINED}
            FROM workouts AS w {SESSIONS} {LIFTED}
            WHERE {_done(activities)}
            GROUP BY 1
        ), busy AS (
            SELECT *
            FROM ran
            FULL JOIN trained USING (period)
        ), periods AS (
            SELECT span.period::date AS start,
                {SUMS}
            FROM {ZERO_FILLED}
        ), total AS (
            SELECT coalesce(sum(runs), 0) AS runs, coalesce(sum(run_miles), 0) AS run_miles,
                coalesce(sum(run_seconds), 0) AS run_seconds, coalesce(sum(workouts), 0) AS workouts,
                coalesce(sum(rep_sessions), 0) AS rep_sessions, coalesce(sum(workout_seconds), 0) AS workout_seconds,
                coalesce(sum(cardio_miles), 0) AS cardio_miles, coalesce(sum(calories_burned), 0) AS calories_burned,
                coalesce(sum(sets), 0) AS sets, coalesce(sum(reps), 0) AS reps,
                coalesce(sum(volume_pounds), 0) AS volume_pounds,
                coalesce(sum(volume_kilograms), 0) AS volume_kilograms, coalesce(sum(counted_reps), 0) AS counted_reps
            FROM periods
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
