"""Runs. Distances are miles, durations seconds, instants UTC."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, LiteralString, NamedTuple, TypeVar
from uuid import UUID

from fitness.db.connection import columns, fetch_all, fetch_one, fetch_page
from fitness.db.history import versions
from fitness.db.paging import Cursor
from fitness.errors import Conflict
from fitness.times import day_bounds


# Rows of a list are plain dataclasses: frozen ones with slots take six times as long to make, and twice to serialise.
@dataclass
class Run:
    """A run as it is now."""

    id: str
    datetime_utc: datetime
    type: str
    distance: float
    duration: float
    source: str
    avg_heart_rate: float | None
    shoe_id: str | None
    name: str | None
    notes: str | None
    version: int
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    conflicts: dict[str, Any] | None
    duplicate_of: str | None


RUN_COLUMNS = columns(Run, "r")

NOT_TWICE: LiteralString = """
    (r.duplicate_of IS NULL OR (
        NOT EXISTS (
            SELECT
            FROM runs AS same
            WHERE same.user_id = %(user_id)s AND same.id = r.duplicate_of AND same.deleted_at IS NULL
        )
        AND NOT EXISTS (
            SELECT
            FROM runs AS same
            WHERE same.user_id = %(user_id)s AND same.duplicate_of = r.duplicate_of AND same.id < r.id
              AND same.deleted_at IS NULL
        )
    ))
"""
"""The condition on runs `r` that leaves one of those that are the same run: the one that was kept.

When that is deleted, the first of its duplicates stands for it.
"""

COUNTED: LiteralString = f"r.deleted_at IS NULL AND {NOT_TWICE}"
"""The condition on runs `r` that statistics count: not deleted, and of a run that is here twice only the one."""


@dataclass(frozen=True, slots=True)
class RunVersion:
    """A run as one of its versions left it, and who changed it when and why."""

    history_id: int
    run_id: str
    version_number: int
    change_type: str
    datetime_utc: datetime
    type: str
    distance: float
    duration: float
    source: str
    avg_heart_rate: float | None
    shoe_id: str | None
    name: str | None
    notes: str | None
    duplicate_of: str | None
    changed_at: datetime
    changed_by: str | None
    change_reason: str | None
    changeset_id: int | None


TOLD: tuple[LiteralString, ...] = (
    "datetime_utc", "type", "distance", "duration", "avg_heart_rate", "shoe_id", "name", "notes",
)  # fmt: skip
"""What a provider may tell of a run, and a person may correct."""


def refuse_chains(ids: Collection[str]) -> None:
    """Raise Conflict when one of these runs, as it is now, is a duplicate of a duplicate, or has duplicates itself.

    Statistics look no further than from a run to the one that it is a duplicate of, so marks must not lead on, or round
    in a circle. The other run is locked: who marks that at this moment will see this mark, or has been seen.
    """
    others: list[dict[str, Any]] = fetch_all(
        dict,
        """
        SELECT r.id, o.id AS other_id, o.duplicate_of,
            (
                SELECT min(d.id)
                FROM runs AS d
                WHERE d.user_id = %(user_id)s AND d.duplicate_of = r.id AND d.deleted_at IS NULL
            ) AS duplicate_id
        FROM runs AS r
        JOIN runs AS o
          ON o.user_id = %(user_id)s AND o.id = r.duplicate_of
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND r.deleted_at IS NULL
        ORDER BY o.id
        FOR NO KEY UPDATE OF o
        """,
        ids=list(ids),
    )
    for row in others:
        if row["duplicate_of"]:
            raise Conflict(f"Run {row['other_id']} is itself marked as a duplicate, of run {row['duplicate_of']}")
        if row["duplicate_id"]:
            raise Conflict(f"Run {row['id']} has a duplicate of its own, run {row['duplicate_id']}")


RUNS = versions.Versioned(
    noun="Run",
    table="runs",
    history="runs_history",
    key="run_id",
    row=Run,
    version_row=RunVersion,
    editable=(*TOLD, "duplicate_of"),
    kept=("source",),
    merged=True,
    checks={"duplicate_of": refuse_chains},
)


@dataclass
class RunDetails(Run):
    """A run with its shoe's name and its state in the calendar (all None when it never went there)."""

    shoes: str | None
    shoe_retired_at: date | None
    shoe_retirement_notes: str | None
    sync_status: str | None
    synced_at: datetime | None
    synced_version: int | None
    google_event_id: str | None
    sync_error: str | None


