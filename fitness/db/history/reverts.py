"""Revert what a changeset changed in the records of a noun, field by field.

A field returns to its value before the changeset if it still is as the changeset left it. A record of which nothing
stands any more, see `standing`, is deleted: all that made it is reverted.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import fetch_all
from fitness.db.fields import listed
from fitness.db.history import bases, before, units
from fitness.db.history.deletions import find_deleted
from fitness.db.history.standing import BY_PERSON, JOIN_CHANGESET, STANDS, is_said, list_joined, stands
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change, write_all

Kind = Versioned[Any, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of which a revert left fields, or all, as they are, and the reason."""

    noun: str
    id: str
    fields: list[str]
    detail: str


@dataclass(slots=True)
class Touched:
    """The records of a noun that a changeset wrote; those that it created, and those of which nothing stands.

    `layers` is the largest number of later versions that it made of one record. In the `joined` ones, several sources
    have joined; if they `follow`, they get their fields from those that stand alone, see `joined_records.settle`. The
    `live` ones are neither deleted nor brought back with the fields that go back; the `whole` ones stay as they are.
    The `said` ones are those of which sources say less or more now.
    """

    kind: Kind
    ids: list[Any]
    created: set[Any]
    gone: set[Any]
    layers: int
    joined: set[Any]
    follow: bool = False
    live: set[Any] = field(default_factory=set)
    whole: set[Any] = field(default_factory=set)
    said: set[Any] = field(default_factory=set)
    changed: set[Any] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)


def lock_touched(kind: Kind, changeset_id: int, *, by_provider: bool, force: bool) -> Touched:
    """Lock and return the records that a changeset wrote. With `force`, what it created is gone in any case.

    `by_provider`: what it wrote is what sources say, so that records in which several have joined follow them.
    """
    # LIMIT makes the planner look up each record by its key, here and below, see versions.add_all.
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            SELECT r.id, t.first, t.later, t.deletes
            FROM (
                SELECT w.id, min(w.version_number) AS first, count(*) FILTER (WHERE w.version_number > 1) AS later,
                    bool_or(w.change_type = 'deletion') AS deletes
                FROM (
                    SELECT {key} AS id, version_number, change_type
                    FROM {history}
                    WHERE user_id = %(user_id)s
                      AND changeset_id = %(changeset_id)s
                    {only_said}
                ) AS w
                GROUP BY w.id
                ORDER BY w.id
            ) AS t
            CROSS JOIN LATERAL (
                SELECT o.id
                FROM {table} AS o
                WHERE o.user_id = %(user_id)s AND o.id = t.id
                LIMIT 1
                FOR UPDATE
            ) AS r
            """,
            only_said=kind.sql(_ONLY_SAID) if kind.follows_provider else "",
        ),
        changeset_id=changeset_id,
    )
    gone = set(list_gone(kind, [id for id, *_ in rows]))
    rows = [row for row in rows if row[1] is not None]
    ids = [id for id, *_ in rows]
    created = {id for id, first, *_ in rows if first == 1}
    layers = max((later for _, _, later, _ in rows), default=0)
    gone |= created if force else set()
    touched = Touched(kind, ids, created, gone, layers, list_joined(kind, ids), follow=by_provider and not force)
    _sort_returned(touched, [id for id, _, later, _ in rows if later], changeset_id, force=force)
    if not force:
        touched.live |= _find_deleted_again(kind, [id for id, _, _, deletes in rows if deletes])
    return touched


_ONLY_SAID: LiteralString = """
    UNION ALL
    SELECT {key}, NULL, NULL
    FROM {merges}
    WHERE user_id = %(user_id)s
      AND changeset_id = %(changeset_id)s
