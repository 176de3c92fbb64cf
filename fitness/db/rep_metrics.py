"""Statistics of rep sessions: those of finished workouts, in total, by exercise and by local day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, LiteralString

from fitness.db.connection import fetch_all
from fitness.db.history.instants import WORKOUTS_BY_DATE, looks_back_at
from fitness.db.workouts import counted


@dataclass
class _Sessions:
    """The sessions of an exercise on a day."""

    day: date
    exercise_type: str
    sessions: int
    reps: int
    record_reps: int
    duration_seconds: int
    calories_burned: float


def get_rep_stats(days: int, *, time_zone: str = "UTC", exercise_type: str | None = None) -> dict[str, Any]:
    """Return statistics of the rep sessions of the latest local days: in total, by exercise and by day."""
    rows = fetch_all(tuple, _sessions(), days=days, time_zone=time_zone, exercise_type=exercise_type)
    today = rows[0][0]
    sessions = [_Sessions(*row[1:]) for row in rows if row[1] is not None]
    by_day: dict[date, list[_Sessions]] = {}
    by_type: dict[str, list[_Sessions]] = {}
    for one in sessions:
        by_day.setdefault(one.day, []).append(one)
        by_type.setdefault(one.exercise_type, []).append(one)
    latest = [today - timedelta(days=ago) for ago in reversed(range(days))]
    return {
        "totals": {**_sums(sessions), "calories_burned": sum(one.calories_burned for one in sessions)},
        "exercise_types": [_of_type(name, by_type[name]) for name in sorted(by_type)],
        "days": [{"day": day, **_sums(by_day.get(day, ()))} for day in latest],
    }


_SUMMED = ("sessions", "reps", "duration_seconds")


def _sums(sessions: Collection[_Sessions], names: tuple[str, ...] = _SUMMED) -> dict[str, int]:
    return {name: sum(map(attrgetter(name), sessions)) for name in names}


def _of_type(exercise_type: str, sessions: Collection[_Sessions]) -> dict[str, Any]:
    """Return statistics of the sessions of an exercise, in the order of their days; the first record counts."""
    sums, record = _sums(sessions, ("sessions", "reps")), max(sessions, key=attrgetter("record_reps"))
    return {
        "exercise_type": exercise_type,
        **sums,
        "average_reps": sums["reps"] / sums["sessions"],
        "record_reps": record.record_reps,
        "record_on": record.day,
    }


def _sessions() -> LiteralString:
    """Return the statement of the sessions of the latest days, each row with today before; without any it has one row.

    The order leads to the index that has the workouts of these days; LIMIT makes the planner look up the session of
    each.
    """
    workouts: LiteralString = WORKOUTS_BY_DATE if looks_back_at() else "workouts"
    return f"""
        WITH clock AS (
            SELECT (now() AT TIME ZONE %(time_zone)s)::date AS today
        ), latest AS (
            SELECT r.exercise_type, r.reps_count AS reps, r.duration_seconds, w.calories_burned,
                (w.start_ts AT TIME ZONE %(time_zone)s)::date AS day
            FROM {workouts} AS w
            CROSS JOIN LATERAL (
                SELECT s.*
                FROM rep_sessions AS s
                WHERE s.user_id = %(user_id)s AND s.workout_id = w.id
                LIMIT 1
            ) AS r
            WHERE w.user_id = %(user_id)s
              AND {counted("w")}
              AND w.start_ts >= ((SELECT today FROM clock) - %(days)s + 1)::timestamp AT TIME ZONE %(time_zone)s
              AND w.start_ts < ((SELECT today FROM clock) + 1)::timestamp AT TIME ZONE %(time_zone)s
              AND (%(exercise_type)s::text IS NULL OR r.exercise_type = %(exercise_type)s)
            ORDER BY w.start_ts
        ), busy AS (
            SELECT day, exercise_type, count(*) AS sessions, sum(reps) AS reps, max(reps) AS record_reps,
                sum(duration_seconds) AS duration_seconds, coalesce(sum(calories_burned), 0) AS calories_burned
            FROM latest
            GROUP BY day, exercise_type
        )
        SELECT clock.today, busy.*
        FROM clock
        LEFT JOIN busy
          ON true
        ORDER BY day, exercise_type
        """
