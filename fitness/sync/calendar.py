"""Runs and workouts into the person's calendar at Google: one at a time, or all that it does not show as they are.

An event's id follows from the record. So whatever is tried again, after an answer that was lost or a process that died,
finds its own event and changes it, and makes no second one.
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
from fitness.errors import found
from fitness.providers.client import ProviderError, Rejected, Unreachable
from fitness.providers.google.client import Google
from fitness.sync.calendar_events import event_ids, event_of_run, event_of_workout
from fitness.sync.report import MOST_PROBLEMS, Report
from fitness.sync.session import sync_session

PROVIDER = "google"


@dataclass(frozen=True)
class Noun(Generic[R]):
    """What is sent to the calendar: its tables, and how an event is made of a record, in a time zone."""

    mirrored: Mirrored[R]
    event_of: Callable[[R, str], dict[str, Any]]

    @property
    def name(self) -> str:
        return self.mirrored.kind.noun


RUNS = Noun(MIRRORED_RUNS, event_of_run)
WORKOUTS = Noun(MIRRORED_WORKOUTS, event_of_workout)


Page = Callable[[], AbstractContextManager[None]]
"""Opens a transaction of the person."""


def sync_one(noun: Noun[Any], id: Any, user_id: int, time_zone: str) -> None:
    """Let the calendar show a record as it is; raise NotFound when there is none, and what Google raises."""
    page = partial(transaction, user_id)
    with page():
        found(noun.mirrored.read(id), noun.name)
    with clients.google(user_id) as google:
        _put(noun, google, page, user_id, id, time_zone)


def remove_one(noun: Noun[Any], id: Any, user_id: int) -> None:
    """Take a record's event, if it has one, out of the calendar; raise NotFound without a record, or as Google does."""
    page = partial(transaction, user_id)
    with page():
        in_calendar = found(calendar.get_state(noun.mirrored, id), noun.name).sync_status is not None
    if in_calendar:
        with clients.google(user_id) as google:
            _remove(noun, google, page, id)


def sync_all(
    noun: Noun[Any], user_id: int, report: Report, *, start: date | None, end: date | None, time_zone: str
) -> None:
    """Let the calendar show the records of these local days as they are, without those that were deleted.

    Google's limits end it early, and the report tells when to go on. What Google refuses of one record is told there,
    too. Raises Conflict when such a sync is under way, and what else Google raises; what was sent stays.
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
                # An answer that was lost is no reason to stop, but a Google that has fallen silent is.
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
    """Send a record as it is now, and return whether for the first time; None when it was deleted meanwhile."""
    ids = list(event_ids(user_id, noun.name.lower(), id))
    with page():
        record = noun.mirrored.read(id)
        if record is None:
            return None
        attempt, known = calendar.begin_sync(noun.mirrored, id, version=record.version, google_event_id=ids[0])
    event = noun.event_of(record, time_zone)
    try:
        event_id = _write(google, ids, attempt.google_event_id if known else None, event)
    except ProviderError as failure:
        _note_failure(noun, page, attempt, failure)
        raise
    with page():
        calendar.finish_sync(noun.mirrored, attempt, google_event_id=event_id)
    return "updated" if known else "created"


def _write(google: Google, ids: list[str], known: str | None, event: dict[str, Any]) -> str:
    """Let there be the event, and return its id: the one that is `known`, or the first that is not used up.

    An id that the calendar has seen is that of an earlier attempt, or of an event that was deleted, which comes back.
    """
    if known is not None and google.patch_event(known, event):
        return known
    for event_id in ids:
        if google.insert_event(event_id, event) or google.patch_event(event_id, event):
            return event_id
    raise Rejected("The event was deleted so often that Google has no id left for it")


def _remove(noun: Noun[Any], google: Google, page: Page, id: Any) -> bool:
    """Remove a record's event; false when it is gone already."""
    with page():
        attempt = calendar.begin_removal(noun.mirrored, id)
    if attempt is None:
        return False
    try:
        google.delete_event(attempt.google_event_id)
    except ProviderError as failure:
        _note_failure(noun, page, attempt, failure)
        raise
    with page():
        calendar.finish_removal(noun.mirrored, attempt)
    return True


def _note_failure(noun: Noun[Any], page: Page, attempt: calendar.Attempt, failure: ProviderError) -> None:
    with page():
        calendar.fail(noun.mirrored, attempt, error_message=failure.detail)
