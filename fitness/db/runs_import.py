"""Import runs from files and providers: store new ones, merge known ones, see `merges`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from fitness.db import later, merged_records, shoes
from fitness.db.activity_keys import key_of_run
from fitness.db.activity_search import is_made
from fitness.db.best_sources import GUESSED, PLAIN_GUESSES
from fitness.db.connection import execute, fetch_all
from fitness.db.fields import arrays, filled, listed, names_of, of_columns, unnested
from fitness.db.history import bases, merges, versions
from fitness.db.history.merges import Merge, agreed
from fitness.db.history.standing import ANYTHING_JOINED, stands
from fitness.db.later import fetch_packed
from fitness.db.runs import MEASURED, PROVIDER_FIELDS, RUNS, NewRun
from fitness.db.statements import Call

CHUNK_ROWS = 1000

_SENT = names_of(NewRun, without=("client_uuid",))
_NEW_RUNS = unnested(NewRun, _SENT)


@cache
def _provider_values(sent: tuple[LiteralString, ...], given: Collection[LiteralString] = _SENT) -> LiteralString:
    """Return the SQL of the JSON with the fields that the provider sent for a run `new`, which has those `given`."""
    values = _json_of((name for name in sent if not _is_stripped(name)), given)
    stripped: list[LiteralString] = [name for name in sent if _is_stripped(name) and name in given]
    return "(" + values + " || jsonb_strip_nulls(" + _json_of(stripped, given) + "))" if stripped else values


def _json_of(names: Iterable[LiteralString], given: Collection[LiteralString]) -> LiteralString:
    values = listed([_value_of(name, given) for name in names])
    return "jsonb_build_object(" + values + ")"


def _value_of(name: LiteralString, given: Collection[LiteralString]) -> LiteralString:
    return "'" + name + "', " + ("new." + name if name in given else "NULL")


def _is_stripped(name: str) -> bool:
    return name in MEASURED or name == "guessed"


_FIRST_SENT = (*PROVIDER_FIELDS, "guessed")
"""The fields that are stored as sent of a new run; `guessed` says which of them were guessed."""


@cache
def _insertion(given: tuple[LiteralString, ...]) -> LiteralString:
    """Return the SQL that stores new runs of which only these fields are given.

    Most providers know a part of the fields. What the others cost adds up to a quarter of the statement.
    """
    names: list[LiteralString] = [name for name in given if name != "guessed"]
    return RUNS.sql(
        """
        INSERT INTO runs AS r (user_id, {names}, provider_values)
        SELECT %(user_id)s, {values}, {provider_values}
        FROM {new_runs}
        ORDER BY new.id
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        names=listed(names),
        values=listed(names, "new.{}"),
        provider_values=_provider_values(_FIRST_SENT, given),
        new_runs=unnested(NewRun, given),
    )


class PackedRuns(NamedTuple):
    """Up to CHUNK_ROWS runs, and the statement that stores them as new ones."""

    runs: list[NewRun]
    call: Call


def pack(runs: Iterable[NewRun]) -> PackedRuns:
    """Pack runs for `bulk_create_runs` before it is known that they are new."""
    chunk = list(runs)
    values = filled(arrays(NewRun, _SENT, chunk))
    return PackedRuns(chunk, later.pack(_insertion(tuple(values)), {**values}))


def bulk_create_runs(
    runs: Iterable[NewRun],
    *,
    changed_by: str | None = None,
    changeset_id: int | None = None,
    packed: PackedRuns | None = None,
) -> int:
    """Store the runs that are new, with their first versions; return their number.

    Runs whose ids exist, even deleted ones, do not change. If these are the runs that are `packed`, that is used.
    """
    rows = iter(runs)
    change = versions.Change(changed_by, changeset_id=changeset_id)
    created = 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        call = packed.call if packed and packed.runs == chunk else pack(chunk).call
        deleted = shoes.find_deleted_ones({run.shoe_id for run in chunk})
        ids = set(fetch_packed(str, call))
        if deleted():
            shoes.bring_back({run.shoe_id for run in chunk if run.id in ids}, change)
        versions.add_all(RUNS, ids, change)
        created += len(ids)
    return created


_MAKE_ANEW = RUNS.sql(
    """
    UPDATE runs AS r
    SET {assignments}
    FROM (SELECT new.*, {provider_values} AS provider_values FROM {new_runs} OFFSET 0) AS new
    WHERE r.user_id = %(user_id)s
      AND r.id = new.id
      AND r.deleted_at IS NOT NULL
    RETURNING r.id
    """,
    assignments=RUNS.counted_up(
        listed(names_of(NewRun, without=("id", "client_uuid", "guessed")), "{0} = new.{0}"),
        "provider_values = new.provider_values, conflicts = NULL, deleted_at = NULL",
    ),
    provider_values=_provider_values(_FIRST_SENT),
    new_runs=_NEW_RUNS,
)


