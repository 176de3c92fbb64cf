"""The state of a user's syncs with a provider: how far they came, the last error, and which one is running.

A sync holds a lease, which it renews with every page, so that at most one sync per user and provider writes, in
whatever process it runs. A sync that was killed blocks the next one only until its lease ends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history.instants import transaction_time
from fitness.db.leases import LONGEST_LEASE, is_held

POINTS = "_points"
"""What follows the name of a provider where the state is that of fetching points, and not of syncs."""
LEASE_SECONDS = 120
"""Longer than a page can take, even if the provider is very slow."""


FARTHEST_RETRY: LiteralString = "now() + interval '25 hours'"
"""No provider makes us wait longer than a day: what is later was stored while the clock was ahead."""


def _is_limited(retry_at: LiteralString) -> LiteralString:
    """Return the SQL condition that a provider's limit still holds."""
    return f"({retry_at} > now() AND {retry_at} <= {FARTHEST_RETRY})"


@dataclass(frozen=True, slots=True)
class SyncState:
    """The state of syncs. `last_synced_at` is the start of the last successful one.

    A stopped sync continues with records since `resume_at`, not before `retry_at`, if the provider's limit still holds.
    `found` is the number of records that the last or running sync has found.
    """

    last_synced_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    retry_at: datetime | None
    resume_at: datetime | None
    found: int
    running: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """The data that a new sync needs.

    A list that has numbered pages, which a sync began to read at `list_began_at`, continues with `next_page`.
    """

    started_at: datetime
    last_synced_at: datetime | None
    resume_at: datetime | None
    list_began_at: datetime | None
    next_page: int | None

    def synced_until(self, overlap: timedelta) -> datetime | None:
        """Return since when there may be something new, or None if everything may be.

        That is so after a sync while the clock was ahead by more than the overlap: what came since is before that.
        """
        if self.last_synced_at is None or self.last_synced_at - overlap > self.started_at:
            return None
        return min(self.last_synced_at, self.started_at) - overlap


def get_sync_state(provider: str) -> SyncState | None:
    """Return the state of syncs with a provider, or None if there was none."""
    return fetch_one(
        SyncState,
        """
        SELECT last_synced_at, last_error, last_error_at, CASE WHEN """
        + _is_limited("retry_at")
        + """ THEN retry_at END AS retry_at, resume_at, found, coalesce("""
        + is_held("lease_until")
        + """, false) AS running
        FROM sync_metadata
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
        """,
        provider=provider,
    )


def claim_sync(provider: str, lease_id: UUID) -> Claimed | None:
    """Take the lease for a new sync; return None if another sync has it."""
    return fetch_one(
        Claimed,
        """
        INSERT INTO sync_metadata AS m (user_id, provider, lease_id, lease_until)
        VALUES (%(user_id)s, %(provider)s, %(lease_id)s, now() + make_interval(secs => %(seconds)s))
        ON CONFLICT (user_id, provider) DO UPDATE
        SET lease_id = excluded.lease_id, lease_until = excluded.lease_until, found = 0, turned_back = false,
            updated_at = excluded.updated_at
        WHERE m.lease_until IS NULL OR NOT """
        + is_held("m.lease_until", "excluded.updated_at", "%(latest)s")
        + """
        RETURNING m.updated_at AS started_at, m.last_synced_at, m.resume_at, m.list_began_at, m.next_page
        """,
        provider=provider,
        lease_id=lease_id,
        latest=datetime.now(UTC) + LONGEST_LEASE,
        seconds=LEASE_SECONDS,
    )


def renew_lease(provider: str, lease_id: UUID, *, found: int) -> bool:
    """Store the number of found records, and renew the lease; return False if the lease is lost."""
    return (
        execute(
            """
            UPDATE sync_metadata
            SET lease_until = now() + make_interval(secs => %(seconds)s), found = %(found)s, updated_at = now()
            WHERE user_id = %(user_id)s
              AND provider = %(provider)s
              AND lease_id = %(lease_id)s
            """,
            provider=provider,
            lease_id=lease_id,
            seconds=LEASE_SECONDS,
            found=found,
        )
        > 0
    )


