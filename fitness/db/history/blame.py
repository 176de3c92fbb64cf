"""Blame: which version put each value of a record there, and whose it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from fitness.db.connection import fetch_all
from fitness.db.history import reading
from fitness.db.history.versioned import Versioned
from fitness.db.workout_blame import blame_executions

EXECUTIONS = "exercise_executions"


@dataclass(frozen=True, slots=True)
class Origin:
    """A value, and the version that put it there; `provider` is the one whose import or sync made that version."""

    value: Any
    version: int
    changed_by: str | None
    provider: str | None
    changed_at: datetime
    change_reason: str | None
    changeset_id: int | None


def get_blame(kind: Versioned[Any, Any], id: Any) -> dict[str, Any] | None:
    """Return {version, fields: {field: Origin}} of a record, even of a deleted one; None if it does not exist.

    Workouts also have `exercise_executions`: [{exercise_id, exercise_name, fields, sets: [{id, set_index, fields}]}].
    """
    history = reading.get_history(kind, id)[::-1]
    if not history:
        return None
    newest = history[-1]
    providers = _providers({version.changeset_id for version in history})

    def origins(values: Any, by_field: dict[str, Any]) -> dict[str, Origin]:
        return {name: _origin(values[name], version, providers) for name, version in by_field.items()}

    fields = [name for name in (*kind.snapshot, *kind.parts) if name != EXECUTIONS]
    blame = {
        "version": newest.version_number,
        "fields": origins(
            {**vars(newest), "deleted_at": newest.changed_at}, origins_of(fields, history) | _deletion(history)
        ),
    }
    if EXECUTIONS in kind.parts:
        blame[EXECUTIONS] = [
            {
                "exercise_id": one.execution["exercise_id"],
                "exercise_name": one.execution["exercise_name"],
                "fields": origins(one.execution, one.origins),
                "sets": [
                    {
                        "id": a_set.set["id"],
                        "set_index": a_set.set["set_index"],
                        "fields": origins(a_set.set, a_set.origins),
                    }
                    for a_set in one.sets
                ],
            }
            for one in blame_executions(history)
        ]
    return blame


def origins_of(fields: Collection[str], history: Sequence[Any]) -> dict[str, Any]:
    """Return the version that put the newest value of each field there; `history` is oldest first."""
    origins = dict.fromkeys(fields, history[0])
    for before, after in pairwise(history):
        origins |= {name: after for name in fields if getattr(before, name) != getattr(after, name)}
    return origins


def _deletion(history: Sequence[Any]) -> dict[str, Any]:
    """Return the version that deleted a record as the origin of `deleted_at`, if the record is deleted."""
    deletion = None
    for version in history:
        deletion = (deletion or version) if version.change_type == "deletion" else None
    return {"deleted_at": deletion} if deletion else {}


def _origin(value: Any, version: Any, providers: dict[int, str | None]) -> Origin:
    return Origin(
        value,
        version.version_number,
        version.changed_by,
        providers.get(version.changeset_id),
        version.changed_at,
        version.change_reason,
        version.changeset_id,
    )


def _providers(changeset_ids: Collection[int | None]) -> dict[int, str | None]:
    """Return {changeset: source} of those that are imports or syncs."""
    ids = [changeset_id for changeset_id in changeset_ids if changeset_id is not None]
    if not ids:
        return {}
    return dict(
        fetch_all(
            tuple,
            """
            SELECT changeset_id, source
            FROM changesets
            WHERE user_id = %(user_id)s
              AND changeset_id = ANY(%(ids)s)
              AND kind IN ('import', 'sync')
            """,
            ids=ids,
        )
    )
