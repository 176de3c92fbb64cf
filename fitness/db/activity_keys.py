"""The certain names of activities.

A key such as `strava:16321877401`, `device:<serial number>:<start>` or `file:<SHA-256>` has one owner. The id of a run
is one, too: `strava_16321877401` is `strava:16321877401`; the id of a workout is `workout:<id>`. Keys of a changeset
that is reverted lead only to records that a revert took away. Once several sources have joined in a record, each of its
keys has the `source_key` of the source that brought it first, and leads there as long as one that brought it stands.
"""

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_one
from fitness.db.history.standing import ANYTHING_JOINED, ANYTHING_REVERTED, stands
from fitness.db.history.versioned import Versioned
from fitness.db.later import execute_later

FILE = "file:"
"""The beginning of the key of a file."""


def key_of_id(id: str | UUID) -> str:
    """Return the key that the id of a record is."""
    return f"workout:{id}" if isinstance(id, UUID) else id.replace("_", ":", 1)


def key_of_run(id: LiteralString) -> LiteralString:
    """Return the SQL of the key that the id of a run is, as `key_of_id` does."""
    return "regexp_replace(" + id + ", '_', ':')"


_OWNERS: LiteralString = """
    SELECT a.{key} AS id, (
        {stands}
        OR EXISTS (
            SELECT
            FROM activity_sources AS s
            WHERE s.user_id = %(user_id)s
              AND s.{key} = a.{key}
              AND s.provider_values -> 'keys' ? a.key
              AND {source_stands}
            OFFSET 0
        )
    ) AS stands
    FROM activity_keys AS a
    WHERE a.user_id = %(user_id)s AND a.key = {named} AND a.{key} IS NOT NULL
    UNION ALL
    SELECT a.{key}, {stands}
    FROM activity_sources AS a
    WHERE a.user_id = %(user_id)s AND a.key = {named} AND a.{key} IS NOT NULL AND {anything_joined}
"""
"""The records to which a key leads: as one of theirs, or as that under which a source says them.

A key that several sources brought stands as long as one of them does.
"""


def owners(kind: Versioned[Any, Any], named: LiteralString) -> LiteralString:
    """Return the SQL of the records to which a key leads, with their `id`, and whether the key `stands`."""
    return kind.sql(
        _OWNERS, named=named, stands=stands("a"), source_stands=stands("s"), anything_joined=ANYTHING_JOINED
    )


class NewKey(NamedTuple):
    """A key of a record, why that has it, and which of several sources has brought it."""

    key: str
    id: Any
    reason: str | None = None
    source_key: str | None = None


def add_keys(kind: Versioned[Any, Any], keys: Iterable[NewKey], *, changeset_id: int) -> None:
    """Give records the keys that have no owner yet, with the next message."""
    rows = list({one.key: one for one in keys}.values())
    if not rows:
        return
    params = {
        "keys": [one.key for one in rows],
        "ids": [one.id for one in rows],
        "reasons": [one.reason for one in rows],
        "source_keys": [one.source_key for one in rows],
        "changeset_id": changeset_id,
    }
    execute_later(
        kind.sql(_TAKE_OVER, stands=stands("k"), anything_reverted=ANYTHING_REVERTED, other=_OTHER[kind.key]), **params
    )
    execute_later(kind.sql(_ADD), **params)


_OTHER: dict[LiteralString, LiteralString] = {"run_id": "workout_id", "workout_id": "run_id"}

_NEW: LiteralString = """
    SELECT t.key, t.id, t.reason, t.source_key, %(changeset_id)s::bigint AS changeset_id
    FROM unnest(%(keys)s::text[], %(ids)s::{id_type}[], %(reasons)s::text[], %(source_keys)s::text[])
        AS t (key, id, reason, source_key)
    ORDER BY t.key
"""
_ADD: LiteralString = (
    """
    INSERT INTO activity_keys AS k (user_id, key, {key}, reason, source_key, changeset_id)
    SELECT %(user_id)s, new.key, new.id, new.reason, new.source_key, new.changeset_id
    FROM ("""
    + _NEW
    + """) AS new
    ON CONFLICT DO NOTHING
    """
)
_TAKE_OVER: LiteralString = (
    """
    UPDATE activity_keys AS k
    SET {other} = NULL, {key} = new.id, reason = new.reason, source_key = new.source_key,
        changeset_id = new.changeset_id
    FROM (
        SELECT new.*
        FROM ("""
    + _NEW
    + """) AS new
        CROSS JOIN LATERAL (
            SELECT FROM activity_keys AS k WHERE k.user_id = %(user_id)s AND k.key = new.key AND NOT {stands} LIMIT 1
        ) AS former
        WHERE {anything_reverted}
        OFFSET 0
    ) AS new
    WHERE k.user_id = %(user_id)s AND k.key = new.key AND NOT {stands}
    """
)
"""Keys of reverted changesets go to the record that has them now. No key is looked up where nothing was reverted."""


def assign_keys(kind: Versioned[Any, Any], sources: Mapping[Any, Mapping[str, str]]) -> None:
    """Store which source brought each key of records that had one at a time: {record id: {changeset: its key}}.

    Under "" is the key of the source of all other changesets.
    """
    if sources:
        execute(
            kind.sql(
                """
                UPDATE activity_keys AS k
                SET source_key = coalesce(
                    %(keys)s::jsonb -> k.{key}::text ->> k.changeset_id::text, %(keys)s::jsonb -> k.{key}::text ->> ''
                )
                WHERE k.user_id = %(user_id)s
                  AND k.{key} = ANY(%(ids)s::{id_type}[])
                  AND k.source_key IS NULL
                """
            ),
            ids=list(sources),
            keys=Jsonb({str(id): dict(keys) for id, keys in sources.items()}),
        )


def find_record(kind: Versioned[Any, Any], id: Any) -> Any:
    """Return the id of the record that an activity with another id has joined, or None."""
    return fetch_one(
        object,
        kind.sql(
            "SELECT o.id FROM ({owners}) AS o WHERE o.stands LIMIT 1",
            owners=owners(kind, "%(key)s"),
        ),
        key=key_of_id(id),
    )
