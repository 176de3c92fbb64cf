"""The state of runs and workouts in the calendar: one row each, written before and after each call to the calendar.

Nothing is locked while Google answers. Instead each call (attempt) has a number. If another attempt started meanwhile,
it is unknown which of the two reached the calendar last, so the row stays `pending` and is synced again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

from psycopg import sql

from fitness.db import oauth_credentials, runs, workouts
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.counted_runs import COUNTED
from fitness.db.history import versions
from fitness.db.paging import Cursor, fetch_page
from fitness.db.runs import RUNS, Run
from fitness.db.workouts import WORKOUTS, Workout
from fitness.times import day_bounds

R = TypeVar("R", Run, Workout)

NOTHING = 0
"""The version of a record in the calendar whose event is to be removed."""


@dataclass
class RunState:
    """The calendar state of a run: the sent version, and whether the run has changed since; None if never sent."""

    run_id: str
    sync_status: str | None
    run_version: int | None
    behind: bool
    google_event_id: str | None
    synced_at: datetime | None
    error_message: str | None


@dataclass
class WorkoutState:
    """The calendar state of a workout, like that of a run."""

    workout_id: UUID
    sync_status: str | None
    workout_version: int | None
    behind: bool
    google_event_id: str | None
    synced_at: datetime | None
    error_message: str | None


@dataclass(frozen=True)
class Mirrored(Generic[R]):
    """A noun whose records the calendar mirrors, and `table`, that of their state in the calendar.

    `version` is the column of the version that was sent. `starts` is the SQL expression of the start of a record `r`,
    `started` of a version `h`,
    `wanted` the condition that it has an event, and `unwanted` the condition that it has none.
    """

    kind: versions.Versioned[Any, Any]
    table: LiteralString
    version: LiteralString
    state: type
    starts: LiteralString
    started: LiteralString
    wanted: LiteralString
    unwanted: LiteralString
    read: Callable[[Any], R | None]

    def statement(self, text: LiteralString) -> sql.Composed:
        """Return a statement with the names and expressions of this noun in the place of those in braces."""
        return sql.SQL(text).format(
            records=sql.Identifier(self.kind.table),
            synced=sql.Identifier(self.table),
            key=sql.Identifier(self.kind.key),
            version=sql.Identifier(self.version),
            id_type=sql.SQL(self.kind.id_type),
            history=sql.Identifier(self.kind.history),
            starts=sql.SQL(self.starts),
            started=sql.SQL(self.started),
            wanted=sql.SQL(self.wanted),
            unwanted=sql.SQL(self.unwanted),
        )


MIRRORED_RUNS = Mirrored(
    kind=RUNS,
    table="synced_runs",
    version="run_version",
    state=RunState,
    starts="r.datetime_utc",
    started="h.datetime_utc",
    wanted=f"({COUNTED})",
    unwanted=f"NOT ({COUNTED})",
    read=runs.get_run_by_id,
)
MIRRORED_WORKOUTS = Mirrored(
    kind=WORKOUTS,
    table="synced_workouts",
    version="workout_version",
    state=WorkoutState,
    starts="r.start_ts",
    started="h.start_ts",
    # A workout in progress changes with every set, and these changes are not versions.
    wanted=f"({workouts.counted('r')})",
    unwanted=f"(r.deleted_at IS NOT NULL OR NOT {workouts.not_twice('r')})",
    read=workouts.get_workout_by_id,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call to the calendar: its number, the version it sends, and the id of the event."""

    id: Any
    number: int
    version: int
    google_event_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose event must be created, updated or removed."""

    id: Any
    unwanted: bool


def get_state(mirrored: Mirrored[Any], id: Any) -> Any:
    """Return the calendar state of a record, even of a deleted one; None if the record does not exist."""
    return fetch_one(
        mirrored.state,
        mirrored.statement(
            """
            SELECT r.id AS {key}, s.sync_status, s.{version}, coalesce(r.version > s.{version}, false) AS behind,
                s.google_event_id, s.synced_at, s.error_message
            FROM {records} AS r
            LEFT JOIN {synced} AS s
              ON s.user_id = %(user_id)s AND s.{key} = r.id
            WHERE r.user_id = %(user_id)s
              AND r.id = %(id)s
            """
        ),
        id=id,
    )


def list_states(
    mirrored: Mirrored[Any], *, sync_status: str | None, limit: int, after: Cursor | None
) -> tuple[list[Any], Cursor | None]:
    """Return a page of records that were sent to the calendar, newest first, and the cursor of the next page."""
    page: LiteralString = "AND ({starts}, r.id) < (%(key)s::timestamptz, %(id)s::{id_type})" if after else ""
    items, last_key = fetch_page(
        mirrored.state,
        mirrored.statement(
            """
            SELECT r.id AS {key}, s.sync_status, s.{version}, coalesce(r.version > s.{version}, false) AS behind,
                s.google_event_id, s.synced_at, s.error_message, {starts}::text
            FROM {synced} AS s
            JOIN {records} AS r
              ON r.user_id = %(user_id)s AND r.id = s.{key}
            WHERE s.user_id = %(user_id)s
              AND (%(sync_status)s::text IS NULL OR s.sync_status = %(sync_status)s)
            """
            + page
            + """
            ORDER BY {starts} DESC, r.id DESC
            LIMIT %(limit)s
            """
        ),
        limit=limit,
        sync_status=sync_status,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, str(getattr(items[-1], mirrored.kind.key))) if last_key is not None else None


def count_failed() -> int:
    """Return the number of runs and workouts that could not be sent to the calendar."""
    return sum(
        fetch_one(
            int,
            mirrored.statement(
                "SELECT count(*) FROM {synced} AS s WHERE s.user_id = %(user_id)s AND s.sync_status = 'failed'"
            ),
        )
        or 0
        for mirrored in (MIRRORED_RUNS, MIRRORED_WORKOUTS)
    )


def list_due(mirrored: Mirrored[Any], *, start: date | None, end: date | None, time_zone: str) -> list[Due]:
    """Return the records of these local days that are out of date in the calendar; failed ones come last.

    Both days are included; None leaves an end open. A record that was moved counts on both days: the one where it is
    now, and the one where the calendar shows it.
    """
    since, until = day_bounds(start, end, time_zone)
    return fetch_all(
        Due,
        mirrored.statement(
            """
            SELECT r.id, ({unwanted}) AS unwanted
            FROM {records} AS r
            LEFT JOIN {synced} AS s
              ON s.user_id = %(user_id)s AND s.{key} = r.id
            WHERE r.user_id = %(user_id)s
              AND (
                ((%(since)s::timestamptz IS NULL OR {starts} >= %(since)s)
                  AND (%(until)s::timestamptz IS NULL OR {starts} < %(until)s))
                OR EXISTS (
                  SELECT
                  FROM {history} AS h
                  WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND h.version_number = s.{version}
                    AND (%(since)s::timestamptz IS NULL OR {started} >= %(since)s)
                    AND (%(until)s::timestamptz IS NULL OR {started} < %(until)s)
                )
              )
              AND CASE
                WHEN {wanted} THEN s.id IS NULL OR s.sync_status <> 'synced' OR s.{version} < r.version
                WHEN {unwanted} THEN s.id IS NOT NULL
                ELSE false
              END
            ORDER BY s.sync_status IS NOT DISTINCT FROM 'failed', {starts} DESC, r.id DESC
            """
        ),
        since=since,
        until=until,
    )


def begin_sync(mirrored: Mirrored[Any], id: Any, *, version: int, google_event_id: str) -> tuple[Attempt, bool]:
    """Start an attempt to send a version of a record, with the event id given unless it already has one.

    Return the attempt, and whether there was an earlier one, whose event may exist.
    """
    connected = oauth_credentials.get_credentials("google")
    row = fetch_one(
        tuple,
        mirrored.statement(
            """
            INSERT INTO {synced} AS s (user_id, {key}, {version}, google_event_id, sync_status, account_id)
            VALUES (%(user_id)s, %(id)s, %(version)s, %(google_event_id)s, 'pending', %(account_id)s)
            ON CONFLICT (user_id, {key}) DO UPDATE
            SET account_id = excluded.account_id, {version} = excluded.{version}, sync_status = excluded.sync_status,
                google_event_id = coalesce(s.google_event_id, excluded.google_event_id),
                error_message = NULL, attempt = s.attempt + 1, updated_at = excluded.updated_at
            RETURNING s.attempt, s.google_event_id
            """
        ),
        id=id,
        version=version,
        google_event_id=google_event_id,
        account_id=connected and connected.account_id,
    )
    assert row is not None
    return Attempt(id, row[0], version, row[1]), row[0] > 1


def forget_others(account_id: str | None) -> None:
    """Forget what the calendars of other accounts have: this one has none of it."""
    for mirrored in (MIRRORED_RUNS, MIRRORED_WORKOUTS):
        execute(
            mirrored.statement("DELETE FROM {synced} WHERE user_id = %(user_id)s AND account_id <> %(account_id)s"),
            account_id=account_id,
        )


def begin_removal(mirrored: Mirrored[Any], id: Any) -> Attempt | None:
    """Start an attempt to remove a record's event; return None if it has none."""
    row = fetch_one(
        tuple,
        mirrored.statement(
            """
            UPDATE {synced} AS s
            SET {version} = %(version)s, sync_status = 'pending', error_message = NULL, attempt = s.attempt + 1,
                updated_at = now()
            WHERE s.user_id = %(user_id)s
              AND s.{key} = %(id)s
            RETURNING s.attempt, s.google_event_id
            """
        ),
        id=id,
        version=NOTHING,
    )
    return Attempt(id, row[0], NOTHING, row[1]) if row else None