def make_runs_anew(
    runs: Sequence[NewRun], ids: Collection[str], *, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store those of the runs with these ids, which a revert took away, as if they were new; return their number."""
    if not ids:
        return 0
    first = {run.id: run for run in reversed(runs) if run.id in ids}  # if it is sent twice, the first one counts
    with bases.noted(RUNS, changeset_id, dict.fromkeys(first, _FIRST_SENT)):
        made = fetch_all(str, _MAKE_ANEW, **arrays(NewRun, _SENT, list(first.values())), changed_by=changed_by)
    change = versions.Change(changed_by, changeset_id=changeset_id)
    shoes.bring_back({first[run_id].shoe_id for run_id in made}, change)
    versions.add_all(RUNS, made, change)
    return len(made)


_NEW_GUESSES: LiteralString = """
    (
        SELECT jsonb_object_agg(g.key, g.value)
        FROM jsonb_each(new.guessed) AS g
        WHERE coalesce({base} -> g.key, 'null') = 'null'
          OR ({base} -> 'guessed' -> g.key = %(plain)s::jsonb -> g.key AND g.value <> %(plain)s::jsonb -> g.key)
    )
"""
"""The guesses of a run `new` that add to its base, see `best_sources.with_guesses`; NULL if none does."""


def know(known: Mapping[str, Collection[str]], *, changeset_id: int) -> None:
    """Store that the provider no longer guesses fields of runs, {run id: fields}, but knows them."""
    if not known:
        return
    with bases.noted(RUNS, changeset_id, {run_id: (*fields, GUESSED) for run_id, fields in known.items()}):
        execute(
            """
            UPDATE runs AS r
            SET provider_values = jsonb_set(r.provider_values, '{guessed}', (r.provider_values -> 'guessed') - t.fields)
            FROM (
                SELECT id, ARRAY(SELECT jsonb_array_elements_text(names)) AS fields
                FROM unnest(%(ids)s::text[], %(fields)s::jsonb[]) AS k (id, names)
                OFFSET 0
            ) AS t
            WHERE r.user_id = %(user_id)s
              AND r.id = t.id
              AND r.provider_values ? 'guessed'
            """,
            ids=list(known),
            fields=[Jsonb(sorted(fields)) for fields in known.values()],
        )


@dataclass
class SentRun(NewRun):
    """A run that a source sends, as a new one, with its keys beside the one that its id is."""

    keys: list[str] | None = None


def find_unchanged(columns: Mapping[str, Sequence[Any]], *, sent: Collection[str]) -> list[int]:
    """Return which of the runs that are sent are here just so: their places, from 1.

    `columns` has the values of each field of SentRun, `sent` the fields that are said of the runs. Unchanged ones are
    live, made by what is not reverted, no other source has them, all their keys are theirs, nothing that was guessed is
    known now, and no guess adds anything. An import of what is known already needs no more than this: it is much less
    work than to look for what the runs may be, and to compare each field.
    """
    said = _in_order(sent)
    values = filled(of_columns(SentRun, ("id", "keys", "guessed", *said), columns))
    plain = {"plain": Jsonb(PLAIN_GUESSES)} if "guessed" in values else {}
    return fetch_all(int, _find_unchanged(tuple(values), said), **values, **plain)


@cache
def _find_unchanged(given: tuple[LiteralString, ...], sent: tuple[LiteralString, ...]) -> LiteralString:
    return RUNS.sql(
        _FIND_UNCHANGED,
        new_runs=unnested(SentRun, given, placed=True),
        said=_provider_values(sent, given),
        known=listed(sent, "'{}'"),
        guesses_nothing_new=_GUESSES_NOTHING_NEW if "guessed" in given else "true",
        own_key=key_of_run("new.id"),
        keys="new.keys" if "keys" in given else "NULL",
        stands=stands("k"),
        is_made=is_made(RUNS, "r"),
        anything_joined=ANYTHING_JOINED,
    )


_GUESSES_NOTHING_NEW: LiteralString = (
    "(r.provider_values -> 'guessed' = new.guessed OR " + RUNS.sql(_NEW_GUESSES, base="r.provider_values") + " IS NULL)"
)
# OFFSET 0 lets each condition look up its run by an index. Without statistics, a join would read all rows of the user.
# Where no record has several sources, a statement finds that out once, and looks for none.
_FIND_UNCHANGED: LiteralString = """
    SELECT new.place
    FROM {new_runs}
    CROSS JOIN LATERAL (
        SELECT t.id, t.version, t.deleted_at, t.provider_values, t.conflicts
        FROM runs AS t
        WHERE t.user_id = %(user_id)s AND t.id = new.id
        LIMIT 1
    ) AS r
    WHERE r.deleted_at IS NULL
      AND r.provider_values @> {said}
      AND NOT coalesce(r.provider_values -> 'guessed' ?| ARRAY[{known}]::text[], false)
      AND {guesses_nothing_new}
      AND NOT r.provider_values ? 'deleted_at'
      AND NOT coalesce(r.conflicts ? 'deleted_at', false)
      AND {is_made}
      AND (
        NOT {anything_joined}
        OR NOT EXISTS (
            SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.run_id = new.id OFFSET 0
        )
        AND NOT EXISTS (
            SELECT
            FROM unnest({own_key} || ARRAY(SELECT jsonb_array_elements_text({keys}))) AS named (key)
            WHERE EXISTS (
                SELECT FROM activity_sources AS a WHERE a.user_id = %(user_id)s AND a.key = named.key OFFSET 0
            )
        )
      )
      AND NOT EXISTS (
        SELECT
        FROM activity_keys AS k
        WHERE k.user_id = %(user_id)s AND k.key = {own_key} AND k.run_id IS DISTINCT FROM new.id
        OFFSET 0
      )
      AND NOT EXISTS (
        SELECT
        FROM jsonb_array_elements_text({keys}) AS named (key)
        WHERE NOT EXISTS (
            SELECT
            FROM activity_keys AS k
            WHERE k.user_id = %(user_id)s AND k.key = named.key AND k.run_id = new.id AND {stands}
            OFFSET 0
          )
      )
    """


def _in_order(sent: Collection[str]) -> tuple[LiteralString, ...]:
    return tuple(field for field in PROVIDER_FIELDS if field in sent)


def compare_with_provider(runs: Sequence[NewRun], *, sent: Collection[str] = PROVIDER_FIELDS) -> list[Merge]:
    """Lock and compare, of up to CHUNK_ROWS runs, the existing ones for which the provider sent new values.

    `sent` has the fields that the provider sends. What it guesses is new where it has said nothing; that is no conflict
    with what a person entered there.
    """
    theirs = _provider_values(_in_order(sent))
    guessed = {run.id: run.guessed for run in runs if run.guessed}
    values: dict[str, Any] = {**arrays(NewRun, _SENT, runs)}
    if guessed:
        theirs = "(" + theirs + " || " + _WITH_GUESSES + ")"
        values["plain"] = Jsonb(PLAIN_GUESSES)
    compared = merges.compare(RUNS, _NEW_RUNS, same="o.id = new.id", theirs=theirs, **values)
    compared = [_without_conflicts(merge, guessed[merge.id]) if merge.id in guessed else merge for merge in compared]
    _follow_merged_shoes([merge for merge in compared if "shoe_id" in merge.theirs.keys() - merge.taken.keys()])
    return compared


_WITH_GUESSES = RUNS.sql(
    """
    coalesce(
        {new} || jsonb_build_object(
            'guessed', coalesce(known.provider_values -> 'guessed', '{{}}') || {new}
        ),
        '{{}}'
    )
    """,
    new=RUNS.sql(_NEW_GUESSES, base="known.provider_values"),
)


def _without_conflicts(merge: Merge, names: Collection[str]) -> Merge:
    def others(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in names}

    return replace(merge, conflicts=others(merge.conflicts), yours=others(merge.yours))


def _follow_merged_shoes(compared: Sequence[Merge]) -> None:
    """Let runs whose shoe was merged since follow what is sent of it: merges are nobody's edits."""
    if not compared:
        return
    worn: list[tuple[str, str, str | None]] = fetch_all(
        tuple,
        """
        SELECT r.id, r.shoe_id, r.provider_values ->> 'shoe_id'
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND r.shoe_id IS NOT NULL
          AND r.provider_values ->> %(agreed)s IS NULL
        """,
        ids=[merge.id for merge in compared],
        agreed=agreed("shoe_id"),
    )
    sent: list[dict[str, Any]] = [{"shoe_id": before} for _, _, before in worn]
    merged_records.follow(RUNS, sent)
    followed = {id: shoe_id for (id, shoe_id, _), one in zip(worn, sent, strict=True) if one["shoe_id"] == shoe_id}
    for merge in compared:
        if merge.id in followed:
            merge.theirs.pop(agreed("shoe_id"), None)
            merge.conflicts.pop("shoe_id", None)
            merge.yours.pop("shoe_id", None)
            if merge.theirs["shoe_id"] != followed[merge.id]:
                merge.taken["shoe_id"] = merge.theirs["shoe_id"]


def take_from_provider(compared: Collection[Merge], *, changed_by: str | None, changeset_id: int) -> None:
    """Store the result of the comparison: a version of each run that takes over a field, and the conflicts."""
    change = versions.Change(changed_by, changeset_id=changeset_id)
    shoes.bring_back({merge.taken.get("shoe_id") for merge in compared}, change)
    merges.take(RUNS, compared, changed_by=changed_by, changeset_id=changeset_id)
