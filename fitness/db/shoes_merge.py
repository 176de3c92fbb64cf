"""Merge two shoes that are one: the runs of one go to the other."""

from fitness.db.history import record_merges, versions
from fitness.db.runs import RUNS
from fitness.db.shoes import SHOES


def merge_shoe(shoe_id: str, into_id: str, change: versions.Change) -> int:
    """Move all runs of one shoe to another and delete the first; return the number of moved runs.

    Every moved run gets a version, even a deleted one; later imports that name the merged shoe use the other one.
    Raises NotFound if one of the two is missing or deleted, Conflict if they are the same.
    """
    record_merges.lock_for_merge(SHOES, shoe_id, into_id)
    moved = versions.write_all(
        RUNS, "shoe_id = %(into_id)s", "r.shoe_id = %(shoe_id)s", change, into_id=into_id, shoe_id=shoe_id
    )
    record_merges.mark_merged(SHOES, shoe_id, into_id, change)
    return len(moved)
