"""Statistics of workouts. Days, weeks and months are local; weights are compared in pounds.

Finished workouts that are not deleted count, with all their sets except warm-ups. Assistance is a load below zero: a
weight below zero, or any weight of an assisted exercise. It adds no volume. A record needs at least one repetition: it
is the heaviest load, where no weight is a load of zero, so it is the least assistance where there is only assistance.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from psycopg.rows import DictRow

from fitness.db.days import WEEK, Days, begin_of, get_streaks, zero_filled
from fitness.db.exercises import ASSISTED
from fitness.db.fields import columns, listed, names_of
from fitness.db.history.instants import (
    SETS_OF_EXERCISE,
    WORKING_SETS,
    WORKING_SETS_OF_EXERCISE,
    WORKOUTS_WITH_EXERCISE,
    looks_back_at,
    looks_back_at_few,
)
from fitness.db.later import fetch_later
from fitness.db.paging import Cursor, fetch_page
from fitness.db.workout_parts import StrengthSet
from fitness.db.workout_sources import Sources, sources
from fitness.db.workouts import counted
from fitness.units import KG_PER_LB

Rows: TypeAlias = Callable[[], list[DictRow]]
"""The rows of a statement that travels with others: fetched when they are needed."""
Reports: TypeAlias = Callable[[], dict[str, list[DictRow]]]
"""Reports of one statement, likewise."""

LATEST_WEEKS = 52
LATEST_MONTHS = 24
MOST_PERFORMED = 10
LATEST_RECORDS = 100


def done(days: Days) -> LiteralString:
    """Return the condition on counted workouts `w`."""
    condition = "w.user_id = %(user_id)s AND " + counted("w")
    if days.start:
        condition += " AND w.start_ts >= %(start)s"
    if days.end:
        condition += " AND w.start_ts < %(end)s"
    return condition


SECONDS: LiteralString = """
    coalesce(
        cardio.duration_seconds, rep.duration_seconds, extract(epoch FROM w.end_ts - w.start_ts)::float8,
        CASE
            WHEN w.finished_at > w.start_ts AND w.finished_at < w.start_ts + interval '1 day'
            THEN extract(epoch FROM w.finished_at - w.start_ts)::float8
        END
    )
"""
"""The duration of a workout `w`: that of its session, else from its start to its end, else to when it was finished.

A workout that was sent days later, without an end, was finished when it was sent: that is no duration.
"""

SET_COLUMNS: tuple[LiteralString, ...] = (
    "workout_id",
    "exercise_id",
    "set_index",
    "weight",
    "weight_unit",
    "reps",
    "distance_miles",
)
"""The columns of sets that statistics need."""


def weighed(*, of_exercise: bool = False) -> LiteralString:
    """Return the CTE `weighed`: the user's sets, except warm-ups, of one exercise if asked, see `_weighed`."""
    if looks_back_at():
        return _weighed(WORKING_SETS_OF_EXERCISE if of_exercise else WORKING_SETS, SET_COLUMNS, of_exercise=of_exercise)
    return _weighed("strength_sets", SET_COLUMNS, of_exercise=of_exercise, condition="AND t.set_type <> 'warmup'")


def _weighed(
    sets: LiteralString, names: Iterable[LiteralString], *, of_exercise: bool, condition: LiteralString = ""
) -> LiteralString:
    """Return a CTE of the user's sets with these columns, and their load in both units; of one exercise if asked.

    The load is below zero for assistance, null without a weight. A load times `to_one_rep` estimates the heaviest one
    for a single repetition (Epley 1985).
    """
    exercise: LiteralString = "AND t.exercise_id = %(exercise_id)s" if of_exercise else ""
    return f"""
    weighed AS NOT MATERIALIZED (
        SELECT s.*,
            CASE s.weight_unit WHEN 'kg' THEN s.load / %(kg_per_lb)s ELSE s.load END AS pounds,
            CASE s.weight_unit WHEN 'kg' THEN s.load ELSE s.load * %(kg_per_lb)s END AS kilograms,
            CASE s.reps WHEN 1 THEN 1 ELSE 1 + s.reps / 30.0::float8 END AS to_one_rep
        FROM (
            SELECT {listed(names, "t.{}")}, CASE
                WHEN t.exercise_id IN (
                    SELECT x.id
                    FROM exercises AS x
                    WHERE x.user_id = %(user_id)s AND coalesce(x.is_assisted, x.name {ASSISTED})
                )
                THEN -abs(t.weight)
                ELSE t.weight
            END AS load
            FROM {sets} AS t
            WHERE t.user_id = %(user_id)s {exercise} {condition}
        ) AS s
    )
"""


