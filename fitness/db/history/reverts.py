"""Revert the changes of a changeset: restore each record to its version before it."""

from dataclasses import dataclass
from typing import LiteralString

from fitness.db.connection import fetch_all
from fitness.db.fields import listed
from fitness.db.history import versions
from fitness.db.history.versioned import R, V, Versioned
from fitness.db.history.versions import Change


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that a revert did not change, and the reason."""

    id: str
    detail: str


_TOUCHED: LiteralString = """(
                SELECT {key} AS id, min(version_number) AS first, max(version_number) AS last
                FROM {history}
                WHERE user_id = %(user_id)s
                  AND changeset_id = %(reverted_id)s
                GROUP BY {key}
            )"""
"""The records of the changeset, with the first and last version that it made of each."""


def delete_created(kind: Versioned[R, V], changeset_id: int, change: Change, force: bool) -> list[object]:
    """Delete the records that the changeset created, and return their ids."""
    condition = kind.sql(
        """
        r.deleted_at IS NULL
              AND NOT ({in_use})
              AND EXISTS (
                SELECT
                FROM {touched} AS t
                WHERE t.id = r.id AND t.first = 1 AND (%(force)s OR t.last = r.version)
              )
        """,
        touched=kind.sql(_TOUCHED),
    )
    return versions.write_all(kind, "deleted_at = now()", condition, change, reverted_id=changeset_id, force=force)


def put_back(kind: Versioned[R, V], changeset_id: int, change: Change, force: bool) -> dict[object, int]:
    """Restore the other records to the version before the changeset; return {id: version number}."""
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            UPDATE {table} AS r
            SET {assignments}
            FROM {touched} AS t
            JOIN {history} AS h
              ON h.user_id = %(user_id)s AND h.{key} = t.id AND h.version_number = t.first - 1
            WHERE r.user_id = %(user_id)s
              AND r.id = t.id
              AND (%(force)s OR t.last = r.version)
            RETURNING r.id, h.version_number
            """,
            assignments=kind.counted_up(
                listed(kind.editable, "{0} = h.{0}"),
                "deleted_at = CASE WHEN h.change_type = 'deletion' THEN now() END",
            ),
            touched=kind.sql(_TOUCHED),
        ),
        reverted_id=changeset_id,
        force=force,
        changed_by=change.changed_by,
    )
    returned = dict(rows)
    kind.put_back_parts(returned)
    kind.use_live(returned, change)
    versions.add_all(kind, returned, change)
    kind.check(returned, kind.editable)
    return returned


def find_kept(kind: Versioned[R, V], changeset_id: int, force: bool, *, done: list[object]) -> list[Kept]:
    return fetch_all(
        Kept,
        kind.sql(
            """
            SELECT r.id::text AS id,
                CASE
                    WHEN r.version <> t.last AND NOT %(force)s THEN 'Changed since then; now at version ' || r.version
                    ELSE 'Still in use'
                END AS detail
            FROM {touched} AS t
            JOIN {table} AS r
              ON r.user_id = %(user_id)s AND r.id = t.id
            WHERE r.user_id = %(user_id)s
              AND r.id <> ALL(%(done)s)
              AND NOT (%(force)s AND r.deleted_at IS NOT NULL)
            ORDER BY r.id
            """,
            touched=kind.sql(_TOUCHED),
        ),
        reverted_id=changeset_id,
        force=force,
        done=done,
    )
