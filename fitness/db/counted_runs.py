"""Which runs statistics count."""

from typing import LiteralString

from fitness.db.history import duplicates

NOT_TWICE = duplicates.not_twice("runs", "r", "same.deleted_at IS NULL")
"""Condition that selects one of several duplicate runs `r`: the one that is kept."""

COUNTED: LiteralString = "r.deleted_at IS NULL AND " + NOT_TWICE
"""Condition on runs `r` that statistics count: not deleted, and duplicates only once."""
