"""What changesets change in the base of merges: `provider_values` and `conflicts` of records, which versions lack.

A revert takes these back as well, field by field, so that the next import or sync compares with what the provider sent
before. Each changeset has one row per record in the noun's table `…_merges`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all
from fitness.db.history.standing import list_joined
from fitness.db.history.versioned import Versioned

Json = Mapping[str, Any]


def _some(json: LiteralString, fields: LiteralString) -> LiteralString:
    """Return the SQL of a JSON object with those of the fields that it has."""
    return (
        "(SELECT coalesce(jsonb_object_agg(f, " + json + " -> f) FILTER (WHERE " + json + " ? f), '{}')"
        " FROM unnest(" + fields + ") AS f)"
    )


@contextmanager
def noted(kind: Versioned[Any, Any], changeset_id: int | None, fields: Mapping[Any, Sequence[str]]) -> Iterator[None]:
    """Store what the block changes in these fields of the base of records, {id: fields}, for a revert."""
    if changeset_id is None or not fields:
        yield
        return
    params = {"ids": list(fields), "fields": [Jsonb(list(names)) for names in fields.values()]}
    execute(
        kind.sql(
            """
            INSERT INTO {merges} AS m (user_id, changeset_id, {key}, fields, values_before, conflicts_before)
            WITH r AS MATERIALIZED (
                SELECT o.id, t.fields, o.provider_values, o.conflicts
                FROM (
                    SELECT record_id, ARRAY(SELECT jsonb_array_elements_text(names)) AS fields
                    FROM unnest(%(ids)s::{id_type}[], %(fields)s::jsonb[]) AS sent (record_id, names)
                ) AS t
                CROSS JOIN LATERAL (
                    SELECT id, provider_values, conflicts
                    FROM {table} AS o
                    WHERE o.user_id = %(user_id)s AND o.id = t.record_id
                    LIMIT 1
                ) AS o
            )
            SELECT %(user_id)s, %(changeset_id)s, r.id, r.fields, {values}, {conflicts}
            FROM r
            ON CONFLICT (user_id, changeset_id, {key}) DO UPDATE
            SET fields = m.fields || ARRAY(SELECT unnest(excluded.fields) EXCEPT SELECT unnest(m.fields)),
                values_before = (excluded.values_before - m.fields) || m.values_before,
                conflicts_before = (excluded.conflicts_before - m.fields) || m.conflicts_before
            """,
            values=_some("r.provider_values", "r.fields"),
            conflicts=_some("r.conflicts", "r.fields"),
        ),
        **params,
        changeset_id=changeset_id,
    )
    yield
    execute(
        kind.sql(
            """
            UPDATE {merges} AS m
            SET (values_after, conflicts_after) = (
                SELECT {values}, {conflicts}
                FROM {table} AS r
                WHERE r.user_id = %(user_id)s AND r.id = m.{key}
                LIMIT 1
            )
            WHERE m.user_id = %(user_id)s
              AND m.changeset_id = %(changeset_id)s
              AND m.{key} = ANY(%(ids)s::{id_type}[])
            """,
            values=_some("r.provider_values", "m.fields"),
            conflicts=_some("r.conflicts", "m.fields"),
        ),
        ids=params["ids"],
        changeset_id=changeset_id,
    )


def list_changesets(kind: Versioned[Any, Any], since: datetime) -> list[int]:
    """Return the changesets that have changed the base of a noun's records since an instant, newest first."""
    if not kind.follows_provider:
        return []
    return fetch_all(
        int,
        kind.sql(
            """
            SELECT DISTINCT changeset_id
            FROM {merges}
            WHERE user_id = %(user_id)s
              AND created_at > %(since)s
            ORDER BY changeset_id DESC
            """
        ),
        since=since,
    )


def put_back(
    kind: Versioned[Any, Any],
    reverted_id: int,
    changeset_id: int,
    *,
    force: bool,
    follow: bool = False,
    staying: Collection[Any] = (),
) -> set[Any]:
    """Take back what a changeset changed in the base of records; return those whose conflicts go back.

    Fields go back that still are as the changeset left them, to what was before without what is undone by now. Records
    that are `staying` are left out. With `follow`, only the conflicts go back of records in which several sources have
    joined: they follow these.
    """
    if not kind.follows_provider:
        return set()
    fields: dict[Any, list[str]] = dict(
        fetch_all(
            tuple,
            kind.sql(
                """
                SELECT {key}, fields
                FROM {merges}
                WHERE user_id = %(user_id)s
                  AND changeset_id = %(reverted_id)s
                  AND NOT ({key} = ANY(%(staying)s::{id_type}[]))
                """
            ),
            reverted_id=reverted_id,
            staying=list(staying),
        )
    )
    if not fields:
        return set()
    following = list(list_joined(kind, fields)) if follow else []
    before = {} if force else _list_before(kind, fields, reverted_id)
    with noted(kind, changeset_id, fields):
        back: dict[str, Any] = {"ids": list(fields), "force": force, "following": following}
        rows = fetch_all(
            tuple,
            _put_back(kind),
            reverted_id=reverted_id,
            **back,
            mended=list(before),
            values=[Jsonb(values) for values, _ in before.values()],
            conflicts=[Jsonb(conflicts) for _, conflicts in before.values()],
        )
    return {id for id, disputed in rows if disputed}


