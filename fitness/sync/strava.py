"""Sync with Strava: activities page by page, and single ones after a webhook event."""

import hmac
import logging
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, LiteralString

from fitness.connections import clients, oauth
from fitness.connections.encryption import digest
from fitness.db import oauth_credentials, provider_events, sync_metadata, webhook_subscriptions, workouts_import
from fitness.db.connection import system_transaction, transaction
from fitness.db.deadlocks import tried_twice
from fitness.db.history import provider_deletes
from fitness.db.history.versioned import Versioned
from fitness.db.provider_events import Unread
from fitness.db.runs import PROVIDER_FIELDS, RUNS
from fitness.db.workouts import WORKOUTS
from fitness.errors import Forbidden, QuotaExceeded
from fitness.providers.client import ConnectionRefused, NotThere, ProviderError, Unreachable
from fitness.providers.strava.activities import athlete_id, gear_id, gear_name, parse_activity
from fitness.providers.strava.client import Strava
from fitness.readers.other_sports import workout_id_of
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Problem
from fitness.readers.strava_values import SOURCE, activity_id_of, id_of_run
from fitness.sync import asking
from fitness.sync.activities_import import load_activities, wants_other_sports
from fitness.sync.report import Report
from fitness.sync.session import BEGINNING, UNEXPECTED, Session, delete_gone, sync_session

logger = logging.getLogger(__name__)

PROVIDER = "strava"

OVERLAP = timedelta(days=7)
"""How long before the last sync the next one starts, as watches may upload late and Strava lists by start time."""

MOST_ASKED_FOR = 20
"""So many of the unlisted ones are fetched one by one: a delete at Strava moves others to pages already read."""

NOT_OWN = "Strava sent it as an activity of another athlete."

ATHLETE = "athlete"
"""Object id of an event about the user's connection, not about an activity."""

_PAGE_FIELDS = tuple(field for field in PROVIDER_FIELDS if field != "notes")


def _covered(kind: Versioned[Any, Any], start: LiteralString) -> LiteralString:
    return f"""
        {provider_deletes.may_have(kind)} AND
        coalesce((r.provider_values ->> '{start}')::timestamptz, r.{start}) > %(since)s
        AND coalesce((r.provider_values ->> '{start}')::timestamptz, r.{start}) < %(until)s
        AND (r.created_at < %(until)s OR r.created_at > now() + interval '1 hour')
    """


_COVERED: dict[Versioned[Any, Any], LiteralString] = {
    RUNS: _covered(RUNS, "datetime_utc"),
    WORKOUTS: _covered(WORKOUTS, "start_ts"),
}
"""Records in the window of a sync that existed before it, and may be of the account that it reads.

Later ones may come from the webhook while pages are read; those of much later were made while the clock was ahead.
"""

_UNSEEN: dict[Versioned[Any, Any], LiteralString] = {
    RUNS: "r.id NOT IN (SELECT unnest(%(seen)s::text[]))",
    WORKOUTS: "'strava_' || r.external_id NOT IN (SELECT unnest(%(seen)s::text[]))",
}
"""Records of activities that were not seen, each by the id that it has as a run."""

Record = ParsedRun | OtherSport | Problem


