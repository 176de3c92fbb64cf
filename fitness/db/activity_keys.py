"""The certain names of activities, and the search for the record that an activity is.

A key such as `strava:16321877401`, `device:<serial number>:<start>` or `file:<SHA-256>` has one owner. The id of a run
is one, too: `strava_16321877401` is `strava:16321877401`; the id of a workout is `workout:<id>`. Keys of a changeset
that is reverted lead only to records that a revert took away. Once several sources have joined in a record, each of its
keys has the `source_key` of the source that brought it first, and leads there as long as one that brought it stands.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_one
from fitness.db.history.deletions import deleted_by
from fitness.db.history.duplicates import is_different
from fitness.db.history.standing import ANYTHING_JOINED, ANYTHING_REVERTED, JOIN_CHANGESET, stands
from fitness.db.history.versioned import Versioned
from fitness.db.later import execute_later, fetch_later, start
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import SESSION

FILE = "file:"
"""The beginning of the key of a file."""

NEAR = timedelta(seconds=2)
"""How far apart two starts of one activity may be."""


def key_of_id(id: str | UUID) -> str:
    """Return the key that the id of a record is."""
    return f"workout:{id}" if isinstance(id, UUID) else id.replace("_", ":", 1)


def key_of_run(id: LiteralString) -> LiteralString:
    """Return the SQL of the key that the id of a run is, as `key_of_id` does."""
    return "regexp_replace(" + id + ", '_', ':')"


class Sent(NamedTuple):
    """An activity that a source sends: its id there, its keys, and what it is recognised by.

    Distance is in miles; duration, which is the time in motion, and elapsed are in seconds; 0 is unknown. `ids` are ids
    of records that it may have. `source_key` is the key under which the source says it. `timed`: its start is exact.
    `guessed` are the names of what the source does not know, or only roughly, those of a session among them.
    """

    id: Any
    ids: tuple[Any, ...]
    keys: tuple[str, ...]
    source_key: str
    start: datetime
    distance: float
    duration: float
    elapsed: float
    sport: str
    timed: bool = True
    guessed: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a sent activity may be: number `place` of those sent, found `by` a key, its id or its start.

    A `former key` is one of a reverted changeset. A record that is found by it or by its id is `apart` if the person
    has marked it as different from another one.

    `stands`: the changeset that made it is not reverted, or that which made it anew; otherwise an edit has kept it.
    `source_keys` maps the keys of the sources that say it to their names, once several have `joined`; those that were
    reverted are left out. `file_keys` are its keys of files, `guessed` has the fields that none of its sources knows.
    """

    place: int
    by: str
    key: str
    id: Any
    source: str
    start: datetime
    distance: float
    duration: float
    elapsed: float
    sport: str
    deleted_by: str | None
    apart: bool
    joined: bool
    stands: bool
    source_keys: dict[str, str] = field(default_factory=dict)
    file_keys: list[str] = field(default_factory=list)
    guessed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the search must know of a noun: the column of the start, and the SQL of what is compared of a record `t`."""

    of: Versioned[Any, Any]
    start: LiteralString
    distance: LiteralString
    duration: LiteralString
    elapsed: LiteralString
    sport: LiteralString
    joins: LiteralString = ""


JOINED_RUNS = Kind(RUNS, "datetime_utc", "t.distance", "t.duration", "coalesce(t.elapsed, 0)", "'running'")
JOINED_WORKOUTS = Kind(
    WORKOUTS,
    "start_ts",
    "coalesce(s.distance_miles, 0)",
    "coalesce(s.duration_seconds, 0)",
    "coalesce(extract(epoch FROM t.end_ts - t.start_ts)::float8, 0)",
    "coalesce(s.sport, t.workout_type)",
    """
    LEFT JOIN cardio_sessions AS s
      ON s.user_id = %(user_id)s AND s.workout_id = t.id
    """,
)


def find_candidates(kind: Kind, sent: Sequence[Sent]) -> Callable[[], list[Candidate]]:
    """Let the database look for the records that the sent activities may be; return what waits for them."""
    named = [(place, key) for place, one in enumerate(sent) for key in dict.fromkeys(one.keys)]
    identified = [(place, id) for place, one in enumerate(sent) for id in dict.fromkeys(one.ids)]
    timed = [(place, one.start) for place, one in enumerate(sent) if one.timed]
    earliest, latest = [start - NEAR for _, start in timed], [start + NEAR for _, start in timed]
    candidates = fetch_later(
        Candidate,
        _find(kind),
        key_places=[place for place, _ in named],
        keys=[key for _, key in named],
        id_places=[place for place, _ in identified],
        ids=[id for _, id in identified],
        start_places=[place for place, _ in timed],
        earliest=earliest,
        latest=latest,
        first=min(earliest, default=None),
        last=max(latest, default=None),
    )
    start()
    return candidates


def is_made(kind: Versioned[Any, Any], alias: LiteralString) -> LiteralString:
    """Return the SQL condition that what made a live record, at first or anew, is not reverted.

    Otherwise a person's edit has kept it, and the source that it was made of says nothing any more. Only records with
    several versions are looked at, and only where anything was reverted. OFFSET 0 keeps the planner from reading all
    versions of the user.
    """
    return kind.sql(
        """
        (
            {alias}.version = 1
            OR NOT {anything_reverted}
            OR EXISTS (
                SELECT
                FROM {history} AS h {join_changeset}
                WHERE h.user_id = %(user_id)s
                  AND h.{key} = {alias}.id
                  AND c.reverted_by IS NULL
                  AND (
                    h.version_number = 1
                    OR (
                        c.kind IN ('import', 'sync')
                        AND EXISTS (
                            SELECT
                            FROM {history} AS p
                            WHERE p.user_id = %(user_id)s
                              AND p.{key} = h.{key}
                              AND p.version_number = h.version_number - 1
                              AND p.change_type = 'deletion'
                        )
                    )
                  )
                OFFSET 0
            )
        )
        """,
        alias=alias,
        join_changeset=JOIN_CHANGESET,
        anything_reverted=ANYTHING_REVERTED,
    )


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


def _owners(kind: Versioned[Any, Any], named: LiteralString) -> LiteralString:
    return kind.sql(
        _OWNERS, named=named, stands=stands("a"), source_stands=stands("s"), anything_joined=ANYTHING_JOINED
    )


_FIND: LiteralString = """
    WITH certain AS MATERIALIZED (
        SELECT named.place, CASE WHEN o.stands THEN 'key' ELSE 'former key' END AS by, named.key, o.id,
            o.stands AS suffices
        FROM unnest(%(key_places)s::integer[], %(keys)s::text[]) AS named (place, key)
        CROSS JOIN LATERAL ({owners}) AS o
        WHERE {anything_joined}
          OR EXISTS (SELECT FROM activity_keys AS a WHERE a.user_id = %(user_id)s AND a.key = ANY(%(keys)s::text[]))
        UNION ALL
        SELECT named.place, 'id', '', o.id, o.suffices
        FROM unnest(%(id_places)s::integer[], %(ids)s::{id_type}[]) AS named (place, id)
        CROSS JOIN LATERAL (
            SELECT t.id, t.deleted_at IS NULL AS suffices
            FROM {table} AS t
            WHERE t.user_id = %(user_id)s AND t.id = named.id
            LIMIT 1
        ) AS o
        WHERE EXISTS (SELECT FROM {table} AS t WHERE t.user_id = %(user_id)s AND t.id = ANY(%(ids)s::{id_type}[]))
    ), found AS MATERIALIZED (
        SELECT DISTINCT place, by, key, id
        FROM certain
        UNION ALL
        SELECT near.place, 'start', '', o.id
        FROM unnest(
            %(start_places)s::integer[], %(earliest)s::timestamptz[], %(latest)s::timestamptz[]
        ) AS near (place, earliest, latest)
        CROSS JOIN LATERAL (
            SELECT t.id
            FROM {table} AS t
            WHERE t.user_id = %(user_id)s AND t.{start} >= near.earliest AND t.{start} <= near.latest
              AND t.deleted_at IS NULL
            UNION ALL
            SELECT t.id
            FROM {table} AS t
            WHERE t.user_id = %(user_id)s AND t.{start} >= near.earliest AND t.{start} <= near.latest
              AND t.deleted_at IS NOT NULL
            OFFSET 0
        ) AS o
        WHERE near.place NOT IN (SELECT place FROM certain WHERE suffices)
          AND (EXISTS ({between} AND t.deleted_at IS NULL) OR EXISTS ({between} AND t.deleted_at IS NOT NULL))
    )
    SELECT found.place, found.by, found.key, r.id, r.source, r.start, r.distance, r.duration, r.elapsed, r.sport,
        r.deleted_by, CASE WHEN found.by IN ('former key', 'id') THEN {is_different} ELSE false END AS apart,
        EXISTS (
            SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.{key} = r.id
        ) AS joined,
        {is_made} AS stands,
        (
            SELECT coalesce(jsonb_object_agg(a.key, a.source), '{{}}')
            FROM activity_sources AS a
            WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND {stands}
        ) AS source_keys,
        (
            SELECT coalesce(jsonb_agg(a.key), '[]')
            FROM activity_keys AS a
            WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND a.key LIKE 'file:%%' AND {stands}
        ) AS file_keys,
        CASE WHEN EXISTS (
            SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND {stands}
        )
        THEN {guessed_by_all}
        ELSE r.guessed
        END AS guessed
    FROM found
    CROSS JOIN LATERAL (
        SELECT t.id, t.version, t.source, t.{start} AS start, {distance} AS distance, {duration} AS duration,
            {elapsed} AS elapsed, {sport} AS sport,
            CASE WHEN t.deleted_at IS NOT NULL THEN {deleted_by} END AS deleted_by,
            coalesce(t.provider_values -> 'guessed', '{{}}') AS guessed
        FROM {table} AS t {joins}
        WHERE t.user_id = %(user_id)s AND t.id = found.id
        LIMIT 1
    ) AS r
