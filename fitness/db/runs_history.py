"""Edits of runs and their versions, in the calls that are documented; requests call `versions` themselves."""

from collections.abc import Collection, Mapping
from typing import Any

from fitness.db.history import versions
from fitness.db.runs import RUNS, Run, RunVersion


def update_run_with_history(
    run_id: str,
    updates: Mapping[str, Any],
    *,
    changed_by: str | None,
    change_reason: str | None = None,
    if_tags: Collection[str] | None = None,
) -> Run:
    """Change the given fields of a run and keep the result as its next version; raises as `versions.edit` does."""
    change = versions.Change(changed_by, change_reason)
    return versions.edit(RUNS, run_id, updates, change, if_tags=if_tags)


def get_run_history(run_id: str, *, limit: int | None = None, before_version: int | None = None) -> list[RunVersion]:
    """Return a run's versions, newest first, also those of a deleted run; empty when there is no such run."""
    return versions.get_history(RUNS, run_id, limit=limit, before_version=before_version)


def get_run_version(run_id: str, version_number: int) -> RunVersion | None:
    """Return one version of a run, or None."""
    return versions.get_version(RUNS, run_id, version_number)


def get_latest_version_number(run_id: str) -> int | None:
    """Return the number of a run's newest version, or None when there is no such run."""
    return versions.latest_version_number(RUNS, run_id)
