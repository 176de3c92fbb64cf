"""Move sources from one record to another: what they say, their keys and their files."""

from collections.abc import Collection
from typing import Any, LiteralString, NamedTuple

from fitness.db.connection import execute, fetch_all
from fitness.db.history.versioned import Versioned


class Place(NamedTuple):
    """A record of a noun, which has sources."""

    kind: Versioned[Any, Any]
    id: Any

    def columns(self) -> dict[str, Any]:
        """Return the id in the columns that tables of sources have for it, and nothing in those of other nouns."""
        return {"run_id": None, "workout_id": None, self.kind.key: self.id}


def move(old: Place, new: Place, keys: Collection[str] | None = None) -> None:
    """Move the sources with these keys, or all, to another record, in the changesets that brought them."""
    params = {**new.columns(), "old_id": old.id, "keys": None if keys is None else list(keys)}
    execute(old.kind.sql(_MOVE_SOURCES), **params)
    moved = fetch_all(str, old.kind.sql(_MOVE_KEYS), **params)
    _move_files(str(old.id), str(new.id), None if keys is None else moved)


_MOVE_SOURCES: LiteralString = """
    UPDATE activity_sources AS a
    SET run_id = %(run_id)s, workout_id = %(workout_id)s
    WHERE a.user_id = %(user_id)s
      AND a.{key} = %(old_id)s
      AND (%(keys)s::text[] IS NULL OR a.key = ANY(%(keys)s))
    """
_MOVE_KEYS: LiteralString = """
    UPDATE activity_keys AS a
    SET run_id = %(run_id)s, workout_id = %(workout_id)s
    WHERE a.user_id = %(user_id)s
      AND a.{key} = %(old_id)s
      AND (%(keys)s::text[] IS NULL OR a.key = ANY(%(keys)s) OR a.source_key = ANY(%(keys)s))
    RETURNING a.key
    """
_OF_RECORD: LiteralString = """
    l.user_id = %(user_id)s
      AND l.record_id = %(old_id)s
      AND (
        %(keys)s::text[] IS NULL
        OR 'file:' || l.sha256 = ANY(%(keys)s)
        OR 'file:' || l.sha256 || '#' || l.place = ANY(%(keys)s)
      )
    """
"""Condition on the link `l` of a record to a file: that has one of the keys, if any are given."""


def _move_files(old_id: str, new_id: str, keys: Collection[str] | None) -> None:
    params = {"old_id": old_id, "new_id": new_id, "keys": None if keys is None else list(keys)}
    execute(
        """
        INSERT INTO record_files (user_id, record_id, sha256, place, created_at, laps)
        SELECT l.user_id, %(new_id)s::text, l.sha256, l.place, l.created_at, l.laps
        FROM record_files AS l
        WHERE """
        + _OF_RECORD
        + " ON CONFLICT DO NOTHING",
        **params,
    )
    execute("DELETE FROM record_files AS l WHERE " + _OF_RECORD, **params)
