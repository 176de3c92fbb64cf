"""Deleted records that an import or sync brings again: who deleted one decides what happens to it.

One that a revert took away is made anew, as if it had never been here. One that its provider deleted comes back as it
was. One that a person deleted stays deleted, unless the person asks for it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, LiteralString

from fitness.db.connection import fetch_all
from fitness.db.history import versions
from fitness.db.history.standing import JOIN_CHANGESET, STANDS
from fitness.db.history.versioned import Versioned


def deleted_by(kind: Versioned[Any, Any], alias: LiteralString = "r") -> LiteralString:
    """Return the SQL that says who deleted a deleted record: `person`, `provider` or `revert`.

    It is the author of the newest version that stands. If that is no deletion, or there is none, it was a revert.
    """
    return kind.sql(
        """
        coalesce((
            SELECT CASE
                WHEN h.change_type <> 'deletion' THEN 'revert'
                WHEN c.kind IN ('import', 'sync') THEN 'provider'
                ELSE 'person'
            END
            FROM {history} AS h {join_changeset}
            WHERE h.user_id = %(user_id)s
              AND h.{key} = {alias}.id
              AND {stands}
            ORDER BY h.version_number DESC
            LIMIT 1
        ), 'revert')
        """,
        alias=alias,
        join_changeset=JOIN_CHANGESET,
        stands=STANDS,
    )


def taken_away(kind: Versioned[Any, Any], alias: LiteralString = "r") -> LiteralString:
    """Return the SQL condition that a revert took a record away."""
    return "(" + alias + ".deleted_at IS NOT NULL AND " + deleted_by(kind, alias) + " = 'revert')"


@dataclass(slots=True)
class Deleted:
    """The ids of deleted records: to be made anew, to bring back as they were, and those that stay deleted."""

    taken_away: set[Any] = field(default_factory=set)
    returning: set[Any] = field(default_factory=set)
    staying: set[Any] = field(default_factory=set)

    def add(self, id: Any, by: str, *, restore_deleted: bool) -> None:
        """Add a record by who deleted it; with `restore_deleted`, what a person deleted comes back too."""
        if by == "revert":
            self.taken_away.add(id)
        elif by == "provider" or restore_deleted:
            self.returning.add(id)
        else:
            self.staying.add(id)


def find_deleted(kind: Versioned[Any, Any], ids: Collection[Any], *, restore_deleted: bool = False) -> Deleted:
    """Lock those of the records that are deleted, and return them sorted by what happens to them."""
    if not ids:
        return Deleted()
    # LIMIT makes the planner look up each record by its key, see versions.add_all: without a condition on `deleted_at`,
    # as the indexes of deleted records would serve that too.
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            SELECT r.id, {deleted_by}
            FROM (
                SELECT known.id
                FROM unnest(%(ids)s::{id_type}[]) AS asked (id)
                CROSS JOIN LATERAL (
                    SELECT t.id, t.deleted_at
                    FROM {table} AS t
                    WHERE t.user_id = %(user_id)s AND t.id = asked.id
                    LIMIT 1
                ) AS known
                WHERE known.deleted_at IS NOT NULL
                ORDER BY known.id
            ) AS asked
            CROSS JOIN LATERAL (
                SELECT t.id, t.deleted_at
                FROM {table} AS t
                WHERE t.user_id = %(user_id)s AND t.id = asked.id
                LIMIT 1
                FOR UPDATE
            ) AS r
            WHERE r.deleted_at IS NOT NULL
            """,
            deleted_by=deleted_by(kind),
        ),
        ids=list(ids),
    )
    deleted = Deleted()
    for id, by in rows:
        deleted.add(id, by, restore_deleted=restore_deleted)
    return deleted


def bring_back(kind: Versioned[Any, Any], ids: Collection[Any], change: versions.Change) -> None:
    """Undelete the records as they were, each as its next version, with what they use."""
    if not ids:
        return
    resolved: LiteralString = ", conflicts = nullif(r.conflicts - 'deleted_at', '{}')"
    versions.write_all(
        kind,
        "deleted_at = NULL" + (resolved if kind.follows_provider else ""),
        "r.id = ANY(%(ids)s) AND r.deleted_at IS NOT NULL",
        change,
        use_live=True,
        ids=list(ids),
    )