def set_deletes_refused(provider: str) -> None:
    """Store that the user must decide about deletes: no sync starts by itself until one has been successful."""
    execute(
        """
        UPDATE sync_metadata
        SET deletes_refused = true
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
        """,
        provider=provider,
    )


def set_error(provider: str, error: str) -> None:
    """Store why something of a provider's could not be fetched outside a sync."""
    execute(
        """
        INSERT INTO sync_metadata (user_id, provider, last_error, last_error_at)
        VALUES (%(user_id)s, %(provider)s, %(error)s, now())
        ON CONFLICT (user_id, provider) DO UPDATE
        SET last_error = excluded.last_error, last_error_at = excluded.last_error_at, updated_at = excluded.updated_at
        """,
        provider=provider,
        error=error,
    )


def set_resume_at(provider: str, resume_at: datetime) -> None:
    """Store the instant where the next sync continues, unless this one was turned back."""
    execute(
        """
        UPDATE sync_metadata
        SET resume_at = %(resume_at)s, list_began_at = NULL, next_page = NULL
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND NOT turned_back
        """,
        provider=provider,
        resume_at=resume_at,
    )


def set_next_page(provider: str, next_page: int, *, list_began_at: datetime) -> None:
    """Store the page with which the next sync continues a list, unless this one was turned back."""
    execute(
        """
        UPDATE sync_metadata
        SET next_page = %(next_page)s, list_began_at = %(list_began_at)s
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND NOT turned_back
        """,
        provider=provider,
        next_page=next_page,
        list_began_at=list_began_at,
    )


def advance_watermark(provider: str, synced_at: datetime) -> None:
    """Store that everything that the provider had at an instant is here, unless this sync was turned back."""
    execute(
        """
        UPDATE sync_metadata
        SET last_synced_at = %(synced_at)s, resume_at = NULL, list_began_at = NULL, next_page = NULL,
            deletes_refused = false
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND NOT turned_back
        """,
        provider=provider,
        synced_at=synced_at,
    )


def release_lease(provider: str, lease_id: UUID, *, error: str | None = None, retry_at: datetime | None = None) -> None:
    """Release the lease, and store the error and the earliest time to retry."""
    execute(
        """
        UPDATE sync_metadata
        SET lease_id = NULL, lease_until = NULL, ended_at = now(), retry_at = %(retry_at)s,
            last_error = coalesce(%(error)s, last_error),
            last_error_at = coalesce(%(failed_at)s, last_error_at), updated_at = now()
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND lease_id = %(lease_id)s
        """,
        provider=provider,
        lease_id=lease_id,
        error=error,
        failed_at=transaction_time() if error else None,
        retry_at=retry_at,
    )


def delete_sync_state(provider: str) -> None:
    """Delete the state of syncs with a provider: the next sync fetches everything. What is running loses its lease."""
    execute(
        "DELETE FROM sync_metadata WHERE user_id = %(user_id)s AND provider = ANY(%(states)s)",
        states=[provider, provider + POINTS],
    )


_NEXT_AT: LiteralString = (
    """
    greatest(
        CASE
            WHEN coalesce(m.resume_at, m.list_began_at) IS NOT NULL AND m.retry_at <= """
    + FARTHEST_RETRY
    + """ THEN m.retry_at
            ELSE coalesce(CASE WHEN m.ended_at <= now() THEN m.ended_at END, least(c.created_at, now()))
                + make_interval(secs => %(seconds)s * (1 + mod(c.user_id, 10) / 100.0))
        END,
        CASE WHEN m.retry_at <= """
    + FARTHEST_RETRY
    + """ THEN m.retry_at END,
        CASE WHEN """
    + is_held("m.lease_until")
    + """ THEN m.lease_until END
    )
"""
)
"""When the next sync of a connection `c` starts by itself, by its state `m`: where the provider's limit stopped one, as
soon as it may continue. The intervals of users differ a little, so that their syncs do not stay together. Instants that
cannot be count as none: the clock was ahead when they were stored."""

_BY_ITSELF: LiteralString = "c.refused_at IS NULL AND NOT coalesce(m.deletes_refused, false)"
"""The condition that nothing is needed from the user."""