_DETAILS_COLUMNS: LiteralString = f"""
    {RUN_COLUMNS}, s.name AS shoes, s.retired_at AS shoe_retired_at, s.retirement_notes AS shoe_retirement_notes,
    c.sync_status, c.synced_at, c.run_version AS synced_version, c.google_event_id, c.error_message AS sync_error
"""
_JOIN_SHOES: LiteralString = """
    LEFT JOIN shoes AS s ON s.user_id = %(user_id)s AND s.id = r.shoe_id
"""
_JOIN_CALENDAR: LiteralString = """
    LEFT JOIN synced_runs AS c ON c.user_id = %(user_id)s AND c.run_id = r.id
"""


class NewRun(NamedTuple):
    """A run to be stored; `client_uuid` is set by clients that want to retry safely."""

    id: str
    datetime_utc: datetime
    type: str
    distance: float
    duration: float
    source: str
    avg_heart_rate: float | None = None
    shoe_id: str | None = None
    name: str | None = None
    notes: str | None = None
    client_uuid: UUID | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which runs to list; None means any. `start` and `end` are local days, both included."""

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
    search: str | None = None


def get_all_runs(*, include_deleted: bool = False) -> list[Run]:
    """Return all runs, newest first."""
    return fetch_all(
        Run,
        f"""
        SELECT {RUN_COLUMNS}
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        ORDER BY r.datetime_utc DESC, r.id DESC
        """,
        include_deleted=include_deleted,
    )


def get_run_by_id(run_id: str, *, include_deleted: bool = False) -> Run | None:
    """Return one of the user's runs, or None when there is no such run or it is someone else's."""
    return fetch_one(
        Run,
        f"""
        SELECT {RUN_COLUMNS}
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = %(run_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        """,
        run_id=run_id,
        include_deleted=include_deleted,
    )


def get_runs_by_ids(ids: Collection[str]) -> dict[str, Run]:
    """Return {run id: run} for those of the ids that are the user's, deleted ones as well."""
    found = fetch_all(
        Run,
        f"""
        SELECT {RUN_COLUMNS}
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
        """,
        ids=list(ids),
    )
    return {run.id: run for run in found}


def get_existing_run_ids(*, among: Collection[str] | None = None) -> set[str]:
    """Return the ids of all runs, or of those among the given: what an import must not make again.

    Deleted runs are there as well.
    """
    if among is None:
        return set(fetch_all(str, "SELECT id FROM runs WHERE user_id = %(user_id)s"))
    return set(
        fetch_all(
            str,
            """
            SELECT id
            FROM runs
            WHERE user_id = %(user_id)s
              AND id = ANY(%(ids)s)
            """,
            ids=list(among),
        )
    )


def get_run_details_in_date_range(
    start_date: date, end_date: date, *, time_zone: str = "UTC", include_deleted: bool = False
) -> list[RunDetails]:
    """Return the runs of the local days from `start_date` to `end_date`, newest first, with shoe and calendar state."""
    start, end = day_bounds(start_date, end_date, time_zone)
    return fetch_all(
        RunDetails,
        f"""
        SELECT {_DETAILS_COLUMNS}
        FROM runs AS r {_JOIN_SHOES} {_JOIN_CALENDAR}
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
        f"""
        SELECT {_DETAILS_COLUMNS}
        FROM runs AS r {_JOIN_SHOES} {_JOIN_CALENDAR}
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
    "pace": ("coalesce(r.duration / nullif(r.distance, 0), {last number})", "float8"),
    "heart_rate": ("coalesce(r.avg_heart_rate, {last number})", "float8"),
    "source": ("r.source", "text"),
    "type": ("r.type", "text"),
    "shoes": ("""coalesce(lower(s.name), {last text}) COLLATE "C\"""", "text"),
}
"""Sort order → (its SQL expression, the type of its keys). What is unknown comes last in either direction."""

_LAST: dict[bool, dict[LiteralString, LiteralString]] = {
    False: {"{last number}": "'Infinity'", "{last text}": r"U&'\+10FFFF'"},
    True: {"{last number}": "'-Infinity'", "{last text}": "''"},
}


def list_runs(
    filters: Filters, *, sort_by: str = "date", descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Run], Cursor | None]:
    """Return a page of runs and the cursor of the next page, None at the end."""
    return _list(Run, filters, sort_by, descending, limit, after)


