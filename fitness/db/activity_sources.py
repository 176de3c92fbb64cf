"""What each source says of an activity that several of them have, and what follows for its record.

A source is a file, or the account of a provider. The first time that a second source joins, what the first one has said
is stored beside the record as well, see `begin`. From then on, the base of merges of the record, `provider_values`, has
for each field the value of the best source: it follows from what is said, not from the order in which it was said. A
field in which the record differs from its base was edited by a person, and stays. So a revert of an import does not put
the fields of such a record back, but lets it follow the sources that stand, see `settle`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from fitness.db import runs_import, shoes, workouts_import
from fitness.db.activity_keys import key_of_id
from fitness.db.best_sources import FILES, GUESSED, Source, combined, combined_session
from fitness.db.connection import execute, fetch_all, fetch_one, note_growth
from fitness.db.fields import size
from fitness.db.history import reverts
from fitness.db.history.deletions import bring_back, find_deleted
from fitness.db.history.merges import Merge
from fitness.db.history.reverts import Kept
from fitness.db.history.standing import list_joined, stands
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.runs import PROVIDER_FIELDS, RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT, MEASURED, SESSION, instant, same_value

Kind = Versioned[Any, Any]
Json = Mapping[str, Any]

BY_HAND = "Manual"
"""The source of records that a person made: it says nothing, what they have was entered."""

ALWAYS = frozenset({"datetime_utc", "start_ts", "type", "workout_type", "distance", "duration"})
"""The fields that a record cannot be without: they stay when no source that counts says them any more."""

_PROVIDER_FIELDS: dict[Kind, tuple[str, ...]] = {RUNS: PROVIDER_FIELDS, WORKOUTS: workouts_import.PROVIDER_FIELDS}


def begin(kind: Kind, ids: Collection[Any], *, changeset_id: int) -> None:
    """Store what the sources of these records have said so far, one source each, as of the changesets that said it.

    Left out are records in which sources have joined before, and those that a person made. If the changeset that made a
    record is unknown, it is this one.
    """
    alone = list(set(ids) - list_joined(kind, ids))
    rows: list[dict[str, Any]] = (
        fetch_all(dict, kind.sql(_SAID_SO_FAR, stands=stands("a")), ids=alone, by_hand=BY_HAND) if alone else []
    )
    said: list[tuple[Any, str, int, str, Json]] = []
    for row in rows:
        key = (row["source"] in FILES and row["file_key"]) or key_of_id(row["id"])
        said += [
            (row["id"], key, number, row["source"], values) for number, values in _so_far(row, changeset_id).items()
        ]
    _store(kind, said)


def _so_far(row: Json, changeset_id: int) -> dict[int, dict[str, Any]]:
    """Return {changeset: what it said of a record}, from what each one changed in the base of merges."""
    first = dict(row["provider_values"])
    for merge in reversed(row["merges"]):
        first |= merge["values_before"]
    guessed = first.get(GUESSED, {})
    first = {name: value for name, value in first.items() if name not in guessed or value != guessed[name]}
    said: dict[int, dict[str, Any]] = {row["changeset_id"] or changeset_id: first}
    for merge in row["merges"]:
        if merge["kind"] in {"import", "sync"}:
            said.setdefault(merge["changeset_id"], {}).update(merge["values_after"])
    return said


_SAID_SO_FAR: LiteralString = """
    SELECT r.id, r.source, r.provider_values,
        (
            SELECT h.changeset_id
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND h.version_number = 1
        ) AS changeset_id,
        (
            SELECT a.key
            FROM activity_keys AS a
            WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND a.key LIKE 'file:%%'
            ORDER BY {stands} DESC, a.key
            LIMIT 1
        ) AS file_key,
        (
            SELECT coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'changeset_id', m.changeset_id, 'kind', c.kind, 'values_before', m.values_before,
                        'values_after', m.values_after
                    )
                    ORDER BY m.changeset_id
                ),
                '[]'
            )
            FROM {merges} AS m
            JOIN changesets AS c
              ON c.user_id = %(user_id)s AND c.changeset_id = m.changeset_id
            WHERE m.user_id = %(user_id)s AND m.{key} = r.id
        ) AS merges
    FROM unnest(%(ids)s::{id_type}[]) AS asked (asked_id)
    CROSS JOIN LATERAL (
        SELECT t.id, t.source, t.provider_values
        FROM {table} AS t
        WHERE t.user_id = %(user_id)s AND t.id = asked_id AND t.provider_values IS NOT NULL
        LIMIT 1
    ) AS r
    WHERE r.source <> %(by_hand)s
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The columns of a row that count for the quota."""

    run_id: str | None
    key: str
    source: str
    provider_values: dict[str, Any]


_SIZE = size(_Counted, "a")


def _store(kind: Kind, said: Iterable[tuple[Any, str, int, str, Json]]) -> None:
    """Store (record id, key, changeset, source, values); what the changeset has said before stays beside it."""
    rows = {(key, changeset_id): row for row in said for _, key, changeset_id, *_ in [row]}
    if not rows:
        return
    stored = fetch_all(tuple, kind.sql(_INSERT, size=_SIZE), **_arrays(rows.values()))
    more = [row for place, row in rows.items() if place not in {(key, number) for key, number, _ in stored}]
    if more:
        stored += fetch_all(tuple, kind.sql(_ADD, size=_SIZE, before=size(_Counted, "b")), **_arrays(more))
    note_growth(0, sum(added for *_, added in stored))


def _arrays(rows: Iterable[tuple[Any, str, int, str, Json]]) -> dict[str, list[Any]]:
    ids, keys, changesets, sources, said = zip(*rows, strict=True)
    return {
        "ids": list(ids),
        "keys": list(keys),
        "changesets": list(changesets),
        "sources": list(sources),
        "said": [Jsonb(values) for values in said],
    }


_NEW: LiteralString = """
    unnest(
        %(ids)s::{id_type}[], %(keys)s::text[], %(changesets)s::bigint[], %(sources)s::text[], %(said)s::jsonb[]
    ) AS new (id, key, changeset_id, source, said)
