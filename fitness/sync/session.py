"""The session of a sync, the same for all providers: one at a time, page by page; errors are stored."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from fitness import signals
from fitness.db import oauth_credentials, sync_metadata, turns
from fitness.db.connection import transaction
from fitness.db.deadlocks import tried_twice
from fitness.db.history import provider_deletes, versions
from fitness.db.history.provider_deletes import Gone
from fitness.db.users import get_user
from fitness.errors import ACCOUNT_DELETED, Conflict, FitnessError, Unauthorized
from fitness.providers.client import RateLimited
from fitness.sync.report import Report, changeset_of

T = TypeVar("T")

MOST_DELETED = 0.1
"""Share of the covered records that a sync may delete without `allow_deletes`."""

BEGINNING = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
"""Before any activity. With a start instant, Strava lists the oldest first, so that pages do not move meanwhile."""

UNEXPECTED = "The sync stopped because of an error of this server, which its log describes"


class DeletesRefused(Conflict):
    """The sync would delete so many records that the user has to allow it."""

    code = "deletes_refused"


@dataclass(frozen=True, slots=True)
class Session:
    """A running sync. All its statements run inside a page; what loads or deletes records, by `write_page`."""

    provider: str
    user_id: int
    report: Report
    lease_id: UUID
    claimed: sync_metadata.Claimed

    @contextmanager
    def page(self) -> Iterator[None]:
        """Run the block in one transaction of the user; raises Conflict if another sync has taken over."""
        with transaction(self.user_id):
            turns.take_turn(turns.PATIENT_SECONDS)
            yield
            self._renew()
        if self.report.dry_run:  # the dry run rolled the renewal back too
            with transaction(self.user_id):
                self._renew()

    def write_page(self, work: Callable[[], T]) -> T:
        """Run `work` in a page, and return its result; if it was the victim of a deadlock, once more.

        The report is as it was before a page that failed, as all of it was rolled back.
        """

        def run() -> T:
            with self.report.taken_back_on_error(), self.page():
                return work()

        return tried_twice(run)

    def _renew(self) -> None:
        if not sync_metadata.renew_lease(self.provider, self.lease_id, found=self.report.found):
            raise _why_it_ended(self.provider)

    def resume_later(self, resume_at: datetime) -> None:
        """Store, inside a page, the instant where the next sync continues if this one is stopped."""
        sync_metadata.set_resume_at(self.provider, resume_at)

    def resume_list(self, next_page: int, *, began_at: datetime) -> None:
        """Store, inside a page, with which page of a list the next sync continues if this one is stopped."""
        sync_metadata.set_next_page(self.provider, next_page, list_began_at=began_at)

    def write_last_page(self, work: Callable[[], None], *, since: datetime | None) -> None:
        """Run `work`, which deletes, as the page that ends the sync successfully.

        If the deletes are refused, the next sync starts at `since` again, so that it finds them, too.
        """

        def run() -> None:
            work()
            self.finish()

        try:
            self.write_page(run)
        except DeletesRefused:
            if not self.report.dry_run:
                with self.page():
                    if since is not None:
                        self.resume_later(since)
                    sync_metadata.set_deletes_refused(self.provider)
            raise

    def finish(self) -> None:
        """Store, inside the last page, that the sync was successful; a dry run rolls this back with the page.

        What was reverted meanwhile is fetched again.
        """
        sync_metadata.advance_watermark(self.provider, self.claimed.started_at)
        if not self.report.found and self.claimed.last_synced_at is None and self.claimed.next_page is None:
            self.resume_later(BEGINNING)  # an empty account is believed the second time


def _why_it_ended(provider: str) -> FitnessError:
    """Return the error for a sync whose lease is lost."""
    if get_user() is None:
        return Unauthorized(ACCOUNT_DELETED)
    if oauth_credentials.get_credentials(provider) is None:
        return Conflict("The connection was ended during the sync")
    return Conflict("This sync took too long, and another one has started")


@contextmanager
def sync_session(provider: str, user_id: int, report: Report) -> Iterator[Session]:
    """Run the block as the only sync of a user with a provider; raises Conflict if another one is running.

    If the provider's rate limit stops the sync, stored pages stay and the report has the time to continue; RateLimited
    is raised if nothing was read. Any other error is stored for the status, and raised.
    """
    lease_id = uuid4()
    with transaction(user_id):
        turns.take_turn()
        claimed = sync_metadata.claim_sync(provider, lease_id)
        state = sync_metadata.get_sync_state(provider)
    if claimed is None:
        raise Conflict("A sync with this provider is running; wait until it ends")
    error, retry_at, outcome = None, None, "ok"
    try:
        if state and state.retry_at:
            raise RateLimited("The provider's rate limit is still reached", state.retry_at)
        yield Session(provider, user_id, report, lease_id, claimed)
    except RateLimited as stop:
        error, retry_at, outcome = stop.detail, stop.retry_at, "rate_limited"
        if not report.found:
            raise
        report.complete, report.resume_at = False, stop.retry_at
    except FitnessError as failure:
        if report.changeset_id:
            stored = f"Records read before the error are stored as changeset {report.changeset_id}."
            failure.detail = f"{failure.detail.rstrip('.')}. {stored}"
        error, outcome = failure.detail, "refused" if isinstance(failure, DeletesRefused) else "failed"
        raise
    except BaseException:
        error, outcome = UNEXPECTED, "error"
        raise
    finally:
        signals.sync_ended.send(provider=provider, outcome=outcome)
        with transaction(user_id):
            sync_metadata.release_lease(provider, lease_id, error=error, retry_at=retry_at)


def delete_gone(
    kind: versions.Versioned[Any, Any],
    gone: Sequence[Gone],
    report: Report,
    *,
    covered: int,
    source: str,
    actor: str,
    allow_deletes: bool,
) -> None:
    """Delete records that were deleted at the provider; those that the user edited stay and are reported as conflicts.

    Raises DeletesRefused before anything is deleted if that is more than a tenth of the covered records, unless
    `allow_deletes` is true.
    """
    deletable = sum(not one.edited for one in gone)
    if deletable > covered * MOST_DELETED and not allow_deletes:
        raise DeletesRefused(
            f"This sync would delete {deletable} of {covered} {kind.noun.lower()}s, more than a tenth, as {source} no"
            " longer has them. Nothing was deleted. To delete them, repeat the sync with allow_deletes=true."
        )
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        change = versions.Change(source, changeset_id=changeset_id)
        report.deleted += provider_deletes.delete_gone(kind, gone, change)
    for one in gone:
        if one.edited:
            report.kept += 1
            report.conflicts.append({"id": str(one.id), "field": "deleted_at", "yours": None, "theirs": "deleted"})
