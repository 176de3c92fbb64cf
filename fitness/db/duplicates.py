"""Suggest records that may be the same: runs, workouts, planned workouts. For marking them, see history.duplicates."""

from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.history.duplicates import are_different
from fitness.db.paging import Cursor
from fitness.db.planned_workouts import PLANNED_WORKOUTS
from fitness.db.runs import RUNS
from fitness.db.workout_metrics import SECONDS
from fitness.db.workout_sources import SESSIONS
from fitness.db.workouts import WORKOUTS
from fitness.units import KG_PER_LB


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two records that may be the same: `id` is the one to mark as a duplicate of the other.

    `score` is from 0 to 1. `apart` are the minutes between their starts, None if a time of day is unknown; for planned
    workouts the days between them. `key` is its place in the list.
    """

    id: Any
    duplicate_of: Any
    score: float
    apart: float | None
    key: str

    @property
    def cursor(self) -> Cursor:
        """The cursor of what follows it."""
        return Cursor(self.key, str(self.id))


Page = tuple[list[Suggestion], Cursor | None]


def _page(query: LiteralString, *, limit: int, after: Cursor | None, **params: Any) -> Page:
    rows = fetch_all(tuple, query, limit=limit + 1, key=after and after.key, id=after and after.id, **params)
    items = [Suggestion(*row) for row in rows[:limit]]
    return items, items[-1].cursor if len(rows) > limit else None


_WHOLE_QUARTERS: LiteralString = "abs({0} / 15 - round({0} / 15)) * 900 <= 2"
"""Condition that minutes are whole quarters of an hour, to two seconds: as if a start was read in two time zones."""


def list_runs(*, time_zone: str, limit: int = 50, after: Cursor | None = None) -> Page:
    """Return a page of runs that may be duplicates, newest first, and the cursor of the next page.

    Each run is listed with its best match. Two runs match if they start within 10 minutes of each other, and differ by
    at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration; those of one source must also overlap in
    time. If they start whole quarters of an hour apart, up to 18 hours, a tenth of these differences is allowed.
    MapMyFitness has no time of day: its runs match those of other sources on the same day in `time_zone`.

    The score is the mean of three values, for start time, distance and duration. Each is 1 if equal and falls linearly
    to 0 at the largest allowed difference; an unknown time, and another hour, count as 0.5. The duplicate is
    the run without a time of day, otherwise the one without a heart rate, otherwise the one that is not from Strava,
    otherwise the one whose id sorts last.
    """
    return _page(_runs(after), limit=limit, after=after, time_zone=time_zone)


def _runs(after: Cursor | None) -> LiteralString:
    # OFFSET 0 stops inlining: the span is computed before the condition that uses it. Inside the condition it seems
    # expensive, and without statistics of a new user the planner would then compare all pairs of runs.
    return f"""
        SELECT r.id, other.id, other.score, other.minutes_apart, r.datetime_utc::text
        FROM runs AS r
        CROSS JOIN LATERAL (
            SELECT date_trunc('day', r.datetime_utc AT TIME ZONE %(time_zone)s) AS day
        ) AS local
        CROSS JOIN LATERAL (
            SELECT
                CASE r.source
                    WHEN 'MapMyFitness' THEN local.day AT TIME ZONE %(time_zone)s
                    ELSE r.datetime_utc - interval '18 hours'
                END AS earliest,
                CASE r.source
                    WHEN 'MapMyFitness'
                    THEN (local.day + interval '1 day') AT TIME ZONE %(time_zone)s - interval '1 microsecond'
                    ELSE r.datetime_utc + interval '18 hours'
                END AS latest
            OFFSET 0
        ) AS span
        CROSS JOIN LATERAL (
            SELECT o.id, near.minutes_apart,
                (
                    CASE WHEN near.minutes_apart <= 10 THEN 1 - near.minutes_apart / 10 ELSE 0.5 END
                    + near.distance + near.duration
                ) / 3 AS score
            FROM runs AS o
            CROSS JOIN LATERAL (
                SELECT
                    CASE
                        WHEN r.source <> 'MapMyFitness'
                        THEN abs(extract(epoch FROM o.datetime_utc - r.datetime_utc))::float8 / 60
                    END AS minutes_apart,
                    1 - abs(o.distance - r.distance) / greatest(0.05 * greatest(o.distance, r.distance), 0.1)
                        AS distance,
                    1 - abs(o.duration - r.duration) / greatest(0.1 * greatest(o.duration, r.duration), 120)
                        AS duration
            ) AS near
            WHERE o.user_id = %(user_id)s
              AND o.datetime_utc BETWEEN span.earliest AND span.latest
              AND (
                o.source <> r.source
                OR near.minutes_apart * 60
                  < CASE WHEN o.datetime_utc < r.datetime_utc THEN o.duration ELSE r.duration END
              )
              AND (o.source <> 'MapMyFitness', o.avg_heart_rate IS NOT NULL, o.source = 'Strava', r.id COLLATE "C")
                > (r.source <> 'MapMyFitness', r.avg_heart_rate IS NOT NULL, r.source = 'Strava', o.id COLLATE "C")
              AND o.deleted_at IS NULL
              AND o.duplicate_of IS NULL
              AND CASE
                WHEN near.minutes_apart > 10
                THEN near.distance >= 0.9 AND near.duration >= 0.9
                    AND {_WHOLE_QUARTERS.format("near.minutes_apart")}
                ELSE near.distance >= 0 AND near.duration >= 0
              END
              AND NOT {are_different(RUNS)}
            ORDER BY score DESC, o.id
            LIMIT 1
        ) AS other
        WHERE r.user_id = %(user_id)s
          AND r.deleted_at IS NULL
          AND r.duplicate_of IS NULL
          {"AND (r.datetime_utc, r.id) < (%(key)s::timestamptz, %(id)s)" if after else ""}
        ORDER BY r.datetime_utc DESC, r.id DESC
        LIMIT %(limit)s
        """


def _performed(workout: LiteralString) -> LiteralString:
    """Return the SQL of the sets of a workout as text, in their order, weights in kilograms; null without sets."""
    return f"""(
                SELECT string_agg(
                    concat_ws(
                        ' ', s.exercise_id, s.reps || 'x', round(s.duration_seconds) || 's',
                        round(s.distance_miles::numeric, 2) || 'mi',
                        round((CASE s.weight_unit WHEN 'kg' THEN 1 ELSE %(kg_per_lb)s END * s.weight)::numeric, 1)
                    ),
                    ',' ORDER BY s.position
                )
                FROM strength_sets AS s
                WHERE s.user_id = %(user_id)s AND s.workout_id = {workout}.id
            )"""


def list_workouts(*, time_zone: str, limit: int = 50, after: Cursor | None = None) -> Page:
    """Return a page of finished workouts that may be duplicates, newest first, and the cursor of the next page.

    Each workout is listed with its best match. Two workouts of one type match if they took place at the same time for
    at least half of the shorter one, start within 10 minutes of each other if one has no length, have the same sets on
    the same day in `time_zone`, or the same distance and duration and start whole quarters of an hour apart. Two of
    different types match if one has sets, the other one a heart rate, and they took place at the same time for at least
    70 % of the longer one. MapMyFitness has no time of day: its workouts match those of other sources on the
    same day that differ by at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration.

    The score is the mean of two values. One is the share of the longer workout in which both took place; an unknown
    time, and another hour, count as 0.5. The other one is 1 for the same sets, 0.5 if one has no sets, otherwise 0. The
    duplicate is the workout without sets, otherwise the one that is not from an API, otherwise the one that was stored
    first.
    """
    return _page(_workouts(after), limit=limit, after=after, time_zone=time_zone, kg_per_lb=KG_PER_LB)


def _workouts(after: Cursor | None) -> LiteralString:
    # A window finds the workouts within a day. For a join by time, the planner needs statistics: without those of a new
    # user it compares all pairs.
    return f"""
        WITH timed AS (
            SELECT w.id, w.workout_type, w.start_ts, w.created_at, w.external_id IS NOT NULL AS from_api,
                w.source = 'MapMyFitness' AS untimed, w.source, coalesce({SECONDS}, 0) AS seconds,
                coalesce(cardio.distance_miles, 0) AS miles, cardio.avg_heart_rate IS NOT NULL AS with_heart,
                date_trunc('day', w.start_ts AT TIME ZONE %(time_zone)s) AS day
            FROM workouts AS w {SESSIONS}
            WHERE w.user_id = %(user_id)s
              AND w.deleted_at IS NULL
              AND w.finished_at IS NOT NULL
              AND w.duplicate_of IS NULL
        ), neighbours AS (
            SELECT timed.*, array_agg(timed) OVER (
                ORDER BY start_ts RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 day' FOLLOWING
            ) AS others
            FROM timed
        )
        SELECT r.id, other.id, other.score, other.minutes_apart, r.start_ts::text
        FROM neighbours AS r
        CROSS JOIN LATERAL (
            SELECT o.id, CASE WHEN NOT either.untimed THEN either.minutes_apart END AS minutes_apart,
                (
                    CASE
                        WHEN either.untimed OR either.moved THEN 0.5
                        WHEN either.longer = 0 THEN 1 - either.minutes_apart / 10
                        ELSE either.shared / either.longer
                    END
                    + CASE WHEN sets.own = sets.others THEN 1 WHEN sets.own <> sets.others THEN 0 ELSE 0.5 END
                ) / 2 AS score
            FROM unnest(r.others) AS o (
                id uuid, workout_type text, start_ts timestamptz, created_at timestamptz, from_api boolean,
                untimed boolean, source text, seconds float8, miles float8, with_heart boolean, day timestamp
            )
            CROSS JOIN LATERAL (
                SELECT r.untimed OR o.untimed AS untimed,
                    abs(extract(epoch FROM o.start_ts - r.start_ts))::float8 / 60 AS minutes_apart,
                    least(r.seconds, o.seconds) AS shorter, greatest(r.seconds, o.seconds) AS longer,
                    greatest(0, extract(epoch FROM least(
                        r.start_ts + make_interval(secs => r.seconds), o.start_ts + make_interval(secs => o.seconds)
                    ) - greatest(r.start_ts, o.start_ts)))::float8 AS shared
            ) AS times
            CROSS JOIN LATERAL (
                SELECT times.*,
                    times.minutes_apart > 10 AND times.shorter > 0 AND least(o.miles, r.miles) > 0
                    AND times.longer - times.shorter <= 2 AND abs(o.miles - r.miles) <= 0.01
                    AND {_WHOLE_QUARTERS.format("times.minutes_apart")} AS moved
            ) AS either
            CROSS JOIN LATERAL (
                SELECT {_performed("r")} AS own, {_performed("o")} AS others
            ) AS sets
            WHERE CASE
                WHEN o.workout_type <> r.workout_type
                THEN either.shared >= 0.7 * either.longer AND either.longer > 0
                    AND ((sets.own IS NOT NULL AND o.with_heart) OR (sets.others IS NOT NULL AND r.with_heart))
                WHEN sets.own = sets.others AND o.day = r.day THEN true
                WHEN either.moved THEN true
                WHEN either.untimed
                THEN o.source <> r.source AND o.day = r.day
                    AND abs(o.miles - r.miles) <= greatest(0.05 * greatest(o.miles, r.miles), 0.1)
                    AND either.longer - either.shorter <= greatest(0.1 * either.longer, 120)
                WHEN either.shorter = 0 THEN either.minutes_apart <= 10
                ELSE either.shared >= either.shorter / 2
              END
              AND (NOT o.untimed, sets.others IS NOT NULL, o.from_api, o.created_at, o.id)
                > (NOT r.untimed, sets.own IS NOT NULL, r.from_api, r.created_at, r.id)
              AND NOT {are_different(WORKOUTS)}
            ORDER BY score DESC, o.id
            LIMIT 1
        ) AS other
        {"WHERE (r.start_ts, r.id) < (%(key)s::timestamptz, %(id)s::uuid)" if after else ""}
        ORDER BY r.start_ts DESC, r.id DESC
        LIMIT %(limit)s
        """


DAYS_APART = 7


def list_planned_workouts(*, limit: int = 50, after: Cursor | None = None) -> Page:
    """Return a page of planned workouts that may be duplicates, newest first, and the cursor of the next page.

    Each one is listed with its best match. Two of them match if they have the same title, type and planned values, are
    at most DAYS_APART days apart, and were not stored by the same import or both by hand, as a plan repeats itself. The
    score is 1 on the same day and falls linearly to 0 after DAYS_APART + 1 days. The duplicate is the one that is not
    linked to what was done, otherwise the one that was stored first.
    """
    return _page(_planned_workouts(after), limit=limit, after=after, days_apart=DAYS_APART)


def _planned_workouts(after: Cursor | None) -> LiteralString:
    return f"""
        WITH planned AS NOT MATERIALIZED (
            SELECT p.id, p.originally_planned_day AS day, lower(p.title) AS title, lower(p.workout_type) AS type,
                p.planned_duration_hours, p.planned_distance_meters, p.tss, p.intensity_factor, h.changeset_id,
                num_nonnulls(p.run_id, p.workout_id) > 0 AS done
            FROM planned_workouts AS p
            JOIN planned_workouts_history AS h
              ON h.user_id = %(user_id)s AND h.planned_workout_id = p.id AND h.version_number = 1
            WHERE p.user_id = %(user_id)s
              AND p.deleted_at IS NULL
              AND p.duplicate_of IS NULL
              AND lower(p.workout_type) <> 'day off'
        )
        SELECT r.id, other.id, 1 - other.apart / (%(days_apart)s::integer + 1)::float8, other.apart, r.day::text
        FROM planned AS r
        CROSS JOIN LATERAL (
            SELECT o.id, abs(o.day - r.day) AS apart
            FROM planned AS o
            WHERE o.day BETWEEN r.day - %(days_apart)s AND r.day + %(days_apart)s
              AND (o.title, o.type, o.planned_duration_hours, o.planned_distance_meters, o.tss, o.intensity_factor)
                IS NOT DISTINCT FROM
                (r.title, r.type, r.planned_duration_hours, r.planned_distance_meters, r.tss, r.intensity_factor)
              AND o.changeset_id IS DISTINCT FROM r.changeset_id
              AND (o.done, o.id) > (r.done, r.id)
              AND NOT {are_different(PLANNED_WORKOUTS)}
            ORDER BY apart, o.id DESC
            LIMIT 1
        ) AS other
        {"WHERE (r.day, r.id) < (%(key)s::date, %(id)s::bigint)" if after else ""}
        ORDER BY r.day DESC, r.id DESC
        LIMIT %(limit)s
        """


def count_suggestions(*, time_zone: str) -> int:
    """Return the number of runs, workouts and planned workouts that may be duplicates."""
    params = {"time_zone": time_zone, "kg_per_lb": KG_PER_LB, "days_apart": DAYS_APART}
    return sum(
        fetch_one(int, f"SELECT count(*) FROM ({query}) AS suggested", limit=None, **params) or 0
        for query in (_runs(None), _workouts(None), _planned_workouts(None))
    )