"""
"""Everything is looked up by an index, row by row: without statistics, joins would read all records of the user.

The start is looked at only where nothing is certain. Most activities that are sent are new, and many come in the order
of their starts: whether any of them can be here is asked once, by EXISTS, before each one is looked up.
"""

_BETWEEN: LiteralString = """
    SELECT
    FROM {table} AS t
    WHERE t.user_id = %(user_id)s AND t.{start} >= %(first)s AND t.{start} <= %(last)s
"""

_GUESSED_BY_ALL: LiteralString = """
    (
        SELECT coalesce(jsonb_object_agg(g.name, true), '{{}}')
        FROM activity_sources AS a
        CROSS JOIN LATERAL (
            SELECT jsonb_object_keys(coalesce(a.provider_values -> 'guessed', '{{}}')) AS name
            UNION
            SELECT jsonb_object_keys(coalesce(a.provider_values #> '{{guessed,{session}}}', '{{}}'))
        ) AS g
        WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND {stands}
          AND NOT EXISTS (
            SELECT
            FROM activity_sources AS s
            WHERE s.user_id = %(user_id)s AND s.{key} = r.id AND {said_stands}
              AND coalesce(
                s.provider_values ->> g.name, s.provider_values -> '{session}' ->> g.name
              ) IS NOT NULL
          )
    )
"""
"""The names of what a source of a record `r` guesses that several have, and none of them says."""


def _find(kind: Kind) -> LiteralString:
    return kind.of.sql(
        _FIND,
        stands=stands("a"),
        owners=_owners(kind.of, "named.key"),
        anything_joined=ANYTHING_JOINED,
        between=kind.of.sql(_BETWEEN, start=kind.start),
        start=kind.start,
        distance=kind.distance,
        duration=kind.duration,
        elapsed=kind.elapsed,
        sport=kind.sport,
        joins=kind.joins,
        deleted_by=deleted_by(kind.of, "t"),
        is_different=is_different(kind.of, "r.id"),
        is_made=is_made(kind.of, "r"),
        guessed_by_all=kind.of.sql(_GUESSED_BY_ALL, session=SESSION, stands=stands("a"), said_stands=stands("s")),
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
            owners=_owners(kind, "%(key)s"),
        ),
        key=key_of_id(id),
    )