def sync_activities(user_id: int, report: Report, *, actor: str, full_sync: bool, allow_deletes: bool) -> None:
    """Store a user's activities from Strava, delete those deleted at Strava, and count both in the report.

    Starts one week before the last successful sync, or where a later sync stopped; a full sync fetches all activities.
    Raises Conflict if a sync is running or would delete too much, and ProviderError.
    """
    with sync_session(PROVIDER, user_id, report) as session, clients.strava(user_id) as strava:
        since = BEGINNING
        if not full_sync:
            since = session.claimed.resume_at or session.claimed.synced_until(OVERLAP) or BEGINNING
        names: dict[str, str | None] = {}
        seen: list[str | None] = []
        read = set[str | None]()
        for page in strava.pages(since):
            _look_up_gear(strava, page.activities, names)
            records = session.write_page(partial(_store_page, session, page.activities, names, actor=actor))
            seen += [record.id for record in records]
            read |= {record.id for record in records if not _problem(record)}
        window = {"since": since, "until": session.claimed.started_at}
        with session.page():
            missing = [one.id for one in _find_gone(RUNS, seen, **window)]
            workout_ids = [one.id for one in _find_gone(WORKOUTS, seen, **window)]
            missing += [id_of_run(int(one)) for one in workouts_import.list_external_ids(workout_ids)]
            unread = provider_events.list_unread(
                PROVIDER, before=session.claimed.started_at, most=asking.MOST_ASKED_AGAIN
            )
        seen += _ask_for(session, strava, missing, actor=actor)
        if unread:
            _ask_again(session, strava, unread, read, reported={*seen} - read, actor=actor)

        def delete() -> None:
            for kind, condition in _COVERED.items():
                covered = provider_deletes.count_covered(kind, source=SOURCE, condition=condition, **window)
                gone = _find_gone(kind, seen, **window)
                delete_gone(
                    kind, gone, report, covered=covered, source=SOURCE, actor=actor, allow_deletes=allow_deletes
                )

        session.write_last_page(delete, since=since)
    if report.complete and not report.dry_run:
        handle_events(user_id)


def _store_page(
    session: Session, activities: Sequence[Any], names: dict[str, str | None], *, actor: str
) -> list[Record]:
    """Load a page of activities, store where a later sync would continue, and return their records.

    Those that cannot be read are noted, so that the next sync asks for them.
    """
    records = _load(activities, names, session.report, actor=actor)
    _note_unread(records, session.report)
    if reached := _reached(records):
        # Not inside the overlap, where activities may still be uploaded before the sync continues.
        session.resume_later(min(reached, session.claimed.started_at - OVERLAP))
    return records


def _find_gone(kind: Versioned[Any, Any], seen: Sequence[str | None], **window: Any) -> list[provider_deletes.Gone]:
    """Return the records of the window that were not seen; empty if activities may have been hidden or unreadable."""
    if None in seen or "activity:read_all" not in oauth.get_status(PROVIDER).scopes:
        return []
    unseen: LiteralString = f"{_COVERED[kind]} AND {_UNSEEN[kind]}"
    return provider_deletes.find_gone(kind, source=SOURCE, condition=unseen, seen=seen, **window)


def _ask_for(session: Session, strava: Strava, missing: Sequence[str], *, actor: str) -> list[str]:
    """Ask for activities that were not listed, store those that Strava has, and return the ids that are not gone.

    Of many, some are asked for; if Strava has one of these, the list was incomplete, and those not asked for stay.
    """
    asked = missing[:: max(1, math.ceil(len(missing) / MOST_ASKED_FOR))]
    answers = asking.ask_for(asked, lambda run_id: strava.activity(activity_id_of(run_id)))
    if answers.limit:
        raise answers.limit
    if not (answers.there or answers.failed):
        return []

    def store() -> None:
        report, own = session.report, _own(answers.there.values())
        _note_unread(_load(own, {}, report, actor=actor, sent=PROVIDER_FIELDS), report, answers.failed)

    session.write_page(store)
    return [run_id for run_id in missing if run_id not in answers.gone]


def _problem(record: Record) -> Problem | None:
    """Return why a record cannot be read, also one of another sport."""
    read = record.workout if isinstance(record, OtherSport) else record
    return read if isinstance(read, Problem) else None


def _problems(records: Sequence[Record], report: Report) -> list[Problem]:
    """Return why records cannot be read, in the bound transaction; those of other sports only if they are wanted."""
    unread = [record for record in records if _problem(record)]
    if any(isinstance(record, OtherSport) for record in unread) and not wants_other_sports(report):
        unread = [record for record in unread if not isinstance(record, OtherSport)]
    return [problem for record in unread if (problem := _problem(record)) and problem.id]


