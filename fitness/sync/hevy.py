"""Sync with Hevy: all workouts at first, later those changed or deleted since the last sync."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, islice

from fitness.connections import clients
from fitness.db import exercises_import, provider_events, workouts_import
from fitness.db.history import provider_deletes
from fitness.db.workouts import WORKOUTS
from fitness.providers.client import ConnectionRefused
from fitness.providers.hevy.client import WORKOUTS_PER_PAGE, Hevy, pages
from fitness.providers.hevy.workouts import parse_event, parse_template, parse_workout
from fitness.readers.records import DeletedWorkout, ParsedTemplate, ParsedWorkout, Problem
from fitness.sync import asking
from fitness.sync.report import Report
from fitness.sync.session import BEGINNING, Session, delete_gone, sync_session
from fitness.sync.workouts_import import load_workouts, provider_exercise

PROVIDER, SOURCE = "hevy", "Hevy"

OVERLAP = timedelta(days=1)
"""How long before the last sync to read events again, as Hevy's clock may differ from ours."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""A deletion of so long before a list began may have happened while it was read."""

MOST_ASKED_FOR = 20
"""So many of the unlisted ones are fetched where most may have been listed by an earlier sync, which was stopped."""


def sync_workouts(user_id: int, report: Report, *, actor: str, full_sync: bool, allow_deletes: bool) -> None:
    """Store a user's workouts from Hevy, delete those deleted at Hevy, and count both in the report.

    The first sync and a full sync fetch all workouts, as a new key may have no events for existing ones; if one is
    stopped, the next one continues its list. Later syncs fetch events, unless the deletes of a full one were refused.
    Raises Conflict if a sync is running or would delete too much, and ProviderError.
    """
    try:
        with sync_session(PROVIDER, user_id, report) as session, clients.hevy(user_id) as hevy:
            sync, claimed = _Sync(hevy, session, report, actor), session.claimed
            since = None if full_sync or claimed.resume_at or claimed.next_page else claimed.synced_until(OVERLAP)
            if since is None:
                gone = sync.list_all(1 if full_sync else claimed.next_page or 1)
            else:
                gone = [one.external_id for one in sync.follow(since)]
            gone += sync.ask_again()
            session.write_last_page(
                partial(_delete, gone, report, actor=actor, allow_deletes=allow_deletes),
                since=BEGINNING if since is None else None,
            )
    except ConnectionRefused:
        clients.check_connection(PROVIDER, user_id)
        raise


def _delete(external_ids: Collection[str], report: Report, *, actor: str, allow_deletes: bool) -> None:
    """Delete workouts that were deleted at Hevy; those that are not here count as unchanged."""
    ours = provider_deletes.may_have(WORKOUTS)
    covered = provider_deletes.count_covered(WORKOUTS, source=SOURCE, condition="r.external_id IS NOT NULL AND " + ours)
    gone = provider_deletes.find_gone(
        WORKOUTS,
        source=SOURCE,
        condition="r.external_id = ANY(%(external_ids)s) AND " + ours,
        external_ids=list(external_ids),
    )
    report.found += len(external_ids)
    report.unchanged += len(external_ids) - len(gone)
    delete_gone(WORKOUTS, gone, report, covered=covered, source=SOURCE, actor=actor, allow_deletes=allow_deletes)


