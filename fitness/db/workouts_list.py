"""Lists of workouts: filtered and paged, by start time."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

from fitness.db import workout_parts
from fitness.db.history.bulk import Selection
from fitness.db.history.instants import WORKOUTS_BY_DATE, WORKOUTS_WITH_EXERCISE, looks_back_at
from fitness.db.paging import Cursor, fetch_page
from fitness.db.workouts import WORKOUT_COLUMNS, WORKOUTS, Workout, not_twice
from fitness.times import day_bounds


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of workouts; None means any. `start` and `end` are local days of the start time, both included."""

    start: date | None = None
    end: date | None = None
    time_zone: str = "UTC"
    workout_type: str | None = None
    source: str | None = None
    exercise_id: UUID | None = None
    finished: bool | None = None
    q: str | None = None
    sync_status: str | None = None
    include_deleted: bool = False
    only_deleted: bool = False
    include_duplicates: bool = True


def list_workouts(
    filters: Filters, *, descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Workout], Cursor | None]:
    """Return a page of workouts by start time, and the cursor of the next page, or None at the end."""
    workouts, conditions = _source(filters)
    items, last_key = fetch_page(
        Workout,
        _page_query(conditions, descending=descending, paged=after is not None, workouts=workouts),
        limit=limit,
        long=("notes", *workout_parts.PARTS),
        **params_of(filters),
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, str(items[-1].id)) if last_key is not None else None


def _source(filters: Filters) -> tuple[LiteralString, tuple[LiteralString, ...]]:
    """Return the name of the table that a page reads, and the conditions on its workouts `r`."""
    if not looks_back_at():
        return "workouts", conditions_of(filters)
    if filters.exercise_id:
        return WORKOUTS_WITH_EXERCISE, conditions_of(replace(filters, exercise_id=None))
    return WORKOUTS_BY_DATE, conditions_of(filters)


@lru_cache(maxsize=256)
def _page_query(
    conditions: tuple[LiteralString, ...], *, descending: bool, paged: bool, workouts: LiteralString
) -> LiteralString:
    if paged:
        beyond: LiteralString = "<" if descending else ">"
        conditions = (*conditions, "(r.start_ts, r.id) " + beyond + " (%(key)s::timestamptz, %(id)s::uuid)")
    # Select the page first, so that parts are only collected for its workouts.
    return """
        SELECT {columns}, r.start_ts::text
        FROM (
            SELECT r.*
            FROM {workouts} AS r
            WHERE {conditions}
            ORDER BY r.start_ts {direction}, r.id {direction}
            LIMIT %(limit)s
        ) AS r
        ORDER BY r.start_ts {direction}, r.id {direction}
        LIMIT %(limit)s
        """.format(
        workouts=workouts,
        columns=WORKOUT_COLUMNS,
        conditions=" AND ".join(("r.user_id = %(user_id)s", *conditions)),
        direction="DESC" if descending else "ASC",
    )


_HAS_EXERCISE: LiteralString = """
    EXISTS (
        SELECT
        FROM exercise_executions AS e
        WHERE e.user_id = %(user_id)s AND e.workout_id = r.id AND e.exercise_id = %(exercise_id)s
    )
"""
_HAD_EXERCISE: LiteralString = f"""
    EXISTS (
        SELECT
        FROM {WORKOUTS_WITH_EXERCISE} AS e
        WHERE e.user_id = %(user_id)s AND e.id = r.id
    )
"""
_HAS_TEXT: LiteralString = """
    (strpos(lower(concat_ws(' ', r.title, r.notes)), lower(%(q)s)) > 0 OR EXISTS (
        SELECT
        FROM exercise_executions AS e
        JOIN exercises AS x
          ON x.user_id = %(user_id)s AND x.id = e.exercise_id
        WHERE e.user_id = %(user_id)s AND e.workout_id = r.id
          AND strpos(lower(concat_ws(' ', x.name, e.note)), lower(%(q)s)) > 0
    ))
"""


_IN_CALENDAR: LiteralString = """
    SELECT
    FROM synced_workouts AS c
    WHERE c.user_id = %(user_id)s AND c.workout_id = r.id
"""


def select_workouts(filters: Filters) -> Selection:
    """Return the selection of the workouts that meet the filters, for a bulk edit."""
    return Selection(WORKOUTS, "workouts AS r", " AND ".join(("true", *conditions_of(filters))), params_of(filters))


def params_of(filters: Filters) -> dict[str, Any]:
    """Return the parameters of `conditions_of`."""
    start, end = day_bounds(filters.start, filters.end, filters.time_zone)
    return {
        "start": start,
        "end": end,
        "workout_type": filters.workout_type,
        "source": filters.source,
        "exercise_id": filters.exercise_id,
        "sync_status": filters.sync_status,
        "q": filters.q,
    }


def conditions_of(filters: Filters) -> tuple[LiteralString, ...]:
    """Return only the conditions of set filters on workouts `r`, so that a prepared statement can use the indexes."""
    conditions: dict[LiteralString, object] = {
        "r.start_ts >= %(start)s": filters.start,
        "r.start_ts < %(end)s": filters.end,
        "r.workout_type = %(workout_type)s": filters.workout_type,
        "r.source = %(source)s": filters.source,
        "r.finished_at IS NOT NULL": filters.finished is True,
        "r.finished_at IS NULL": filters.finished is False,
        _HAD_EXERCISE if looks_back_at() else _HAS_EXERCISE: filters.exercise_id,
        _HAS_TEXT: filters.q,
        "NOT EXISTS (" + _IN_CALENDAR + ")": filters.sync_status == "none",
        "EXISTS (" + _IN_CALENDAR + " AND c.sync_status = %(sync_status)s)": (
            filters.sync_status not in {None, "none"}
        ),
        "r.deleted_at IS NOT NULL": filters.only_deleted,
        "r.deleted_at IS NULL": not (filters.only_deleted or filters.include_deleted),
        not_twice("r"): not filters.include_duplicates,
    }
    return tuple(condition for condition, filters_by_it in conditions.items() if filters_by_it)
