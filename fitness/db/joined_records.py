"""What follows for a record from what its sources say together, see `activity_sources`.

A field that a person edited stays; all others have the value of the best source that stands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString, NamedTuple

from fitness.db import (
    activity_sources,
    merged_records,
    runs_import,
    separations,
    shoes,
    workouts_import,
)
from fitness.db.activity_sources import BY_HAND, Json, Kind, differ
from fitness.db.best_sources import Source, combined
from fitness.db.connection import execute, fetch_all
from fitness.db.history import reverts
from fitness.db.history.deletions import bring_back, find_deleted
from fitness.db.history.merges import Merge, agreed, agreements
from fitness.db.history.reverts import Kept
from fitness.db.history.standing import BY_PERSON
from fitness.db.history.versions import Change
from fitness.db.runs import PROVIDER_FIELDS, RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT

ALWAYS = frozenset({"datetime_utc", "start_ts", "type", "workout_type", "distance", "duration"})
"""The fields that a record cannot be without: they stay when no source that counts says them any more."""

_PROVIDER_FIELDS: dict[Kind, tuple[str, ...]] = {RUNS: PROVIDER_FIELDS, WORKOUTS: workouts_import.PROVIDER_FIELDS}


@dataclass(frozen=True, slots=True)
class Comparison(Merge):
    """A merge with what the sources say; `edited` are the fields that would follow them, had no person edited them."""

    edited: list[str]


def make_anew(kind: Kind, ids: Collection[Any], source: str) -> None:
    """Bring records back that a revert took away, as those of a source: nothing of what they were counts any more.

    It stores no version: `compare` them with what the source says, as `anew`, and `take` the result.
    """
    if ids:
        external_id: LiteralString = "external_id = NULL," if kind is WORKOUTS else ""
        execute(
            kind.sql(
                """
                UPDATE {table} AS r
                SET {external_id} source = %(source)s, duplicate_of = NULL, conflicts = NULL, deleted_at = NULL
                WHERE r.user_id = %(user_id)s
                  AND r.id = ANY(%(ids)s::{id_type}[])
                """,
                external_id=external_id,
            ),
            ids=list(ids),
            source=source,
        )


def compare(
    kind: Kind, ids: Collection[Any], changed: Mapping[Any, Collection[str]], *, anew: Collection[Any] = ()
) -> list[Comparison]:
    """Lock the undeleted records, and compare each with what its sources say together.

    A field that a person edited stays; it is a conflict if one of the sources changed what it says of it. What a person
    entered where no source had said anything is the person's. Those that were made `anew` take over all that is said.
    Where no source stands any more, the source counts that the record was made of, as an edit has kept what it brought;
    a record that a person made has none.
    """
    rows: list[dict[str, Any]] = fetch_all(dict, kind.sql(_LOCKED), ids=sorted(ids)) if ids else []
    made_of = {row["id"]: row["yours"]["source"] for row in rows}
    sources = activity_sources.list_sources(kind, list(made_of))
    unsaid = {id: source for id, source in made_of.items() if id not in sources and source != BY_HAND}
    sources |= activity_sources.list_makers(kind, unsaid)
    rows = [row for row in rows if row["id"] in sources or made_of[row["id"]] == BY_HAND]
    yours = _yours(kind, rows)
    best = {row["id"]: _best(kind, sources.get(row["id"], {}).values()) for row in rows}
    merged_records.follow(kind, [*best.values(), *(row["base"] for row in rows)])
    compared = [
        _taken_anew(kind, row, best[id])
        if id in anew
        else _compared(kind, row, best[id], yours[id], changed.get(id, ()))
        for row in rows
        for id in [row["id"]]
    ]
    return [merge for merge in compared if merge]


_LOCKED: LiteralString = """
    SELECT r.id, coalesce(r.provider_values, '{{}}') AS base, coalesce(r.conflicts, '{{}}') AS conflicts,
        to_jsonb(r) AS yours
    FROM unnest(%(ids)s::{id_type}[]) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT t.*
        FROM {table} AS t
        WHERE t.user_id = %(user_id)s AND t.id = asked.id
        LIMIT 1
        FOR UPDATE
    ) AS r
    WHERE r.deleted_at IS NULL