@dataclass(frozen=True, slots=True)
class _Step:
    """What a changeset changed in the base of a record; `remains`: it is not undone."""

    id: Any
    changeset_id: int
    fields: list[str]
    values_before: dict[str, Any]
    values_after: dict[str, Any]
    conflicts_before: dict[str, Any]
    conflicts_after: dict[str, Any]
    remains: bool


def _list_before(
    kind: Versioned[Any, Any], fields: Mapping[Any, Collection[str]], reverted_id: int
) -> dict[Any, tuple[dict[str, Any], dict[str, Any]]]:
    """Return {record id: (values, conflicts)} before a changeset, of those in whose base something before is undone."""
    steps: dict[Any, list[_Step]] = defaultdict(list)
    for step in fetch_all(_Step, kind.sql(_STEPS), ids=list(fields), reverted_id=reverted_id):
        steps[step.id].append(step)
    return {
        id: (
            _walked_back(fields[id], [(step, step.values_before, step.values_after) for step in some]),
            _walked_back(fields[id], [(step, step.conflicts_before, step.conflicts_after) for step in some]),
        )
        for id, some in steps.items()
    }


def _walked_back(fields: Collection[str], steps: Sequence[tuple[_Step, Json, Json]]) -> dict[str, Any]:
    """Return the values of fields before the first of the steps, the newest first, without those that are undone."""
    (_, values, _), *earlier = steps
    walked: dict[str, Any] = {}
    for name in fields:
        value = values.get(name, _MISSING)
        for step, before, after in earlier:
            if name in step.fields:
                if step.remains or after.get(name, _MISSING) != value:
                    break
                value = before.get(name, _MISSING)
        if value is not _MISSING:
            walked[name] = value
    return walked


_MISSING = object()
_STEPS: LiteralString = """
    SELECT m.{key} AS id, m.changeset_id, m.fields, m.values_before, m.values_after, m.conflicts_before,
        m.conflicts_after, c.reverted_by IS NULL AND c.kind NOT IN ('revert', 'rewind') AS remains
    FROM (
        SELECT t.id
        FROM unnest(%(ids)s::{id_type}[]) AS t (id)
        WHERE EXISTS (
            SELECT
            FROM {merges} AS u
            JOIN changesets AS w
              ON w.user_id = %(user_id)s AND w.changeset_id = u.changeset_id
            WHERE u.user_id = %(user_id)s AND u.{key} = t.id AND u.changeset_id < %(reverted_id)s
              AND w.reverted_by IS NOT NULL
            OFFSET 0
        )
    ) AS t
    CROSS JOIN LATERAL (
        SELECT *
        FROM {merges} AS o
        WHERE o.user_id = %(user_id)s AND o.{key} = t.id AND o.changeset_id <= %(reverted_id)s
        OFFSET 0
    ) AS m
    CROSS JOIN LATERAL (
        SELECT w.kind, w.reverted_by
        FROM changesets AS w
        WHERE w.user_id = %(user_id)s AND w.changeset_id = m.changeset_id
        LIMIT 1
    ) AS c
    ORDER BY m.{key}, m.changeset_id DESC
"""
"""Everything is looked up by the record: without statistics, joins would read all that was said of others."""


def _put_back(kind: Versioned[Any, Any]) -> LiteralString:
    return kind.sql(
        """
        UPDATE {table} AS r
        SET {with_base}
            provider_values = CASE
                WHEN r.id = ANY(%(following)s::{id_type}[]) THEN r.provider_values ELSE {values}
            END,
            conflicts = nullif({conflicts}, '{{}}'), updated_at = now()
        FROM {merges} AS m
        LEFT JOIN unnest(%(mended)s::{id_type}[], %(values)s::jsonb[], %(conflicts)s::jsonb[])
            AS b (id, values_before, conflicts_before)
          ON b.id = m.{key}
        WHERE m.user_id = %(user_id)s
          AND m.changeset_id = %(reverted_id)s
          AND m.{key} = ANY(%(ids)s::{id_type}[])
          AND r.user_id = %(user_id)s
          AND r.id = m.{key}
        RETURNING r.id, m.conflicts_before IS DISTINCT FROM m.conflicts_after
        """,
        with_base=kind.with_base,
        values=_back("r.provider_values", "coalesce(b.values_before, m.values_before)", "m.values_after"),
        conflicts=_back("r.conflicts", "coalesce(b.conflicts_before, m.conflicts_before)", "m.conflicts_after"),
    )


def _back(now: LiteralString, before: LiteralString, after: LiteralString) -> LiteralString:
    """Return the SQL of a JSON object, each field of which is as before if it still is as after, or with `force`."""
    same: LiteralString = "(%(force)s OR " + now + " -> f IS NOT DISTINCT FROM " + after + " -> f)"
    going: LiteralString = "ARRAY(SELECT f FROM unnest(m.fields) AS f WHERE " + same + ")"
    staying: LiteralString = "ARRAY(SELECT f FROM unnest(m.fields) AS f WHERE NOT " + same + ")"
    return "(coalesce(" + now + ", '{}') - " + going + ") || (" + before + " - " + staying + ")"