"""
_INSERT: LiteralString = (
    """
    INSERT INTO activity_sources AS a (user_id, {key}, key, changeset_id, source, provider_values)
    SELECT %(user_id)s, new.id, new.key, new.changeset_id, new.source, new.said
    FROM """
    + _NEW
    + """
    ON CONFLICT DO NOTHING
    RETURNING a.key, a.changeset_id, {size} AS added
    """
)
_ADD: LiteralString = (
    """
    UPDATE activity_sources AS a
    SET provider_values = b.provider_values || new.said
    FROM """
    + _NEW
    + """
    JOIN activity_sources AS b
      ON b.user_id = %(user_id)s AND b.key = new.key AND b.changeset_id = new.changeset_id
    WHERE a.user_id = %(user_id)s
      AND b.user_id = %(user_id)s
      AND a.key = b.key
      AND a.changeset_id = b.changeset_id
    RETURNING a.key, a.changeset_id, {size} - {before} AS added
    """
)


def get_size() -> int:
    """Return the bytes of all that is said, as they count for the quota."""
    query: LiteralString = "SELECT coalesce(sum(" + _SIZE + "), 0)::bigint FROM activity_sources AS a"
    return fetch_one(int, query + " WHERE a.user_id = %(user_id)s") or 0


def list_sources(kind: Kind, ids: Collection[Any]) -> dict[Any, dict[str, Source]]:
    """Return {record id: {key: source}} of records that several sources have."""
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            SELECT a.{key}, a.key, a.source, a.provider_values
            FROM unnest(%(ids)s::{id_type}[]) AS asked (asked_id)
            CROSS JOIN LATERAL (
                SELECT *
                FROM activity_sources AS t
                WHERE t.user_id = %(user_id)s AND t.{key} = asked_id
                OFFSET 0
            ) AS a
            WHERE {stands}
            ORDER BY a.key, a.changeset_id
            """,
            stands=stands("a"),
        ),
        ids=list(ids),
    )
    found: dict[Any, dict[str, Source]] = defaultdict(dict)
    for id, key, name, values in rows:
        found[id].setdefault(key, Source(key, name)).values.update(values)
    return found


