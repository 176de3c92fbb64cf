"""Lists of runs, workouts and rep sessions side by side: filtered, sorted, paged, and added up.

Distances are miles, durations seconds, instants UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, LiteralString

from orjson import Fragment

from fitness.db import runs_list, workouts_list
from fitness.db.connection import fetch_json
from fitness.db.fields import listed, names_of
from fitness.db.history.bulk import Selection
from fitness.db.history.instants import RUNS_BY_DATE, WORKOUTS_BY_DATE, looks_back_at
from fitness.db.paging import Cursor, fetch_page
from fitness.db.rounding import rounded
from fitness.db.runs import RUNS
from fitness.db.workout_metrics import SECONDS, SESSIONS, weighed
from fitness.db.workouts import WORKOUTS
from fitness.units import KG_PER_LB, MILES_DECIMALS, SUM_DECIMALS

KINDS = ("run", "workout", "reps")


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
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of activities: those of runs and those of workouts; None leaves them all out."""

    runs: runs_list.Filters | None
    workouts: workouts_list.Filters | None
    kind: str | None = None


# LATERAL sums the sets of each workout by itself. In a subquery that is joined, the planner would sum the sets of all
# workouts for each workout when it expects few workouts.
LIFTED: LiteralString = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS sets, coalesce(sum(s.reps), 0) AS reps,
            coalesce(sum(greatest(s.pounds, 0) * s.reps), 0) AS volume_pounds
        FROM weighed AS s
        WHERE s.set_type <> 'warmup' AND s.workout_id = w.id
    ) AS lifted
"""
"""The sums of the sets of workouts `w`, from the CTE `weighed`."""

TRAINED: LiteralString = (
    "sum("
    + SECONDS
    + """) AS workout_seconds,
    count(*) FILTER (WHERE w.workout_type <> 'REPS') AS workouts,
    count(*) FILTER (WHERE w.workout_type = 'REPS') AS rep_sessions, sum(cardio.distance_miles) AS cardio_miles,
    sum(w.calories_burned) AS calories_burned, sum(lifted.sets) AS sets, sum(lifted.reps) AS reps,
    sum(lifted.volume_pounds) AS volume_pounds, sum(lifted.volume_pounds * %(kg_per_lb)s) AS volume_kilograms,
    sum(rep.reps_count) AS counted_reps
"""
)
"""The sums of workouts `w` with `SESSIONS` and `LIFTED`; they are null for no workouts."""

SUMS: dict[LiteralString, int | None] = {
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
"""The sums of runs and workouts → their decimals; None for whole numbers."""


def shown(value: LiteralString) -> LiteralString:
    """Return the columns of all sums, each 0 if it is null; `value` is the SQL of one, with its name as `{}`."""
    return ", ".join(
        [
            (rounded(value.format(name), decimals) if decimals else "coalesce(" + value.format(name) + ", 0)")
            + " AS "
            + name
            for name, decimals in SUMS.items()
        ]
    )


_SORTS_OF_WORKOUTS: dict[str, LiteralString] = {
    "date": "w.start_ts",
    "distance": "coalesce(cardio.distance_miles, {last_number})",
    "duration": "coalesce(" + SECONDS + ", {last_number})",
    "pace": "coalesce(" + SECONDS + " / nullif(cardio.distance_miles, 0), {last_number})",
    "heart_rate": "coalesce(cardio.avg_heart_rate, {last_number})",
    "source": "w.source",
    "type": "w.workout_type",
    "shoes": '{last_text} COLLATE "C"',
}
"""Sort order of runs → its SQL expression for workouts `w`."""


def list_activities(
    filters: Filters, *, sort_by: str = "date", descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Activity], Cursor | None]:
    """Return a page of activities, and the cursor of the next page, None at the end. Unknown values come last."""
    items, last_key = fetch_page(
        Activity,
        _page_query(
            _shape(filters),
            sort_by,
            descending=descending,
            paged=after is not None,
            then_by_date=looks_back_at() is not None and sort_by == "date",
        ),
        limit=limit,
        long=("title",),
        key=after and after.key,
        id=after and after.id,
        **_params(filters),
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


# LIMIT makes the planner look up each, also where it joins by hashes: a statement that looks back does so.
_SESSIONS_OF_FEW: LiteralString = """
    LEFT JOIN LATERAL (
        SELECT c.* FROM cardio_sessions AS c WHERE c.user_id = %(user_id)s AND c.workout_id = w.id LIMIT 1
    ) AS cardio ON true
    LEFT JOIN LATERAL (
        SELECT c.* FROM rep_sessions AS c WHERE c.user_id = %(user_id)s AND c.workout_id = w.id LIMIT 1
    ) AS rep ON true
"""
"""The sessions of workouts `w` of a page, as in `SESSIONS`."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the statement depends on: the conditions on runs `r` and on workouts `r`, and the joins of runs."""

    runs: LiteralString
    workouts: LiteralString
    joins: LiteralString


def _shape(filters: Filters) -> _Shape:
    of_kind: dict[str | None, LiteralString] = {
        "workout": " AND r.workout_type <> 'REPS'",
        "reps": " AND r.workout_type = 'REPS'",
    }
    with_runs = filters.runs is not None and filters.kind in {None, "run"}
    with_workouts = filters.workouts is not None and filters.kind != "run"
    run_conditions = runs_list.conditions_of(filters.runs) if filters.runs and with_runs else ("false",)
    workout_conditions = (
        workouts_list.conditions_of(filters.workouts) if filters.workouts and with_workouts else ("false",)
    )
    return _Shape(
        " AND ".join(("r.user_id = %(user_id)s", *run_conditions)),
        " AND ".join(("r.user_id = %(user_id)s", *workout_conditions)) + of_kind.get(filters.kind, ""),
        runs_list.JOIN_CALENDAR if filters.runs and filters.runs.sync_status else "",
    )


