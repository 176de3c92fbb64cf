"""What changed from one version of a record to another, field by field."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from fitness.db.history.versioned import Versioned

Changes: TypeAlias = dict[str, Any]
"""{field: [before, after]} of the fields that differ; `exercise_executions` has the list of `compare_executions`."""

Step = tuple[Any | None, Any | None]
"""A version and the one after it; None where there is none."""


def changes_of(kind: Versioned[Any, Any], before: Any | None, after: Any | None) -> Changes:
    """Return what changed from one version of a record to another.

    Without an earlier version, each field of the later one changed from None. `deleted_at` changes when the record is
    deleted or comes back.
    """
    return changes_over(kind, [(before, after)])


def changes_over(kind: Versioned[Any, Any], steps: Sequence[Step]) -> Changes:
    """Return what several steps changed together, leaving out what others changed between them."""
    changes = {}
    for field in (*kind.snapshot, *kind.parts):
        values = [(_value(before, field), _value(after, field)) for before, after in steps]
        _add(changes, kind, field, [(before, after) for before, after in values if before != after])
    deletions = [(_deleted_at(before), _deleted_at(after)) for before, after in steps]
    _add(changes, kind, "deleted_at", [(before, after) for before, after in deletions if bool(before) != bool(after)])
    return changes


def _add(changes: Changes, kind: Versioned[Any, Any], field: str, differing: Sequence[tuple[Any, Any]]) -> None:
    if differing and (change := kind.change_of(field, differing[0][0], differing[-1][1])):
        changes[field] = change


def _value(version: Any | None, field: str) -> Any:
    return None if version is None else getattr(version, field)


def _deleted_at(version: Any | None) -> Any:
    return version.changed_at if version is not None and version.change_type == "deletion" else None


def with_changes(kind: Versioned[Any, Any], versions: Sequence[Any]) -> list[dict[str, Any]]:
    """Return consecutive versions, newest first, each with its `changes` against the version before.

    The oldest of them is left out, unless it is the first version of the record: what it changed is not known.
    """
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return [
        {**vars(version), "changes": changes_of(kind, before, version)}
        for version, before in pairs
        if before is not None or version.version_number == 1
    ]