def find_source_of_file(kind: Kind, id: Any, file_key: str) -> Source | None:
    """Return the source that a file of a record speaks for: the file itself, or the account whose export it came in.

    None if what it said was reverted. Of a source that is alone in the record, the values are those of the record.
    """
    alone: Source | None = fetch_one(
        Source,
        kind.sql(
            """
            SELECT '' AS key, r.source AS name, coalesce(r.provider_values, '{{}}') AS values
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
            """
        ),
        record_id=id,
    )
    if alone is not None and not list_joined(kind, [id]):
        alone.key = file_key if alone.name in FILES else key_of_id(id)
        return alone
    sources = list_sources(kind, [id]).get(id, {})
    keys = fetch_all(
        str,
        """
        SELECT a.key
        FROM activity_keys AS k
        JOIN activity_sources AS a
          ON a.user_id = %(user_id)s AND a.changeset_id = k.changeset_id
        WHERE k.user_id = %(user_id)s
          AND k.key = %(file_key)s
        ORDER BY a.key
        """,
        file_key=file_key,
    )
    return next((sources[key] for key in (file_key, *keys) if key in sources), None)


@dataclass(frozen=True, slots=True)
class News:
    """The keys of the sources that said something new, and {record id: fields of which one says something else now}."""

    keys: set[str]
    changed: Mapping[Any, set[str]]


def say(kind: Kind, sent: Sequence[tuple[Any, Source]], *, changeset_id: int) -> News:
    """Store what sources say of records, as far as it is new; what one says twice counts the first time."""
    before = list_sources(kind, {id for id, _ in sent})
    changed: dict[Any, set[str]] = defaultdict(set)
    said: list[tuple[Any, str, int, str, Json]] = []
    for id, source in {source.key: (id, source) for id, source in reversed(sent)}.values():
        known = before.get(id, {}).get(source.key)
        if known and known.values.get(SESSION) and source.values.get(SESSION):
            source.values[SESSION] = combined_session([source.values[SESSION], known.values[SESSION]])
        news = {
            name: value
            for name, value in source.values.items()
            if known is None or name not in known.values or differ(name, value, known.values[name])
        }
        if news:
            said.append((id, source.key, changeset_id, source.name, news))
        if known:
            changed[id] |= news.keys()
    _store(kind, said)
    return News({key for _, key, *_ in said}, changed)


def differ(name: str, one: Any, other: Any, *, exactly: bool = False) -> bool:
    """Return whether two JSON values of a field differ by more than a conversion of units can cause, or `exactly`."""
    if name in ({CONTENT} if exactly else {CONTENT, SESSION}) and one and other:
        return not same_value(name, one, other)
    if not exactly and isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > MEASURED
    if name in _INSTANTS and isinstance(one, str) and isinstance(other, str):
        return instant(one) != instant(other)
    return one != other


