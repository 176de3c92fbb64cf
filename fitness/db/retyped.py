"""Activities that are a run and a workout, as a source has changed its mind about the sport: one of the two is live.

An import or sync deletes the one when it brings the other. When reverts take that back, in whatever order, the one of
which something that stands was said last is live. What no file says the sport of is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.activity_keys import key_of_run
from fitness.db.connection import fetch_all
from fitness.db.files_without_sport import is_without_sport
from fitness.db.history import reverts
from fitness.db.history.deletions import bring_back, find_deleted
from fitness.db.history.reverts import Kept, Touched
from fitness.db.history.standing import JOIN_CHANGESET, STANDS
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS

Kind = Versioned[Any, Any]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The run and the workout of an activity, and whether it is a run by what was said last, of what stands.

    `is_both`: something of both stands. Otherwise the other one is gone, or live only as another source has joined it.
    """

    run_id: str
    workout_id: Any
    is_run: bool
    is_both: bool


def follow(touched: Collection[Touched], changesets: Collection[int], change: Change) -> None:
    """Let one record be live of each activity of which a revert or rewind has touched one.

    Of the changesets, which were reverted or stand again, the records count too: one of those that stand again comes
    back, even if it was deleted before that was reverted, when what deleted it is reverted meanwhile.
    """
    runs, workouts = (next(one for one in touched if one.kind is kind) for kind in (RUNS, WORKOUTS))
    again_runs, again_workouts = (_list_standing_again(kind, changesets) for kind in (RUNS, WORKOUTS))
    pairs = _list_pairs({*runs.ids, *runs.changed, *again_runs}, {*workouts.ids, *workouts.changed, *again_workouts})
    as_runs = [pair for pair in pairs if pair.is_run]
    as_workouts = [pair for pair in pairs if not pair.is_run]
    again_runs |= {pair.run_id for pair in as_runs}
    again_workouts |= {pair.workout_id for pair in as_workouts}
    _bring_back(runs, again_runs - {pair.run_id for pair in as_workouts}, change)
    _bring_back(workouts, again_workouts - {pair.workout_id for pair in as_runs}, change)
    _delete(workouts, runs, {pair.workout_id: pair.run_id for pair in as_runs if pair.is_both}, change)
    _delete(runs, workouts, {pair.run_id: pair.workout_id for pair in as_workouts if pair.is_both}, change)


def _list_standing_again(kind: Kind, changesets: Collection[int]) -> set[Any]:
    """Return the records of which those of the changesets said something that are imports or syncs and stand."""
    ids = fetch_all(
        object,
        kind.sql(
            """
            SELECT DISTINCT s.id
            FROM changesets AS c
            CROSS JOIN LATERAL (
                SELECT h.{key} AS id
                FROM {history} AS h
                WHERE h.user_id = %(user_id)s AND h.changeset_id = c.changeset_id
                UNION
                SELECT m.{key}
                FROM {merges} AS m
                WHERE m.user_id = %(user_id)s AND m.changeset_id = c.changeset_id
            ) AS s
            WHERE c.user_id = %(user_id)s
              AND c.changeset_id = ANY(%(changesets)s)
              AND c.kind IN ('import', 'sync')
              AND c.reverted_by IS NULL
            """
        ),
        changesets=list(changesets),
    )
    return set(ids)


def _bring_back(touched: Touched, ids: Collection[Any], change: Change) -> None:
    """Bring those back that a revert took away though something of them stands."""
    kind = touched.kind
    away = find_deleted(kind, ids).taken_away
    returning = away - {*reverts.list_gone(kind, away)}
    bring_back(kind, returning, change)
    touched.changed |= returning


def _delete(older: Touched, newer: Touched, ids: Mapping[Any, Any], change: Change) -> None:
    """Delete the older ones of records, {id: id of the newer one}, if this revert has changed one of the two."""
    going = {id: other for id, other in ids.items() if id in older.changed or other in newer.changed}
    for id in reverts.delete(older.kind, going, change):
        older.changed.add(id)
        older.kept.append(Kept(older.kind.path, str(id), [], f"The same activity is in {newer.kind.path}: {going[id]}"))


def _list_pairs(run_ids: Collection[str], workout_ids: Collection[Any]) -> list[_Pair]:
    """Return the pairs of which one is among these records."""
    if not (run_ids or workout_ids):
        return []
    return fetch_all(_Pair, _PAIRS, run_ids=list(run_ids), workout_ids=list(workout_ids))