"""
"""The records of which an import or sync said something, if only what was known already, so that it made no version."""


def _find_deleted_again(kind: Kind, ids: Collection[Any]) -> set[Any]:
    """Return those of the records that a person or provider has deleted since the changeset did, and that stay so."""
    deleted = find_deleted(kind, ids)
    return deleted.staying | deleted.returning


@dataclass(frozen=True, slots=True)
class _Returned:
    """A deleted record that a changeset made live again.

    `is_deleted`: the deletion still counts. `was_taken_away`: a revert had deleted it, so that the changeset made it
    anew. `is_merged`: it led to another record. `is_used_since`: a later version stands.
    """

    id: Any
    is_deleted: bool
    was_taken_away: bool
    is_merged: bool
    is_used_since: bool


def _sort_returned(touched: Touched, ids: Collection[Any], changeset_id: int, *, force: bool) -> None:
    """Decide about the records that the changeset made live again: to these it is what made them.

    Such a record stays if a later version of it stands, and as a whole if it was made anew. It stays too if what
    deleted it is reverted itself. One that others use is deleted only after them, if nothing uses it any more.
    """
    kind = touched.kind
    for one in _list_returned(kind, ids, changeset_id):
        if one.is_deleted and one.is_used_since and not force:
            touched.created.add(one.id)
            (touched.whole if one.was_taken_away else touched.live).add(one.id)
        elif not one.is_deleted and not force:
            touched.live.add(one.id)
        elif kind.in_use != "false" and not one.is_merged:
            touched.live.add(one.id)
            touched.gone.add(one.id)


def _list_returned(kind: Kind, ids: Collection[Any], changeset_id: int) -> list[_Returned]:
    """Return those of the records that the changeset made live again. A statement of its own, see `list_gone`."""
    if not ids:
        return []
    return fetch_all(
        _Returned,
        kind.sql(
            """
            SELECT t.id, {stands} AS is_deleted, coalesce(d.kind IN ('revert', 'rewind'), false) AS was_taken_away,
                {is_merged} AS is_merged,
                EXISTS (
                    SELECT
                    FROM {history} AS h {join_changeset}
                    WHERE h.user_id = %(user_id)s AND h.{key} = t.id AND h.version_number > p.version_number + 1
                      AND {newer_stands}
                ) AS is_used_since
            FROM unnest(%(ids)s::{id_type}[]) AS t (id)
            CROSS JOIN LATERAL (
                SELECT d.*
                FROM {history} AS v
                JOIN {history} AS d
                  ON d.user_id = %(user_id)s AND d.{key} = v.{key} AND d.version_number = v.version_number - 1
                WHERE v.user_id = %(user_id)s AND v.{key} = t.id AND (v.changeset_id = %(reverted_id)s) IS TRUE
                  AND v.change_type <> 'deletion' AND d.change_type = 'deletion'
                ORDER BY v.version_number DESC
                LIMIT 1
            ) AS p
            LEFT JOIN changesets AS d
              ON d.user_id = %(user_id)s AND d.changeset_id = p.changeset_id
            """,
            stands=stands("p"),
            is_merged="p.merged_into IS NOT NULL" if "merged_into" in kind.editable else "false",
            join_changeset=JOIN_CHANGESET,
            newer_stands=STANDS,
        ),
        ids=list(ids),
        reverted_id=changeset_id,
    )


def list_made_anew(kind: Kind, ids: Collection[Any]) -> set[Any]:
    """Return those of the records that an import or sync made anew after a revert had taken them away."""
    if not ids:
        return set()
    rows = fetch_all(
        object,
        kind.sql(
            """
            SELECT t.id
            FROM unnest(%(ids)s::{id_type}[]) AS t (id)
            WHERE EXISTS (
                SELECT
                FROM {history} AS h {join_changeset}
                JOIN {history} AS p
                  ON p.user_id = %(user_id)s AND p.{key} = h.{key} AND p.version_number = h.version_number - 1
                JOIN changesets AS d
                  ON d.user_id = %(user_id)s AND d.changeset_id = p.changeset_id
                WHERE h.user_id = %(user_id)s AND h.{key} = t.id AND h.change_type <> 'deletion'
                  AND c.kind IN ('import', 'sync') AND p.change_type = 'deletion' AND d.kind IN ('revert', 'rewind')
                OFFSET 0
            )
            """,
            join_changeset=JOIN_CHANGESET,
        ),
        ids=list(ids),
    )
    return set(rows)


def list_gone(kind: Kind, ids: Collection[Any], *, versions: LiteralString = STANDS) -> list[Any]:
    """Return those of the records of which nothing stands: no version, and no source that joined.

    Of the versions, those count that meet the condition. A statement of its own, after they are locked.
    """
    if not ids:
        return []
    return fetch_all(
        object,
        kind.sql(
            """
            SELECT t.id
            FROM unnest(%(ids)s::{id_type}[]) AS t (id)
            LEFT JOIN LATERAL (
                SELECT true AS stands
                FROM {history} AS h {join_changeset}
                WHERE h.user_id = %(user_id)s AND h.{key} = t.id AND {stands}
                LIMIT 1
            ) AS s ON true
            WHERE s.stands IS NULL
              AND NOT {is_said}
              AND NOT {is_based}
            """,
            join_changeset=JOIN_CHANGESET,
            stands=versions,
            is_said=is_said(kind, "t.id"),
            is_based=_is_based(kind) if versions == STANDS else "false",
        ),
        ids=list(ids),
    )


def _is_based(kind: Kind) -> LiteralString:
    """Return the SQL condition that an import or sync that stands has said something of the record `t.id`.

    OFFSET 0 keeps the planner from reading what was said of all records.
    """
    if not kind.follows_provider:
        return "false"
    return kind.sql(
        """
        EXISTS (
            SELECT
            FROM {merges} AS m
            JOIN changesets AS c
              ON c.user_id = %(user_id)s AND c.changeset_id = m.changeset_id
            WHERE m.user_id = %(user_id)s AND m.{key} = t.id
              AND c.kind IN ('import', 'sync') AND c.reverted_by IS NULL
            OFFSET 0
        )
        """
    )


def put_back(touched: Touched, changeset_id: int, change: Change, *, force: bool) -> None:
    """Take the changeset's versions of the records back, the newest first, and the base of their merges.

    Records of which nothing stands are deleted, except those of nouns that others use, see `delete_unused`.
    """
    assert change.changeset_id is not None
    kind = touched.kind
    changed: set[Any] = set()
    following = touched.joined if touched.follow else set[Any]()
    alone = [id for id in touched.ids if id not in following | touched.whole]
    staying = [id for id in alone if id not in touched.gone] if touched.layers and not force else []
    undone_before = before.list_before(kind, staying, changeset_id)
    alone = [id for id in alone if id not in undone_before]
    if undone_before:
        values = [Jsonb(one) for one in undone_before.values()]
        of_newest: dict[str, Any] = {"reverted_id": changeset_id, "layer": 0, "force": force}
        changed |= put_back_pairs(touched, _MENDED, ids=list(undone_before), before=values, **of_newest)
    for layer in range(touched.layers):
        of_layer: dict[str, Any] = {"reverted_id": changeset_id, "layer": layer, "force": force}
        changed |= put_back_pairs(touched, LAYER, ids=alone, **of_layer)
        if following:
            changed |= _put_back_deletes(touched, LAYER, ids=list(following - touched.whole), **of_layer)
    base: dict[str, Any] = {"force": force, "follow": touched.follow, "staying": touched.whole}
    disputed = bases.put_back(kind, changeset_id, change.changeset_id, **base)
    # A version that changed conflicts alone, as one that refuses what a provider says, goes back by one as well.
    changed |= disputed & set(touched.ids)
    if kind.in_use == "false":
        touched.changed |= delete(kind, touched.gone, change)
    gone = set(map(str, touched.gone)) if touched.kept else set[str]()
    touched.kept = [one for one in touched.kept if one.id not in gone]
    touched.changed |= store(kind, changed - touched.changed, change, touched.kept)
    if not force:
        touched.kept += _find_created(kind, touched.created - touched.gone, changeset_id)


def store(kind: Kind, ids: Collection[Any], change: Change, kept: list[Kept]) -> set[Any]:
    """Store the next version of records that were changed, with what they use live; return their ids.

    A field that contradicts other records is cleared, and added to `kept`.
    """
    if not ids:
        return set()
    for id, (name, why) in kind.mend(ids).items():
        kept.append(Kept(kind.path, str(id), [name], why))
    kind.use_live(ids, change)
    return set(write_all(kind, "", _among(kind), change, ids=list(ids)))


def _among(kind: Kind) -> LiteralString:
    return kind.sql("r.id IN (SELECT unnest(%(ids)s::{id_type}[]))")


def delete(kind: Kind, ids: Collection[Any], change: Change) -> set[Any]:
    """Delete those of the records that are neither deleted nor in use; return their ids."""
    condition = kind.sql("{among} AND r.deleted_at IS NULL AND NOT ({in_use})", among=_among(kind))
    return set(write_all(kind, "deleted_at = now()", condition, change, ids=list(ids))) if ids else set()


def delete_unused(touched: Touched, change: Change) -> None:
    """Delete the records, which others use, of which nothing stands and that nothing uses any more.

    That may be one that an earlier revert left because it was in use.
    """
    kind = touched.kind
    if kind.in_use == "false":
        return
    live = fetch_all(
        object,
        kind.sql("SELECT id FROM {table} WHERE user_id = %(user_id)s AND deleted_at IS NULL ORDER BY id FOR UPDATE"),
    )
    touched.changed |= delete(kind, {*list_gone(kind, live), *touched.gone}, change)
    left = touched.gone - touched.changed
    touched.kept += [Kept(kind.path, str(id), [], "Still in use") for id in live if id in left]


_OF_CHANGESET: LiteralString = """
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = t.record_id AND v.version_number > 1
          AND (v.changeset_id = %(reverted_id)s) IS TRUE
        ORDER BY v.version_number DESC
        OFFSET %(layer)s
        LIMIT 1
    ) AS h