@dataclass(frozen=True, slots=True)
class _Best:
    """A kind of record: the condition on its sets `s`, and the array by which they are compared."""

    condition: LiteralString
    compared: LiteralString


_HEAVIEST = _Best("s.reps >= 1", "ARRAY[coalesce(s.pounds, 0), s.reps]")
_STRONGEST = _Best("s.reps >= 1 AND s.pounds > 0", "ARRAY[s.pounds * s.to_one_rep, s.reps]")
"""The highest load, and the highest estimated load for one repetition; of equal sets that with more repetitions."""


def _sets(days: Days, *, of_exercise: bool = False) -> LiteralString:
    """Return the beginning of a statement, `WITH …`: the CTEs of the sets that count, `counted` and `dated`.

    `counted` excludes the sets of workouts that do not count with NOT IN, which is hashed. The planner treats the user
    of a set and the user of its workout as independent, so it expects too few rows of a join, and sorts where a hash is
    faster. Without statistics of a new user, it turns NOT EXISTS into a comparison of all pairs of sets and workouts.
    The few sets of one exercise are read once, and so are those of a statement that looks back, as they come from JSON.

    `dated` also has the `start_ts` of their workouts, for few sets: LIMIT makes the planner look up each by its key.
    `performed` are the exercises of the workouts, with sums of their sets.
    With `of_exercise`, both have only the sets of one exercise.
    """
    kept: LiteralString = "MATERIALIZED" if of_exercise or looks_back_at() else "NOT MATERIALIZED"
    return f"""
        WITH {weighed(of_exercise=of_exercise)}, counted AS {kept} (
            SELECT s.workout_id, s.exercise_id, s.set_index, s.weight, s.weight_unit, s.reps, s.distance_miles,
                s.pounds, s.kilograms, s.to_one_rep
            FROM weighed AS s
            WHERE s.workout_id NOT IN (
                SELECT w.id
                FROM {sources(by_date=False).workouts} AS w
                WHERE w.user_id = %(user_id)s AND NOT ({done(days)})
              )
        ), dated AS NOT MATERIALIZED (
            SELECT s.*, w.start_ts
            FROM counted AS s
            CROSS JOIN LATERAL (
                SELECT w.start_ts
                FROM workouts AS w
                WHERE w.user_id = %(user_id)s AND w.id = s.workout_id
                LIMIT 1
            ) AS w
        ), performed AS (
            SELECT s.exercise_id, count(*) AS sets, coalesce(sum(s.reps), 0) AS reps,
                sum(greatest(s.pounds, 0) * s.reps) AS volume_pounds, sum(s.distance_miles) AS distance_miles,
                max({_HEAVIEST.compared}) FILTER (WHERE {_HEAVIEST.condition}) AS heaviest
            FROM counted AS s
            GROUP BY s.workout_id, s.exercise_id
        )
    """


def _params(days: Days) -> dict[str, Any]:
    return {**days.params(), "kg_per_lb": KG_PER_LB}


def _reports(days: Days, reports: Mapping[LiteralString, LiteralString], **params: Any) -> Reports:
    """Let reports of the sets that count travel as one statement; each is a query of rows, which come as JSON.

    Days come as text, as the answers have them.
    """
    parts: list[LiteralString] = [
        "(SELECT coalesce(json_agg(report), '[]') FROM (" + query + ") AS report) AS " + name
        for name, query in reports.items()
    ]
    query = _sets(days, of_exercise="exercise_id" in params) + " SELECT " + ", ".join(parts)
    fetched = fetch_later(dict, query, **params, **_params(days))
    return lambda: fetched()[0]


