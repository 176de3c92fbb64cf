"""Rewind: every record back to its state at an instant, as one changeset, which can be reverted."""

from datetime import datetime
from typing import Any, LiteralString

from fitness.db import separations, sync_metadata
from fitness.db.connection import fetch_all
from fitness.db.history import bases, changesets, past, reverts
from fitness.db.history.reverts import Touched
from fitness.db.history.standing import list_joined
from fitness.db.history.undo import Follow, Undone, finish, follow_sources
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS

Kind = Versioned[Any, Any]


def rewind(to: datetime, *, actor: str | None, follow: Follow) -> Undone:
    """Put every record back to its last version at an instant, and delete those that were created later.

    Raises Invalid if the instant is in the future or before the account.
    """
    changesets.hold_off_changesets()
    past.require_past(to, field="to")
    reason = f"Back to {to:%Y-%m-%d %H:%M:%S} UTC"
    by_id = changesets.create_changeset("rewind", actor=actor, reason=reason, back_to=to)
    change = Change(actor, reason, by_id)
    decided = changesets.settle()
    separations.follow(decided)
    touched = [_put_back(kind, to, change) for kind in NOUNS]
    follow_sources(touched, decided, change, follow)
    for one in reversed(touched):
        reverts.delete_unused(one, change)
    sync_metadata.turn_back(decided, since=to)
    return finish(by_id, reversed(touched))


def _put_back(kind: Kind, to: datetime, change: Change) -> Touched:
    """Put the records of a noun back, and delete those created later, except what others may use."""
    assert change.changeset_id is not None
    ids = _lock_changed(kind, to)
    created = {id for id, is_new in ids.items() if is_new}
    touched = Touched(kind, list(ids), created, gone=created, layers=0, joined=list_joined(kind, ids))
    there = [id for id in ids if id not in created]
    changed = reverts.put_back_pairs(touched, _THEN, ids=there, to=to, force=False)
    for changeset_id in bases.list_changesets(kind, to):
        bases.put_back(kind, changeset_id, change.changeset_id, force=True)
    if kind.in_use == "false":
        touched.changed |= reverts.delete(kind, created, change)
    touched.changed |= reverts.store(kind, changed, change, touched.kept)
    return touched


def _lock_changed(kind: Kind, to: datetime) -> dict[Any, bool]:
    """Lock the records that have versions after an instant; return {id: whether it was created later}."""
    return dict(
        fetch_all(
            tuple,
            kind.sql(
                """
                SELECT r.id, r.created_at > %(to)s
                FROM (
                    SELECT DISTINCT {key} AS id
                    FROM {history}
                    WHERE user_id = %(user_id)s
                      AND changed_at > %(to)s
                    ORDER BY {key}
                ) AS t
                CROSS JOIN LATERAL (
                    SELECT o.id, o.created_at
                    FROM {table} AS o
                    WHERE o.user_id = %(user_id)s AND o.id = t.id
                    LIMIT 1
                    FOR UPDATE
                ) AS r
                """
            ),
            to=to,
        )
    )


_THEN: LiteralString = """
    unnest(%(ids)s::{id_type}[]) AS t (record_id)
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = t.record_id
        ORDER BY v.version_number DESC
        LIMIT 1
    ) AS h
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = t.record_id AND (v.changed_at <= %(to)s OR v.version_number = 1)
        ORDER BY v.version_number DESC
        LIMIT 1
    ) AS p
"""
"""Of each record, its version `h` now, and `p` at the instant; that of a live workout may have grown since."""
