"""Merge a record into another one of its noun, as a changeset: it is deleted, and leads to the other one."""

from collections.abc import Callable
from typing import Any

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.history import changesets, versions
from fitness.db.history.versioned import R, V, Versioned
from fitness.errors import Conflict, NotFound


def merge_once(
    kind: Versioned[Any, Any],
    id: Any,
    into_id: Any,
    *,
    actor: str | None,
    merge: Callable[[Any, Any, versions.Change], int],
) -> tuple[int, int]:
    """Merge a record into another, as a changeset; return its number and the number of records that changed.

    If the record is merged into the other one already, the answer is that of this merge, and nothing changes. Raises
    the errors of `merge`.
    """
    changesets.hold_off_reverts()
    if before := _merged_before(kind, id, into_id):
        return before
    reason = f"{kind.noun} {id} merged into {into_id}"
    changeset_id = changesets.create_changeset("merge", actor=actor, reason=reason)
    moved = merge(id, into_id, versions.Change(actor, reason, changeset_id))
    changesets.set_counts(changeset_id, {"updated": moved, "deleted": 1})
    return changeset_id, moved


def _merged_before(kind: Versioned[Any, Any], id: Any, into_id: Any) -> tuple[int, int] | None:
    """Return the changeset that merged one record into the other, and its count; wait for a running merge first."""
    _lock(kind, id, into_id)
    return fetch_one(
        tuple,
        kind.sql(
            """
            SELECT c.changeset_id, (c.counts ->> 'updated')::bigint
            FROM {table} AS r
            JOIN {history} AS h
              ON h.user_id = %(user_id)s AND h.{key} = r.id AND h.merged_into = r.merged_into
            JOIN changesets AS c
              ON c.user_id = %(user_id)s AND c.changeset_id = h.changeset_id AND c.kind = 'merge'
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


def lock_for_merge(kind: Versioned[R, V], id: Any, into_id: Any) -> None:
    """Lock two records before the first is merged into the second.

    Raises NotFound if one of the two is missing or deleted, Conflict if they are the same.
    """
    if id == into_id:
        raise Conflict(f"The {kind.noun.lower()} cannot be merged into itself")
    if _lock(kind, id, into_id) != [True, True]:
        raise NotFound(f"{kind.noun} not found")


def _lock(kind: Versioned[Any, Any], id: Any, into_id: Any) -> list[bool]:
    """Lock two records, in the order of their ids, and return whether each is live; a missing one is left out."""
    return fetch_all(
        bool,
        kind.sql(
            """
            SELECT r.deleted_at IS NULL
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s::{id_type}[])
            ORDER BY r.id
            FOR UPDATE
            """
        ),
        ids=[id, into_id],
    )


def mark_merged(kind: Versioned[R, V], id: Any, into_id: Any, change: versions.Change) -> None:
    """Delete a record and let it lead to the one that it was merged into."""
    versions.write(
        kind,
        id,
        ["merged_into = %(into_id)s", "deleted_at = now()"],
        change,
        values={"into_id": into_id},
    )
