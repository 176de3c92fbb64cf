"""Conflicts: fields in which a provider and the person disagree, and decisions between the two values.

The person's value stays until the decision. `deleted_at` is a field too: the provider deleted a record that the person
has edited.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import dropwhile
from typing import Any, LiteralString

from fitness.db import exercises, shoes, workout_parts
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import from_json
from fitness.db.history import bases, changesets, reading, versions
from fitness.db.history.blame import origins_of
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS
from fitness.db.paging import Cursor, described
from fitness.db.workouts_compare import CONTENT
from fitness.errors import NotFound, PreconditionFailed

KINDS = {kind.path: kind for kind in NOUNS if kind.follows_provider}
"""Noun → its definition, of the nouns that follow providers."""

TAKE = ("mine", "theirs")


@dataclass
class FieldConflict:
    """A field of a record with the person's value and the provider's; `yours_at` is when the person set it."""

    noun: str
    id: Any
    title: str
    occurred_at: datetime | date | None
    version: int
    field: str
    yours: Any
    theirs: Any
    yours_at: datetime
    yours_by: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    id: Any
    field: str
    theirs: Any


def list_conflicts(
    *, noun: str | None = None, limit: int = 50, after: Cursor | None = None
) -> tuple[list[FieldConflict], Cursor | None]:
    """Return a page of the conflicts of records that are not deleted, by noun, id and field, and the next cursor."""
    found: list[tuple[Versioned[Any, Any], _Found]] = []
    kinds = [kind for path, kind in KINDS.items() if noun in {None, path}]
    place = after.key.split(" ", 1) if after else []
    for kind in dropwhile(lambda kind: after is not None and kind.path != place[0], kinds):
        start = (place[-1], after.id) if after and kind.path == place[0] else None
        found += [(kind, one) for one in _find(kind, limit + 1 - len(found), start)]
        if len(found) > limit:
            break
    items = described(found, _described, limit=limit)
    if len(items) == len(found):
        return items, None
    kind, last = found[len(items) - 1]
    return items, Cursor(f"{kind.path} {last.field}", str(last.id))


def _find(kind: Versioned[Any, Any], limit: int, start: tuple[str, str] | None) -> list[_Found]:
    return fetch_all(
        _Found,
        kind.sql(
            """
            SELECT r.id, f.field, f.theirs
            FROM {table} AS r
            CROSS JOIN LATERAL jsonb_each(r.conflicts) AS f (field, theirs)
            WHERE r.user_id = %(user_id)s
              AND r.deleted_at IS NULL
              AND r.conflicts IS NOT NULL
              AND (%(start_id)s::{id_type} IS NULL OR (r.id, f.field) > (%(start_id)s, %(start_field)s))
            ORDER BY r.id, f.field
            LIMIT %(limit)s
            """
        ),
        limit=limit,
        start_field=start and start[0],
        start_id=start and start[1],
    )


def _described(found: Sequence[tuple[Versioned[Any, Any], _Found]]) -> list[FieldConflict]:
    """Return conflicts with the person's values, from one statement for each noun among them."""
    by_kind: dict[Versioned[Any, Any], list[_Found]] = defaultdict(list)
    for kind, one in found:
        by_kind[kind].append(one)
    return [
        _conflict(kind, one, histories[one.id])
        for kind, some in by_kind.items()
        for histories in [_histories(kind, {one.id for one in some})]
        for one in some
    ]


def _histories(kind: Versioned[Any, Any], ids: Collection[Any]) -> dict[Any, list[Any]]:
    """Return the versions of each of these records, oldest first."""
    histories: dict[Any, list[Any]] = defaultdict(list)
    for version in reading.get_histories(kind, ids):
        histories[getattr(version, kind.key)].append(version)
    return histories


def _conflict(kind: Versioned[Any, Any], one: _Found, history: Sequence[Any]) -> FieldConflict:
    newest = history[-1]
    origin = newest if one.field == "deleted_at" else origins_of([one.field], history)[one.field]
    return FieldConflict(
        kind.path,
        one.id,
        kind.title(newest),
        kind.occurred_at(newest),
        newest.version_number,
        one.field,
        getattr(newest, one.field, None),
        from_json(kind.row, one.field, one.theirs),
        origin.changed_at,
        origin.changed_by,
    )


def count_conflicts() -> int:
    """Return the number of fields in conflict, of records that are not deleted."""
    return sum(fetch_one(int, kind.sql(_COUNT)) or 0 for kind in KINDS.values())