def get_user_stats(days: Days) -> dict[str, Any]:
    """Return statistics of the user's workouts: totals, frequency, exercises, body parts, records, streaks."""
    in_weeks, in_months = _frequency(days, "week", LATEST_WEEKS), _frequency(days, "month", LATEST_MONTHS)
    done_totals = _totals(days)
    of_sets = _reports(
        days,
        {
            "totals": _TOTALS_OF_SETS,
            "most_performed": _MOST_PERFORMED,
            "body_parts": _BODY_PARTS,
            "records": _best_sets(_HEAVIEST, "SELECT exercise_id, max(heaviest) FROM performed GROUP BY exercise_id"),
        },
        most_performed=MOST_PERFORMED,
        limit=LATEST_RECORDS,
    )
    streaks = _streaks(days)
    (weeks, per_week), (months, per_month) = in_weeks(), in_months()
    totals, reports = done_totals()[0], of_sets()
    lifted = reports["totals"][0]
    return {
        "totals": {**totals, **lifted, "distance_miles": totals["distance_miles"] + lifted["distance_miles"]},
        "frequency": {"per_week": per_week, "per_month": per_month, "weeks": weeks, "months": months},
        "most_performed_exercises": reports["most_performed"],
        "body_parts": reports["body_parts"],
        "personal_records": reports["records"],
        "streaks": streaks,
    }


def _sources(days: Days) -> Sources:
    return sources(by_date=looks_back_at_few(days.start, days.end))


def _totals(days: Days) -> Rows:
    """Return the totals of workouts without those of their sets."""
    source = _sources(days)
    return fetch_later(
        dict,
        f"""
        SELECT count(*) AS workouts,
            count(*) FILTER (WHERE w.workout_type = 'STRENGTH') AS strength_workouts,
            count(*) FILTER (WHERE w.workout_type = 'CARDIO') AS cardio_workouts,
            count(*) FILTER (WHERE w.workout_type = 'REPS') AS rep_workouts,
            coalesce(sum(rep.reps_count), 0) AS counted_reps,
            coalesce(sum({SECONDS}), 0) AS duration_seconds,
            coalesce(sum({SECONDS}) FILTER (WHERE w.workout_type = 'STRENGTH'), 0) AS strength_seconds,
            coalesce(sum(cardio.distance_miles), 0) AS distance_miles,
            coalesce(sum(w.calories_burned), 0) AS calories_burned
        FROM {source.workouts} AS w {source.sessions}
        WHERE {done(days)}
        """,
        **_params(days),
    )


_TOTALS_OF_SETS: LiteralString = """
    SELECT coalesce(sum(sets), 0)::bigint AS sets, coalesce(sum(reps), 0)::bigint AS reps,
        coalesce(sum(volume_pounds), 0) AS volume_pounds,
        coalesce(sum(volume_pounds), 0) * %(kg_per_lb)s AS volume_kilograms,
        coalesce(sum(distance_miles), 0) AS distance_miles
    FROM performed
"""


def _frequency(days: Days, unit: str, latest: int) -> Callable[[], tuple[list[dict[str, Any]], float]]:
    """Return the latest weeks or months (`unit`) with their number of workouts, and the average of all of them."""
    fetched = fetch_later(
        tuple,
        f"""
        WITH busy AS (
            SELECT {begin_of(unit).format("w.start_ts AT TIME ZONE %(time_zone)s")} AS period, count(*) AS workouts
            FROM {_sources(days).workouts} AS w
            WHERE {done(days)}
            GROUP BY 1
        )
        SELECT span.period::date, coalesce(busy.workouts, 0),
            (coalesce(sum(busy.workouts) OVER (), 0) / count(*) OVER ())::float8
        FROM {zero_filled(unit)}
        ORDER BY span.period DESC
        LIMIT %(latest)s
        """,
        unit=unit,
        latest=latest,
        **_params(days),
    )

    def frequency() -> tuple[list[dict[str, Any]], float]:
        rows = fetched()
        periods = [{unit: period, "workouts": workouts} for period, workouts, _ in reversed(rows)]
        return periods, rows[0][2] if rows else 0

    return frequency


