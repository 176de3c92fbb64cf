"""Reverts and rewinds, as people ask for them: records follow the files that they were read from as well."""

from datetime import datetime

from fitness.db.history import rewinds, undo
from fitness.db.history.undo import Reverted, Undone
from fitness.sync import files_without_sport


def revert_changeset(changeset_id: int, *, actor: str | None, force: bool = False) -> Reverted:
    """Take back what a changeset changed, see `undo.revert_changeset`."""
    return undo.revert_changeset(changeset_id, actor=actor, force=force, follow=files_without_sport.follow)


def rewind(to: datetime, *, actor: str | None) -> Undone:
    """Put every record back to its last version at an instant, see `rewinds.rewind`."""
    return rewinds.rewind(to, actor=actor, follow=files_without_sport.follow)
