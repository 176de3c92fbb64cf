"""Merge a provider's records: a record follows its provider in each field that no person has changed.

The tables of these nouns have the columns `provider_values`, the values that the provider sent last, and `conflicts`,
its values of fields that a person has changed too. A field that differs from what was sent last is a person's. If the
provider then sends the value that the person has entered, `provider_values` keeps beside it that the field is a
person's, see `agreed`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all
from fitness.db.fields import listed
from fitness.db.history import bases, versions
from fitness.db.history.versioned import Versioned


@dataclass(frozen=True, slots=True)
class Merge:
    """The values that a provider sent for a record: fields to take over, and fields in conflict with an edit."""

    id: str
    theirs: dict[str, Any]
    taken: dict[str, Any]
    conflicts: dict[str, Any]
    yours: dict[str, Any]


_AGREED: LiteralString = "yours:"


def agreed(field: str) -> str:
    """Return the name under which `provider_values` has true if a person had a field's value before the provider."""
    return _AGREED + field


def agreements(base: Mapping[str, Any], theirs: Collection[str], same: Collection[str]) -> dict[str, Any]:
    """Return what changes by `agreed` when a provider sends these fields, of which a person had the `same` before."""
    return {
        agreed(field): True if field in same else None for field in theirs if field in same or base.get(agreed(field))
    }


def compare(
    kind: Versioned[Any, Any],
    sent: LiteralString,
    *,
    same: LiteralString,
    theirs: LiteralString,
    **params: Any,
) -> list[Merge]:
    """Lock the undeleted records for which the provider sent something new, and compare them with it.

    `sent` is the SQL of rows `new`, `same` the condition that such a row is the record `o`, and `theirs` the JSON of
    its fields. A field that the provider changed is taken over if the record still has the provider's earlier value; it
    is a conflict if the person changed it to something else. The same change on both sides is neither: the field stays
    the person's.

    LIMIT makes the planner look up each record by its key, see `versions.add_all`: without a condition on `deleted_at`,
    as the indexes of live records would serve that too. Records that are as they were sent before are not locked.
    """
    return fetch_all(
        Merge,
        kind.sql(
            """
            SELECT r.id::text AS id,
                jsonb_object_agg(f.key, f.value) || coalesce(
                    jsonb_object_agg('{agreed}' || f.key, CASE WHEN f.edited AND NOT f.differs THEN true END)
                      FILTER (WHERE f.agreed OR (f.edited AND NOT f.differs)),
                    '{{}}'
                ) AS theirs,
                coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE NOT f.edited), '{{}}') AS taken,
                coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE f.edited AND f.differs), '{{}}')
                  AS conflicts,
                coalesce(jsonb_object_agg(f.key, f.yours) FILTER (WHERE f.edited AND f.differs), '{{}}')
                  AS yours
            FROM (
                SELECT known.id, {theirs} AS theirs
                FROM {sent}
                CROSS JOIN LATERAL (
                    SELECT o.id, o.provider_values, o.deleted_at
                    FROM {table} AS o
                    WHERE o.user_id = %(user_id)s AND {same}
                    LIMIT 1
                ) AS known
                WHERE known.deleted_at IS NULL
                  AND NOT known.provider_values @> {theirs}
                ORDER BY known.id
            ) AS sent
            CROSS JOIN LATERAL (
                SELECT o.*
                FROM {table} AS o
                WHERE o.user_id = %(user_id)s AND o.id = sent.id
                LIMIT 1
                FOR UPDATE
            ) AS r
            CROSS JOIN LATERAL (
                SELECT e.key, e.value, y.yours, {value_is_new} AS changed, a.agreed,
                    a.agreed OR {yours_is_edited} AS edited, {yours_differs} AS differs
                FROM jsonb_each(sent.theirs) AS e
                CROSS JOIN LATERAL (SELECT coalesce(r.provider_values -> e.key, 'null') AS base) AS b
                CROSS JOIN LATERAL (SELECT to_jsonb(r) -> e.key AS yours) AS y
                CROSS JOIN LATERAL (
                    SELECT coalesce((r.provider_values ->> ('{agreed}' || e.key))::boolean, false) AS agreed
                ) AS a
            ) AS f
            WHERE r.deleted_at IS NULL
              AND f.changed
            GROUP BY r.id
            """,
            sent=sent,
            same=same,
            theirs=theirs,
            agreed=_AGREED,
            value_is_new=_differ("e.value", "b.base"),
            yours_is_edited=_differ("y.yours", "b.base"),
            yours_differs=_differ("y.yours", "e.value"),
        ),
        **params,
    )


def _differ(one: LiteralString, other: LiteralString) -> LiteralString:
    """Return the SQL condition that two JSON values differ by more than a unit conversion can cause."""
    return f"""
        CASE
            WHEN jsonb_typeof({one}) = 'number' AND jsonb_typeof({other}) = 'number'
            THEN abs({one}::float8 - {other}::float8) > 0.001
            ELSE {one} <> {other}
        END"""


def take(kind: Versioned[Any, Any], merges: Collection[Merge], *, changed_by: str | None, changeset_id: int) -> None:
    """Store the result of a comparison: a version of each record that takes over a field, and the conflicts."""
    if not merges:
        return
    params = {
        "ids": [merge.id for merge in merges],
        "theirs": [Jsonb(merge.theirs) for merge in merges],
        "taken": [Jsonb(merge.taken) for merge in merges],
        "conflicts": [Jsonb(merge.conflicts) for merge in merges],
    }
    with bases.noted(kind, changeset_id, {merge.id: list(merge.theirs) for merge in merges}):
        execute(
            kind.sql(
                """
                UPDATE {table} AS r
                SET provider_values = coalesce(r.provider_values, '{{}}') || t.theirs,
                    conflicts = nullif(
                        (coalesce(r.conflicts, '{{}}') - ARRAY(SELECT jsonb_object_keys(t.theirs))) || t.conflicts,
                        '{{}}'
                    )
                FROM unnest(%(ids)s::{id_type}[], %(theirs)s::jsonb[], %(conflicts)s::jsonb[])
                  AS t (record_id, theirs, conflicts)
                WHERE r.user_id = %(user_id)s
                  AND r.id = t.record_id
                """
            ),
            **params,
        )
    parts_stay = not any(part in merge.taken for merge in merges for part in kind.parts)
    changed = fetch_all(
        str,
        kind.sql(
            """
            UPDATE {table} AS r
            SET {assignments}
            FROM (
                SELECT n.*
                FROM unnest(%(ids)s::{id_type}[], %(taken)s::jsonb[]) AS t (record_id, taken)
                JOIN {table} AS o
                  ON o.user_id = %(user_id)s AND o.id = t.record_id
                CROSS JOIN LATERAL jsonb_populate_record(o, t.taken) AS n
                WHERE o.user_id = %(user_id)s
                  AND t.taken <> '{{}}'
            ) AS new
            WHERE r.user_id = %(user_id)s
              AND r.id = new.id
            RETURNING r.id
            """,
            assignments=kind.counted_up(listed(kind.editable, "{0} = new.{0}"), parts_stay=parts_stay),
        ),
        **params,
        changed_by=changed_by,
    )
    versions.add_all(kind, changed, versions.Change(changed_by, changeset_id=changeset_id))
