"""Send runs and workouts to the user's Google Calendar: one record, or all that are out of date there.

The id of an event is made from the record, so that a retry, after a lost response or a crash, updates the same event
and never creates a second one.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Generic, Literal

from fitness.connections import clients
from fitness.db import calendar
from fitness.db.calendar import MIRRORED_RUNS, MIRRORED_WORKOUTS, Mirrored, R
from fitness.db.connection import transaction
from fitness.db.users import get_user
from fitness.errors import found
from fitness.providers.client import ProviderError, Rejected, Unreachable
from fitness.providers.google.client import Google
from fitness.sync.calendar_events import event_ids, event_of_run, event_of_workout
from fitness.sync.report import MOST_PROBLEMS, Report
from fitness.sync.session import sync_session

PROVIDER = "google"


@dataclass(frozen=True)
class Noun(Generic[R]):
    """A kind of record that is sent to the calendar; `event_of` makes an event from a record and a time zone."""

    mirrored: Mirrored[R]
    event_of: Callable[[R, str, str], dict[str, Any]]

    @property
    def name(self) -> str:
        return self.mirrored.kind.noun


RUNS = Noun(MIRRORED_RUNS, event_of_run)
WORKOUTS = Noun(MIRRORED_WORKOUTS, event_of_workout)


Page = Callable[[], AbstractContextManager[None]]
"""Opens a transaction of the user."""


def sync_one(noun: Noun[Any], id: Any, user_id: int, time_zone: str) -> None:
    """Send a record to the calendar; raises NotFound if it does not exist, and ProviderError."""
    page = partial(transaction, user_id)
    with page():
        found(noun.mirrored.read(id), noun.name)
    with clients.google(user_id) as google:
        _put(noun, google, page, user_id, id, time_zone)


def remove_one(noun: Noun[Any], id: Any, user_id: int) -> None:
    """Remove a record's event, if it has one; raises NotFound if the record does not exist, and ProviderError."""
    page = partial(transaction, user_id)
    with page():
        in_calendar = found(calendar.get_state(noun.mirrored, id), noun.name).sync_status is not None
    if in_calendar:
        with clients.google(user_id) as google:
            _remove(noun, google, page, id)


def sync_all(
    noun: Noun[Any], user_id: int, report: Report, *, start: date | None, end: date | None, time_zone: str
) -> None:
    """Send the records of these local days that are out of date in the calendar, and remove deleted ones.

    If Google's rate limit stops it, the report has the time to continue. Errors of single records are listed in the
    report too. Raises Conflict if another calendar sync is running, and other ProviderErrors; sent events stay.
    """
    with sync_session(PROVIDER, user_id, report) as session, clients.google(user_id) as google:
        with session.page():
            due = calendar.list_due(noun.mirrored, start=start, end=end, time_zone=time_zone)
            report.found = len(due)
        silent = False
        for one in due:
            try:
                if one.unwanted:
                    report.deleted += _remove(noun, google, session.page, one.id)
                else:
                    sent = _put(noun, google, session.page, user_id, one.id, time_zone)
                    report.created += sent == "created"
                    report.updated += sent == "updated"
                silent = False
            except (Rejected, Unreachable) as failure:
                _add_problem(report, one.id, failure.detail)
                # One lost response is no reason to stop, but two in a row are.
                if isinstance(failure, Unreachable) and silent:
                    raise
                silent = isinstance(failure, Unreachable)
        with session.page():
            session.finish()


def _add_problem(report: Report, id: Any, detail: str) -> None:
    report.failed += 1
    if report.failed <= MOST_PROBLEMS:
        report.problems.append({"id": str(id), "detail": detail})


def _put(
    noun: Noun[Any], google: Google, page: Page, user_id: int, id: Any, time_zone: str
) -> Literal["created", "updated"] | None:
    """Send a record; return whether its event was created or updated, or None if the record was deleted meanwhile."""
    ids = list(event_ids(user_id, noun.name.lower(), id))
    with page():
        record = noun.mirrored.read(id)
        if record is None:
            return None
        units = found(get_user(), "User").units
        attempt, known = calendar.begin_sync(noun.mirrored, id, version=record.version, google_event_id=ids[0])
    event = noun.event_of(record, time_zone, units)
    try:
        event_id = _write(google, ids, attempt.google_event_id if known else None, event)
    except ProviderError as failure:
        _store_failure(noun, page, attempt, failure)
        raise
    with page():
        calendar.finish_sync(noun.mirrored, attempt, google_event_id=event_id)
    return "updated" if known else "created"


def _write(google: Google, ids: list[str], known: str | None, event: dict[str, Any]) -> str:
    """Create or update the event, and return its id: the `known` one, or the first usable one of `ids`.

    If the calendar already has an event with an id, it is from an earlier attempt or was deleted: it is updated.
    """
    if known is not None and google.patch_event(known, event):
        return known
    for event_id in ids:
        if google.insert_event(event_id, event) or google.patch_event(event_id, event):
            return event_id
    raise Rejected("The event was deleted too often: no event id is left")


def _remove(noun: Noun[Any], google: Google, page: Page, id: Any) -> bool:
    """Remove a record's event; return False if it is already gone."""
    with page():
        attempt = calendar.begin_removal(noun.mirrored, id)
    if attempt is None:
        return False
    try:
        google.delete_event(attempt.google_event_id)
    except ProviderError as failure:
        _store_failure(noun, page, attempt, failure)
        raise
    with page():
        calendar.finish_removal(noun.mirrored, attempt)
    return True


def _store_failure(noun: Noun[Any], page: Page, attempt: calendar.Attempt, failure: ProviderError) -> None:
    with page():
        calendar.fail(noun.mirrored, attempt, error_message=failure.detail)
