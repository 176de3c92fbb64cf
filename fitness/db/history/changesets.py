"""Changesets: the changes of one import, sync, bulk edit, merge of shoes, revert or rewind, reverted as a whole.

A changeset stands unless it is reverted. A revert that is reverted itself does not count: that is a redo.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import columns, execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class Changeset:
    """One import, sync, bulk edit, …; `counts` says how many records it created, updated, ….

    `back_to` is the instant of a rewind.
    """

    changeset_id: int
    kind: str
    source: str | None
    actor: str | None
    reason: str | None
    counts: dict[str, int]
    reverts: int | None
    reverted_by: int | None
    back_to: datetime | None
    created_at: datetime


_SELECT: LiteralString = "SELECT " + columns(Changeset, "c") + " FROM changesets AS c"


def create_changeset(
    kind: str,
    *,
    source: str | None = None,
    actor: str | None = None,
    reason: str | None = None,
    reverts: int | None = None,
    back_to: datetime | None = None,
) -> int:
    """Create a changeset and return its number; no revert runs until the transaction ends.

    That of a sync stores up to when the provider's records were here before it.
    """
    hold_off_reverts()
    changeset_id = fetch_one(
        int,
        """
        INSERT INTO changesets (user_id, kind, source, actor, reason, reverts, back_to, synced_before)
        VALUES (
            %(user_id)s, %(kind)s, %(source)s, %(actor)s, %(reason)s, %(reverts)s, %(back_to)s,
            (
                SELECT m.last_synced_at
                FROM sync_metadata AS m
                WHERE m.user_id = %(user_id)s AND m.provider = lower(%(source)s) AND %(kind)s = 'sync'
            )
        )
        RETURNING changeset_id
        """,
        kind=kind,
        source=source,
        actor=actor,
        reason=reason,
        reverts=reverts,
        back_to=back_to,
    )
    assert changeset_id is not None
    return changeset_id


def continue_changeset(changeset_id: int) -> bool:
    """Return whether a changeset of earlier transactions still stands; if so, no revert runs until this one ends."""
    hold_off_reverts()
    changeset = get_changeset(changeset_id)
    return changeset is not None and changeset.reverted_by is None


def hold_off_reverts() -> None:
    """Wait for a revert of the user, and let none begin until the transaction ends. Call it before locking records."""
    execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('reverts', %(user_id)s))")


def hold_off_changesets() -> None:
    """Wait for all changesets of the user, and let none begin until the transaction ends."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended('reverts', %(user_id)s))")


def set_counts(changeset_id: int, counts: Mapping[str, int], kept: Sequence[Mapping[str, Any]] = ()) -> None:
    """Store how many records the changeset created, updated, …, and what a revert kept."""
    execute(
        """
        UPDATE changesets
        SET counts = %(counts)s, kept = %(kept)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
        counts=Jsonb(dict(counts)),
        kept=Jsonb(list(kept)),
    )


def delete_changeset(changeset_id: int) -> None:
    """Delete a changeset that has changed nothing."""
    execute(
        """
        DELETE FROM changesets
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
    )


def get_changeset(changeset_id: int) -> Changeset | None:
    """Return one changeset, or None."""
    return fetch_one(
        Changeset,
        _SELECT
        + """
        WHERE c.user_id = %(user_id)s
          AND c.changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
    )


def list_changesets(*, limit: int, before: int | None = None) -> list[Changeset]:
    """Return up to `limit` changesets with numbers below `before`, newest first."""
    return fetch_all(
        Changeset,
        _SELECT
        + """
        WHERE c.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR c.changeset_id < %(before)s)
        ORDER BY c.changeset_id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )


def settle(changeset_id: int) -> None:
    """Store which standing revert or rewind reverts a changeset, if any, and so on for what that changeset reverts."""
    reverts = fetch_one(
        int,
        """
        UPDATE changesets AS c
        SET updated_at = now(), reverted_by = (
            SELECT max(r.changeset_id)
            FROM changesets AS r
            WHERE r.user_id = %(user_id)s
              AND r.reverted_by IS NULL
              AND (
                r.reverts = c.changeset_id
                OR (r.kind = 'rewind' AND r.back_to < c.created_at AND r.changeset_id > c.changeset_id)
              )
        )
        WHERE c.user_id = %(user_id)s
          AND c.changeset_id = %(changeset_id)s
        RETURNING c.reverts
        """,
        changeset_id=changeset_id,
    )
    if reverts is not None:
        settle(reverts)


def withdraw_revert(by_id: int, changeset_id: int) -> None:
    """Delete a revert of a changeset that has changed nothing."""
    execute(
        """
        UPDATE changesets
        SET reverts = NULL
        WHERE user_id = %(user_id)s
          AND changeset_id = %(by_id)s
        """,
        by_id=by_id,
    )
    settle(changeset_id)
    delete_changeset(by_id)
