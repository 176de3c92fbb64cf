"""Runs, workouts and rep sessions side by side: the list of all of them, and what they add up to by period.

Distances are miles, durations seconds, instants UTC. The same runs and workouts count as in the statistics.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from orjson import Fragment

from fitness.db import workout_metrics
from fitness.db.connection import fetch_json, fetch_page
from fitness.db.days import ZERO_FILLED, ActivityFilter
from fitness.db.paging import Cursor
from fitness.db.rounding import rounded
from fitness.db.run_metrics import counted_runs
from fitness.db.workout_metrics import SECONDS, SESSIONS, WEIGHED
from fitness.units import KG_PER_LB, MILES_DECIMALS, SUM_DECIMALS


@dataclass
class Activity:
    """A run, a workout or a rep session; unknown values are None."""

    kind: str
    id: str
    start_ts: datetime
    type: str
    sport: str | None
    title: str | None
    source: str
    duration_seconds: float | None
    distance_miles: float | None
    avg_heart_rate: float | None
    calories_burned: float | None
    exercise_type: str | None
    sets: int | None
    reps: int | None
    volume_pounds: float | None


_WORKOUTS_OF_KIND: dict[str, LiteralString] = {
    "workout": "AND w.workout_type <> 'REPS'",
    "reps": "AND w.workout_type = 'REPS'",
}
"""Kind of an activity that is a workout → the condition on workouts `w` of that kind."""
KINDS = ("run", *_WORKOUTS_OF_KIND)


def _done(activities: ActivityFilter) -> LiteralString:
    """Return the condition on counted workouts `w`."""
    condition = workout_metrics.done(activities)
    if activities.type:
        condition += " AND w.workout_type = %(type)s"
    if activities.source:
        condition += " AND w.source = %(source)s"
    return condition


# LATERAL sums the sets of each workout by itself. In a subquery that is joined, the planner would sum the sets of all
# workouts for each workout when it expects few workouts.
_LIFTED: LiteralString = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS sets, coalesce(sum(s.reps), 0) AS reps,
            coalesce(sum(greatest(s.pounds, 0) * s.reps), 0) AS volume_pounds
        FROM weighed AS s
        WHERE s.set_type <> 'warmup' AND s.workout_id = w.id
    ) AS lifted
"""
"""The sums of the sets of workouts `w`, from the CTE `weighed`."""


def list_activities(
    activities: ActivityFilter, *, kind: str | None = None, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Activity], Cursor | None]:
    """Return a page of activities, newest first, and the cursor of the next page, None at the end.

    Runs and workouts each come from their index, up to a page of them, before they are merged; only then are the sets
    of the workouts summed. Ids are compared as bytes, because the collations of languages differ and an id of a run
    must sort before or after that of a workout.
    """
    runs_after: LiteralString = ""
    workouts_after: LiteralString = ""
    if after:
        runs_after = """WHERE (r.datetime_utc, r.id COLLATE "C") < (%(key)s::timestamptz, %(id)s)"""
        workouts_after = """AND (w.start_ts, w.id::text COLLATE "C") < (%(key)s::timestamptz, %(id)s)"""
    of_kind: LiteralString = _WORKOUTS_OF_KIND.get(kind or "", "")
    activities_of_kind: LiteralString = "SELECT * FROM recent_runs UNION ALL SELECT * FROM recent_workouts"
    if kind:
        activities_of_kind = "SELECT * FROM recent_runs" if kind == "run" else "SELECT * FROM recent_workouts"
    items, last_key = fetch_page(
        Activity,
        f"""
        {counted_runs(activities)}, {WEIGHED}, recent_runs AS (
            SELECT 'run' AS kind, r.id COLLATE "C" AS id, r.datetime_utc AS start_ts, r.type, NULL AS sport,
                r.name AS title, r.source, r.duration AS duration_seconds, r.distance AS distance_miles,
                r.avg_heart_rate, NULL::float8 AS calories_burned, NULL AS exercise_type, NULL::bigint AS sets,
                NULL::bigint AS reps, NULL::float8 AS volume_pounds
            FROM counted AS r
            {runs_after}
            ORDER BY r.datetime_utc DESC, r.id COLLATE "C" DESC
            LIMIT %(limit)s
        ), page_of_workouts AS (
            SELECT w.*
            FROM workouts AS w
            WHERE {_done(activities)} {of_kind}
              {workouts_after}
            ORDER BY w.start_ts DESC, w.id::text COLLATE "C" DESC
            LIMIT %(limit)s
        ), recent_workouts AS (
            SELECT CASE w.workout_type WHEN 'REPS' THEN 'reps' ELSE 'workout' END AS kind,
                w.id::text COLLATE "C" AS id, w.start_ts, w.workout_type AS type, cardio.sport, w.title,
                w.source, {SECONDS} AS duration_seconds, cardio.distance_miles, cardio.avg_heart_rate,
                w.calories_burned, rep.exercise_type, lifted.sets, coalesce(rep.reps_count, lifted.reps) AS reps,
                lifted.volume_pounds
            FROM page_of_workouts AS w {SESSIONS} {_LIFTED}
        )
        SELECT kind, id, start_ts, type, sport, title, source, duration_seconds, distance_miles, avg_heart_rate,
            calories_burned, exercise_type, sets, reps, volume_pounds, start_ts::text
        FROM ({activities_of_kind}) AS activities
        ORDER BY activities.start_ts DESC, activities.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        key=after and after.key,
        id=after and after.id,
        kg_per_lb=KG_PER_LB,
        **activities.params(),
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


PERIODS = ("day", "week", "month", "year")

_SUMS: dict[LiteralString, int | None] = {
    "runs": None,
    "run_miles": MILES_DECIMALS,
    "run_seconds": SUM_DECIMALS,
    "workouts": None,
    "rep_sessions": None,
    "workout_seconds": SUM_DECIMALS,
    "cardio_miles": MILES_DECIMALS,
    "calories_burned": SUM_DECIMALS,
    "sets": None,
    "reps": None,
    "volume_pounds": SUM_DECIMALS,
    "volume_kilograms": SUM_DECIMALS,
    "counted_reps": None,
}
"""The sums of a period → their decimals; None for whole numbers."""


def _shown(value: LiteralString) -> LiteralString:
    """Return the columns of all sums, each 0 if it is null; `value` is the SQL of one, with its name as `{}`."""
    return ", ".join(
        [
            (rounded(value.format(name), decimals) if decimals else "coalesce(" + value.format(name) + ", 0)")
            + " AS "
            + name
            for name, decimals in _SUMS.items()
        ]
    )


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
                count(*) FILTER (WHERE w.workout_type <> 'REPS') AS workouts,
                count(*) FILTER (WHERE w.workout_type = 'REPS') AS rep_sessions,
                sum({SECONDS}) AS workout_seconds, sum(cardio.distance_miles) AS cardio_miles,
                sum(w.calories_burned) AS calories_burned, sum(lifted.sets) AS sets, sum(lifted.reps) AS reps,
                sum(lifted.volume_pounds) AS volume_pounds,
                sum(lifted.volume_pounds * %(kg_per_lb)s) AS volume_kilograms,
                sum(rep.reps_count) AS counted_reps
            FROM workouts AS w {SESSIONS} {_LIFTED}
            WHERE {_done(activities)}
            GROUP BY 1
        ), busy AS (
            SELECT *
            FROM ran
            FULL JOIN trained USING (period)
        ), periods AS (
            SELECT span.period::date AS start, {_shown("{}")}
            FROM {ZERO_FILLED}
        ), total AS (
            SELECT {_shown("sum({})")}
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
