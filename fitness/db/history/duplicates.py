"""Records of a noun that are the same: one is marked as the duplicate of the other, or both are marked as different.

The table of such a noun and its history have the column `duplicate_of`, the id of the record that counts instead. The
table `distinct_<table>` has the pairs that are different.
"""

from collections.abc import Collection
from typing import Any, LiteralString

from fitness.db.connection import execute, fetch_all
from fitness.db.history import versions
from fitness.db.history.versioned import R, V, Versioned
from fitness.db.tables import Table
from fitness.errors import Conflict, Invalid, NotFound


def not_twice(table: LiteralString, record: LiteralString, counts: LiteralString) -> LiteralString:
    """Return the condition that selects one of several duplicates `record`: the one that is kept.

    `counts` is the condition that statistics count a record `same`. If the one that is kept does not count, the first
    of its duplicates is selected.
    """
    return f"""
    ({record}.duplicate_of IS NULL OR (
        NOT EXISTS (
            SELECT
            FROM {table} AS same
            WHERE same.user_id = %(user_id)s AND same.id = {record}.duplicate_of AND {counts}
        )
        AND NOT EXISTS (
            SELECT
            FROM {table} AS same
            WHERE same.user_id = %(user_id)s AND same.duplicate_of = {record}.duplicate_of AND same.id < {record}.id
              AND {counts}
        )
    ))
"""


def distinct_table(table: LiteralString, key: LiteralString, *, numbered: bool = False) -> Table:
    """Return the table of the pairs of records that are different; `numbered`: the ids are generated numbers."""
    keys: tuple[LiteralString, LiteralString] = (key, "other_" + key)
    return Table("distinct_" + table, keys, numbers=dict.fromkeys(keys, table) if numbered else {})


def are_different(kind: Versioned[Any, Any]) -> LiteralString:
    """Return the condition that records `r` and `o` are marked as different."""
    return kind.sql(
        """
        EXISTS (
            SELECT
            FROM distinct_{table} AS d
            WHERE d.user_id = %(user_id)s AND d.{key} = least(r.id, o.id) AND d.other_{key} = greatest(r.id, o.id)
        )
        """
    )


def is_different(kind: Versioned[Any, Any], id: LiteralString) -> LiteralString:
    """Return the condition that the record with this id is marked as different from another one."""
    return kind.sql(
        """
        EXISTS (
            SELECT
            FROM distinct_{table} AS d
            WHERE d.user_id = %(user_id)s AND {id} IN (d.{key}, d.other_{key})
        )
        """,
        id=id,
    )


