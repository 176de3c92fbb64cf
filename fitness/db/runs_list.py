"""Lists of runs: filtered, sorted, paged, optionally with shoe and calendar state."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, LiteralString, TypeVar

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.counted_runs import NOT_TWICE
from fitness.db.history.bulk import Selection
from fitness.db.history.instants import RUNS_BY_DATE, looks_back_at
from fitness.db.paging import Cursor, fetch_page
from fitness.db.runs import RUN_COLUMNS, RUNS, Run
from fitness.db.training_load import JOIN_LOAD
from fitness.times import day_bounds


@dataclass
class RunDetails(Run):
    """A run with its shoe's name, its calendar state (None if never sent) and, in pages, its TRIMP."""

    shoes: str | None = None
    shoe_retired_at: date | None = None
    shoe_retirement_notes: str | None = None
    sync_status: str | None = None
    synced_at: datetime | None = None
    synced_version: int | None = None
    google_event_id: str | None = None
    sync_error: str | None = None
    trimp: float | None = None


_DETAILS_COLUMNS: LiteralString = (
    RUN_COLUMNS
    + """, s.name AS shoes, s.retired_at AS shoe_retired_at, s.retirement_notes AS shoe_retirement_notes,
    c.sync_status, c.synced_at, c.run_version AS synced_version, c.google_event_id, c.error_message AS sync_error
"""
)
JOIN_SHOES: LiteralString = """
    LEFT JOIN shoes AS s ON s.user_id = %(user_id)s AND s.id = r.shoe_id
"""
JOIN_CALENDAR: LiteralString = """
    LEFT JOIN synced_runs AS c ON c.user_id = %(user_id)s AND c.run_id = r.id
"""
_SELECT_DETAILS: LiteralString = "SELECT " + _DETAILS_COLUMNS + " FROM runs AS r " + JOIN_SHOES + JOIN_CALENDAR


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of runs; None means any. `start` and `end` are local days, both included."""

    start: date | None = None
    end: date | None = None
    time_zone: str = "UTC"
    type: str | None = None
    source: str | None = None
    shoe_id: str | None = None
    sync_status: str | None = None
    include_deleted: bool = False
    only_deleted: bool = False
    include_duplicates: bool = True
    without_shoe: bool = False
    q: str | None = None


def get_run_details_in_date_range(
    start_date: date, end_date: date, *, time_zone: str = "UTC", include_deleted: bool = False
) -> list[RunDetails]:
    """Return the runs of the local days from `start_date` to `end_date`, newest first, with shoe and calendar state."""
    start, end = day_bounds(start_date, end_date, time_zone)
    return fetch_all(
        RunDetails,
        _SELECT_DETAILS
        + """
        WHERE r.user_id = %(user_id)s
          AND r.datetime_utc >= %(start)s
          AND r.datetime_utc < %(end)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        ORDER BY r.datetime_utc DESC, r.id DESC
        """,
        start=start,
        end=end,
        include_deleted=include_deleted,
    )


def get_all_run_details(*, include_deleted: bool = False) -> list[RunDetails]:
    """Return all runs, newest first, with shoe and calendar state."""
    return fetch_all(
        RunDetails,
        _SELECT_DETAILS
        + """
        WHERE r.user_id = %(user_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        ORDER BY r.datetime_utc DESC, r.id DESC
        """,
        include_deleted=include_deleted,
    )


SORTS: dict[str, tuple[LiteralString, LiteralString]] = {
    "date": ("r.datetime_utc", "timestamptz"),
    "distance": ("r.distance", "float8"),
    "duration": ("r.duration", "float8"),
    "pace": ("coalesce(r.duration / nullif(r.distance, 0), {last_number})", "float8"),
    "heart_rate": ("coalesce(r.avg_heart_rate, {last_number})", "float8"),
    "source": ("r.source", "text"),
    "type": ("r.type", "text"),
    "shoes": ("""coalesce(lower(s.name), {last_text}) COLLATE "C\"""", "text"),
}
"""Sort order → (its SQL expression, the type of its keys). Unknown values come last in either direction."""

DETAIL_SORTS: dict[str, tuple[LiteralString, LiteralString]] = {
    **SORTS,
    "trimp": ("coalesce(load.trimp, {last_number})", "float8"),
}
"""Those of runs with shoe, calendar state and TRIMP."""


def list_runs(
    filters: Filters, *, sort_by: str = "date", descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Run], Cursor | None]:
    """Return a page of runs, and the cursor of the next page, or None at the end."""
    return _list(Run, filters, sort_by, descending, limit, after)


def list_run_details(
    filters: Filters, *, sort_by: str = "date", descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[RunDetails], Cursor | None]:
    """Return a page of runs with shoe, calendar state and TRIMP, and the cursor of the next page, None at the end."""
    return _list(RunDetails, filters, sort_by, descending, limit, after)


_R = TypeVar("_R", bound=Run)


