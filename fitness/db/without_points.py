"""Records without points: those whose points their provider may have, and those for which it is not asked (again)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from fitness.db.activity_keys import key_of_run
from fitness.db.activity_search import JOINED_RUNS, JOINED_WORKOUTS, Kind
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history.standing import stands
from fitness.db.history.versioned import Versioned

KINDS = {kind.of.path: kind for kind in (JOINED_RUNS, JOINED_WORKOUTS)}
"""The nouns with points."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record of the noun `path` whose points its provider is asked for, under the key that it has there."""

    path: str
    id: Any
    key: str
    started_at: datetime
    start: datetime


_OWN_KEYS: dict[LiteralString, LiteralString] = {
    "runs": key_of_run("r.id"),
    "workouts": "lower(r.source) || ':' || r.external_id",
}
"""The SQL of the key that a record has by itself."""

_WANTED: LiteralString = """
    SELECT '{table}' AS path, w.*
    FROM (
        SELECT r.id, coalesce(k.key, {own_key}) AS key,
            coalesce((r.provider_values ->> '{start}')::timestamptz, r.{start}) AS started_at, r.{start} AS start
        FROM {table} AS r
        CROSS JOIN LATERAL (
            SELECT min(a.key) AS key
            FROM activity_keys AS a
            WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND starts_with(a.key, %(prefix)s) AND {stands}
        ) AS k
        WHERE r.user_id = %(user_id)s
          AND r.points_id IS NULL
          AND r.deleted_at IS NULL
          AND (%(record_id)s::{id_type} IS NULL OR r.id = %(record_id)s)
          AND NOT EXISTS (
            SELECT FROM {table}_without_points AS p WHERE p.user_id = %(user_id)s AND p.{key} = r.id
          )
    ) AS w
    WHERE w.key ~ ('^' || %(prefix)s || '[0-9]{{1,18}}$')
    ORDER BY w.start DESC, w.id
    LIMIT %(limit)s
"""


def _wanted(kind: Kind) -> LiteralString:
    return kind.of.sql(_WANTED, start=kind.start, own_key=_OWN_KEYS[kind.of.table], stands=stands("a"))


def list_wanted(provider: str, *, limit: int) -> list[Wanted]:
    """Return the records whose points a provider may have, the newest first."""
    found = [
        one
        for kind in KINDS.values()
        for one in fetch_all(Wanted, _wanted(kind), prefix=f"{provider}:", limit=limit, record_id=None)
    ]
    return sorted(found, key=lambda one: one.start, reverse=True)[:limit]


def is_wanted(provider: str, one: Wanted) -> bool:
    """Return whether a provider may still have the points of a record."""
    query = _wanted(KINDS[one.path])
    return bool(fetch_all(Wanted, query, prefix=f"{provider}:", limit=1, record_id=one.id))


def count_wanted(provider: str) -> int:
    """Return how many records there are whose points a provider may have."""
    return sum(
        fetch_one(
            int,
            "SELECT count(*) FROM (" + _wanted(kind) + ") AS wanted",
            prefix=f"{provider}:",
            limit=None,
            record_id=None,
        )
        or 0
        for kind in KINDS.values()
    )


def add(kind: Versioned[Any, Any], id: Any) -> None:
    """Let a provider not be asked for the points of a record: it has none, or the person has removed them."""
    execute(
        kind.sql(
            """
            INSERT INTO {table}_without_points (user_id, {key})
            VALUES (%(user_id)s, %(record_id)s)
            ON CONFLICT DO NOTHING
            """
        ),
        record_id=id,
    )


def forget() -> None:
    """Let providers be asked again for the points of all records."""
    for kind in KINDS.values():
        execute(kind.of.sql("DELETE FROM {table}_without_points WHERE user_id = %(user_id)s"))