def list_run_details(
    filters: Filters, *, sort_by: str = "date", descending: bool = True, limit: int = 50, after: Cursor | None = None
) -> tuple[list[RunDetails], Cursor | None]:
    """Return a page of runs with shoe and calendar state, and the cursor of the next page, None at the end."""
    return _list(RunDetails, filters, sort_by, descending, limit, after)


_R = TypeVar("_R", bound=Run)


def _list(
    row: type[_R], filters: Filters, sort_by: str, descending: bool, limit: int, after: Cursor | None
) -> tuple[list[_R], Cursor | None]:
    """Conditions are written only where they filter, so that a prepared statement's plan can use the indexes."""
    details = row is RunDetails
    key, key_type = SORTS[sort_by]
    for placeholder, last in _LAST[descending].items():
        key = key.replace(placeholder, last)
    columns: LiteralString = _DETAILS_COLUMNS if details else RUN_COLUMNS
    joins: LiteralString = _JOIN_SHOES if details or sort_by == "shoes" else ""
    if details or filters.sync_status:
        joins += _JOIN_CALENDAR
    direction: LiteralString = "DESC" if descending else "ASC"
    beyond: LiteralString = "<" if descending else ">"
    page: LiteralString = f"AND ({key}, r.id) {beyond} (%(key)s::{key_type}, %(id)s)" if after else ""
    start, end = day_bounds(filters.start, filters.end, filters.time_zone)
    items, last_key = fetch_page(
        row,
        f"""
        SELECT {columns}, ({key})::text
        FROM runs AS r {joins}
        WHERE r.user_id = %(user_id)s {_conditions(filters)} {page}
        ORDER BY {key} {direction}, r.id {direction}
        LIMIT %(limit)s
        """,
        limit=limit,
        start=start,
        end=end,
        type=filters.type,
        source=filters.source,
        shoe_id=filters.shoe_id,
        sync_status=filters.sync_status,
        search=filters.search,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, items[-1].id) if last_key is not None else None


def _conditions(filters: Filters) -> LiteralString:
    conditions: LiteralString = ""
    if filters.start:
        conditions += " AND r.datetime_utc >= %(start)s"
    if filters.end:
        conditions += " AND r.datetime_utc < %(end)s"
    if filters.type:
        conditions += " AND r.type = %(type)s"
    if filters.source:
        conditions += " AND r.source = %(source)s"
    if filters.shoe_id:
        conditions += " AND r.shoe_id = %(shoe_id)s"
    if filters.sync_status == "none":
        conditions += " AND c.run_id IS NULL"
    elif filters.sync_status:
        conditions += " AND c.sync_status = %(sync_status)s"
    if filters.only_deleted:
        conditions += " AND r.deleted_at IS NOT NULL"
    elif not filters.include_deleted:
        conditions += " AND r.deleted_at IS NULL"
    if not filters.include_duplicates:
        conditions += f" AND {NOT_TWICE}"
    if filters.without_shoe:
        conditions += " AND r.shoe_id IS NULL"
    if filters.search:
        conditions += " AND strpos(lower(concat(r.name, ' ', r.notes)), lower(%(search)s)) > 0"
    return conditions