@dataclass(slots=True)
class _Sync:
    """A running sync; `templates` is None until they are needed.

    `read` has Hevy's ids of the workouts that were read, `reported` of those that could not be.
    """

    hevy: Hevy
    session: Session
    report: Report
    actor: str
    rows: Iterator[int] = field(default_factory=lambda: count(1))
    templates: dict[str, ParsedTemplate] | None = None
    read: set[str | None] = field(default_factory=set[str | None])
    reported: set[str] = field(default_factory=set[str])

    def list_all(self, first: int) -> list[str]:
        """Store all workouts, or those from a page on; return Hevy's ids of those that exist here but not at Hevy.

        The list moves while it is read, more so while a sync waits to continue it. A new workout moves others to a
        later page. A deleted one moves others to an earlier page, which may have been read: then the list is read once
        more. What changed on pages that an earlier sync read has an event.
        """
        began_at = self.session.claimed.started_at
        if first > 1:
            began_at = self.session.claimed.list_began_at or began_at
        listed: set[str | None] = set()
        several = self._list(first, began_at, listed)
        gone = self._ask_for(listed, before=None if first == 1 else began_at)
        if several:
            deleted = self.follow(began_at - OVERLAP, known=listed)
            gone |= {one.external_id for one in deleted}
            if any(one.deleted_at is None or one.deleted_at > began_at - CLOCKS_DIFFER for one in deleted):
                self._list(1, datetime.now(UTC), listed)
        return list(gone)

    def _list(self, first: int, began_at: datetime, listed: set[str | None]) -> bool:
        """Store the workouts from a page on that are not `listed` yet, and add them to it.

        Returns whether they may have moved: unless one page has them all.
        """
        known, page_count = frozenset(listed), 0
        for number, page in enumerate(pages(self.hevy.workouts, first), first):
            page_count = page.page_count
            records = [one for one in self._parsed(page.items) if _external_id(one) not in known]
            self._store(records, partial(self.session.resume_list, number + 1, began_at=began_at))
            listed |= {_external_id(record) for record in records}
        return first > 1 or page_count > 1

    def _ask_for(self, listed: set[str | None], *, before: datetime | None) -> set[str]:
        """Fetch each workout here that was not listed, as it may have moved; return the ids of those that are gone.

        Those that are there are listed then. With `before`, only some of those that were created before it are fetched,
        as an earlier sync may have listed the others.
        """
        with self.session.page():
            missing = workouts_import.list_unlisted(listed, source=SOURCE, before=before)
        if before is not None:
            missing = missing[:: max(1, math.ceil(len(missing) / MOST_ASKED_FOR))]
        unlisted, gone = iter(missing), set[str]()
        while some := list(islice(unlisted, WORKOUTS_PER_PAGE)):
            answers = asking.ask_for(some, self.hevy.workout)
            listed |= answers.there.keys() | answers.failed.keys()
            gone |= {*answers.gone}
            note = partial(provider_events.add_unread, PROVIDER, answers.failed)
            self._store(self._parsed(list(answers.there.values())), note)
            if answers.limit:
                raise answers.limit
        return gone

    def ask_again(self) -> list[str]:
        """Ask for the workouts that earlier syncs could not read, unless this one has; return the ids of those gone.

        Those that this sync has `reported` as unreadable are reported again only when they are given up. Raises
        RateLimited after what came before it was stored.
        """
        before = self.session.claimed.started_at
        with self.session.page():
            unread = provider_events.list_unread(PROVIDER, before=before, most=asking.MOST_ASKED_AGAIN)
        if not unread:
            return []
        waiting = {one.object_id: one for one in unread}
        listed = waiting.keys() & self.read
        answers = asking.ask_for(waiting.keys() - listed, self.hevy.workout)
        records = self._parsed(list(answers.there.values()))
        records += [Problem(next(self.rows), id, why) for id, why in answers.failed.items()]
        problems = _problems(records)
        others = [one for one in records if not (isinstance(one, Problem) and one.id)]
        reported = asking.to_report(problems, waiting, self.reported, SOURCE)
        note = partial(asking.note_answers, PROVIDER, waiting, listed, answers, problems)
        self._store([*others, *reported], note)
        if answers.limit:
            raise answers.limit
        return answers.gone

    def follow(self, since: datetime, known: Collection[str | None] = ()) -> list[DeletedWorkout]:
        """Store the workouts changed since an instant that are not `known`; return the deleted ones.

        Events come newest first; only the first event of a workout counts, even if it cannot be read.
        """
        seen: set[str] = set()
        deleted: list[DeletedWorkout] = []
        for page in pages(partial(self.hevy.events, since)):
            records: list[ParsedWorkout | Problem] = []
            for event in page.items:
                record = parse_event(event, next(self.rows))
                external_id = _external_id(record)
                if external_id in seen:
                    continue
                if external_id is not None:
                    seen.add(external_id)
                if isinstance(record, DeletedWorkout):
                    deleted.append(record)
                elif external_id is None or external_id not in known:
                    records.append(record)
            self._store(records)
        return deleted

    def _parsed(self, items: Sequence[object]) -> list[ParsedWorkout | Problem]:
        return [parse_workout(item, next(self.rows)) for item in items]

    def _store(self, records: Sequence[ParsedWorkout | Problem], also: Callable[[], None] = lambda: None) -> None:
        """Store records as a page of the session, and do `also` what belongs to it."""
        self._fetch_templates(records)
        templates = self.templates or {}
        problems = _problems(records)

        def store() -> None:
            load_workouts(records, self.report, source=SOURCE, actor=self.actor, templates=templates)
            provider_events.add_unread(PROVIDER, {id: one.detail for id, one in problems.items()})
            also()

        self.session.write_page(store)
        self.reported |= problems.keys()
        self.read |= {_external_id(one) for one in records} - problems.keys()

    def _fetch_templates(self, records: Sequence[ParsedWorkout | Problem]) -> None:
        """Fetch the templates once, if a workout has an exercise that is new here.

        If a template cannot be read, its exercise gets no body part and modality.
        """
        named = {
            provider_exercise(exercise, SOURCE, {})
            for record in records
            if isinstance(record, ParsedWorkout)
            for exercise in record.exercises
        }
        if self.templates is not None or not named:
            return
        with self.session.page():
            unknown = exercises_import.list_unknown(list(named))
        if unknown:
            templates = [parse_template(one, 0) for page in pages(self.hevy.templates) for one in page.items]
            self.templates = {one.template_id: one for one in templates if isinstance(one, ParsedTemplate)}


def _external_id(record: ParsedWorkout | DeletedWorkout | Problem) -> str | None:
    return record.id if isinstance(record, Problem) else record.external_id


def _problems(records: Sequence[ParsedWorkout | Problem]) -> dict[str, Problem]:
    """Return why workouts could not be read, {Hevy's id: problem}."""
    return {one.id: one for one in records if isinstance(one, Problem) and one.id}
