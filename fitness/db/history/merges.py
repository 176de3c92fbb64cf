"""What providers say now against what is here: each field follows the provider until a person changes it.

It takes a versioned table that is `merged`, with the columns `provider_values` (what the provider last said) and
`conflicts` (what it says of fields that the person changed as well).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all
from fitness.db.history import versions


@dataclass(frozen=True, slots=True)
class Merge:
    """What a provider says of a record now: the fields to take over, and those that the person changed as well."""

    id: str
    theirs: dict[str, Any]
    taken: dict[str, Any]
    conflicts: dict[str, Any]
    yours: dict[str, Any]


def compare(
    kind: versions.Versioned[Any, Any],
    told: LiteralString,
    *,
    same: LiteralString,
    theirs: LiteralString,
    **params: Any,
) -> list[Merge]:
    """Lock the records that are here, undeleted, and of which the provider says something new; compare them.

    `told` is the SQL of rows `new`, `same` the condition on which one is the record `o`, and `theirs` what it says of
    the record, as JSON. A field that the provider changed is taken over if it still is here as the provider had it; it
    is a conflict if the person has changed it to something else. What both changed alike is neither.
    """
    return fetch_all(
        Merge,
        f"""
        SELECT r.id::text AS id, jsonb_object_agg(f.key, f.value) AS theirs,
            coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE NOT f.edited), '{{}}') AS taken,
            coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE f.edited AND f.differs), '{{}}')
              AS conflicts,
            coalesce(jsonb_object_agg(f.key, f.yours) FILTER (WHERE f.edited AND f.differs), '{{}}')
              AS yours
        FROM (
            SELECT o.*, {theirs} AS theirs
            FROM {told}
            JOIN {kind.table} AS o
              ON o.user_id = %(user_id)s AND {same}
            WHERE o.user_id = %(user_id)s
              AND o.deleted_at IS NULL
              AND NOT o.provider_values @> {theirs}
            FOR UPDATE OF o
        ) AS r
        CROSS JOIN LATERAL (
            SELECT e.key, e.value, y.yours, {_differ("e.value", "b.base")} AS changed,
                {_differ("y.yours", "b.base")} AS edited, {_differ("y.yours", "e.value")} AS differs
            FROM jsonb_each(r.theirs) AS e
            CROSS JOIN LATERAL (SELECT coalesce(r.provider_values -> e.key, 'null') AS base) AS b
            CROSS JOIN LATERAL (SELECT to_jsonb(r) -> e.key AS yours) AS y
        ) AS f
        WHERE f.changed
        GROUP BY r.id
        """,
        **params,
    )


def _differ(one: LiteralString, other: LiteralString) -> LiteralString:
    """Return the SQL that tells whether two JSON values differ by more than converting between units leaves."""
    return f"""
        CASE
            WHEN jsonb_typeof({one}) = 'number' AND jsonb_typeof({other}) = 'number'
            THEN abs({one}::float8 - {other}::float8) > 0.001
            ELSE {one} <> {other}
        END"""


def take(kind: versions.Versioned[Any, Any], merges: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Make what the comparison found true: a version of each that takes something over, and what is in conflict."""
    if not merges:
        return
    params = {
        "ids": [merge.id for merge in merges],
        "theirs": [Jsonb(merge.theirs) for merge in merges],
        "taken": [Jsonb(merge.taken) for merge in merges],
        "conflicts": [Jsonb(merge.conflicts) for merge in merges],
    }
    execute(
        f"""
        UPDATE {kind.table} AS r
        SET provider_values = r.provider_values || t.theirs,
            conflicts = nullif(
                (coalesce(r.conflicts, '{{}}') - ARRAY(SELECT jsonb_object_keys(t.theirs))) || t.conflicts, '{{}}'
            )
        FROM unnest(%(ids)s::{kind.id_type}[], %(theirs)s::jsonb[], %(conflicts)s::jsonb[])
          AS t (record_id, theirs, conflicts)
        WHERE r.user_id = %(user_id)s
          AND r.id = t.record_id
        """,
        **params,
    )
    overlaid = ", ".join([f"{field} = (jsonb_populate_record(r, t.taken)).{field}" for field in kind.editable])
    changed = fetch_all(
        str,
        f"""
        UPDATE {kind.table} AS r
        SET {overlaid}, {kind.count_up()}
        FROM unnest(%(ids)s::{kind.id_type}[], %(taken)s::jsonb[]) AS t (record_id, taken)
        WHERE r.user_id = %(user_id)s
          AND r.id = t.record_id
          AND t.taken <> '{{}}'
        RETURNING r.id
        """,
        **params,
        changed_by=changed_by,
    )
    versions.add_all(kind, changed, versions.Change(changed_by, changeset_id=changeset_id))