def _note_unread(records: Sequence[Record], report: Report, failed: Mapping[str, str] = MappingProxyType({})) -> None:
    """Note which records could not be read, and which Strava failed to send, {id of run: why}."""
    unread = {**failed, **{one.id: one.detail for one in _problems(records, report) if one.id}}
    provider_events.add_unread(PROVIDER, {str(activity_id_of(run_id)): why for run_id, why in unread.items()})


def _ask_again(
    session: Session,
    strava: Strava,
    unread: Sequence[Unread],
    read: Collection[str | None],
    *,
    reported: Collection[str | None],
    actor: str,
) -> None:
    """Ask for the records that earlier syncs could not read, unless this one has `read` them; those gone are deleted.

    Those that this sync has `reported` as unreadable are reported again only when they are given up. Raises RateLimited
    after what came before it was stored.
    """
    waiting = {one.object_id: one for one in unread}
    listed = {id for id in waiting if id_of_run(int(id)) in read}
    answers = asking.ask_for(waiting.keys() - listed, lambda number: strava.activity(int(number)))

    def store() -> None:
        report = session.report
        own = _own(answers.there.values())
        records = _parse(own, {}, report)
        whose = {id: NOT_OWN for id, one in answers.there.items() if one not in own}
        failed = [Problem(0, id_of_run(int(id)), why) for id, why in {**answers.failed, **whose}.items()]
        unreadable = [*_problems(records, report), *failed]
        problems = {str(activity_id_of(one.id)): one for one in unreadable if one.id}
        load_activities(
            [*(one for one in records if not _problem(one)), *asking.to_report(problems, waiting, reported, SOURCE)],
            report,
            source=SOURCE,
            actor=actor,
            sent=PROVIDER_FIELDS,
        )
        for id in answers.gone:
            _delete_activity(int(id), report, actor=actor)
        asking.note_answers(PROVIDER, waiting, listed, answers, problems)

    session.write_page(store)
    if answers.limit:
        raise answers.limit


def _own(activities: Iterable[Any]) -> list[Any]:
    """Return the activities of the connected athlete: people also see those of whom they follow."""
    account_id = oauth.get_status(PROVIDER).account_id
    return [activity for activity in activities if athlete_id(activity) == account_id]


def require_subscription(subscription_id: int, secret: str) -> None:
    """Raise Forbidden unless an event is sent to the address of our subscription, and names it.

    Subscriptions of before addresses had a secret have the empty one.
    """
    with system_transaction():
        ours = webhook_subscriptions.get_subscription(PROVIDER)
    expected = digest("") if ours is None or ours.secret_hash is None else ours.secret_hash
    known = hmac.compare_digest(digest(secret), expected)
    if ours is None or subscription_id != ours.subscription_id or not known:
        raise Forbidden("Unknown subscription")


def note_event(event: Mapping[str, Any]) -> list[int]:
    """Store an event of Strava's webhook, and return the ids of the users connected with its athlete."""
    with system_transaction():
        user_ids = oauth_credentials.get_users_of_account(PROVIDER, str(event["owner_id"]))
    object_id = ATHLETE if event["object_type"] == "athlete" else str(event["object_id"])
    for user_id in user_ids:
        with transaction(user_id):
            provider_events.add_event(PROVIDER, object_id)
    return user_ids


def handle_events(user_id: int) -> None:
    """Fetch the activities of stored webhook events; if Strava fails, or the quota is full, the rest stay.

    Why one failed is stored for the status. For one that cannot be read, later syncs ask, see `asking`.
    """
    with transaction(user_id):
        events = provider_events.list_events(PROVIDER)
    for event in events:
        problem: object = None
        try:
            if event.object_id == ATHLETE:
                clients.check_connection(PROVIDER, user_id)
            else:
                problem = next((one["detail"] for one in sync_activity(user_id, int(event.object_id)).problems), None)
        except (ProviderError, QuotaExceeded) as error:
            logger.warning("strava: webhook events stay for the next time: %s", error.detail)
            _postpone(user_id, event, error.detail, counted=isinstance(error, Unreachable))
            return
        except Exception:
            logger.exception("strava: webhook event %s stays for the next time", event.object_id)
            _postpone(user_id, event, UNEXPECTED, counted=True)
            continue
        with transaction(user_id):
            provider_events.delete_event(PROVIDER, event)
            if problem:
                provider_events.add_unread(PROVIDER, {event.object_id: str(problem)})


