"""Fields that a person no longer has, as the edits of them are reverted: they follow what the provider says now."""

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from typing import Any, LiteralString

from fitness.db import joined_records, merged_records
from fitness.db.activity_sources import Kind, differ
from fitness.db.connection import fetch_all
from fitness.db.fields import listed
from fitness.db.history.conflicts import made_ready
from fitness.db.history.merges import Merge, agreed
from fitness.db.history.reverts import LAYER
from fitness.db.history.standing import BY_PERSON, JOIN_CHANGESET
from fitness.db.history.versions import Change


def follow(kind: Kind, ids: Collection[Any], changeset_id: int, change: Change) -> None:
    """Let fields of these records follow that an edit had, now that it is reverted, and that no other edit has."""
    assert change.changeset_id is not None
    if not (kind.follows_provider and ids):
        return
    rows = fetch_all(tuple, _unedited(kind), ids=list(ids), reverted_id=changeset_id, layer=0)
    theirs = [{name: value} for _, name, _, value in rows]
    merged_records.follow(kind, theirs)
    taken: dict[str, dict[str, Any]] = defaultdict(dict)
    for (id, name, now, _), said in zip(rows, theirs, strict=True):
        if differ(name, said[name], now):
            taken[id][name] = made_ready(name, said[name], change)
    merges = [Merge(id, said | {agreed(name): None for name in said}, said, {}, {}) for id, said in taken.items()]
    joined_records.take(kind, merges, changed_by=change.changed_by, changeset_id=change.changeset_id)


@cache
def _unedited(kind: Kind) -> LiteralString:
    """Return the statement that selects (id, field, its value, what the provider says) of records of a changeset.

    The fields are those that it changed, are not as the provider says, and of which no edit by a person stands.
    """
    following: LiteralString = """
        CASE
            WHEN h.{0} IS DISTINCT FROM p.{0} AND r.provider_values ? '{0}'
              AND to_jsonb(r.{0}) IS DISTINCT FROM r.provider_values -> '{0}'
            THEN '{0}'
        END
    """
    return kind.sql(
        """
        SELECT b.id::text, f.name, b.now -> f.name, b.theirs -> f.name
        FROM (
            SELECT r.id, to_jsonb(r) AS now, r.provider_values AS theirs,
                array_remove(ARRAY[{names}], NULL) AS names
            FROM {pairs}
            JOIN {table} AS r
              ON r.user_id = %(user_id)s AND r.id = t.record_id
            WHERE r.user_id = %(user_id)s
        ) AS b
        CROSS JOIN LATERAL unnest(b.names) AS f (name)
        WHERE NOT EXISTS (
            SELECT
            FROM {history} AS h
            JOIN {history} AS before
              ON before.user_id = %(user_id)s AND before.{key} = h.{key}
             AND before.version_number = h.version_number - 1 {join_changeset}
            WHERE h.user_id = %(user_id)s AND h.{key} = b.id
              AND to_jsonb(h) -> f.name IS DISTINCT FROM to_jsonb(before) -> f.name
              AND {by_person}
        )
        ORDER BY b.id, f.name
        """,
        names=listed(kind.editable, following),
        pairs=kind.sql(LAYER),
        join_changeset=JOIN_CHANGESET,
        by_person=BY_PERSON,
    )
