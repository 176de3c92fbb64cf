"""What each source says of an activity that several of them have.

A source is a file, or the account of a provider. The first time that a second source joins, what the first one has said
is stored beside the record as well, see `begin`. From then on, the base of merges of the record, `provider_values`, has
for each field the value of the best source: it follows from what is said, not from the order in which it was said. A
field in which the record differs from its base was edited by a person, and stays. So a revert of an import does not put
the fields of such a record back, but lets it follow the sources that stand, see `joined_records`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from fitness.db import activity_keys, merged_records, stored_once
from fitness.db.activity_keys import FILE, key_of_id
from fitness.db.best_sources import FILES, GUESSED, KEYS, Source, combined_session, with_guesses
from fitness.db.bound import note_growth
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import size
from fitness.db.history.standing import list_joined, stands
from fitness.db.history.versioned import Versioned
from fitness.db.workouts_compare import CONTENT, MEASURED, SESSION, instant, same_value

Kind = Versioned[Any, Any]
Json = Mapping[str, Any]

BY_HAND = "Manual"
"""The source of records that a person made: it says nothing, what they have was entered."""


def begin(kind: Kind, ids: Collection[Any], *, changeset_id: int) -> None:
    """Store what the sources of these records have said so far, one source each, as of the changesets that said it.

    Left out are records in which sources have joined before, those that a person made, and workouts whose file is that
    of a run now. If the changeset that made a record is unknown, it is this one.
    """
    so_far = kind.sql(_SAID_SO_FAR, stands=stands("a"))
    rows: list[dict[str, Any]] = fetch_all(dict, so_far, ids=list(ids), by_hand=BY_HAND) if ids else []
    rows = [row for row in rows if row["keys"] or row["source"] not in FILES or not _is_without_sport(row)]
    said: list[_Said] = []
    brought: dict[Any, dict[str, str]] = {}
    for row in rows:
        keys = brought[row["id"]] = _keys_of_changesets(row)
        said += [
            _Said(row["id"], keys.get(str(number), keys[""]), number, row["source"], values)
            for number, values in _so_far(row, changeset_id).items()
        ]
    _store(kind, said)
    activity_keys.assign_keys(kind, brought)


def _keys_of_changesets(row: Json) -> dict[str, str]:
    """Return {changeset: key of the source that said it then}, and under "" that of all others.

    A record may have been made anew of another file of its id, as the one before was reverted: each is a source.
    """
    if row["source"] not in FILES:
        return {"": key_of_id(row["id"])}
    files = {number: next((key for key in keys if key.startswith(FILE)), None) for number, keys in row["keys"].items()}
    return {"": row["file_key"] or key_of_id(row["id"])} | {number: key for number, key in files.items() if key}


def _is_without_sport(row: Json) -> bool:
    return "sport" in (row["provider_values"].get(GUESSED, {}).get(SESSION) or {})


def _so_far(row: Json, changeset_id: int) -> dict[int, dict[str, Any]]:
    """Return {changeset: what it said of a record}, from what each one changed in the base of merges.

    What it did not change, it said too.
    """
    so_far = dict(row["provider_values"])
    for merge in reversed(row["merges"]):
        so_far = _changed(so_far, merge["fields"], merge["values_before"])
    said: dict[int, dict[str, Any]] = {row["changeset_id"] or changeset_id: so_far}
    for merge in row["merges"]:
        so_far = _changed(so_far, merge["fields"], merge["values_after"])
        if merge["kind"] in {"import", "sync"}:
            said[merge["changeset_id"]] = so_far
    return {
        number: _without_guessed(values) | ({KEYS: row["keys"][str(number)]} if str(number) in row["keys"] else {})
        for number, values in said.items()
    }


def _changed(base: Json, fields: Collection[str], values: Json) -> dict[str, Any]:
    return {**{name: value for name, value in base.items() if name not in fields}, **values}


def _without_guessed(values: Json) -> dict[str, Any]:
    """Return values without those that are guessed, which stay beside them under GUESSED."""
    guessed = values.get(GUESSED, {})
    said = {
        name: value
        for name, value in values.items()
        if name not in guessed or differ(name, value, guessed[name], exactly=True)
    }
    if said.get(SESSION) and SESSION in guessed:
        of_session = guessed[SESSION]
        said[SESSION] = {name: value for name, value in said[SESSION].items() if value != of_session.get(name, ())}
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
            SELECT coalesce(jsonb_object_agg(k.changeset_id, k.keys), '{{}}')
            FROM (
                SELECT a.changeset_id, jsonb_agg(a.key ORDER BY a.key) AS keys
                FROM activity_keys AS a
                WHERE a.user_id = %(user_id)s AND a.{key} = r.id
                GROUP BY a.changeset_id
            ) AS k
        ) AS keys,
        (
            SELECT coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'changeset_id', m.changeset_id, 'kind', c.kind, 'fields', m.fields,
                        'values_before', m.values_before, 'values_after', m.values_after
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
      AND NOT EXISTS (
        SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.{key} = r.id
      )
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The columns of a row that count for the quota."""

    run_id: str | None
    key: str
    source: str
    provider_values: dict[str, Any]


