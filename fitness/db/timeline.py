"""Runs, workouts and rep sessions side by side: the list of all of them, and what they add up to by period.

Distances are miles, durations seconds, instants UTC. Of runs and workouts those count that statistics count.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from orjson import Fragment

from fitness.db import run_metrics, workout_metrics
from fitness.db.connection import fetch_json, fetch_page
from fitness.db.days import ZERO_FILLED, ActivityFilter
from fitness.db.paging import Cursor
from fitness.db.workout_metrics import LIFTED, SECONDS, SESSIONS, WORKING_SETS


@dataclass
class Activity:
    """A run, a workout or a rep session; what it does not know is None."""

    kind: str
    id: str
    start_ts: datetime
    type: str
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


def _done(activities: ActivityFilter) -> LiteralString:
    """Return the condition on workouts `w` that count."""
    condition = workout_metrics.done(activities)
    if activities.type:
        condition += " AND w.workout_type = %(type)s"
    if activities.source:
        condition += " AND w.source = %(source)s"
    return condition


# What was lifted in each workout `w`, looked up one by one: added up before they are joined, the sets of all workouts
# would be added up for each, where the planner takes these for few.
_SETS: LiteralString = f"""
    CROSS JOIN LATERAL (
        SELECT {LIFTED}
        FROM strength_sets AS s
        WHERE {WORKING_SETS} AND s.workout_id = w.id
    ) AS lifted
"""

# Kind of an activity that is a workout → the condition on workouts `w` that are of it.
_OF_KIND: dict[str, LiteralString] = {
    "workout": "AND w.workout_type <> 'REPS'",
    "reps": "AND w.workout_type = 'REPS'",
}
KINDS = ("run", *_OF_KIND)


def list_activities(
    activities: ActivityFilter, *, kind: str | None = None, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Activity], Cursor | None]:
    """Return a page of activities, newest first, and the cursor of the next page, None at the end."""
    sides: list[LiteralString] = []
    if kind in (None, "run"):
        sides.append(_newest_runs(activities, after))
    if kind != "run":
        sides.append(_newest_workouts(activities, _OF_KIND[kind] if kind else "", after))
    items, last_key = fetch_page(
        Activity,
        f"""
        SELECT kind, id, start_ts, type, title, source, duration_seconds, distance_miles, avg_heart_rate,
            calories_burned, exercise_type, sets, reps, volume_pounds, start_ts::text
        FROM ({" UNION ALL ".join(sides)}) AS activities
        ORDER BY activities.start_ts DESC, activities.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        key=after and after.key,
        id=after and after.id,
        **activities.params(),
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


# Each side comes from its index as far as a page reaches. Ids are compared byte by byte: languages differ in how they
# sort a text, and an id of either side must be before or behind one of the other.


def _newest_runs(activities: ActivityFilter, after: Cursor | None) -> LiteralString:
    page: LiteralString = """AND (r.datetime_utc, r.id COLLATE "C") < (%(key)s::timestamptz, %(id)s)"""
    return f"""
        (
            SELECT 'run' AS kind, r.id COLLATE "C" AS id, r.datetime_utc AS start_ts, r.type, r.name AS title,
                r.source, r.duration AS duration_seconds, r.distance AS distance_miles, r.avg_heart_rate,
                NULL::float8 AS calories_burned, NULL AS exercise_type, NULL::bigint AS sets, NULL::bigint AS reps,
                NULL::float8 AS volume_pounds
            FROM runs AS r
            WHERE {run_metrics.counted(activities)} {page if after else ""}
            ORDER BY r.datetime_utc DESC, r.id COLLATE "C" DESC
            LIMIT %(limit)s
        )
    """


def _newest_workouts(activities: ActivityFilter, of_kind: LiteralString, after: Cursor | None) -> LiteralString:
    """The page is chosen first: what was done in the others would be added up for nothing."""
    page: LiteralString = """AND (w.start_ts, w.id::text COLLATE "C") < (%(key)s::timestamptz, %(id)s)"""
    return f"""
        (
            SELECT CASE w.workout_type WHEN 'REPS' THEN 'reps' ELSE 'workout' END AS kind,
                w.id::text COLLATE "C" AS id, w.start_ts, w.workout_type AS type, w.title, w.source,
                ({SECONDS})::float8 AS duration_seconds, c.distance_miles, c.avg_heart_rate, w.calories_burned,
                r.exercise_type, lifted.sets, coalesce(r.reps_count, lifted.reps) AS reps, lifted.volume_pounds
            FROM (
                SELECT w.*
                FROM workouts AS w
                WHERE {_done(activities)} {of_kind} {page if after else ""}
                ORDER BY w.start_ts DESC, w.id::text COLLATE "C" DESC
                LIMIT %(limit)s
            ) AS w {SESSIONS} {_SETS}
        )
    """


PERIODS = ("day", "week", "month", "year")


def get_summary(period: str, activities: ActivityFilter) -> Fragment:
    """Return {period, periods: [{start, runs, …}], total: {runs, …}} as JSON."""
    return fetch_json(
        f"""
        WITH ran AS (
            SELECT date_trunc(%(unit)s, r.datetime_utc AT TIME ZONE %(time_zone)s) AS period, count(*) AS runs,
                sum(r.distance) AS run_miles, sum(r.duration) AS run_seconds
            FROM runs AS r
            WHERE {run_metrics.counted(activities)}
            GROUP BY 1
        ), trained AS (
            SELECT date_trunc(%(unit)s, w.start_ts AT TIME ZONE %(time_zone)s) AS period,
                count(*) FILTER (WHERE w.workout_type <> 'REPS') AS workouts,
                count(*) FILTER (WHERE w.workout_type = 'REPS') AS rep_sessions,
                sum({SECONDS}) AS workout_seconds, sum(c.distance_miles) AS cardio_miles,
                sum(w.calories_burned) AS calories_burned, sum(lifted.sets) AS sets, sum(lifted.reps) AS reps,
                sum(lifted.volume_pounds) AS volume_pounds, sum(lifted.volume_kilograms) AS volume_kilograms,
                sum(r.reps_count) AS counted_reps
            FROM workouts AS w {SESSIONS} {_SETS}
            WHERE {_done(activities)}
            GROUP BY 1
        ), busy AS (
            SELECT *
            FROM ran
            FULL JOIN trained USING (period)
        ), periods AS (
            SELECT span.period::date AS start, {_each("coalesce({0}, 0) AS {0}")}
            FROM {ZERO_FILLED}
        ), total AS (
            SELECT {_each("coalesce(sum({0}), 0) AS {0}")}
            FROM periods
        )
        SELECT json_build_object(
            'period', %(unit)s::text,
            'periods', (SELECT coalesce(json_agg(periods ORDER BY start), '[]') FROM periods),
            'total', (SELECT to_json(total) FROM total)
        )::text
        """,
        unit=period,
        **activities.params(),
    )


_SUMMED: tuple[LiteralString, ...] = (
    "runs",
    "run_miles",
    "run_seconds",
    "workouts",
    "rep_sessions",
    "workout_seconds",
    "cardio_miles",
    "calories_burned",
    "sets",
    "reps",
    "volume_pounds",
    "volume_kilograms",
    "counted_reps",
)


def _each(expression: LiteralString) -> LiteralString:
    """Return the expression on each figure of a summary, separated by commas."""
    figures: list[LiteralString] = [expression.replace("{0}", figure) for figure in _SUMMED]
    return ", ".join(figures)
