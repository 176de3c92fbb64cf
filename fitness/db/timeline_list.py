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
from fitness.db.history.instants import RUNS_BY_DATE, looks_back_at, looks_back_at_few
from fitness.db.paging import Cursor, fetch_page
from fitness.db.rounding import rounded
from fitness.db.runs import RUNS
from fitness.db.workout_metrics import SECONDS, weighed
from fitness.db.workout_sources import LIFTED, Sources, sources
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
"""The sums of workouts `w` with their `Sources`; they are null for no workouts."""

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


_SUMMED: LiteralString = "r.id, r.workout_type, r.start_ts, r.end_ts, r.finished_at, r.calories_burned"
"""The columns of workouts `r` that sums need."""
_DESCRIBED: LiteralString = _SUMMED + ", r.title, r.source, r.deleted_at"
"""Those that the list shows."""

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
            _shape(filters, page_by_date=sort_by == "date"), sort_by, descending=descending, paged=after is not None
        ),
        limit=limit,
        long=("title",),
        key=after and after.key,
        id=after and after.id,
        **_params(filters),
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the statement depends on: conditions on runs `r` and on workouts `r`, the joins of runs, all its sources."""

    runs: LiteralString
    workouts: LiteralString
    joins: LiteralString
    table_of_runs: LiteralString
    of_workouts: Sources
    weighed: LiteralString


def _shape(filters: Filters, *, page_by_date: bool = False) -> _Shape:
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
    with_calendar = filters.runs is not None and filters.runs.sync_status is not None
    days = filters.runs or filters.workouts
    by_date = looks_back_at() is not None and (
        page_by_date or (days is not None and looks_back_at_few(days.start, days.end))
    )
    return _Shape(
        " AND ".join(("r.user_id = %(user_id)s", *run_conditions)),
        " AND ".join(("r.user_id = %(user_id)s", *workout_conditions)) + of_kind.get(filters.kind, ""),
        runs_list.JOIN_CALENDAR if with_calendar else "",
        RUNS_BY_DATE if by_date and not with_calendar else "runs",
        sources(by_date=by_date),
        weighed(),
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
def _page_query(shape: _Shape, sort_by: str, *, descending: bool, paged: bool) -> LiteralString:
    """Return the statement of a page.

    Runs and workouts each come from their index, up to a page of them, before they are merged; only then are the
    sessions and sets of the workouts looked up. Ids are compared as bytes, because the collations of languages differ
    and an id of a run must sort before or after that of a workout.
    """
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
        WITH {shape.weighed}, page_of_runs AS (
            SELECT 'run' AS kind, r.id COLLATE "C" AS id, r.datetime_utc AS start_ts, r.type, NULL AS sport,
                r.name AS title, r.source, r.duration AS duration_seconds, r.distance AS distance_miles,
                r.avg_heart_rate,
                NULL::float8 AS calories_burned, NULL AS exercise_type, NULL::bigint AS sets, NULL::bigint AS reps,
                NULL::float8 AS volume_pounds, r.deleted_at, {run_key} AS key
            FROM {shape.table_of_runs} AS r {runs_list.JOIN_SHOES if sort_by == "shoes" else ""} {shape.joins}
            WHERE {shape.runs} {runs_after}
            ORDER BY {run_key} {direction}, r.id COLLATE "C" {direction}
            LIMIT %(limit)s
        ), page_of_workouts AS (
            SELECT w.*, {workout_key} AS key
            FROM (SELECT {_DESCRIBED} FROM {shape.of_workouts.workouts} AS r WHERE {shape.workouts}) AS w
                {shape.of_workouts.sessions if "cardio." in workout_key else ""}
            {workouts_after}
            ORDER BY {workout_key} {direction}, w.id::text COLLATE "C" {direction}
            LIMIT %(limit)s
        ), described_workouts AS (
            SELECT CASE w.workout_type WHEN 'REPS' THEN 'reps' ELSE 'workout' END AS kind,
                w.id::text COLLATE "C" AS id, w.start_ts, w.workout_type AS type, cardio.sport, w.title, w.source,
                {SECONDS} AS duration_seconds, cardio.distance_miles, cardio.avg_heart_rate, w.calories_burned,
                rep.exercise_type, lifted.sets, coalesce(rep.reps_count, lifted.reps) AS reps, lifted.volume_pounds,
                w.deleted_at, w.key
            FROM page_of_workouts AS w {shape.of_workouts.sessions_of_page} {LIFTED}
        )
        SELECT {listed(names_of(Activity))}, key::text
        FROM (TABLE page_of_runs UNION ALL TABLE described_workouts) AS activities
        ORDER BY activities.key {direction}, activities.id {direction}
        LIMIT %(limit)s
        """


def get_totals(filters: Filters) -> Fragment:
    """Return {runs, run_miles, …} as JSON: what the activities that meet the filters add up to."""
    return fetch_json(_totals_query(_shape(filters)), **_params(filters))


@lru_cache(maxsize=1024)
def _totals_query(shape: _Shape) -> LiteralString:
    return f"""
        WITH {shape.weighed}, ran AS (
            SELECT count(*) AS runs, sum(r.distance) AS run_miles, sum(r.duration) AS run_seconds
            FROM {shape.table_of_runs} AS r {shape.joins}
            WHERE {shape.runs}
        ), trained AS (
            SELECT {TRAINED}
            FROM (SELECT {_SUMMED} FROM {shape.of_workouts.workouts} AS r WHERE {shape.workouts}) AS w
                {shape.of_workouts.sessions} {shape.of_workouts.lifted}
        ), total AS (
            SELECT {shown("{}")}
            FROM ran
            CROSS JOIN trained
        )
        SELECT to_json(total)::text
        FROM total
        """