"""
LAYER: LiteralString = (
    """
    unnest(%(ids)s::{id_type}[]) AS t (record_id)
    """
    + _OF_CHANGESET
    + """
    CROSS JOIN LATERAL (
        SELECT *
        FROM {history} AS v
        WHERE v.user_id = %(user_id)s AND v.{key} = t.record_id AND v.version_number = h.version_number - 1
        LIMIT 1
    ) AS p
    """
)
"""Of each record, the version `h` that the changeset made, the newest one in layer 0, and the version `p` before it.

IS TRUE keeps the planner from reading all versions of the changeset for each record.
"""
_MENDED: LiteralString = (
    """
    unnest(%(ids)s::{id_type}[], %(before)s::jsonb[]) AS t (record_id, before)
    """
    + _OF_CHANGESET
    + """
    CROSS JOIN LATERAL (
        SELECT before.*
        FROM {history} AS v
        CROSS JOIN LATERAL jsonb_populate_record(v, t.before) AS before
        WHERE v.user_id = %(user_id)s AND v.{key} = t.record_id AND v.version_number = h.version_number - 1
        LIMIT 1
    ) AS p
    """
)
"""The same, where other versions are undone: `p` is what was before without them, see `before`."""


def put_back_pairs(touched: Touched, pairs: LiteralString, **params: Any) -> set[Any]:
    """Take back what differs between two versions `h` and `p` of each record; return the ids of changed records.

    `pairs` is the SQL of rows with `t.record_id`, `h` and `p`, see `units`. Fields that do not go back are kept.
    """
    kind = touched.kind
    params["live"] = list(touched.live)
    touched.kept += [Kept(kind.path, *row) for row in fetch_all(tuple, _staying(kind, pairs), **params)]
    changed: set[Any] = set()
    if kind.parts:
        before = dict(fetch_all(tuple, _parts(kind, pairs), **params))
        if before:
            kind.put_back_parts(before)
            changed.update(before)
    names = (*kind.editable, *kind.snapshot_only, units.DELETED)
    return changed | _put_back_columns(kind, pairs, names, units.values(kind), units.any_goes_back(kind), **params)


def _put_back_deletes(touched: Touched, pairs: LiteralString, **params: Any) -> set[Any]:
    """Take back only whether the records are deleted, and what they were made of; return the ids of changed records."""
    kind = touched.kind
    params["live"] = list(touched.live)
    names = (*kind.snapshot_only, units.DELETED)
    return _put_back_columns(kind, pairs, names, units.made_values(kind), units.made_goes_back(kind), **params)


def _put_back_columns(
    kind: Kind,
    pairs: LiteralString,
    names: Sequence[LiteralString],
    values: LiteralString,
    goes_back: LiteralString,
    **params: Any,
) -> set[Any]:
    """Give records the values of these columns where the condition holds; return the ids of changed records.

    A sharded database refuses an UPDATE that assigns what depends on the time or the session, also if a subquery has it
    that the planner may take apart; OFFSET 0 keeps the planner from that.
    """
    ids = fetch_all(
        object,
        kind.sql(
            """
            UPDATE {table} AS r
            SET {assignments}
            FROM (
                SELECT r.id, {values}
                FROM {pairs}
                JOIN {table} AS r
                  ON r.user_id = %(user_id)s AND r.id = t.record_id
                WHERE r.user_id = %(user_id)s
                  AND {goes_back}
                OFFSET 0
            ) AS back
            WHERE r.user_id = %(user_id)s
              AND r.id = back.id
            RETURNING r.id
            """,
            assignments=listed(names, "{0} = back.{0}"),
            values=values,
            pairs=kind.sql(pairs),
            goes_back=goes_back,
        ),
        **params,
    )
    return set(ids)


def _parts(kind: Kind, pairs: LiteralString) -> LiteralString:
    """Return the statement that selects (id, version) of the records whose parts go back to that version."""
    return kind.sql(
        """
        SELECT r.id, p.version_number
        FROM {pairs}
        JOIN {table} AS r
          ON r.user_id = %(user_id)s AND r.id = t.record_id
        WHERE r.user_id = %(user_id)s
          AND {goes_back}
        """,
        pairs=kind.sql(pairs),
        goes_back=units.of_parts(kind).goes_back,
    )


def _staying(kind: Kind, pairs: LiteralString) -> LiteralString:
    """Return the statement that selects the records with fields that do not go back."""
    return kind.sql(
        """
        SELECT k.id, k.fields, 'Changed since then; now at version ' || k.version
        FROM (
            SELECT r.id::text AS id, {staying} AS fields, r.version
            FROM {pairs}
            JOIN {table} AS r
              ON r.user_id = %(user_id)s AND r.id = t.record_id
            WHERE r.user_id = %(user_id)s
        ) AS k
        WHERE k.fields <> '{{}}'
        """,
        pairs=kind.sql(pairs),
        staying=units.staying(kind),
    )


def _find_created(kind: Kind, ids: Collection[Any], changeset_id: int) -> list[Kept]:
    """Return the created records that stay, with the fields that were changed since, and who did."""
    rows = fetch_all(
        tuple,
        kind.sql(
            """
            SELECT r.id::text, {changed}, CASE
                WHEN w.by_person THEN 'Changed since then; now at version ' || r.version
                WHEN w.changeset_id IS NULL THEN 'Another source has it too'
                ELSE 'Changeset ' || w.changeset_id || ' changed it too'
            END
            FROM unnest(%(ids)s::{id_type}[]) AS t (record_id)
            JOIN {table} AS r
              ON r.user_id = %(user_id)s AND r.id = t.record_id
            CROSS JOIN LATERAL (
                SELECT *
                FROM {history} AS v
                WHERE v.user_id = %(user_id)s AND v.{key} = r.id AND (v.changeset_id = %(reverted_id)s) IS TRUE
                ORDER BY v.version_number DESC
                LIMIT 1
            ) AS h
            CROSS JOIN LATERAL (
                SELECT bool_or({by_person}) AS by_person, max(h.changeset_id) AS changeset_id
                FROM {history} AS h {join_changeset}
                WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND {stands}
            ) AS w
            WHERE r.user_id = %(user_id)s
              AND r.deleted_at IS NULL
            """,
            changed=units.changed_since(kind),
            by_person=BY_PERSON,
            join_changeset=JOIN_CHANGESET,
            stands=STANDS,
        ),
        ids=list(ids),
        reverted_id=changeset_id,
    )
    return [Kept(kind.path, *row) for row in rows]


def joined(kept: Iterable[Kept]) -> list[Kept]:
    """Return one entry per record, with all its fields."""
    records: dict[tuple[str, str], Kept] = {}
    for one in kept:
        before = records.setdefault((one.noun, one.id), one)
        before.fields.extend(name for name in one.fields if name not in before.fields)
    return sorted(records.values(), key=lambda one: one.id)
