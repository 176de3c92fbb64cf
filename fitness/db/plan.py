"""Planned workouts compared with what was done: links, candidates, and weekly adherence.

A planned workout is done if its linked run or workout is not deleted, and finished. Rest days do not count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from psycopg.rows import DictRow

from fitness.db import runs, workouts
from fitness.db.connection import fetch_all
from fitness.db.counted_runs import COUNTED
from fitness.db.days import WEEK, Days
from fitness.db.history.instants import BY_ID, looks_back_at
from fitness.db.planned_workouts import (
    CURRENT_DAY,
    LINK,
    NOT_TWICE,
    PLANNED_WORKOUTS,
    PlannedWorkout,
    change_planned_workout,
    get_planned_workout_by_id,
)
from fitness.db.workout_metrics import SECONDS
from fitness.db.workout_sources import SESSIONS, SESSIONS_OF_FEW
from fitness.errors import found
from fitness.times import day_bounds
from fitness.units import METRES_PER_MILE

DAYS_APART = 3
MOST_CANDIDATES = 10

_ALL = ("RUN", "STRENGTH", "CARDIO", "REPS")
KINDS: dict[str, tuple[str, ...]] = {
    "run": ("RUN", "CARDIO"),
    "race": ("RUN", "CARDIO"),
    "brick": ("RUN", "CARDIO"),
    "walk": ("CARDIO", "RUN"),
    "bike": ("CARDIO",),
    "mtb": ("CARDIO",),
    "swim": ("CARDIO",),
    "rowing": ("CARDIO",),
    "xc-ski": ("CARDIO",),
    "x-train": ("CARDIO", "STRENGTH", "REPS"),
    "strength": ("STRENGTH", "REPS"),
    "day off": (),
}
"""Type of a planned workout, in lower case → what can fulfil it: runs, or workouts of a type. Other types: anything."""


def link(
    planned_workout_id: int,
    *,
    run_id: str | None = None,
    workout_id: UUID | None = None,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> PlannedWorkout:
    """Link a planned workout to the run or workout that fulfils it, in place of an earlier one; return it.

    Raises NotFound if one of the two is missing or deleted, and Conflict if the run or workout fulfils another planned
    workout, unless that one is deleted, besides the errors of `change_planned_workout`.
    """
    found(get_planned_workout_by_id(planned_workout_id), PLANNED_WORKOUTS.noun)
    if run_id is not None:
        found(runs.get_run_by_id(run_id), "Run")
    if workout_id is not None:
        found(workouts.get_workout_by_id(workout_id), "Workout")
    done = {"run_id": run_id, "workout_id": workout_id}
    return change_planned_workout(planned_workout_id, done, changed_by=changed_by, if_tags=if_tags)


def unlink(
    planned_workout_id: int, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> PlannedWorkout:
    """Remove the link of a planned workout, if it has one; return it. Raises the errors of `change_planned_workout`."""
    return change_planned_workout(planned_workout_id, dict.fromkeys(LINK), changed_by=changed_by, if_tags=if_tags)


def list_candidates(planned: PlannedWorkout, *, time_zone: str = "UTC") -> list[DictRow]:
    """Return the runs and finished workouts that can fulfil a planned workout, best match first.

    They have a matching type, are at most DAYS_APART local days away, and do not fulfil another planned workout. The
    order is by days apart plus `size_difference`, from 0 (equal) to 1; None if the sizes cannot be compared, which
    counts as 0.5.
    """
    apart = timedelta(days=DAYS_APART)
    start, end = day_bounds(planned.current_day - apart, planned.current_day + apart, time_zone)
    return fetch_all(
        dict,
        f"""
        WITH done AS (
            SELECT 'RUN' AS kind, r.id AS run_id, NULL::uuid AS workout_id, r.name AS title, r.datetime_utc AS begun_at,
                r.duration / 3600 AS hours, r.distance * %(metres_per_mile)s AS distance_meters
            FROM runs AS r
            WHERE r.user_id = %(user_id)s
              AND r.datetime_utc >= %(start)s
              AND r.datetime_utc < %(end)s
              AND {COUNTED}
            UNION ALL
            SELECT w.workout_type, NULL, w.id, w.title, w.start_ts, {SECONDS} / 3600,
                cardio.distance_miles * %(metres_per_mile)s
            FROM workouts AS w {SESSIONS}
            WHERE w.user_id = %(user_id)s
              AND w.start_ts >= %(start)s
              AND w.start_ts < %(end)s
              AND {workouts.counted("w")}
        ), sized AS (
            SELECT done.*, (begun_at AT TIME ZONE %(time_zone)s)::date AS day,
                coalesce(
                    abs(distance_meters - %(meters)s::float8)
                        / nullif(greatest(distance_meters, %(meters)s::float8), 0),
                    abs(hours - %(hours)s::float8) / nullif(greatest(hours, %(hours)s::float8), 0)
                ) AS size_difference
            FROM done
            WHERE kind = ANY(%(kinds)s)
              AND NOT EXISTS (
                SELECT
                FROM planned_workouts AS p
                WHERE p.user_id = %(user_id)s
                  AND (p.run_id = done.run_id OR p.workout_id = done.workout_id)
                  AND p.id <> %(planned_workout_id)s
                  AND p.deleted_at IS NULL
              )
        )
        SELECT kind, run_id, workout_id, title, day, day - %(current_day)s AS days_apart, hours, distance_meters,
            size_difference
        FROM sized
        ORDER BY abs(day - %(current_day)s) + coalesce(size_difference, 0.5), begun_at, run_id, workout_id
        LIMIT %(limit)s
        """,
        planned_workout_id=planned.id,
        current_day=planned.current_day,
        hours=planned.planned_duration_hours,
        meters=planned.planned_distance_meters,
        kinds=list(KINDS.get(planned.workout_type.lower(), _ALL)),
        start=start,
        end=end,
        time_zone=time_zone,
        metres_per_mile=METRES_PER_MILE,
        limit=MOST_CANDIDATES,
    )


@dataclass
class Week:
    """Planned and done workouts of a week, in hours, metres and TSS; `week` is its first day.

    Planned workouts that are neither done nor missed are still to come. `done_tss` is the planned TSS of the done
    workouts, as the real one is not measured.
    """

    week: date
    planned: int
    done: int
    missed: int
    moved: int
    planned_hours: float
    done_hours: float
    planned_distance_meters: float
    done_distance_meters: float
    planned_tss: float
    done_tss: float


def get_adherence(days: Days) -> list[Week]:
    """Return all weeks of the days from `start` to `end`, which must both be there.

    A planned workout counts on its current planned day, unless it is deselected. It is missed if that day has passed in
    the zone, and moved if its original day is a different one. A missing TSS is calculated as hours × IF² × 100. LIMIT
    makes the planner look up what each has been done with, instead of reading all runs and workouts.
    """
    return fetch_all(
        Week,
        f"""
        WITH plan AS (
            SELECT {CURRENT_DAY} AS day,
                coalesce(r.current_plan_day <> r.originally_planned_day, false) AS moved,
                run.id IS NOT NULL OR w.id IS NOT NULL AS done,
                r.planned_duration_hours AS hours,
                r.planned_distance_meters AS meters,
                coalesce(r.tss, r.planned_duration_hours * r.intensity_factor ^ 2 * 100) AS tss,
                coalesce(run.duration, {SECONDS}) / 3600 AS done_hours,
                coalesce(run.distance, cardio.distance_miles) * %(metres_per_mile)s AS done_meters
            FROM planned_workouts AS r
            LEFT JOIN LATERAL (
                SELECT x.id, x.distance, x.duration
                FROM {BY_ID if looks_back_at() else "runs"} AS x
                WHERE x.user_id = %(user_id)s AND x.id = r.run_id AND x.deleted_at IS NULL
                LIMIT 1
            ) AS run
              ON true
            LEFT JOIN LATERAL (
                SELECT x.id, x.start_ts, x.end_ts, x.finished_at
                FROM workouts AS x
                WHERE x.user_id = %(user_id)s AND x.id = r.workout_id
                  AND x.deleted_at IS NULL AND x.finished_at IS NOT NULL
                LIMIT 1
            ) AS w
              ON true
            {SESSIONS_OF_FEW}
            WHERE r.user_id = %(user_id)s
              AND r.deleted_at IS NULL
              AND {NOT_TWICE}
              AND lower(r.workout_type) <> 'day off'
              AND r.is_selected
              AND {CURRENT_DAY} BETWEEN %(first_day)s AND %(last_day)s
        )
        SELECT span.week::date AS week,
            count(plan.day) AS planned,
            count(*) FILTER (WHERE plan.done) AS done,
            count(*) FILTER (WHERE NOT plan.done AND plan.day < (now() AT TIME ZONE %(time_zone)s)::date) AS missed,
            count(*) FILTER (WHERE plan.moved) AS moved,
            coalesce(sum(plan.hours), 0) AS planned_hours,
            coalesce(sum(plan.done_hours), 0) AS done_hours,
            coalesce(sum(plan.meters), 0) AS planned_distance_meters,
            coalesce(sum(plan.done_meters), 0) AS done_distance_meters,
            coalesce(sum(plan.tss), 0) AS planned_tss,
            coalesce(sum(plan.tss) FILTER (WHERE plan.done), 0) AS done_tss
        FROM generate_series(
            {WEEK.format("%(first_day)s::timestamp")}, %(last_day)s::timestamp, interval '1 week'
        ) AS span (week)
        LEFT JOIN plan
          ON {WEEK.format("plan.day::timestamp")} = span.week
        GROUP BY span.week
        ORDER BY span.week
        """,
        **days.params(),
        metres_per_mile=METRES_PER_MILE,
    )