def mark_duplicate(
    kind: Versioned[R, V], id: Any, other_id: Any, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> R:
    """Mark a record as a duplicate of another, and return it; if it is already marked like this, nothing changes.

    Raises NotFound if one of the two is missing or deleted, Invalid if they are the same one, Conflict if the other one
    is a duplicate itself or this one has duplicates, and PreconditionFailed like `versions.edit`.
    """
    record, other = _lock(kind, id, other_id)
    if other.deleted_at:
        raise NotFound(f"{kind.noun} not found")
    forget_different(kind, id, other_id)
    if record.duplicate_of == other_id:
        return record
    change = versions.Change(changed_by, f"Marked as a duplicate of {other_id}")
    return versions.edit(kind, id, {"duplicate_of": other_id}, change, if_tags=if_tags)


def mark_different(
    kind: Versioned[R, V], id: Any, other_id: Any, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> R:
    """Store that two records are different, unmark either one that duplicates the other, and return the first.

    The other one may be deleted. Raises NotFound, Invalid and PreconditionFailed like `mark_duplicate`.
    """
    record, other = _lock(kind, id, other_id)
    remember_different(kind, id, other_id)
    unmarked, change = {"duplicate_of": None}, versions.Change(changed_by, f"Not the same {kind.noun.lower()}")
    if other.duplicate_of == id and not other.deleted_at:
        versions.edit(kind, other_id, unmarked, change)
    if record.duplicate_of == other_id:
        return versions.edit(kind, id, unmarked, change, if_tags=if_tags)
    return record


def remember_different(kind: Versioned[Any, Any], id: Any, other_id: Any) -> None:
    """Store that two records are different, and change neither of them."""
    execute(
        kind.sql(
            """
            INSERT INTO distinct_{table} (user_id, {key}, other_{key})
            VALUES (
                %(user_id)s, least(%(id)s::{id_type}, %(other_id)s::{id_type}),
                greatest(%(id)s::{id_type}, %(other_id)s::{id_type})
            )
            ON CONFLICT DO NOTHING
            """
        ),
        id=id,
        other_id=other_id,
    )


def forget_different(kind: Versioned[Any, Any], id: Any, other_id: Any) -> None:
    """Let two records be suggested as the same again."""
    execute(
        kind.sql(
            """
            DELETE FROM distinct_{table}
            WHERE user_id = %(user_id)s
              AND {key} = least(%(id)s::{id_type}, %(other_id)s::{id_type})
              AND other_{key} = greatest(%(id)s::{id_type}, %(other_id)s::{id_type})
            """
        ),
        id=id,
        other_id=other_id,
    )


def _lock(kind: Versioned[Any, Any], id: Any, other_id: Any) -> tuple[Any, Any]:
    """Lock and return two records, in the order of their ids, so that crossing requests do not deadlock.

    Raises NotFound if one is missing or the first is deleted, Invalid if they are the same one.
    """
    locked = fetch_all(
        kind.row,
        kind.sql(
            """
            SELECT {columns}
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s::{id_type}[])
            ORDER BY r.id
            FOR UPDATE
            """
        ),
        ids=[id, other_id],
    )
    by_id = {record.id: record for record in locked}
    if not {id, other_id} <= by_id.keys() or by_id[id].deleted_at:
        raise NotFound(f"{kind.noun} not found")
    if id == other_id:
        why = f"A {kind.noun.lower()} cannot be a duplicate of itself"
        raise Invalid(why, errors={kind.key: [why]})
    return by_id[id], by_id[other_id]


def refuse_chains(kind: Versioned[Any, Any], ids: Collection[Any], changed: Collection[str]) -> None:
    """Raise Conflict if a change of `duplicate_of` made a chain of these records, see `_list_chains`."""
    if "duplicate_of" in changed and (chains := _list_chains(kind, ids)):
        raise Conflict(chains[0][1])


def unmark_chains(kind: Versioned[Any, Any], ids: Collection[Any]) -> dict[Any, tuple[str, str]]:
    """Clear `duplicate_of` of those of these records that are in chains; return {id: (field, why)}, for a revert."""
    chains = dict(_list_chains(kind, ids))
    if chains:
        execute(
            kind.sql(
                """
                UPDATE {table} AS r
                SET duplicate_of = NULL
                WHERE r.user_id = %(user_id)s
                  AND r.id = ANY(%(ids)s::{id_type}[])
                """
            ),
            ids=list(chains),
        )
    return {record_id: ("duplicate_of", why) for record_id, why in chains.items()}


def _list_chains(kind: Versioned[Any, Any], ids: Collection[Any]) -> list[tuple[Any, str]]:
    """Return those of these records, and why, that are a duplicate of a duplicate, or are one and have duplicates.

    Statistics follow only one step from a record to the one that it duplicates, so chains and circles are not allowed.
    The other record is locked: a concurrent request that marks it waits, and then sees this mark.
    """
    others: list[dict[str, Any]] = fetch_all(
        dict,
        kind.sql(
            """
            WITH marked AS MATERIALIZED (
                SELECT r.id, r.duplicate_of
                FROM {table} AS r
                WHERE r.user_id = %(user_id)s
                  AND r.duplicate_of IS NOT NULL
                  AND r.deleted_at IS NULL
                  AND r.id IN (SELECT unnest(%(ids)s::{id_type}[]))
            )
            SELECT r.id, o.id AS other_id, o.duplicate_of,
                (
                    SELECT d.id
                    FROM {table} AS d
                    WHERE d.user_id = %(user_id)s AND d.duplicate_of = r.id AND d.deleted_at IS NULL
                    ORDER BY d.id
                    LIMIT 1
                ) AS duplicate_id
            FROM marked AS r
            JOIN {table} AS o
              ON o.user_id = %(user_id)s AND o.id = r.duplicate_of
            ORDER BY o.id
            FOR NO KEY UPDATE OF o
            """
        ),
        ids=list(ids),
    )
    noun, other = kind.noun, kind.noun.lower()
    chains: list[tuple[Any, str]] = []
    for row in others:
        if row["duplicate_of"]:
            why = f"{noun} {row['other_id']} is itself marked as a duplicate of {other} {row['duplicate_of']}"
            chains.append((row["id"], why))
        elif row["duplicate_id"]:
            chains.append((row["id"], f"{noun} {row['id']} has a duplicate itself: {other} {row['duplicate_id']}"))
    return chains