def create_run(run: NewRun, *, changed_by: str | None) -> Run | None:
    """Store a run and its original version; None when its id or client_uuid is taken already."""
    created = fetch_one(
        Run,
        f"""
        INSERT INTO runs AS r (
            user_id, id, datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id, name, notes,
            client_uuid
        )
        VALUES (
            %(user_id)s, %(id)s, %(datetime_utc)s, %(type)s, %(distance)s, %(duration)s, %(source)s,
            %(avg_heart_rate)s, %(shoe_id)s, %(name)s, %(notes)s, %(client_uuid)s
        )
        ON CONFLICT DO NOTHING
        RETURNING {RUN_COLUMNS}
        """,
        id=run.id,
        datetime_utc=run.datetime_utc,
        type=run.type,
        distance=run.distance,
        duration=run.duration,
        source=run.source,
        avg_heart_rate=run.avg_heart_rate,
        shoe_id=run.shoe_id,
        name=run.name,
        notes=run.notes,
        client_uuid=run.client_uuid,
    )
    if created is not None:
        versions.add(RUNS, created, versions.Change(changed_by))
    return created


CHUNK_ROWS = 1000


def bulk_create_runs(runs: Iterable[NewRun], *, changed_by: str | None = None, changeset_id: int | None = None) -> int:
    """Store those of the runs that are new, each with its original version; return how many were.

    A run whose id is there already, be it deleted, is left as it is.
    """
    rows = iter(runs)
    change = versions.Change(changed_by, changeset_id=changeset_id)
    created = 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        ids = _create_chunk(chunk)
        versions.add_all(RUNS, ids, change)
        created += len(ids)
    return created


def _create_chunk(chunk: Sequence[NewRun]) -> list[str]:
    """Store the new ones of up to CHUNK_ROWS runs, and return their ids."""
    return fetch_all(
        str,
        f"""
        INSERT INTO runs AS r (
            user_id, id, datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id, name, notes,
            provider_values
        )
        SELECT %(user_id)s, new.*, {values_told(TOLD)}
        FROM {NEW_RUNS}
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        **arrays_of(chunk),
    )


NEW_RUNS: LiteralString = """unnest(
            %(ids)s::text[], %(datetimes_utc)s::timestamptz[], %(types)s::text[], %(distances)s::float8[],
            %(durations)s::float8[], %(sources)s::text[], %(avg_heart_rates)s::float8[], %(shoe_ids)s::text[],
            %(names)s::text[], %(notes)s::text[]
        ) AS new (id, datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id, name, notes)"""


def values_told(told: Collection[str]) -> LiteralString:
    """Return the SQL of what the provider says of a run `new`, as JSON."""
    pairs: list[LiteralString] = [f"'{field}', new.{field}" for field in TOLD if field in told]
    return f"jsonb_build_object({', '.join(pairs)})"


def arrays_of(chunk: Sequence[NewRun]) -> dict[str, list[Any]]:
    """Return the parameters of NEW_RUNS.

    Arrays, a parameter a column, take a fraction of the time that a parameter a value takes. psycopg refuses one
    that mixes whole numbers with others, as a provider's JSON does.
    """
    return {
        "ids": [run.id for run in chunk],
        "datetimes_utc": [run.datetime_utc for run in chunk],
        "types": [run.type for run in chunk],
        "distances": [float(run.distance) for run in chunk],
        "durations": [float(run.duration) for run in chunk],
        "sources": [run.source for run in chunk],
        "avg_heart_rates": [None if run.avg_heart_rate is None else float(run.avg_heart_rate) for run in chunk],
        "shoe_ids": [run.shoe_id for run in chunk],
        "names": [run.name for run in chunk],
        "notes": [run.notes for run in chunk],
    }
