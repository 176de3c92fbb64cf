"""Changesets: the changes of one import, sync, bulk edit or revert, which can be reverted as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import columns, execute, fetch_all, fetch_one
from fitness.db.history import reverts
from fitness.db.history.reverts import Kept
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS
from fitness.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Changeset:
    """One import, sync, bulk edit or revert; `counts` says how many records it created, updated, …."""

    changeset_id: int
    kind: str
    source: str | None
    actor: str | None
    reason: str | None
    counts: dict[str, int]
    reverts: int | None
    reverted_by: int | None
    created_at: datetime


_SELECT: LiteralString = "SELECT " + columns(Changeset, "c") + " FROM changesets AS c"


def create_changeset(
    kind: str,
    *,
    source: str | None = None,
    actor: str | None = None,
    reason: str | None = None,
    reverts: int | None = None,
) -> int:
    """Create a changeset and return its number."""
    changeset_id = fetch_one(
        int,
        """
        INSERT INTO changesets (user_id, kind, source, actor, reason, reverts)
        VALUES (%(user_id)s, %(kind)s, %(source)s, %(actor)s, %(reason)s, %(reverts)s)
        RETURNING changeset_id
        """,
        kind=kind,
        source=source,
        actor=actor,
        reason=reason,
        reverts=reverts,
    )
    assert changeset_id is not None
    return changeset_id


def set_counts(changeset_id: int, counts: Mapping[str, int]) -> None:
    """Store how many records the changeset created, updated, …."""
    execute(
        """
        UPDATE changesets
        SET counts = %(counts)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
        counts=Jsonb(dict(counts)),
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


def merge_once(
    kind: Versioned[Any, Any], id: Any, into_id: Any, *, actor: str | None, merge: Callable[[Any, Any, Change], int]
) -> tuple[int, int]:
    """Merge a record into another, as a changeset; return its number and the number of records that changed.

    If the record was merged into the other one before, the answer is the same, and nothing changes. Raises the errors
    of `merge`.
    """
    if before := _merged_before(kind, id, into_id):
        return before
    reason = f"{kind.noun} {id} merged into {into_id}"
    changeset_id = create_changeset("bulk_edit", actor=actor, reason=reason)
    moved = merge(id, into_id, Change(actor, reason, changeset_id))
    set_counts(changeset_id, {"updated": moved, "deleted": 1})
    return changeset_id, moved


def _merged_before(kind: Versioned[Any, Any], id: Any, into_id: Any) -> tuple[int, int] | None:
    """Return the changeset that merged one record into the other, and its count; wait for a running merge first."""
    fetch_all(
        str,
        kind.sql(
            """
            SELECT r.id
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s::{id_type}[])
            ORDER BY r.id
            FOR UPDATE
            """
        ),
        ids=[id, into_id],
    )
    return fetch_one(
        tuple,
        kind.sql(
            """
            SELECT c.changeset_id, (c.counts ->> 'updated')::bigint
            FROM {table} AS r
            JOIN {history} AS h
              ON h.user_id = %(user_id)s AND h.{key} = r.id AND h.merged_into = r.merged_into
            JOIN changesets AS c
              ON c.user_id = %(user_id)s AND c.changeset_id = h.changeset_id AND c.kind = 'bulk_edit'
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
              AND r.merged_into = %(into_id)s
            ORDER BY h.version_number DESC
            LIMIT 1
            """
        ),
        record_id=id,
        into_id=into_id,
    )


@dataclass(frozen=True, slots=True)
class Reverted:
    """The result of a revert: its own changeset, the number of reverted records, and the records it did not change."""

    changeset_id: int
    reverts: int
    reverted: int
    kept: int
    problems: list[Kept]


def revert_changeset(changeset_id: int, *, actor: str | None, force: bool = False) -> Reverted:
    """Restore each record of a changeset to its version before it, and delete the records that it created.

    A revert is a changeset too. Raises NotFound, and Conflict if the changeset is already reverted, unless `force`.
    """
    reverted_by = _lock(changeset_id)
    if reverted_by and not force:
        raise Conflict(f"Changeset {changeset_id} was already reverted by changeset {reverted_by}")
    reason = f"Changeset {changeset_id} reverted"
    by_id = create_changeset("revert", actor=actor, reason=reason, reverts=changeset_id)
    change = Change(actor, reason, by_id)
    done: dict[Versioned[Any, Any], list[Any]] = {}
    # What runs and workouts use is put back before them, and deleted after them, if nothing uses it any more.
    for kind in NOUNS:
        done[kind] = list(reverts.put_back(kind, changeset_id, change, force))
    for kind in reversed(NOUNS):
        done[kind] += reverts.delete_created(kind, changeset_id, change, force)
    reverted = sum(map(len, done.values()))
    kept = [one for kind in reversed(NOUNS) for one in reverts.find_kept(kind, changeset_id, force, done=done[kind])]
    set_counts(by_id, {"reverted": reverted, "kept": len(kept)})
    execute(
        """
        UPDATE changesets
        SET reverted_by = %(by_id)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
        by_id=by_id,
    )
    return Reverted(by_id, changeset_id, reverted, len(kept), kept)


def _lock(changeset_id: int) -> int | None:
    """Lock a changeset against a second revert, and return the changeset that reverted it, or None."""
    rows: list[dict[str, Any]] = fetch_all(
        dict,
        """
        SELECT reverted_by
        FROM changesets
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        FOR UPDATE
        """,
        changeset_id=changeset_id,
    )
    if not rows:
        raise NotFound("Changeset not found")
    return rows[0]["reverted_by"]
