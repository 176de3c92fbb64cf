"""What the syncs of all providers share: one at a time, page by page, and whatever ends one early is written down."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from fitness.db import sync_metadata
from fitness.db.connection import transaction
from fitness.db.history import provider_deletes, versions
from fitness.db.history.provider_deletes import Gone
from fitness.errors import Conflict
from fitness.providers.client import ProviderError, RateLimited
from fitness.sync.report import Report, changeset_of

MOST_DELETED = 0.1
"""The part of the records covered that a sync deletes without asking."""


@dataclass(frozen=True, slots=True)
class Session:
    """A sync that has begun. What is written is written in its `page`s."""

    provider: str
    user_id: int
    report: Report
    lease_id: UUID
    claimed: sync_metadata.Claimed

    @contextmanager
    def page(self) -> Iterator[None]:
        """Run the block as one transaction of the person; raise Conflict when another sync has taken over."""
        with transaction(self.user_id):
            yield
            self._renew()
        if self.report.dry_run:  # which took that back, too
            with transaction(self.user_id):
                self._renew()

    def _renew(self) -> None:
        if not sync_metadata.renew_lease(self.provider, self.lease_id, found=self.report.found):
            raise Conflict("This sync took so long that another one has begun")

    def resume_later(self, resume_at: datetime) -> None:
        """Note, in a page, that all that began before an instant is here: there a sync that is stopped goes on."""
        sync_metadata.set_resume_at(self.provider, resume_at)

    def finish(self) -> None:
        """Note, in the last page, that the sync ended well."""
        if not self.report.dry_run:
            sync_metadata.advance_watermark(self.provider, self.claimed.started_at)


@contextmanager
def sync_session(provider: str, user_id: int, report: Report) -> Iterator[Session]:
    """Run the block as the only sync of a person and a provider; raise Conflict when there is another one.

    A provider that wants to be asked later ends it as well: what was read until then is stored, and the report tells
    when to go on; RateLimited is raised when nothing was. Any other error of the provider is noted, and raised.
    """
    lease_id = uuid4()
    with transaction(user_id):
        claimed = sync_metadata.claim_sync(provider, lease_id)
    if claimed is None:
        raise Conflict("A sync with this provider is under way; wait until it ends")
    error, retry_at = None, None
    try:
        if claimed.retry_at and claimed.retry_at > datetime.now(UTC):
            raise RateLimited("The provider does not want to be asked again yet", claimed.retry_at)
        yield Session(provider, user_id, report, lease_id, claimed)
    except RateLimited as stop:
        error, retry_at = stop.detail, stop.retry_at
        if not report.found:
            raise
        report.complete, report.resume_at = False, stop.retry_at
    except (ProviderError, Conflict) as failure:
        if report.changeset_id:
            stored = f"What was read before is stored, as changeset {report.changeset_id}."
            failure.detail = f"{failure.detail.rstrip('.')}. {stored}"
        error = failure.detail
        raise
    finally:
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
    """Let what is gone at the provider go here, too, and report as conflicts what stays because the person edited it.

    Raises Conflict, before anything is deleted, for more than a tenth of what the sync covers, unless that is allowed.
    """
    deletable = sum(not one.edited for one in gone)
    if deletable > covered * MOST_DELETED and not allow_deletes:
        raise Conflict(
            f"{deletable} of the {covered} {kind.noun.lower()}s that this sync covers are gone at {source}, more than a"
            " tenth. Nothing was deleted. If that is right, repeat it with allow_deletes=true."
        )
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        change = versions.Change(source, changeset_id=changeset_id)
        report.deleted += provider_deletes.delete_gone(kind, gone, change)
    for one in gone:
        if one.edited:
            report.kept += 1
            report.conflicts.append({"id": str(one.id), "field": "deleted_at", "yours": None, "theirs": "deleted"})
