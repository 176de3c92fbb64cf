"""Which versions of a record stand: those that no revert or rewind has undone."""

from collections.abc import Collection
from typing import Any, LiteralString

from fitness.db.connection import fetch_all
from fitness.db.history.versioned import Versioned

JOIN_CHANGESET: LiteralString = """
    LEFT JOIN changesets AS c
      ON c.user_id = %(user_id)s AND c.changeset_id = h.changeset_id
"""
"""Join to versions `h`: the changeset `c` of each, if it has one."""

_REWOUND: LiteralString = """
    EXISTS (
        SELECT
        FROM changesets AS w
        WHERE w.user_id = %(user_id)s
          AND w.kind = 'rewind'
          AND w.created_at >= h.changed_at
          AND w.back_to < h.changed_at
          AND w.reverted_by IS NULL
    )
"""

STANDS: LiteralString = (
    """
    (
        c.changeset_id IS NULL
        OR (c.reverted_by IS NULL AND c.kind NOT IN ('revert', 'rewind', 'merge', 'separation'))
    )
    AND NOT """
    + _REWOUND
)
"""Condition on a version `h` with its changeset `c`: it is neither reverted nor rewound.

Reverts, rewinds, merges of shoes and separations are nobody's edits: their own versions never stand.
"""

REMAINS: LiteralString = (
    "coalesce(c.reverted_by IS NULL AND c.kind NOT IN ('revert', 'rewind'), true) AND NOT " + _REWOUND
)
"""Condition on a version `h` with its changeset `c`: it stands, or is one of a merge or separation that does."""

BY_PERSON: LiteralString = "coalesce(c.kind NOT IN ('import', 'sync'), true) AND " + STANDS
"""Condition on a version `h` with its changeset `c`: it stands, and a person made it."""


ANYTHING_REVERTED: LiteralString = (
    "EXISTS (SELECT FROM changesets AS c WHERE c.user_id = %(user_id)s AND c.reverted_by IS NOT NULL)"
)
"""Condition that some changeset of the user is reverted: the same for all rows, so a statement finds it out once."""

ANYTHING_JOINED: LiteralString = "EXISTS (SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s)"
"""The same: some record of the user has several sources."""


def stands(alias: LiteralString) -> LiteralString:
    """Return the SQL condition that the changeset of a row is not reverted.

    Where nothing was reverted, no changeset is looked up.
    """
    return (
        "(NOT "
        + ANYTHING_REVERTED
        + """
            OR NOT EXISTS (
                SELECT
                FROM changesets AS c
                WHERE c.user_id = %(user_id)s AND c.reverted_by IS NOT NULL AND c.changeset_id = """
        + alias
        + """.changeset_id
            )
        )
        """
    )


def list_joined(kind: Versioned[Any, Any], ids: Collection[Any]) -> set[Any]:
    """Return those of the records in which several sources have joined, whether these still stand or not."""
    if not (kind.joins and ids):
        return set()
    joined = fetch_all(
        object,
        kind.sql(
            """
            SELECT t.id
            FROM unnest(%(ids)s::{id_type}[]) AS t (id)
            WHERE EXISTS (
                SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.{key} = t.id
            )
            """
        ),
        ids=list(ids),
    )
    return set(joined)


def is_said(kind: Versioned[Any, Any], id: LiteralString, sources: LiteralString = "true") -> LiteralString:
    """Return the SQL condition that a source `a`, of those that joined in a record, still says it.

    See `fitness.db.activity_sources`. `id` is the SQL of the record's id, `sources` a condition on the sources.
    """
    if not kind.joins:
        return "false"
    return kind.sql(
        """
        EXISTS (
            SELECT
            FROM activity_sources AS a
            WHERE a.user_id = %(user_id)s AND a.{key} = {id} AND {sources} AND {stands}
        )
        """,
        id=id,
        sources=sources,
        stands=stands("a"),
    )
