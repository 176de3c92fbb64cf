"""Which versions of a record stand: those that no revert or rewind has undone."""

from typing import LiteralString

JOIN_CHANGESET: LiteralString = """
    LEFT JOIN changesets AS c
      ON c.user_id = %(user_id)s AND c.changeset_id = h.changeset_id
"""
"""Join to versions `h`: the changeset `c` of each, if it has one."""

STANDS: LiteralString = """
    (
        c.changeset_id IS NULL
        OR (c.reverted_by IS NULL AND c.kind NOT IN ('revert', 'rewind', 'merge'))
    )
    AND NOT EXISTS (
        SELECT
        FROM changesets AS w
        WHERE w.user_id = %(user_id)s
          AND w.kind = 'rewind'
          AND w.created_at >= h.changed_at
          AND w.back_to < h.changed_at
          AND w.reverted_by IS NULL
    )
"""
"""Condition on a version `h` with its changeset `c`: it is neither reverted nor rewound.

Reverts, rewinds and merges of shoes are nobody's edits: their own versions never stand.
"""

BY_PERSON: LiteralString = "coalesce(c.kind NOT IN ('import', 'sync'), true) AND " + STANDS
"""Condition on a version `h` with its changeset `c`: it stands, and a person made it."""
