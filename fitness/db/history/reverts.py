"""Reverts: records go back to the version before the one that a changeset made of them."""

from dataclasses import dataclass
from typing import LiteralString

from fitness.db.connection import fetch_all
from fitness.db.fields import listed
from fitness.db.history import versions
from fitness.db.history.versioned import R, V, Versioned
from fitness.db.history.versions import Change


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that a revert left alone, and why."""

    id: str
    detail: str


def revert(kind: Versioned[R, V], changeset_id: int, change: Change, *, force: bool) -> tuple[int, list[Kept]]:
    """Take each record that a changeset touched back to the version before it; a created one is deleted.

    Records written since are left alone, unless `force`; created ones that are in use are left alone in any case.
    Returns how many went back, and those left alone. Raises what the noun's check raises.
    """
    deleted = _delete_created(kind, changeset_id, change, force)
    returned = _put_back(kind, changeset_id, change, force)
    kept = _find_kept(kind, changeset_id, force, done=[*deleted, *returned])
    return len(deleted) + len(returned), kept


_TOUCHED: LiteralString = """(
                SELECT {key} AS id, min(version_number) AS first, max(version_number) AS last
                FROM {history}
                WHERE user_id = %(user_id)s
                  AND changeset_id = %(reverted_id)s
                GROUP BY {key}
            )"""
"""The records that the changeset wrote, with the first and last version that it made of each."""


def _delete_created(kind: Versioned[R, V], changeset_id: int, change: Change, force: bool) -> list[object]:
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


def _put_back(kind: Versioned[R, V], changeset_id: int, change: Change, force: bool) -> dict[object, int]:
    """Give the other records the version before the changeset again; return the number of it by their ids."""
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
    versions.add_all(kind, returned, change)
    kind.check(returned, kind.editable)
    return returned


def _find_kept(kind: Versioned[R, V], changeset_id: int, force: bool, *, done: list[object]) -> list[Kept]:
    return fetch_all(
        Kept,
        kind.sql(
            """
            SELECT r.id::text AS id,
                CASE
                    WHEN r.version <> t.last AND NOT %(force)s THEN 'Changed since, it is at version ' || r.version
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
