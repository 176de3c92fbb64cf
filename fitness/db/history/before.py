"""What records were before a changeset, without what was undone before: reverts may come in any order.

The version before one that a changeset made may have values of another changeset that is reverted by now; they stayed
because this one had changed them since. Each field goes back to the value that stands.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from fitness.db.connection import fetch_all
from fitness.db.history.standing import JOIN_CHANGESET, REMAINS
from fitness.db.history.versioned import Versioned

Kind = Versioned[Any, Any]
Json = Mapping[str, Any]

_IS_DELETION = "is_deletion"


class _Version(NamedTuple):
    """A version of a record, as JSON; `remains`: what it changed is not undone."""

    number: int
    values: Json
    remains: bool


def list_before(kind: Kind, ids: Collection[Any], changeset_id: int) -> dict[Any, dict[str, Any]]:
    """Return {record id: fields of the version before the newest one of a changeset, as JSON, as they would be}.

    Those are the records of which other versions are undone. `version_number` is that of the parts.
    """
    rows = fetch_all(tuple, kind.sql(_VERSIONS, **_OF), ids=list(ids), reverted_id=changeset_id) if ids else []
    histories: dict[Any, list[_Version]] = defaultdict(list)
    for id, number, values, remains in rows:
        is_deletion = {_IS_DELETION: values["change_type"] == "deletion"}
        histories[id].append(_Version(number, values | is_deletion, remains))
    own = {id: _own(history, changeset_id) for id, history in histories.items()}
    return {id: _before(kind, histories[id], places) for id, places in own.items() if places}


def _own(history: Sequence[_Version], changeset_id: int) -> list[int]:
    """Return the places of the versions of a changeset that have one before them."""
    return [place for place, one in enumerate(history) if place and one.values["changeset_id"] == changeset_id]


def _before(kind: Kind, history: Sequence[_Version], own: Sequence[int]) -> dict[str, Any]:
    alone = [(name,) for name in (*kind.editable, *kind.snapshot_only) if name not in kind.together]
    before: dict[str, Any] = {}
    for names in (kind.together, *alone, tuple(kind.parts)):
        version = _version_before(history, names, own)
        before |= {name: version.values[name] for name in names}
        if kind.parts and names == tuple(kind.parts):
            before["version_number"] = version.number
    before["change_type"] = _version_before(history, [_IS_DELETION], own).values["change_type"]
    return before


def _version_before(history: Sequence[_Version], names: Collection[str], own: Sequence[int]) -> _Version:
    """Return the version with the values of fields before its `own` ones: the newest that changed them and remains.

    If these have not changed them, it is the newest of these.
    """
    if not any(_changes(history, place, names) for place in own):
        return history[own[-1]]
    remaining = (place for place in reversed(range(1, own[-1])) if history[place].remains)
    return history[next((place for place in remaining if _changes(history, place, names)), 0)]


def _changes(history: Sequence[_Version], place: int, names: Collection[str]) -> bool:
    return any(history[place].values[name] != history[place - 1].values[name] for name in names)


_VERSIONS: LiteralString = """
    SELECT h.{key}, h.version_number, to_jsonb(h), {remains}
    FROM {history} AS h {join_changeset}
    WHERE h.user_id = %(user_id)s
      AND h.{key} IN (
        SELECT t.id
        FROM unnest(%(ids)s::{id_type}[]) AS t (id)
        WHERE EXISTS (
            SELECT
            FROM changesets AS c
            WHERE c.user_id = %(user_id)s
              AND ((c.reverted_by IS NOT NULL AND c.changeset_id <> %(reverted_id)s) OR c.kind = 'rewind')
        )
          AND EXISTS (
            SELECT
            FROM {history} AS h {join_changeset}
            WHERE h.user_id = %(user_id)s AND h.{key} = t.id AND h.version_number > 1
              AND (h.changeset_id = %(reverted_id)s) IS NOT TRUE AND NOT ({remains})
        )
      )
    ORDER BY h.{key}, h.version_number
"""
_OF: dict[str, LiteralString] = {"join_changeset": JOIN_CHANGESET, "remains": REMAINS}