def _said_of(kind: Kind, id: LiteralString) -> LiteralString:
    """Return the SQL of the instant of the newest version of a record that stands and is no deletion."""
    return kind.sql(
        """
        (
            SELECT max(h.changed_at)
            FROM {history} AS h {join_changeset}
            WHERE h.user_id = %(user_id)s AND h.{key} = {id} AND h.change_type <> 'deletion' AND {is_standing}
        )
        """,
        id=id,
        join_changeset=JOIN_CHANGESET,
        is_standing=STANDS,
    )


def _said_by_sources(kind: Kind, id: LiteralString, condition: LiteralString) -> LiteralString:
    """Return the SQL of the instant of the newest changeset that stands in which sources `a` said something."""
    return kind.sql(
        """
        (
            SELECT max(c.created_at)
            FROM activity_sources AS a
            JOIN changesets AS c
              ON c.user_id = %(user_id)s AND c.changeset_id = a.changeset_id AND c.reverted_by IS NULL
            WHERE a.user_id = %(user_id)s AND a.{key} = {id} AND {condition}
        )
        """,
        id=id,
        condition=condition,
    )


_PAIRS: LiteralString = RUNS.sql(
    """
    WITH named AS MATERIALIZED (
        SELECT t.id AS run_id, r.source, {key_of_run} AS key
        FROM unnest(%(run_ids)s::text[]) AS t (id)
        CROSS JOIN LATERAL (
            SELECT o.source FROM runs AS o WHERE o.user_id = %(user_id)s AND o.id = t.id
            UNION
            SELECT o.source FROM activity_sources AS o WHERE o.user_id = %(user_id)s AND o.run_id = t.id
        ) AS r
        UNION
        SELECT t.id, a.source, k.key
        FROM unnest(%(run_ids)s::text[]) AS t (id)
        CROSS JOIN LATERAL (
            SELECT o.source, o.provider_values
            FROM activity_sources AS o
            WHERE o.user_id = %(user_id)s AND o.run_id = t.id
            OFFSET 0
        ) AS a
        CROSS JOIN LATERAL jsonb_array_elements_text(a.provider_values -> 'keys') AS k (key)
    ), pairs AS MATERIALIZED (
        SELECT n.run_id, w.id AS workout_id, n.source, n.key
        FROM named AS n
        CROSS JOIN LATERAL (
            SELECT o.id
            FROM workouts AS o
            WHERE o.user_id = %(user_id)s AND o.source = n.source
              AND o.external_id = substr(n.key, strpos(n.key, ':') + 1)
            LIMIT 1
        ) AS w
        UNION
        SELECT r.id, w.id, w.source, w.key
        FROM unnest(%(workout_ids)s::uuid[]) AS t (id)
        CROSS JOIN LATERAL (
            SELECT o.id, o.source, {prefix} || ':' || o.external_id AS key
            FROM workouts AS o
            WHERE o.user_id = %(user_id)s AND o.id = t.id AND o.external_id IS NOT NULL
            LIMIT 1
        ) AS w
        CROSS JOIN LATERAL (
            SELECT o.id FROM runs AS o WHERE o.user_id = %(user_id)s AND o.id = replace(w.key, ':', '_')
            UNION
            SELECT k.run_id
            FROM activity_keys AS k
            WHERE k.user_id = %(user_id)s AND k.key = w.key AND k.run_id IS NOT NULL
        ) AS r
    )
    SELECT p.run_id, p.workout_id, coalesce(r.said_at >= w.said_at, r.said_at IS NOT NULL) AS is_run,
        r.said_at IS NOT NULL AND w.said_at IS NOT NULL AS is_both
    FROM pairs AS p
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN EXISTS (SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.run_id = p.run_id)
            THEN {said_of_joined_run}
            ELSE {said_of_run}
        END AS said_at
    ) AS r
    CROSS JOIN LATERAL (
        SELECT greatest({said_of_workout}, {said_of_joined_workout}) AS said_at
    ) AS w
    WHERE (r.said_at IS NOT NULL OR w.said_at IS NOT NULL)
      AND NOT {is_without_sport}
    ORDER BY p.run_id, p.workout_id
    """,
    key_of_run=key_of_run("t.id"),
    prefix="CASE o.source WHEN 'MapMyFitness' THEN 'mmf' ELSE replace(lower(o.source), ' ', '') END",
    said_of_run=_said_of(RUNS, "p.run_id"),
    said_of_joined_run=_said_by_sources(
        RUNS,
        "p.run_id",
        "a.source = p.source AND (p.key = " + key_of_run("p.run_id") + " OR a.provider_values -> 'keys' ? p.key)",
    ),
    is_without_sport=is_without_sport("p.workout_id"),
    said_of_workout=_said_of(WORKOUTS, "p.workout_id"),
    said_of_joined_workout=_said_by_sources(WORKOUTS, "p.workout_id", "true"),
)
"""A run in which others have joined is this activity as long as what a source says of it by its name stands."""
