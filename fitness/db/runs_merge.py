"""Runs as their providers tell them now: each field follows the provider until a person changes it."""

from collections.abc import Collection, Sequence

from fitness.db.history import merges
from fitness.db.history.merges import Merge
from fitness.db.runs import NEW_RUNS, RUNS, TOLD, NewRun, arrays_of, values_told


def compare_with_provider(chunk: Sequence[NewRun], *, told: Collection[str] = TOLD) -> list[Merge]:
    """Lock and compare those of the runs that are here and of which the provider says something new."""
    return merges.compare(RUNS, NEW_RUNS, same="o.id = new.id", theirs=values_told(told), **arrays_of(chunk))


def take_from_provider(compared: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Make what the comparison found true: a version of each run that takes something over, and what is in conflict."""
    merges.take(RUNS, compared, changed_by=changed_by, changeset_id=changeset_id)
