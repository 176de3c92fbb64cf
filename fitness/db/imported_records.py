"""All records that came from one source."""

from typing import Any

from fitness.db.history import versions
from fitness.db.history.changesets import create_changeset, end_changeset
from fitness.db.history.provider_deletes import may_have
from fitness.db.history.standing import is_said
from fitness.db.history.versioned import Versioned
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS


def delete_imported(source: str, *, actor: str | None) -> int | None:
    """Delete the runs and workouts of a source as one changeset; return its number, None if there are none.

    Those that another source has, too, stay, and those that only another account there than the connected one may have.
    """
    changeset_id = create_changeset("bulk_edit", source=source, actor=actor, reason=f"{source} disconnected")
    change = versions.Change(actor, f"{source} disconnected", changeset_id)
    deleted = _delete(RUNS, source, change) + _delete(WORKOUTS, source, change)
    return end_changeset(changeset_id, {"deleted": deleted}, stays=deleted > 0)


def _delete(kind: Versioned[Any, Any], source: str, change: versions.Change) -> int:
    elsewhere = is_said(kind, "r.id", "a.source <> %(source)s")
    of_source = "r.source = %(source)s AND r.deleted_at IS NULL AND NOT " + elsewhere + " AND " + may_have(kind)
    return len(versions.write_all(kind, "deleted_at = now()", of_source, change, source=source))