"""
"""Locks records in the order of the ids. LIMIT makes the planner look up each one by its key, see `merges.compare`."""


def _yours(kind: Kind, rows: Sequence[Json]) -> Mapping[Any, Json]:
    if kind is WORKOUTS:
        return workouts_import.get_values([row["id"] for row in rows])
    return {row["id"]: row["yours"] for row in rows}


def _best(kind: Kind, sources: Collection[Source]) -> dict[str, Any]:
    """Return what sources say together of the fields of a record."""
    return {name: value for name, value in combined(sources).items() if name in _PROVIDER_FIELDS[kind]}


def _nothing(name: str) -> list[Any] | None:
    """Return the value of a field that no source says: of the exercises and sets, none."""
    return [] if name == CONTENT else None


def _taken_anew(kind: Kind, row: Json, best: Json) -> Comparison:
    """Return that a record takes over all that its sources say, and loses what they do not."""
    now = {name: _nothing(name) for name in _PROVIDER_FIELDS[kind] if name not in ALWAYS} | dict(best)
    finished = {"finished_at": now.get("end_ts") or now["start_ts"]} if kind is WORKOUTS else {}
    theirs = now | agreements(row["base"], now, ())
    return Comparison(str(row["id"]), theirs, now | finished, {}, {}, [])


def _compared(kind: Kind, row: Json, best: Json, yours: Json, changed: Collection[str]) -> Comparison | None:
    base = row["base"]
    unsaid = {name: _nothing(name) for name in _PROVIDER_FIELDS[kind] if name in base and name not in ALWAYS}
    now = unsaid | dict(best)
    theirs = {
        name: value
        for name, value in now.items()
        if differ(name, value, base.get(name), exactly=True) and (name in base or yours.get(name) in (None, []))
    }
    if not theirs:
        return None
    taken = {
        name: value
        for name, value in theirs.items()
        if not base.get(agreed(name)) and not differ(name, yours.get(name), base.get(name))
    }
    same = {name for name in theirs.keys() - taken.keys() if not differ(name, yours.get(name), theirs[name])}
    if kind is WORKOUTS:
        taken = workouts_import.in_order(taken, yours)
    conflicts = {
        name: value
        for name, value in theirs.items()
        if name not in taken and (name in changed or name in row["conflicts"]) and differ(name, yours.get(name), value)
    }
    edited = [name for name in theirs if name not in taken and differ(name, yours.get(name), theirs[name])]
    theirs |= agreements(base, theirs, same)
    return Comparison(str(row["id"]), theirs, taken, conflicts, {name: yours.get(name) for name in conflicts}, edited)


def take(kind: Kind, merges: Collection[Merge], *, changed_by: str | None, changeset_id: int) -> None:
    """Store the result of a comparison: a version of each record that takes over a field, and the conflicts."""
    module = workouts_import if kind is WORKOUTS else runs_import
    module.take_from_provider(merges, changed_by=changed_by, changeset_id=changeset_id)


def lock_values(kind: Kind, id: Any) -> dict[str, Any] | None:
    """Lock a record; return the fields that it cannot be without, as JSON, or None if it is missing or deleted."""
    for row in fetch_all(dict, kind.sql(_LOCKED), ids=[id]):
        return {name: value for name, value in row["yours"].items() if name in ALWAYS}
    return None


class Settled(NamedTuple):
    """The ids of the records in question, of those that changed, and what a person had edited, so that it stays."""

    ids: set[Any]
    changed: set[Any]
    kept: list[Kept]


def settle(kind: Kind, joined: Collection[Any], changesets: Collection[int], change: Change) -> Settled:
    """Let records follow what their sources say, now that changesets were reverted or stand again.

    These are the `joined` ones, those of which the changesets say something, and those of separations among them. A
    record that no source says any more is deleted; one that a revert took away comes back if a source of it stands
    again.
    """
    assert change.changeset_id is not None
    said_by_changesets = fetch_all(
        object,
        kind.sql(
            """
            SELECT DISTINCT a.{key}
            FROM activity_sources AS a
            WHERE a.user_id = %(user_id)s
              AND a.changeset_id = ANY(%(changesets)s)
              AND a.{key} IS NOT NULL
            """
        ),
        changesets=list(changesets),
    )
    separated = separations.list_decided(kind, changesets)
    ids = {*said_by_changesets, *joined, *(id for one in separated for id in (one.id, one.new_id))}
    if not ids:
        return Settled(set(), set(), [])
    united = [one.new_id for one in separated if not one.stands]
    going = {*reverts.list_gone(kind, ids), *reverts.list_gone(kind, united, versions=BY_PERSON)}
    gone = reverts.delete(kind, going, change)
    said = activity_sources.list_sources(kind, ids)
    returning = find_deleted(kind, said).taken_away
    bring_back(kind, returning, change)
    merges = _with_known_shoes(compare(kind, ids, {}))
    take(kind, merges, changed_by=change.changed_by, changeset_id=change.changeset_id)
    changed = {merge.id for merge in merges if merge.taken}
    return Settled(ids, gone | returning | {id for id in ids if str(id) in changed}, _kept(kind, merges))


def _kept(kind: Kind, merges: Collection[Comparison]) -> list[Kept]:
    """Return what a person has edited of records, so that it does not follow the sources."""
    edited = {merge.id: merge.edited for merge in merges if merge.edited}
    if not edited:
        return []
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            SELECT r.id::text, r.version
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s::{id_type}[])
            ORDER BY r.id
            """
        ),
        ids=list(edited),
    )
    return [Kept(kind.path, id, edited[id], f"Changed since then; now at version {version}") for id, version in rows]


def _with_known_shoes(merges: Collection[Comparison]) -> list[Comparison]:
    """Return the merges without shoes that were never made, as nothing has worn them."""
    known = shoes.follow_merges([merge.taken["shoe_id"] for merge in merges if merge.taken.get("shoe_id")])
    return [
        merge
        if merge.taken.get("shoe_id") in {None, *known}
        else replace(merge, theirs=_without_shoe(merge.theirs), taken=_without_shoe(merge.taken))
        for merge in merges
    ]


def _without_shoe(values: Json) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "shoe_id"}
