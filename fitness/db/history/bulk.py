"""Change or delete many records at once: set-based, as one changeset, which one revert undoes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import execute, fetch_all
from fitness.db.history import bases, changesets, versions
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.errors import invalid_field

MOST_MATCHED = 100_000
"""Largest number of records of a noun that one bulk edit changes."""

Kind = Versioned[Any, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """Records `r` of a noun: `rows` is the SQL of a FROM clause, `condition` that of a WHERE clause.

    `ids` has the ids that were asked for; None if the records were selected by filters.
    """

    kind: Kind
    rows: LiteralString
    condition: LiteralString
    params: Mapping[str, Any]
    ids: tuple[Any, ...] | None = None


def of_ids(kind: Kind, ids: Collection[Any]) -> Selection:
    """Return the selection of the records with these ids."""
    unique = tuple(dict.fromkeys(ids))
    return Selection(kind, kind.sql("{table} AS r"), _among(kind), {"ids": list(unique)}, unique)


@dataclass(frozen=True, slots=True)
class Edited:
    """What a bulk edit did; `changeset_id` None: there was nothing to change.

    `matched` counts the records that were selected, `changed` those with a new version. `not_found` has (noun, id) of
    the ids that do not exist or are deleted.
    """

    changeset_id: int | None
    matched: int
    changed: int
    not_found: list[tuple[str, Any]]


def edit_many(
    selections: Sequence[Selection], updates: Mapping[str, Any] | None, *, actor: str | None, reason: str | None
) -> Edited:
    """Change the given editable columns of all selected records, or delete them if `updates` is None.

    Deleted records are never selected. Records that have the values already get no version. As with a single edit, the
    conflicts of the changed fields are resolved. Raises Invalid if more than MOST_MATCHED records of a noun match, and
    the errors of the nouns' checks.
    """
    changeset_id = changesets.create_changeset("bulk_edit", actor=actor, reason=reason)
    change = Change(actor, reason, changeset_id)
    done = [_edit(selection, updates, change) for selection in selections]
    changed = sum(one.changed for one in done)
    counts = {"deleted" if updates is None else "updated": changed}
    stays = changed > 0 or any(one.resolved for one in done)
    missing = [pair for selection, one in zip(selections, done, strict=True) for pair in _missing(selection, one.ids)]
    return Edited(
        changesets.end_changeset(changeset_id, counts, stays=stays),
        sum(len(one.ids) for one in done),
        changed,
        missing,
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """The ids of the selected records, and how many have a new version, and had conflicts that are resolved."""

    ids: set[Any]
    changed: int
    resolved: int


def _edit(selection: Selection, updates: Mapping[str, Any] | None, change: Change) -> _Done:
    kind = selection.kind
    fields: list[LiteralString] = [name for name in kind.editable if updates is not None and name in updates]
    values = {"new_" + name: updates[name] for name in fields} if updates else {}
    rows = _lock(selection, fields, values)
    if len(rows) > MOST_MATCHED:
        raise invalid_field("filters", f"These filters match more than {MOST_MATCHED:,} records; use narrower ones")
    disputed = [id for id, _, is_disputed in rows if is_disputed]
    _resolve(kind, disputed, fields, change)
    differing = [id for id, differs, _ in rows if differs]
    if differing:
        versions.write_all(kind, _assignments(fields), _among(kind), change, **values, ids=differing)
        kind.check(differing, fields)
    return _Done({id for id, _, _ in rows}, len(differing), len(disputed))


def _lock(
    selection: Selection, fields: Sequence[LiteralString], values: Mapping[str, Any]
) -> list[tuple[Any, bool, bool]]:
    """Lock the selected records; return the id of each, whether it changes, and whether it has conflicts to resolve.

    They are locked in the order of their ids, so that concurrent bulk edits wait for each other and do not deadlock.
    """
    kind = selection.kind
    differs: LiteralString = " OR ".join(["r." + name + " IS DISTINCT FROM %(new_" + name + ")s" for name in fields])
    return fetch_all(
        tuple,
        kind.sql(
            """
            SELECT r.id, {differs}, {disputed}
            FROM {rows}
            WHERE r.user_id = %(user_id)s
              AND r.deleted_at IS NULL
              AND {condition}
            ORDER BY r.id
            LIMIT %(limit)s
            FOR NO KEY UPDATE OF r
            """,
            rows=selection.rows,
            condition=selection.condition,
            differs=differs or "true",
            disputed="coalesce(r.conflicts ?| %(fields)s::text[], false)" if kind.follows_provider else "false",
        ),
        **selection.params,
        **values,
        fields=list(fields),
        limit=MOST_MATCHED + 1,
    )


def _resolve(kind: Kind, ids: Collection[Any], fields: Collection[str], change: Change) -> None:
    """Remove the conflicts of these fields of records; a revert brings them back."""
    with bases.noted(kind, change.changeset_id, {id: list(fields) for id in ids}):
        if ids:
            execute(
                kind.sql(
                    """
                    UPDATE {table} AS r
                    SET conflicts = nullif(r.conflicts - %(fields)s::text[], '{{}}'), updated_at = now()
                    WHERE r.user_id = %(user_id)s
                      AND {among}
                    """,
                    among=_among(kind),
                ),
                ids=list(ids),
                fields=list(fields),
            )


def _assignments(fields: Sequence[LiteralString]) -> LiteralString:
    return ", ".join([name + " = %(new_" + name + ")s" for name in fields]) or "deleted_at = now()"


def _among(kind: Kind) -> LiteralString:
    return kind.sql("r.id IN (SELECT unnest(%(ids)s::{id_type}[]))")


def _missing(selection: Selection, found: Collection[Any]) -> list[tuple[str, Any]]:
    return [(selection.kind.path, id) for id in selection.ids or () if id not in found]
