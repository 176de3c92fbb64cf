"""Fields that a person no longer has, as the edit of them is reverted: they follow what the provider says now.

Before the edit they were as the provider said, so they would have followed it since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db import joined_records, merged_records
from fitness.db.activity_sources import Kind, differ
from fitness.db.connection import fetch_all
from fitness.db.history.merges import Merge, agreed
from fitness.db.history.versions import Change


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that a changeset changed, and of which the provider has said something else since, as JSON.

    `before` and `after` the changeset, and `now`, are values of the record; `base` is what the provider had said, and
    `theirs` what it says now.
    """

    id: str
    name: str
    before: Any
    after: Any
    now: Any
    base: Any
    theirs: Any


def follow(kind: Kind, ids: Collection[Any], changeset_id: int, change: Change) -> set[Any]:
    """Let fields of these records that an edit had changed, and that went back, follow; return the ids that changed."""
    assert change.changeset_id is not None
    if not (kind.follows_provider and ids):
        return set()
    fields = fetch_all(_Field, kind.sql(_CHANGED), ids=list(ids), reverted_id=changeset_id, fields=list(kind.editable))
    taken: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in _following(kind, fields):
        taken[one.id][one.name] = one.theirs
    merges = [
        Merge(id, values | {agreed(name): None for name in values}, values, {}, {}) for id, values in taken.items()
    ]
    joined_records.take(kind, merges, changed_by=change.changed_by, changeset_id=change.changeset_id)
    return {id for id in ids if str(id) in taken}


def _following(kind: Kind, fields: Collection[_Field]) -> Iterator[_Field]:
    """Yield those of the fields that were as the provider had said, and are so again, though it says another value."""
    bases = [{one.name: one.base} for one in fields]
    merged_records.follow(kind, bases)
    for one, base in zip(fields, bases, strict=True):
        has_followed = not differ(one.name, one.before, base[one.name])
        went_back = differ(one.name, one.after, one.before) and not differ(one.name, one.now, one.before)
        if has_followed and went_back and differ(one.name, one.theirs, one.now):
            yield one


_CHANGED: LiteralString = """
    SELECT r.id::text, since.name, to_jsonb(p) -> since.name AS before, to_jsonb(h) -> since.name AS after,
        to_jsonb(r) -> since.name AS now, since.base, r.provider_values -> since.name AS theirs
    FROM (
        SELECT DISTINCT ON (m.{key}, f.name) m.{key} AS record_id, f.name, m.values_before -> f.name AS base,
            coalesce((m.values_before ->> ('yours:' || f.name))::boolean, false) AS agreed
        FROM {merges} AS m
        CROSS JOIN LATERAL unnest(m.fields) AS f (name)
        WHERE m.user_id = %(user_id)s AND m.changeset_id > %(reverted_id)s
          AND m.{key} IN (SELECT unnest(%(ids)s::{id_type}[]))
          AND f.name = ANY(%(fields)s)
          AND m.values_before -> f.name IS DISTINCT FROM m.values_after -> f.name
        ORDER BY m.{key}, f.name, m.changeset_id
    ) AS since
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = since.record_id AND (v.changeset_id = %(reverted_id)s) IS TRUE
        ORDER BY v.version_number DESC
        LIMIT 1
    ) AS h
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = since.record_id AND v.version_number = h.version_number - 1
        LIMIT 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT *
        FROM {table} AS o
        WHERE o.user_id = %(user_id)s AND o.id = since.record_id
        LIMIT 1
    ) AS r
    WHERE NOT since.agreed
    ORDER BY r.id, since.name
"""
"""The first change of a field in the base since the changeset says what the base was then."""