_INSTANTS = {"datetime_utc", "start_ts", "end_ts"}


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
    entered where no source had said anything is the person's. Records that a person made may have no source any more.
    Those that were made `anew` take over all that is said.
    """
    rows: list[dict[str, Any]] = fetch_all(dict, kind.sql(_LOCKED), ids=sorted(ids)) if ids else []
    sources = list_sources(kind, [row["id"] for row in rows])
    rows = [row for row in rows if row["id"] in sources or row["yours"]["source"] == BY_HAND]
    yours = _yours(kind, rows)
    compared = [
        _taken_anew(kind, id, combined(sources[id].values()))
        if id in anew
        else _compared(kind, row, combined(sources.get(id, {}).values()), yours[id], changed.get(id, ()))
        for row in rows
        for id in [row["id"]]
    ]
    return [merge for merge in compared if merge]


_LOCKED: LiteralString = """
    SELECT r.id, coalesce(r.provider_values, '{{}}') AS base, coalesce(r.conflicts, '{{}}') AS conflicts,
        to_jsonb(r) AS yours
    FROM {table} AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s::{id_type}[])
      AND r.deleted_at IS NULL
    ORDER BY r.id
    FOR UPDATE
"""


def _yours(kind: Kind, rows: Sequence[Json]) -> Mapping[Any, Json]:
    if kind is WORKOUTS:
        return workouts_import.get_values([row["id"] for row in rows])
    return {row["id"]: row["yours"] for row in rows}


def _taken_anew(kind: Kind, id: Any, best: Json) -> Comparison:
    """Return that a record takes over all that its sources say, and loses what they do not."""
    now = {name: None for name in _PROVIDER_FIELDS[kind] if name not in ALWAYS} | dict(best)
    finished = {"finished_at": now.get("end_ts") or now["start_ts"]} if kind is WORKOUTS else {}
    return Comparison(str(id), now, now | finished, {}, {}, [])


def _compared(kind: Kind, row: Json, best: Json, yours: Json, changed: Collection[str]) -> Comparison | None:
    base = row["base"]
    now = {name: None for name in _PROVIDER_FIELDS[kind] if name in base and name not in ALWAYS} | dict(best)
    theirs = {
        name: value
        for name, value in now.items()
        if differ(name, value, base.get(name), exactly=True) and (name in base or yours.get(name) in (None, []))
    }
    if not theirs:
        return None
    taken = {name: value for name, value in theirs.items() if not differ(name, yours.get(name), base.get(name))}
    if kind is WORKOUTS:
        taken = workouts_import.in_order(taken, yours)
    conflicts = {
        name: value
        for name, value in theirs.items()
        if name not in taken and (name in changed or name in row["conflicts"]) and differ(name, yours.get(name), value)
    }
    edited = [name for name in theirs if name not in taken and differ(name, yours.get(name), theirs[name])]
    return Comparison(str(row["id"]), theirs, taken, conflicts, {name: yours.get(name) for name in conflicts}, edited)


def take(kind: Kind, merges: Collection[Merge], *, changed_by: str | None, changeset_id: int) -> None:
    """Store the result of a comparison: a version of each record that takes over a field, and the conflicts."""
    module = workouts_import if kind is WORKOUTS else runs_import
    module.take_from_provider(merges, changed_by=changed_by, changeset_id=changeset_id)


class Settled(NamedTuple):
    """The ids of the records that were changed, and what of others a person had edited, so that it stays."""

    changed: set[Any]
    kept: list[Kept]


def settle(kind: Kind, joined: Collection[Any], changesets: Collection[int], change: Change) -> Settled:
    """Let records follow what their sources say, now that changesets were reverted or stand again.

    These are the `joined` ones, and those of which the changesets say something. A record that no source says any
    more is deleted; one that a revert took away comes back if a source of it stands again.
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
    ids = {*said_by_changesets, *joined}
    if not ids:
        return Settled(set(), [])
    gone = reverts.delete(kind, reverts.list_gone(kind, ids), change)
    said = list_sources(kind, ids)
    returning = find_deleted(kind, said).taken_away
    bring_back(kind, returning, change)
    merges = _with_known_shoes(compare(kind, ids, {}))
    take(kind, merges, changed_by=change.changed_by, changeset_id=change.changeset_id)
    changed = {merge.id for merge in merges if merge.taken}
    return Settled(gone | returning | {id for id in ids if str(id) in changed}, _kept(kind, merges))


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