_SIZE = size(_Counted, "a")


class _Said(NamedTuple):
    """What a source says of a record, as of a changeset."""

    id: Any
    key: str
    changeset_id: int
    source: str
    values: Json


def _store(kind: Kind, said: Iterable[_Said]) -> None:
    """Store what sources say; what a changeset has said before stays beside it."""
    rows = {(one.key, one.changeset_id): one for one in said}
    if not rows:
        return
    stored = fetch_all(tuple, kind.sql(_INSERT, size=_SIZE), **_arrays(rows.values()))
    new = {(key, number) for key, number, _ in stored}
    more = [row for place, row in rows.items() if place not in new]
    if more:
        stored += fetch_all(tuple, kind.sql(_ADD, size=_SIZE, before=size(_Counted, "b")), **_arrays(more))
    note_growth(0, sum(added for *_, added in stored))


def _arrays(rows: Collection[_Said]) -> dict[str, list[Any]]:
    return {
        "ids": [row.id for row in rows],
        "keys": [row.key for row in rows],
        "changesets": [row.changeset_id for row in rows],
        "sources": [row.source for row in rows],
        "said": [Jsonb(row.values) for row in rows],
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


def set_values(said: Mapping[str, Json]) -> None:
    """Store what sources say, by their keys, in place of what they said in any changeset."""
    sizes = fetch_all(
        int,
        """
        UPDATE activity_sources AS a
        SET provider_values = new.said
        FROM unnest(%(keys)s::text[], %(said)s::jsonb[]) AS new (key, said)
        JOIN activity_sources AS b
          ON b.user_id = %(user_id)s AND b.key = new.key
        WHERE a.user_id = %(user_id)s
          AND b.user_id = %(user_id)s
          AND a.key = b.key
          AND a.changeset_id = b.changeset_id
        RETURNING """
        + _SIZE
        + " - "
        + size(_Counted, "b"),
        keys=list(said),
        said=[Jsonb(values) for values in said.values()],
    )
    note_growth(0, sum(sizes))


def get_size() -> int:
    """Return the bytes of all that is said, as they count for the quota."""
    return stored_once.total_size("activity_sources", _Counted)


def list_sources(kind: Kind, ids: Collection[Any], *, reverted_too: bool = False) -> dict[Any, dict[str, Source]]:
    """Return {record id: {key: source}} of records that several sources have, in the order in which they came.

    Those that were reverted are left out, unless `reverted_too`.
    """
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
            ORDER BY a.changeset_id, a.key
            """,
            stands="true" if reverted_too else stands("a"),
        ),
        ids=list(ids),
    )
    found: dict[Any, dict[str, Source]] = defaultdict(dict)
    for id, key, name, values in rows:
        found[id].setdefault(key, Source(key, name)).add(values)
    return found


def list_makers(kind: Kind, made_of: Mapping[Any, str]) -> dict[Any, dict[str, Source]]:
    """Return {record id: {key: source}}, like `list_sources`, of the one that each was made of, though it is reverted.

    `made_of` has the names of these sources.
    """
    sources = list_sources(kind, made_of, reverted_too=True) if made_of else {}
    keys = {
        id: find_maker({key: one.name for key, one in some.items()}, made_of[id], id) for id, some in sources.items()
    }
    return {id: {key: sources[id][key]} for id, key in keys.items() if key}


def find_maker(names: Mapping[str, str], source: str, id: Any) -> str | None:
    """Return the key of the source that a record was made of: the one of its id, or else the first one of its name.

    `names` are those of the sources by their keys, in the order in which they came.
    """
    own_key = key_of_id(id)
    return own_key if own_key in names else next((key for key, name in names.items() if name == source), None)


def find_source_of_file(kind: Kind, id: Any, file_key: str) -> Source | None:
    """Return the source that a file of a record speaks for: the file itself, or the account whose export it came in.

    None if what it said was reverted. Of a source that is alone in the record, the values are those of the record.
    """
    if not list_joined(kind, [id]):
        alone = fetch_one(Source, kind.sql(_ALONE, stands=stands("k")), record_id=id, file_key=file_key)
        if alone and alone.name not in FILES:
            alone.key = key_of_id(id)
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


_ALONE: LiteralString = """
    SELECT %(file_key)s AS key, r.source AS name, coalesce(r.provider_values, '{{}}') AS values
    FROM {table} AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = %(record_id)s
      AND coalesce(
        (
            SELECT bool_or(k.key = %(file_key)s)
            FROM activity_keys AS k
            WHERE k.user_id = %(user_id)s AND k.{key} = r.id AND k.key LIKE 'file:%%' AND {stands}
        ),
        true
      )
    """
"""A record that was made anew of another file says no more what the first one said, which is reverted."""


@dataclass(frozen=True, slots=True)
class News:
    """The keys of the sources that said something new, and {record id: fields of which one says something else now}."""

    keys: set[str]
    changed: Mapping[Any, set[str]]


def say(kind: Kind, sent: Sequence[tuple[Any, Source]], *, changeset_id: int) -> News:
    """Store all that sources say of records, if any of it is new; of what one says twice, the first counts."""
    before = list_sources(kind, {id for id, _ in sent})
    once = {source.key: (id, source) for id, source in reversed(sent)}
    known = {key: one for key, (id, _) in once.items() if (one := before.get(id, {}).get(key))}
    values = {key: dict(source.values) for key, (_, source) in once.items()}
    news = {key: _news(values[key], known[key].values) if key in known else values[key] for key in once}
    _forget_merged(kind, [(news[key], values[key], one.values) for key, one in known.items()])
    changed: dict[Any, set[str]] = defaultdict(set)
    for key in known:
        changed[once[key][0]] |= news[key].keys()
    said = [_Said(id, key, changeset_id, source.name, values[key]) for key, (id, source) in once.items() if news[key]]
    _store(kind, said)
    return News({one.key for one in said}, changed)


def _news(said: Json, known: Json) -> dict[str, Any]:
    """Return what a source says that it has not said before; keys are nothing of it."""
    values = {name: value for name, value in said.items() if name != KEYS}
    if known.get(SESSION) and said.get(SESSION) is not None:  # an empty one says nothing
        values[SESSION] = combined_session([said[SESSION], known[SESSION]])
    guessed = known.get(GUESSED, {})
    if with_guesses(guessed, said.get(GUESSED, {})) == guessed:
        values.pop(GUESSED, None)
    return {name: value for name, value in values.items() if name not in known or differ(name, value, known[name])}


def _forget_merged(kind: Kind, said: Iterable[tuple[dict[str, Any], dict[str, Any], Json]]) -> None:
    """Leave shoes and exercises out of the news if those known lead to them: they were merged since.

    Of each source, these are its news, all its values now, and those known. The known ones stay, as a revert of the
    merge would have it.
    """
    name = merged_records.NAMING[kind]
    named = [one for one in said if one[0].get(name) and one[2].get(name)]
    before = [{name: known[name]} for _, _, known in named]
    merged_records.follow(kind, before)
    for (news, values, known), one in zip(named, before, strict=True):
        if not differ(name, news[name], one[name]):
            del news[name]
            values[name] = known[name]


def differ(name: str, one: Any, other: Any, *, exactly: bool = False) -> bool:
    """Return whether two JSON values of a field differ by more than a conversion of units can cause, or `exactly`."""
    if name == CONTENT or (name == SESSION and one and other and not exactly):
        return not same_value(name, one, other)
    if not exactly and isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > MEASURED
    if name in _INSTANTS and isinstance(one, str) and isinstance(other, str):
        return instant(one) != instant(other)
    return one != other


_INSTANTS = {"datetime_utc", "start_ts", "end_ts"}