def get_next_at(provider: str, *, interval_seconds: int) -> datetime | None:
    """Return when the next sync starts by itself; None if there is no connection, or if it needs the user first."""
    return fetch_one(
        datetime,
        "SELECT "
        + _NEXT_AT
        + """
        FROM oauth_credentials AS c
        LEFT JOIN sync_metadata AS m
          ON m.user_id = %(user_id)s AND m.provider = c.provider
        WHERE c.user_id = %(user_id)s
          AND c.provider = %(provider)s
          AND """
        + _BY_ITSELF,
        provider=provider,
        seconds=interval_seconds,
    )


def list_due(providers: Collection[str], *, interval_seconds: int) -> list[tuple[int, str]]:
    """Return [(user id, provider)] of the connections to sync now, the longest overdue first (system transaction)."""
    return fetch_all(
        tuple,
        """
        SELECT c.user_id, c.provider
        FROM oauth_credentials AS c
        JOIN users AS u
          ON u.user_id = c.user_id AND u.is_active
        LEFT JOIN sync_metadata AS m
          ON m.user_id = c.user_id AND m.provider = c.provider
        WHERE c.provider = ANY(%(providers)s)
          AND """
        + _BY_ITSELF
        + " AND "
        + _NEXT_AT
        + " <= now() ORDER BY "
        + _NEXT_AT
        + ", c.user_id, c.provider",
        providers=list(providers),
        seconds=interval_seconds,
    )


def list_due_for_points(provider: str) -> list[int]:
    """Return the users for whom points of a provider's activities are to be fetched now (system transaction).

    That begins again when the provider's limit allows it, else a quarter of an hour after it ended.
    """
    return fetch_all(
        int,
        """
        SELECT c.user_id
        FROM oauth_credentials AS c
        JOIN users AS u
          ON u.user_id = c.user_id AND u.is_active AND u.sync_points
        LEFT JOIN sync_metadata AS m
          ON m.user_id = c.user_id AND m.provider = %(state)s
        WHERE c.provider = %(provider)s
          AND c.refused_at IS NULL
          AND NOT coalesce("""
        + _is_limited("m.retry_at")
        + " OR "
        + is_held("m.lease_until")
        + """, false)
          AND (
            m.retry_at IS NOT NULL
            OR NOT coalesce(now() BETWEEN m.ended_at AND m.ended_at + interval '15 minutes', false)
          )
        ORDER BY m.ended_at NULLS FIRST, c.user_id
        """,
        provider=provider,
        state=provider + POINTS,
    )


def is_limited(provider: str) -> bool:
    """Return whether a sync of any user has reached a limit of the provider that still holds (system transaction)."""
    return bool(
        fetch_one(
            bool,
            "SELECT count(*) > 0 FROM sync_metadata WHERE provider = %(provider)s AND " + _is_limited("retry_at"),
            provider=provider,
        )
    )


def turn_back(changeset_ids: Collection[int], *, since: datetime | None = None) -> None:
    """Let the next syncs start where those of the reverted ones of these changesets did, and fetch the same again.

    Also where those did whose changesets have changed since an instant. A sync that is running stores no more how far
    it came, as it may have passed what was reverted.
    """
    execute(
        """
        UPDATE sync_metadata AS m
        SET resume_at = NULL, list_began_at = NULL, next_page = NULL, turned_back = true, updated_at = now(),
            last_synced_at = CASE
            WHEN m.last_synced_at > t.synced_before THEN nullif(t.synced_before, '-infinity')
            ELSE m.last_synced_at
        END
        FROM (
            SELECT lower(c.source) AS provider, min(coalesce(c.synced_before, '-infinity')) AS synced_before
            FROM changesets AS c
            WHERE c.user_id = %(user_id)s
              AND c.kind = 'sync'
              AND (
                (c.changeset_id = ANY(%(changeset_ids)s) AND c.reverted_by IS NOT NULL)
                OR c.updated_at > %(since)s
              )
            GROUP BY lower(c.source)
        ) AS t
        WHERE m.user_id = %(user_id)s
          AND m.provider = t.provider
        """,
        changeset_ids=list(changeset_ids),
        since=since,
    )