def finish_sync(mirrored: Mirrored[Any], attempt: Attempt, *, google_event_id: str) -> None:
    """End an attempt: the calendar has the version that it sent."""
    _finish(
        mirrored,
        attempt,
        """
        UPDATE {synced} AS s
        SET sync_status = 'synced', google_event_id = %(google_event_id)s, synced_at = now(), updated_at = now()
        WHERE s.user_id = %(user_id)s
          AND s.{key} = %(id)s
          AND s.attempt = %(number)s
        """,
        google_event_id=google_event_id,
    )


def fail(mirrored: Mirrored[Any], attempt: Attempt, *, error_message: str) -> None:
    """Note why an attempt failed; it may have reached the calendar all the same."""
    _finish(
        mirrored,
        attempt,
        """
        UPDATE {synced} AS s
        SET sync_status = 'failed', error_message = %(error_message)s, updated_at = now()
        WHERE s.user_id = %(user_id)s
          AND s.{key} = %(id)s
          AND s.attempt = %(number)s
        """,
        error_message=error_message,
    )


def finish_removal(mirrored: Mirrored[Any], attempt: Attempt) -> None:
    """Forget a record whose event is no longer in the calendar."""
    _finish(
        mirrored,
        attempt,
        """
        DELETE FROM {synced} AS s
        WHERE s.user_id = %(user_id)s
          AND s.{key} = %(id)s
          AND s.attempt = %(number)s
        """,
    )


