"""Records that their provider has deleted: they are deleted here as well, unless the person has edited them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history import bases, versions
from fitness.db.history.standing import BY_PERSON, JOIN_CHANGESET, is_said
from fitness.db.history.versioned import Versioned
from fitness.db.oauth_credentials import account_of


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that the provider has deleted, and whether the person has edited it."""

    id: Any
    edited: bool


def may_have(kind: Versioned[Any, Any]) -> LiteralString:
    """Return the SQL condition that the connected account of a source may have a record `r`.

    If the person has synced with another account before, only what a sync of this one wrote.
    """
    return kind.sql(
        """
        (
          NOT EXISTS (
            SELECT
            FROM changesets AS b
            WHERE b.user_id = %(user_id)s AND b.kind = 'sync' AND b.source = %(source)s AND b.account_id <> {account}
          )
          OR EXISTS (
            SELECT
            FROM {history} AS h
            JOIN changesets AS b
              ON b.user_id = %(user_id)s AND b.changeset_id = h.changeset_id
            WHERE h.user_id = %(user_id)s AND h.{key} = r.id
              AND b.kind = 'sync' AND b.source = %(source)s AND b.account_id = {account}
          )
        )
        """,
        account=account_of("lower(%(source)s)"),
    )


def count_covered(kind: Versioned[Any, Any], *, source: str, condition: LiteralString, **params: Any) -> int:
    """Return the number of undeleted records `r` of a source that meet the condition."""
    return (
        fetch_one(
            int,
            kind.sql(
                """
                SELECT count(*)
                FROM {table} AS r
                WHERE r.user_id = %(user_id)s
                  AND r.source = %(source)s
                  AND r.deleted_at IS NULL
                  AND {condition}
                """,
                condition=condition,
            ),
            source=source,
            **params,
        )
        or 0
    )


def find_gone(
    kind: Versioned[Any, Any], *, source: str, condition: LiteralString, of_others: bool = False, **params: Any
) -> list[Gone]:
    """Lock and return the undeleted records `r` of a source that meet the condition of being deleted there.

    Those that the person decided to keep, see `conflicts.decide`, are left out, and those that other sources have too
    unless `of_others`.
    """
    return fetch_all(
        Gone,
        kind.sql(
            """
            SELECT r.id, EXISTS (
                SELECT
                FROM {history} AS h {join_changeset}
                WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND h.version_number > 1 AND {by_person}
            ) AS edited
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.source = %(source)s
              AND r.deleted_at IS NULL
              AND NOT coalesce(r.provider_values ? 'deleted_at', false)
              AND (%(of_others)s OR NOT {is_said})
              AND {condition}
            ORDER BY r.id
            FOR UPDATE OF r
            """,
            condition=condition,
            join_changeset=JOIN_CHANGESET,
            by_person=BY_PERSON,
            is_said=is_said(kind, "r.id", "a.source <> %(source)s"),
        ),
        source=source,
        of_others=of_others,
        **params,
    )


def delete_gone(kind: Versioned[Any, Any], gone: Collection[Gone], change: versions.Change) -> int:
    """Delete the records that the person has not edited, and return their number.

    The others stay; their conflicts store the time of the delete at the provider.
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
    edited = [one.id for one in gone if one.edited]
    with bases.noted(kind, change.changeset_id, dict.fromkeys(edited, ("deleted_at",))):
        execute(
            kind.sql(
                """
                UPDATE {table} AS r
                SET conflicts = coalesce(r.conflicts, '{{}}') || jsonb_build_object('deleted_at', now())
                WHERE r.user_id = %(user_id)s
                  AND r.id = ANY(%(ids)s)
                  AND NOT coalesce(r.conflicts ? 'deleted_at', false)
                """
            ),
            ids=edited,
        )
    return len(deleted)


def found_again(kind: Versioned[Any, Any], ids: Collection[Any]) -> None:
    """Forget the delete of records that the provider has again, and the person's decision about it."""
    if not ids:
        return
    execute(
        kind.sql(
            """
            UPDATE {table} AS r
            SET conflicts = nullif(r.conflicts - 'deleted_at', '{{}}'),
                provider_values = r.provider_values - 'deleted_at'
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s)
              AND (r.conflicts ? 'deleted_at' OR r.provider_values ? 'deleted_at')
            """
        ),
        ids=list(ids),
    )
