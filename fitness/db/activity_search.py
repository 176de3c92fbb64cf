"""The search for the records that activities are: by their keys, see `activity_keys`, their ids and their starts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString, NamedTuple

from fitness.db.activity_keys import owners
from fitness.db.history.deletions import deleted_by
from fitness.db.history.duplicates import is_different
from fitness.db.history.standing import ANYTHING_JOINED, ANYTHING_REVERTED, JOIN_CHANGESET, stands
from fitness.db.history.versioned import Versioned
from fitness.db.later import fetch_later, start
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import SESSION

NEAR = timedelta(seconds=2)
"""How far apart two starts of one activity may be."""


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
        owners=owners(kind.of, "named.key"),
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