def select_activities(filters: Filters) -> list[Selection]:
    """Return the selections of the runs and of the workouts that meet the filters, for a bulk edit."""
    shape, params = _shape(filters), _params(filters)
    return [
        Selection(RUNS, "runs AS r " + shape.joins, shape.runs, params),
        Selection(WORKOUTS, "workouts AS r", shape.workouts, params),
    ]


def _params(filters: Filters) -> dict[str, Any]:
    of_runs = runs_list.params_of(filters.runs) if filters.runs else {}
    of_workouts = workouts_list.params_of(filters.workouts) if filters.workouts else {}
    return {**of_runs, **of_workouts, "kg_per_lb": KG_PER_LB}


@lru_cache(maxsize=1024)
def _page_query(shape: _Shape, sort_by: str, *, descending: bool, paged: bool, then_by_date: bool) -> LiteralString:
    """Return the statement of a page.

    Runs and workouts each come from their index, up to a page of them, before they are merged; only then are the
    sessions and sets of the workouts looked up. Ids are compared as bytes, because the collations of languages differ
    and an id of a run must sort before or after that of a workout.
    """
    runs: LiteralString = RUNS_BY_DATE if then_by_date and not shape.joins else "runs"
    workouts: LiteralString = WORKOUTS_BY_DATE if then_by_date else "workouts"
    of_runs, key_type = runs_list.SORTS[sort_by]
    last: dict[str, LiteralString] = {
        "last_number": "'-Infinity'::float8" if descending else "'Infinity'::float8",
        "last_text": "''" if descending else r"U&'\+10FFFF'",
    }
    run_key, workout_key = of_runs.format(**last), _SORTS_OF_WORKOUTS[sort_by].format(**last)
    direction: LiteralString = "DESC" if descending else "ASC"
    beyond: LiteralString = "<" if descending else ">"
    start: LiteralString = beyond + " (%(key)s::" + key_type + ", %(id)s)"
    runs_after: LiteralString = "AND (" + run_key + ', r.id COLLATE "C") ' + start if paged else ""
    workouts_after: LiteralString = "WHERE (" + workout_key + ', w.id::text COLLATE "C") ' + start if paged else ""
    return f"""
        WITH {weighed()}, page_of_runs AS (
            SELECT 'run' AS kind, r.id COLLATE "C" AS id, r.datetime_utc AS start_ts, r.type, NULL AS sport,
                r.name AS title, r.source, r.duration AS duration_seconds, r.distance AS distance_miles,
                r.avg_heart_rate,
                NULL::float8 AS calories_burned, NULL AS exercise_type, NULL::bigint AS sets, NULL::bigint AS reps,
                NULL::float8 AS volume_pounds, r.deleted_at, {run_key} AS key
            FROM {runs} AS r {runs_list.JOIN_SHOES if sort_by == "shoes" else ""} {shape.joins}
            WHERE {shape.runs} {runs_after}
            ORDER BY {run_key} {direction}, r.id COLLATE "C" {direction}
            LIMIT %(limit)s
        ), page_of_workouts AS (
            SELECT w.*, {workout_key} AS key
            FROM (SELECT r.* FROM {workouts} AS r WHERE {shape.workouts}) AS w
                {SESSIONS if "cardio." in workout_key else ""}
            {workouts_after}
            ORDER BY {workout_key} {direction}, w.id::text COLLATE "C" {direction}
            LIMIT %(limit)s
        ), described_workouts AS (
            SELECT CASE w.workout_type WHEN 'REPS' THEN 'reps' ELSE 'workout' END AS kind,
                w.id::text COLLATE "C" AS id, w.start_ts, w.workout_type AS type, cardio.sport, w.title, w.source,
                {SECONDS} AS duration_seconds, cardio.distance_miles, cardio.avg_heart_rate, w.calories_burned,
                rep.exercise_type, lifted.sets, coalesce(rep.reps_count, lifted.reps) AS reps, lifted.volume_pounds,
                w.deleted_at, w.key
            FROM page_of_workouts AS w {_SESSIONS_OF_FEW} {LIFTED}
        )
        SELECT {listed(names_of(Activity))}, key::text
        FROM (SELECT * FROM page_of_runs UNION ALL SELECT * FROM described_workouts) AS activities
        ORDER BY activities.key {direction}, activities.id {direction}
        LIMIT %(limit)s
        """


def get_totals(filters: Filters) -> Fragment:
    """Return {runs, run_miles, …} as JSON: what the activities that meet the filters add up to."""
    return fetch_json(_totals_query(_shape(filters)), **_params(filters))


@lru_cache(maxsize=1024)
def _totals_query(shape: _Shape) -> LiteralString:
    return f"""
        WITH {weighed()}, ran AS (
            SELECT count(*) AS runs, sum(r.distance) AS run_miles, sum(r.duration) AS run_seconds
            FROM runs AS r {shape.joins}
            WHERE {shape.runs}
        ), trained AS (
            SELECT {TRAINED}
            FROM (SELECT r.* FROM workouts AS r WHERE {shape.workouts}) AS w {SESSIONS} {LIFTED}
        ), total AS (
            SELECT {shown("{}")}
            FROM ran
            CROSS JOIN trained
        )
        SELECT to_json(total)::text
        FROM total
        """