_MOST_PERFORMED: LiteralString = """
    SELECT e.id AS exercise_id, e.name, x.workouts, x.sets, x.reps
    FROM (
        SELECT exercise_id, count(*) AS workouts, sum(sets)::bigint AS sets, sum(reps)::bigint AS reps
        FROM performed
        GROUP BY exercise_id
    ) AS x
    JOIN exercises AS e ON e.user_id = %(user_id)s AND e.id = x.exercise_id
    ORDER BY workouts DESC, sets DESC, reps DESC, e.name, e.id
    LIMIT %(most_performed)s
"""
_BODY_PARTS: LiteralString = """
    SELECT coalesce(e.body_part, 'Unknown') AS body_part, sum(x.sets)::bigint AS sets,
        (sum(x.sets) / sum(sum(x.sets)) OVER ())::float8 AS share
    FROM (
        SELECT exercise_id, sum(sets) AS sets
        FROM performed
        GROUP BY exercise_id
    ) AS x
    JOIN exercises AS e ON e.user_id = %(user_id)s AND e.id = x.exercise_id
    GROUP BY 1
    ORDER BY sets DESC, body_part
"""


def _best_value(best: _Best) -> LiteralString:
    return f"SELECT s.exercise_id, max({best.compared}) FROM counted AS s WHERE {best.condition} GROUP BY s.exercise_id"


def _best_sets(best: _Best, values: LiteralString) -> LiteralString:
    """Return the report of the best set of each exercise in the sets; of equal sets the first.

    `values` is the query of the exercises with the best value of each, which the sets of the report reach: sorting all
    sets takes twice as long.
    `IS TRUE` keeps the planner from joining the two, and so from comparing all pairs of rows when it expects few.
    """
    return f"""
        SELECT e.id AS exercise_id, e.name, b.weight, b.weight_unit,
            abs(b.kilograms) * sign(b.weight) AS weight_kilograms, abs(b.pounds) * sign(b.weight) AS weight_pounds,
            coalesce(b.pounds < 0, false) AS is_assistance, b.reps,
            (b.start_ts AT TIME ZONE %(time_zone)s)::date AS achieved_on, b.workout_id,
            CASE WHEN b.pounds > 0 THEN b.pounds * b.to_one_rep END AS estimated_one_rep_max_pounds,
            CASE WHEN b.pounds > 0 THEN b.kilograms * b.to_one_rep END AS estimated_one_rep_max_kilograms
        FROM (
            SELECT DISTINCT ON (s.exercise_id) s.*
            FROM dated AS s
            WHERE {best.condition}
              AND ((s.exercise_id, {best.compared}) IN ({values})) IS TRUE
            ORDER BY s.exercise_id, s.start_ts, s.workout_id, s.set_index
        ) AS b
        JOIN exercises AS e ON e.user_id = %(user_id)s AND e.id = b.exercise_id
        ORDER BY b.start_ts DESC, e.name, e.id
        LIMIT %(limit)s
    """


def _streaks(days: Days) -> dict[str, Any]:
    instants = f"WITH instants AS (SELECT w.start_ts AS instant FROM {_sources(days).workouts} AS w WHERE {done(days)})"
    streaks = get_streaks(instants, **days.params())["day"]
    return {
        "current_days": streaks.current,
        "longest_days": streaks.longest,
        "longest_from": streaks.longest_from,
        "longest_to": streaks.longest_to,
        "last_workout_on": streaks.last,
    }


def get_exercise_stats(exercise_id: UUID, days: Days) -> dict[str, Any]:
    """Return statistics of one exercise: totals, best sets, weeks."""
    of_sets = _reports(
        days,
        {
            "totals": _TOTALS_OF_EXERCISE,
            "heaviest": _best_sets(_HEAVIEST, _best_value(_HEAVIEST)),
            "strongest": _best_sets(_STRONGEST, _best_value(_STRONGEST)),
            "weeks": _WEEKS_OF_EXERCISE,
        },
        exercise_id=exercise_id,
        unit="week",
        limit=1,
        latest=LATEST_WEEKS,
    )
    reports = of_sets()
    return {
        "totals": reports["totals"][0],
        "best_set": next(iter(reports["heaviest"]), None),
        "estimated_one_rep_max": next(iter(reports["strongest"]), None),
        "weeks": reports["weeks"][::-1],
    }


