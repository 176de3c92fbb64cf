"""Records that are gone at the provider that told them: they go here as well, unless the person has edited them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history import versions

_EDITED: LiteralString = """
    EXISTS (
        SELECT
        FROM {history} AS h
        LEFT JOIN changesets AS c
          ON c.user_id = %(user_id)s AND c.changeset_id = h.changeset_id AND c.kind IN ('import', 'sync')
        WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND h.version_number > 1 AND c.changeset_id IS NULL
    )
"""


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that the provider has no more, and whether the person has edited it."""

    id: Any
    edited: bool


def count_covered(kind: versions.Versioned[Any, Any], *, source: str, condition: LiteralString, **params: Any) -> int:
    """Return how many records `r` of a source are here, undeleted, of those that meet the condition."""
    return (
        fetch_one(
            int,
            f"""
            SELECT count(*)
            FROM {kind.table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.source = %(source)s
              AND r.deleted_at IS NULL
              AND {condition}
            """,
            source=source,
            **params,
        )
        or 0
    )


def find_gone(
    kind: versions.Versioned[Any, Any], *, source: str, condition: LiteralString, **params: Any
) -> list[Gone]:
    """Lock and return the records `r` of a source that are here, undeleted, and meet the condition of being gone."""
    edited = _EDITED.replace("{history}", kind.history).replace("{key}", kind.key)
    return fetch_all(
        Gone,
        f"""
        SELECT r.id, {edited} AS edited
        FROM {kind.table} AS r
        WHERE r.user_id = %(user_id)s
          AND r.source = %(source)s
          AND r.deleted_at IS NULL
          AND {condition}
        ORDER BY r.id
        FOR UPDATE OF r
        """,
        source=source,
        **params,
    )


def delete_gone(kind: versions.Versioned[Any, Any], gone: Collection[Gone], change: versions.Change) -> int:
    """Delete those of the records that the person left alone, and return how many.

    The others stay, and tell among their conflicts since when they are gone at the provider.
    """
    if not gone:
        return 0
    deleted = versions.write_all(
        kind,
        "deleted_at = now()",
        "r.id = ANY(%(ids)s) AND r.deleted_at IS NULL",
        change,
        ids=[one.id for one in gone if not one.edited],
    )
    execute(
        f"""
        UPDATE {kind.table} AS r
        SET conflicts = coalesce(r.conflicts, '{{}}') || jsonb_build_object('deleted_at', now())
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND NOT coalesce(r.conflicts ? 'deleted_at', false)
        """,
        ids=[one.id for one in gone if one.edited],
    )
    return len(deleted)


def found_again(kind: versions.Versioned[Any, Any], ids: Collection[Any]) -> None:
    """Take back of the records that they are gone at the provider."""
    execute(
        f"""
        UPDATE {kind.table} AS r
        SET conflicts = nullif(r.conflicts - 'deleted_at', '{{}}')
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND r.conflicts ? 'deleted_at'
        """,
        ids=list(ids),
    )
