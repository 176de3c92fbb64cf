"""Statistics of rep sessions: those of finished workouts, in total, by exercise and by local day."""

from datetime import date
from typing import Any, LiteralString

from fitness.db.connection import fetch_one
from fitness.db.history.instants import WORKOUTS_BY_DATE, looks_back_at
from fitness.db.workouts import counted


def get_rep_stats(
    days: int = 30,
    *,
    start: date | None = None,
    end: date | None = None,
    time_zone: str = "UTC",
    exercise_type: str | None = None,
) -> dict[str, Any]:
    """Return statistics of the rep sessions of so many local days up to `end`: in total, by exercise and by day.

    `start` takes the place of `days`: the days are those from the first session on or after it. Without `end` they are
    up to today. Of equal records of an exercise, the first one counts.
    """
    stats = fetch_one(
        dict,
        _latest()
        + """
        SELECT (
            SELECT to_json(totals)
            FROM (
                SELECT count(*) AS sessions, coalesce(sum(reps), 0) AS reps,
                    coalesce(sum(duration_seconds), 0) AS duration_seconds,
                    coalesce(sum(calories_burned), 0) AS calories_burned
                FROM latest
            ) AS totals
        ) AS totals, (
            SELECT coalesce(json_agg(types ORDER BY exercise_type COLLATE "C"), '[]')
            FROM (
                SELECT exercise_type, count(*) AS sessions, sum(reps) AS reps, avg(reps)::float8 AS average_reps,
                    max(reps) AS record_reps, (array_agg(day ORDER BY reps DESC, day))[1] AS record_on
                FROM latest
                GROUP BY exercise_type
            ) AS types
        ) AS exercise_types, (
            SELECT coalesce(json_agg(days ORDER BY day), '[]')
            FROM (
                SELECT span.day, count(latest.day) AS sessions, coalesce(sum(reps), 0) AS reps,
                    coalesce(sum(duration_seconds), 0) AS duration_seconds
                FROM (
                    SELECT last_day - ago AS day
                    FROM clock
                    CROSS JOIN generate_series(0, last_day - CASE
                        WHEN %(start)s::date IS NULL THEN first_day
                        ELSE (SELECT min(day) FROM latest)
                    END) AS ago
                ) AS span
                LEFT JOIN latest
                  ON latest.day = span.day
                GROUP BY span.day
            ) AS days
        ) AS days
        """,
        days=days,
        start=start,
        end=end,
        time_zone=time_zone,
        exercise_type=exercise_type,
    )
    assert stats is not None
    return stats


def _latest() -> LiteralString:
    """Return the beginning of a statement: the CTEs `clock` with first and last day, and `latest` with the sessions.

    The order leads to the index that has the workouts of these days; LIMIT makes the planner look up the session of
    each.
    """
    workouts: LiteralString = WORKOUTS_BY_DATE if looks_back_at() else "workouts"
    return f"""
        WITH clock AS (
            SELECT last_day, coalesce(%(start)s::date, last_day - %(days)s::integer + 1) AS first_day
            FROM (SELECT coalesce(%(end)s::date, (now() AT TIME ZONE %(time_zone)s)::date) AS last_day) AS today
        ), latest AS (
            SELECT r.exercise_type, r.reps_count AS reps, r.duration_seconds, w.calories_burned,
                (w.start_ts AT TIME ZONE %(time_zone)s)::date AS day
            FROM {workouts} AS w
            CROSS JOIN LATERAL (
                SELECT s.exercise_type, s.reps_count, s.duration_seconds
                FROM rep_sessions AS s
                WHERE s.user_id = %(user_id)s AND s.workout_id = w.id
                LIMIT 1
            ) AS r
            WHERE w.user_id = %(user_id)s
              AND {counted("w")}
              AND w.start_ts >= (SELECT first_day FROM clock)::timestamp AT TIME ZONE %(time_zone)s
              AND w.start_ts < ((SELECT last_day FROM clock) + 1)::timestamp AT TIME ZONE %(time_zone)s
              AND (%(exercise_type)s::text IS NULL OR r.exercise_type = %(exercise_type)s)
            ORDER BY w.start_ts
        )
        """