def _postpone(user_id: int, event: provider_events.Event, why: str, *, counted: bool) -> None:
    with transaction(user_id):
        provider_events.postpone_event(PROVIDER, event, why, counted=counted and event.object_id != ATHLETE)
        sync_metadata.set_error(PROVIDER, why)


def sync_activity(user_id: int, activity_id: int) -> Report:
    """Fetch and store one activity, or delete its run or workout if Strava no longer has it.

    An activity of another athlete, whom the user follows, is ignored, as events can be forged.
    """
    with clients.strava(user_id) as strava:
        try:
            activity = strava.activity(activity_id)
        except NotThere:
            activity = None

    def store() -> Report:
        report = Report("sync")
        with transaction(user_id):
            if activity is None:
                _delete_activity(activity_id, report, actor=SOURCE)
            elif own := _own([activity]):
                _load(own, {}, report, actor=SOURCE, sent=PROVIDER_FIELDS)
        return report

    return tried_twice(store)


def _delete_activity(activity_id: int, report: Report, *, actor: str) -> None:
    """Delete the run or workout of an activity in the bound transaction."""
    ids = {RUNS: id_of_run(activity_id), WORKOUTS: workout_id_of(SOURCE, str(activity_id))}
    for kind, id in ids.items():
        gone = provider_deletes.find_gone(kind, source=SOURCE, condition="r.id = %(id)s", id=id)
        delete_gone(kind, gone, report, covered=1, source=SOURCE, actor=actor, allow_deletes=True)


def _look_up_gear(strava: Strava, activities: Iterable[Any], names: dict[str, str | None]) -> None:
    """Fetch the names of the runs' gear into `names`; None if Strava does not show it."""
    for worn in {gear_id(activity) for activity in activities} - {None, *names}:
        assert worn is not None
        try:
            names[worn] = gear_name(strava.gear(worn))
        except (NotThere, ConnectionRefused):
            names[worn] = None


def _parse(activities: Sequence[Any], names: Mapping[str, str | None], report: Report) -> list[Record]:
    """Return the records of activities, numbered after those of the report."""
    known = {worn: name for worn, name in names.items() if name}
    first = report.found + 1
    records = [parse_activity(activity, row, known) for row, activity in enumerate(activities, first)]
    # If Strava does not show a shoe, keep the run's shoe.
    return [
        record._replace(unsaid=frozenset({"shoe_name"}))
        if isinstance(record, ParsedRun) and record.shoe_name is None and gear_id(activity)
        else record
        for record, activity in zip(records, activities, strict=True)
    ]


def _load(
    activities: Sequence[Any],
    names: Mapping[str, str | None],
    report: Report,
    *,
    actor: str,
    sent: Sequence[str] = _PAGE_FIELDS,
) -> list[Record]:
    """Load activities in the bound transaction, and return their records."""
    records = _parse(activities, names, report)
    load_activities(records, report, source=SOURCE, actor=actor, sent=sent)
    return records


def _start(record: Record) -> datetime | None:
    if isinstance(record, OtherSport):
        return record.workout.start_ts if isinstance(record.workout, ParsedWorkout) else None
    return record.datetime_utc if isinstance(record, ParsedRun) else None


def _reached(records: Sequence[Record]) -> datetime | None:
    """Return the instant up to which everything is stored after a page, or None if unknown."""
    starts = list(filter(None, map(_start, records)))
    return starts[-1] - timedelta(seconds=1) if starts and starts == sorted(starts) else None
