"""Runs as their providers tell them now: each field follows the provider until a person changes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db import versions
from fitness.db.connection import execute, fetch_all
from fitness.db.runs import NEW_RUNS, RUNS, TOLD, NewRun, arrays_of, values_told


@dataclass(frozen=True, slots=True)
class Merge:
    """What a provider says of a run now: the fields to take over, and those that the person changed as well."""

    id: str
    theirs: dict[str, Any]
    taken: dict[str, Any]
    conflicts: dict[str, Any]
    yours: dict[str, Any]


def compare_with_provider(chunk: Sequence[NewRun], *, told: Collection[str] = TOLD) -> list[Merge]:
    """Lock those of the runs that are here, undeleted, and of which the provider says something new; compare them.

    A field that the provider changed is taken over if it still is here as the provider had it; it is a conflict if
    the person has changed it to something else. What both changed alike is neither.
    """
    return fetch_all(
        Merge,
        f"""
        SELECT r.id, r.theirs,
            coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE NOT f.edited), '{{}}') AS taken,
            coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE f.edited AND f.differs), '{{}}')
              AS conflicts,
            coalesce(jsonb_object_agg(f.key, f.yours) FILTER (WHERE f.edited AND f.differs), '{{}}')
              AS yours
        FROM (
            SELECT o.*, {values_told(told)} AS theirs
            FROM {NEW_RUNS}
            JOIN runs AS o
              ON o.user_id = %(user_id)s AND o.id = new.id
            WHERE o.user_id = %(user_id)s
              AND o.deleted_at IS NULL
              AND NOT o.provider_values @> {values_told(told)}
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
        GROUP BY r.id, r.theirs
        """,
        **arrays_of(chunk),
    )


def _differ(one: LiteralString, other: LiteralString) -> LiteralString:
    """Return the SQL that tells whether two JSON values differ by more than converting between units leaves."""
    return f"""
        CASE
            WHEN jsonb_typeof({one}) = 'number' AND jsonb_typeof({other}) = 'number'
            THEN abs({one}::float8 - {other}::float8) > 0.001
            ELSE {one} <> {other}
        END"""


def take_from_provider(merges: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Make what the comparison found true: a version of each run that takes something over, and what is in conflict."""
    if not merges:
        return
    params = {
        "ids": [merge.id for merge in merges],
        "theirs": [Jsonb(merge.theirs) for merge in merges],
        "taken": [Jsonb(merge.taken) for merge in merges],
        "conflicts": [Jsonb(merge.conflicts) for merge in merges],
    }
    execute(
        """
        UPDATE runs AS r
        SET provider_values = r.provider_values || t.theirs,
            conflicts = nullif(
                (coalesce(r.conflicts, '{}') - ARRAY(SELECT jsonb_object_keys(t.theirs))) || t.conflicts, '{}'
            )
        FROM unnest(%(ids)s::text[], %(theirs)s::jsonb[], %(conflicts)s::jsonb[]) AS t (run_id, theirs, conflicts)
        WHERE r.user_id = %(user_id)s
          AND r.id = t.run_id
        """,
        **params,
    )
    overlaid = ", ".join([f"{field} = (jsonb_populate_record(r, t.taken)).{field}" for field in TOLD])
    changed = fetch_all(
        str,
        f"""
        UPDATE runs AS r
        SET {overlaid}, {RUNS.count_up()}
        FROM unnest(%(ids)s::text[], %(taken)s::jsonb[]) AS t (run_id, taken)
        WHERE r.user_id = %(user_id)s
          AND r.id = t.run_id
          AND t.taken <> '{{}}'
        RETURNING r.id
        """,
        **params,
        changed_by=changed_by,
    )
    versions.add_all(RUNS, changed, versions.Change(changed_by, changeset_id=changeset_id))