_COUNT: LiteralString = """
    SELECT coalesce(sum((SELECT count(*) FROM jsonb_object_keys(r.conflicts))), 0)::bigint
    FROM {table} AS r
    WHERE r.user_id = %(user_id)s
      AND r.deleted_at IS NULL
      AND r.conflicts IS NOT NULL
"""


def decide(
    kind: Versioned[Any, Any],
    id: Any,
    field: str,
    *,
    take: str,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> tuple[Any, int]:
    """Keep the person's value of a field in conflict (`mine`), or store the provider's (`theirs`).

    Returns the record and the changeset; a revert of that brings the conflict back. Either is a version, which says who
    decided. The provider's value of `deleted_at` deletes the record. Raises NotFound if the record is missing or
    deleted, or has no such conflict, PreconditionFailed like `versions.edit`, and the errors of the noun's check.
    """
    reason = f"{field} of the provider {'refused' if take == 'mine' else 'taken'}"
    changeset_id = changesets.create_changeset("decision", actor=changed_by, reason=reason)
    change = Change(changed_by, reason, changeset_id)
    theirs = from_json(kind.row, field, _lock(kind, id, field, if_tags))
    with bases.noted(kind, changeset_id, {id: [field]}):
        if take == "mine":
            record = versions.write(kind, id, [_RESOLVED, _SEEN], change, values={"resolved": field})
        else:
            record = _take(kind, id, field, theirs, change)
    changesets.set_counts(changeset_id, {"kept" if take == "mine" else "updated": 1})
    return record, changeset_id


def _take(kind: Versioned[Any, Any], id: Any, field: str, theirs: Any, change: Change) -> Any:
    """Store the provider's value of a field in conflict; return the record."""
    theirs = made_ready(field, theirs, change)

    def write_parts(record: Any) -> None:
        if field == CONTENT:
            workout_parts.replace_all({record.id: theirs})
        kind.use_live([record.id], change)

    record = versions.write(
        kind,
        id,
        [_RESOLVED, *_assigned(kind, field)],
        change,
        values={"resolved": field, field: theirs},
        write_parts=write_parts,
        reread=True,
    )
    kind.check([id], [field])
    return record


_RESOLVED: LiteralString = "conflicts = nullif(r.conflicts - %(resolved)s::text, '{}')"
_SEEN: LiteralString = """
    provider_values = r.provider_values || CASE
        WHEN %(resolved)s::text = 'deleted_at' THEN jsonb_set('{}', '{deleted_at}', r.conflicts -> 'deleted_at')
        ELSE '{}'
    END
"""
"""Remembers a delete by the provider, so that the next sync does not report it again; other values are known."""


def _assigned(kind: Versioned[Any, Any], field: str) -> list[LiteralString]:
    if field == "deleted_at":
        return ["deleted_at = now()"]
    return [name + " = %(" + name + ")s" for name in kind.editable if name == field]


def _lock(kind: Versioned[Any, Any], id: Any, field: str, if_tags: Collection[str] | None) -> Any:
    """Lock a record, and return the provider's value of a field in conflict, as JSON."""
    rows: list[dict[str, Any]] = fetch_all(
        dict,
        kind.sql(
            """
            SELECT {tag} AS tag, coalesce(r.conflicts, '{{}}') AS conflicts
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
              AND r.deleted_at IS NULL
            FOR UPDATE
            """
        ),
        record_id=id,
    )
    if not rows:
        raise NotFound(f"{kind.noun} not found")
    tag, conflicts = rows[0]["tag"], rows[0]["conflicts"]
    if if_tags is not None and tag not in if_tags:
        raise PreconditionFailed(tag)
    if field not in conflicts:
        raise NotFound("Conflict not found")
    return conflicts[field]


def made_ready(field: str, theirs: Any, change: Change) -> Any:
    """Return a provider's value as it can be stored: the shoe or exercises that it names are made if they are missing.

    Imports make them only for the values that they store. A missing shoe gets the name that its id was made from, as
    far as the id shows it.
    """
    by: dict[str, Any] = {"changed_by": change.changed_by, "changeset_id": change.changeset_id}
    if theirs is None:
        return None
    if field == "shoe_id":
        name = theirs.replace("_", " ").title()
        return shoes.bulk_create_shoes_by_names([name], **by)[name]
    if field == CONTENT:
        names = {one["exercise_name"] for one in theirs if one["exercise_id"] is None}
        _, ids = exercises.use_exercises([], names, **by)
        return [{**one, "exercise_id": one["exercise_id"] or str(ids[one["exercise_name"]])} for one in theirs]
    return theirs
