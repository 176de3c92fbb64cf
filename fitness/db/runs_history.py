"""Documented functions to edit runs and read their versions; the API calls `versions` directly."""

from collections.abc import Collection, Mapping
from typing import Any

from fitness.db.history import reading, versions
from fitness.db.runs import RUNS, Run, RunVersion


def update_run_with_history(
    run_id: str,
    updates: Mapping[str, Any],
    *,
    changed_by: str | None,
    change_reason: str | None = None,
    if_tags: Collection[str] | None = None,
) -> Run:
    """Change the given fields of a run and store its next version; raises the errors of `versions.edit`."""
    change = versions.Change(changed_by, change_reason)
    return versions.edit(RUNS, run_id, updates, change, if_tags=if_tags)


def get_run_history(run_id: str, *, limit: int | None = None, before_version: int | None = None) -> list[RunVersion]:
    """Return the versions of a run, even of a deleted one, newest first; empty if the run does not exist."""
    return reading.get_history(RUNS, run_id, limit=limit, before_version=before_version)


def get_run_version(run_id: str, version_number: int) -> RunVersion | None:
    """Return one version of a run, or None."""
    return reading.get_version(RUNS, run_id, version_number)


def get_latest_version_number(run_id: str) -> int | None:
    """Return the number of the latest version of a run, or None if the run does not exist."""
    return reading.latest_version_number(RUNS, run_id)
