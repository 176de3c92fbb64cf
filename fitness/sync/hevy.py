"""Sync with Hevy: all workouts at first, later those changed or deleted since the last sync."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice

from fitness.connections import clients
from fitness.db import exercises_import, workouts_import
from fitness.db.history import provider_deletes
from fitness.db.workouts import WORKOUTS
from fitness.providers.client import ConnectionRefused, NotThere
from fitness.providers.hevy.client import WORKOUTS_PER_PAGE, Hevy, pages
from fitness.providers.hevy.workouts import parse_event, parse_template, parse_workout
from fitness.readers.records import DeletedWorkout, ParsedTemplate, ParsedWorkout, Problem
from fitness.sync.report import Report
from fitness.sync.session import BEGINNING, Session, delete_gone, sync_session
from fitness.sync.workouts_import import load_workouts, provider_exercise

PROVIDER, SOURCE = "hevy", "Hevy"

OVERLAP = timedelta(days=1)
"""How long before the last sync to read events again, as Hevy's clock may differ from ours."""


def sync_workouts(user_id: int, report: Report, *, actor: str, full_sync: bool, allow_deletes: bool) -> None:
    """Store a user's workouts from Hevy, delete those deleted at Hevy, and count both in the report.

    The first sync and a full sync fetch all workouts, as a new key may have no events for existing ones; later syncs
    fetch events, unless the deletes of a full one were refused. Raises Conflict if a sync is running or would delete
    too much, and ProviderError.
    """
    try:
        with sync_session(PROVIDER, user_id, report) as session, clients.hevy(user_id) as hevy:
            sync = _Sync(hevy, session, report, actor)
            since = None if full_sync or session.claimed.resume_at else session.claimed.last_synced_at
            gone = sync.list_all() if since is None else sync.follow(since - OVERLAP)
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
    """A running sync; `templates` is None until they are needed."""

    hevy: Hevy
    session: Session
    report: Report
    actor: str
    rows: Iterator[int] = field(default_factory=lambda: count(1))
    templates: dict[str, ParsedTemplate] | None = None

    def list_all(self) -> list[str]:
        """Store all workouts; return Hevy's ids of those that exist here but no longer at Hevy.

        Workouts may move between pages while they are read, so each one that was not listed is fetched by its id.
        """
        listed: list[str | None] = []
        for page in pages(self.hevy.workouts):
            records = self._parsed(page.items)
            self._store(records)
            listed += [_external_id(record) for record in records]
        with self.session.page():
            unlisted = iter(workouts_import.list_unlisted(listed, source=SOURCE))
        gone: list[str] = []
        while some := list(islice(unlisted, WORKOUTS_PER_PAGE)):
            there: list[object] = []
            for external_id in some:
                try:
                    there.append(self.hevy.workout(external_id))
                except NotThere:
                    gone.append(external_id)
            self._store(self._parsed(there))
        return gone

    def follow(self, since: datetime) -> list[str]:
        """Store the workouts changed since an instant; return Hevy's ids of the deleted ones.

        Events come newest first; only the first event of a workout counts, even if it cannot be read.
        """
        seen: set[str] = set()
        gone: list[str] = []
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
                    gone.append(record.external_id)
                else:
                    records.append(record)
            self._store(records)
        return gone

    def _parsed(self, items: Sequence[object]) -> list[ParsedWorkout | Problem]:
        return [parse_workout(item, next(self.rows)) for item in items]

    def _store(self, records: Sequence[ParsedWorkout | Problem]) -> None:
        self._fetch_templates(records)
        templates = self.templates or {}
        self.session.write_page(
            lambda: load_workouts(records, self.report, source=SOURCE, actor=self.actor, templates=templates)
        )

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
