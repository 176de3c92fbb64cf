"""The records of a changeset: what it did to each of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import dropwhile
from typing import Any, LiteralString

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.exercises import EXERCISES
from fitness.db.history import reading
from fitness.db.history.changes import Changes, changes_over
from fitness.db.history.standing import BY_PERSON, JOIN_CHANGESET
from fitness.db.history.versioned import Versioned
from fitness.db.nouns import NOUNS
from fitness.db.paging import Cursor, described
from fitness.errors import NotFound

KINDS: dict[str, Versioned[Any, Any]] = {kind.path: kind for kind in reversed(NOUNS)}
"""Noun → its definition, in the order of the list: records before those that they use."""

WHAT = ("created", "updated", "deleted", "restored")

PREVIEW = "preview"
"""The order that cursors of previews belong to."""


@dataclass
class ChangedRecord:
    """A record of a changeset: what happened to it, and whether a person has edited it since.

    `occurred_at` is when the record took place, or the day it is planned for.
    """

    noun: str
    id: Any
    title: str
    occurred_at: datetime | date | None
    what: str
    changes: Changes
    edited_since: bool


@dataclass(frozen=True, slots=True)
class _Touched:
    """The id of a record of the changeset, and the numbers of the versions that the changeset made of it."""

    id: Any
    numbers: list[int]
    what: str
    edited_since: bool


def list_records(
    changeset_id: int,
    *,
    noun: str | None = None,
    what: str | None = None,
    limit: int = 50,
    after: Cursor | None = None,
    preview: bool = False,
) -> tuple[list[ChangedRecord], Cursor | None]:
    """Return a page of the records of a changeset, by noun and id, and the cursor of the next page.

    `preview`: the changeset will be rolled back. Then the cursor counts records, as a new record may have another id
    the next time. Raises NotFound if there is no such changeset.
    """
    found: list[tuple[Versioned[Any, Any], _Touched]] = []
    kinds = [KINDS[path] for path in _nouns_of(changeset_id) if noun in {None, path}]
    for kind in dropwhile(lambda kind: after is not None and kind.path != after.key, kinds):
        start = after.id if after and after.key == kind.path else None
        room = limit + 1 - len(found)
        found += [(kind, one) for one in _find(kind, changeset_id, what, room, start, preview=preview)]
        if len(found) > limit:
            break
    records = described(found, _described, limit=limit)
    shown = found[: len(records)]
    return records, _following(shown, after, preview=preview) if len(found) > len(shown) else None


def _nouns_of(changeset_id: int) -> list[str]:
    """Return the nouns that a changeset has records of, in the order of the list."""
    nouns = fetch_one(list, _NOUNS, changeset_id=changeset_id)
    if nouns is None:
        raise NotFound("Changeset not found")
    return nouns


_NOUNS: LiteralString = (
    "SELECT array_remove(ARRAY["
    + ", ".join(
        kind.sql(
            """
            CASE WHEN EXISTS (
                SELECT
                FROM {history} AS h
                WHERE h.user_id = %(user_id)s AND h.changeset_id = c.changeset_id
            ) THEN '{path}' END
            """,
            path=kind.path,
        )
        for kind in KINDS.values()
    )
    + """], NULL)
    FROM changesets AS c
    WHERE c.user_id = %(user_id)s
      AND c.changeset_id = %(changeset_id)s
    """
)


def _following(shown: Sequence[tuple[Versioned[Any, Any], _Touched]], after: Cursor | None, *, preview: bool) -> Cursor:
    kind, last = shown[-1]
    if not preview:
        return Cursor(kind.path, str(last.id))
    passed = int(after.id) if after and after.key == kind.path else 0
    return Cursor(kind.path, str(passed + Counter(kind for kind, _ in shown)[kind]))


def _find(
    kind: Versioned[Any, Any], changeset_id: int, what: str | None, limit: int, start: str | None, *, preview: bool
) -> list[_Touched]:
    return fetch_all(
        _Touched,
        _touched(kind, preview=preview, started=start is not None),
        changeset_id=changeset_id,
        what=what,
        limit=limit,
        start=start,
    )


@cache
def _touched(kind: Versioned[Any, Any], *, preview: bool, started: bool) -> LiteralString:
    """Return the statement of a page of a noun's records; the index of the changeset has them in this order."""
    return kind.sql(
        """
        SELECT t.id, t.numbers, seen.what, EXISTS (
            SELECT
            FROM {history} AS h {join_changeset}
            WHERE h.user_id = %(user_id)s AND h.{key} = t.id AND h.version_number > t.numbers[cardinality(t.numbers)]
              AND {by_person}
        ) AS edited_since
        FROM (
            SELECT h.{key} AS id, array_agg(h.version_number ORDER BY h.version_number) AS numbers, {order} AS place
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s
              AND h.changeset_id = %(changeset_id)s
              {beyond}
            GROUP BY h.{key}
            HAVING %(what)s::text IS NULL OR (%(what)s = 'created') = (min(h.version_number) = 1)
        ) AS t
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN t.numbers[1] = 1 THEN 'created'
                WHEN before.change_type = 'deletion' AND after.change_type <> 'deletion' THEN 'restored'
                WHEN before.change_type <> 'deletion' AND after.change_type = 'deletion' THEN 'deleted'
                ELSE 'updated'
            END AS what
            FROM {history} AS after
            LEFT JOIN {history} AS before
              ON before.user_id = %(user_id)s AND before.{key} = t.id AND before.version_number = t.numbers[1] - 1
            WHERE after.user_id = %(user_id)s
              AND after.{key} = t.id
              AND after.version_number = t.numbers[cardinality(t.numbers)]
        ) AS seen
        WHERE (%(what)s::text IS NULL OR seen.what = %(what)s)
        ORDER BY t.place
        LIMIT %(limit)s
        {skipping}
        """,
        join_changeset=JOIN_CHANGESET,
        by_person=BY_PERSON,
        order="min(lower(h.name))" if preview and kind is EXERCISES else "h." + kind.key,
        beyond="AND h." + kind.key + " > %(start)s::" + kind.id_type if started and not preview else "",
        skipping="OFFSET %(start)s::bigint" if started and preview else "",
    )


def _described(found: Sequence[tuple[Versioned[Any, Any], _Touched]]) -> list[ChangedRecord]:
    """Return records with their changes, from one statement for each noun among them."""
    by_kind: dict[Versioned[Any, Any], list[_Touched]] = {}
    for kind, touched in found:
        by_kind.setdefault(kind, []).append(touched)
    return [
        _described_one(kind, touched, of_kind)
        for kind, some in by_kind.items()
        for of_kind in [_versions_of(kind, some)]
        for touched in some
    ]


def _versions_of(kind: Versioned[Any, Any], found: Sequence[_Touched]) -> dict[tuple[Any, int], Any]:
    """Return the versions that the changeset made of these records, and those before, by id and number."""
    wanted = {(one.id, number - step) for one in found for number in one.numbers for step in (0, 1)}
    return {(getattr(row, kind.key), row.version_number): row for row in reading.get_versions(kind, wanted)}


def _described_one(kind: Versioned[Any, Any], one: _Touched, of_kind: dict[tuple[Any, int], Any]) -> ChangedRecord:
    steps = [(of_kind.get((one.id, number - 1)), of_kind[one.id, number]) for number in one.numbers]
    last = steps[-1][1]
    return ChangedRecord(
        kind.path,
        one.id,
        kind.title(last),
        kind.occurred_at(last),
        one.what,
        changes_over(kind, steps),
        one.edited_since,
    )