def _list(
    row: type[_R], filters: Filters, sort_by: str, descending: bool, limit: int, after: Cursor | None
) -> tuple[list[_R], Cursor | None]:
    by_calendar = filters.sync_status is not None
    by_date = looks_back_at() and sort_by == "date" and not by_calendar
    items, last_key = fetch_page(
        row,
        _page_query(
            row is RunDetails,
            conditions_of(filters),
            sort_by,
            descending=descending,
            by_calendar=by_calendar,
            paged=after is not None,
            runs=RUNS_BY_DATE if by_date else "runs",
        ),
        limit=limit,
        long=("notes",),
        **params_of(filters),
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


@lru_cache(maxsize=1024)
def _page_query(
    details: bool,
    conditions: tuple[LiteralString, ...],
    sort_by: str,
    *,
    descending: bool,
    by_calendar: bool,
    paged: bool,
    runs: LiteralString,
) -> LiteralString:
    expression, key_type = DETAIL_SORTS[sort_by]
    key = expression.format(
        last_number="'-Infinity'" if descending else "'Infinity'",
        last_text="''" if descending else r"U&'\+10FFFF'",
    )
    if paged:
        beyond: LiteralString = "({key}, r.id) < (%(key)s::{type}, %(id)s)"
        if not descending:
            beyond = "({key}, r.id) > (%(key)s::{type}, %(id)s)"
        conditions = (*conditions, beyond.format(key=key, type=key_type))
    page: LiteralString = "{runs} AS r {shoes} {calendar} {load} WHERE {conditions}"
    if details and not by_calendar and sort_by in SORTS and sort_by != "shoes":
        # Select the page first, so that only its runs are joined, and are read in this order.
        page = """
            (
                SELECT r.*
                FROM {runs} AS r
                WHERE {conditions}
                ORDER BY {key} {direction}, r.id {direction}
                LIMIT %(limit)s
            ) AS r {shoes} {calendar} {load}
            """
    query: LiteralString = (
        "SELECT {columns}, ({key})::text FROM " + page + " ORDER BY {key} {direction}, r.id {direction} LIMIT %(limit)s"
    )
    return query.format(
        runs=runs,
        columns=_DETAILS_COLUMNS + ", load.trimp" if details else RUN_COLUMNS,
        shoes=JOIN_SHOES if details or sort_by == "shoes" else "",
        calendar=JOIN_CALENDAR if details or by_calendar else "",
        load=JOIN_LOAD if details else "",
        conditions=" AND ".join(("r.user_id = %(user_id)s", *conditions)),
        key=key,
        direction="DESC" if descending else "ASC",
    )


def get_run_totals(filters: Filters) -> dict[str, Any]:
    """Return number, miles and seconds of the runs that meet the filters."""
    totals = fetch_one(
        dict,
        _totals_query(conditions_of(filters), by_calendar=filters.sync_status is not None),
        **params_of(filters),
    )
    assert totals is not None
    return totals


@lru_cache(maxsize=1024)
def _totals_query(conditions: tuple[LiteralString, ...], *, by_calendar: bool) -> LiteralString:
    return """
        SELECT count(*) AS runs, coalesce(sum(r.distance), 0) AS distance, coalesce(sum(r.duration), 0) AS duration
        FROM runs AS r {calendar}
        WHERE {conditions}
        """.format(
        calendar=JOIN_CALENDAR if by_calendar else "",
        conditions=" AND ".join(("r.user_id = %(user_id)s", *conditions)),
    )


def select_runs(filters: Filters) -> Selection:
    """Return the selection of the runs that meet the filters, for a bulk edit."""
    joins = JOIN_CALENDAR if filters.sync_status is not None else ""
    return Selection(RUNS, "runs AS r " + joins, " AND ".join(("true", *conditions_of(filters))), params_of(filters))


def params_of(filters: Filters) -> dict[str, Any]:
    """Return the parameters of `conditions_of`."""
    start, end = day_bounds(filters.start, filters.end, filters.time_zone)
    return {
        "start": start,
        "end": end,
        "type": filters.type,
        "source": filters.source,
        "shoe_id": filters.shoe_id,
        "sync_status": filters.sync_status,
        "q": filters.q,
    }


def conditions_of(filters: Filters) -> tuple[LiteralString, ...]:
    """Return only the conditions of set filters on runs `r`, so that a prepared statement can use the indexes.

    Those on `sync_status` need `JOIN_CALENDAR`.
    """
    conditions: dict[LiteralString, object] = {
        "r.datetime_utc >= %(start)s": filters.start,
        "r.datetime_utc < %(end)s": filters.end,
        "r.type = %(type)s": filters.type,
        "r.source = %(source)s": filters.source,
        "r.shoe_id = %(shoe_id)s": filters.shoe_id,
        "c.run_id IS NULL": filters.sync_status == "none",
        "c.sync_status = %(sync_status)s": filters.sync_status not in {None, "none"},
        "r.deleted_at IS NOT NULL": filters.only_deleted,
        "r.deleted_at IS NULL": not (filters.only_deleted or filters.include_deleted),
        NOT_TWICE: not filters.include_duplicates,
        "r.shoe_id IS NULL": filters.without_shoe,
        "strpos(lower(concat(r.name, ' ', r.notes)), lower(%(q)s)) > 0": filters.q,
    }
    return tuple(condition for condition, filters_by_it in conditions.items() if filters_by_it)