def _finish(mirrored: Mirrored[Any], attempt: Attempt, change: LiteralString, **params: Any) -> None:
    """End an attempt with a statement that changes its row, unless another attempt has started since.

    If that one sent a different version, the state of the event is unknown: the row becomes `pending`, so that the next
    sync sends the record again, and running attempts can no longer end it. If the row was deleted, it is created again
    for the event.
    """
    if execute(mirrored.statement(change), id=attempt.id, number=attempt.number, **params):
        return
    execute(
        mirrored.statement(
            """
            UPDATE {synced} AS s
            SET sync_status = 'pending', attempt = s.attempt + 1, updated_at = now()
            WHERE s.user_id = %(user_id)s
              AND s.{key} = %(id)s
              AND s.{version} <> %(version)s
            """
        ),
        id=attempt.id,
        version=attempt.version,
    )
    if attempt.version != NOTHING:
        execute(
            mirrored.statement(
                """
                INSERT INTO {synced} (user_id, {key}, {version}, google_event_id, sync_status)
                VALUES (%(user_id)s, %(id)s, %(version)s, %(google_event_id)s, 'pending')
                ON CONFLICT DO NOTHING
                """
            ),
            id=attempt.id,
            version=attempt.version,
            google_event_id=attempt.google_event_id,
        )