_TOTALS_OF_EXERCISE: LiteralString = """
    SELECT count(DISTINCT workout_id) AS workouts, count(*) AS sets, coalesce(sum(reps), 0) AS reps,
        coalesce(sum(greatest(pounds, 0) * reps), 0) AS volume_pounds,
        coalesce(sum(greatest(pounds, 0) * reps), 0) * %(kg_per_lb)s AS volume_kilograms,
        (min(start_ts) AT TIME ZONE %(time_zone)s)::date AS first_on,
        (max(start_ts) AT TIME ZONE %(time_zone)s)::date AS last_on
    FROM dated
"""
_WEEKS_OF_EXERCISE: LiteralString = f"""
    WITH busy AS (
        SELECT {WEEK.format("start_ts AT TIME ZONE %(time_zone)s")} AS period, count(*) AS sets,
            sum(reps) AS reps, sum(greatest(pounds, 0) * reps) AS volume_pounds
        FROM dated
        GROUP BY 1
    )
    SELECT span.period::date AS week, coalesce(sets, 0) AS sets, coalesce(reps, 0) AS reps,
        coalesce(volume_pounds, 0) AS volume_pounds,
        coalesce(volume_pounds, 0) * %(kg_per_lb)s AS volume_kilograms
    FROM {zero_filled("week")}
    ORDER BY span.period DESC
    LIMIT %(latest)s
"""


@dataclass
class PerformedSet(StrengthSet):
    """A set of an exercise, including warm-ups, with its workout."""

    workout_id: UUID
    start_ts: datetime
    title: str | None
    estimated_one_rep_max: float | None


_WITH_EXERCISE: LiteralString = """
    (
        SELECT x.workout_id
        FROM exercise_executions AS x
        WHERE x.user_id = %(user_id)s AND x.exercise_id = %(exercise_id)s
    ) AS e
    CROSS JOIN LATERAL (
        SELECT one.*
        FROM workouts AS one
        WHERE one.user_id = %(user_id)s AND one.id = e.workout_id
        LIMIT 1
    ) AS w
"""
"""The workouts `w` with an exercise."""


def list_sets(
    exercise_id: UUID, *, limit: int = 50, after: Cursor | None = None
) -> tuple[list[PerformedSet], Cursor | None]:
    """Return a page of an exercise's sets, newest workout first, in the order of the workout, and the next cursor.

    LIMIT and OFFSET keep the planner from joining all workouts with all sets when it expects few rows. The workouts are
    put in order before their sets are looked up, so that only those of the page are.
    """
    page: LiteralString = """
        WHERE (w.start_ts, w.id, -s.set_index)
            < (%(key)s::timestamptz, split_part(%(id)s, ' ', 1)::uuid, -split_part(%(id)s, ' ', 2)::int)
    """
    workouts, sets = (
        (f"{WORKOUTS_WITH_EXERCISE} AS w", SETS_OF_EXERCISE) if looks_back_at() else (_WITH_EXERCISE, "strength_sets")
    )
    items, last_key = fetch_page(
        PerformedSet,
        f"""
        WITH {_weighed(sets, (*names_of(StrengthSet), "workout_id", "exercise_id"), of_exercise=True)}
        SELECT {columns(StrengthSet, "s")}, w.id, w.start_ts, w.title,
            CASE WHEN s.load > 0 AND s.reps >= 1 THEN s.load * s.to_one_rep END, w.start_ts::text
        FROM (
            SELECT w.id, w.start_ts, w.title
            FROM {workouts}
            WHERE {done(Days())}
            ORDER BY w.start_ts DESC, w.id DESC
            OFFSET 0
        ) AS w
        CROSS JOIN LATERAL (
            SELECT its.*
            FROM weighed AS its
            WHERE its.workout_id = w.id
            OFFSET 0
        ) AS s
        {page if after else ""}
        ORDER BY w.start_ts DESC, w.id DESC, -s.set_index DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        long=("note",),
        exercise_id=exercise_id,
        key=after and after.key,
        id=after and after.id,
        kg_per_lb=KG_PER_LB,
    )
    return items, Cursor(last_key, f"{items[-1].workout_id} {items[-1].set_index}") if last_key is not None else None
