"""What an account has stored, and what it may store, see `fitness.db.quotas`."""

from dataclasses import dataclass

from fitness.db import activity_files, activity_points, pool
from fitness.db.connection import columns, fetch_one
from fitness.db.quotas import Usage


@dataclass(frozen=True, slots=True)
class Room:
    """The versions and bytes of an account, and the most that it may have; None: any number.

    Of the bytes, `points_bytes` are those of the points of activities, `files_bytes` those of the files they came in.
    """

    versions: int
    most_versions: int | None
    bytes: int
    most_bytes: int | None
    points_bytes: int
    files_bytes: int


def get_room() -> Room:
    """Return what the transaction's user has stored, and may store."""
    used = (
        fetch_one(Usage, "SELECT " + columns(Usage, "c") + " FROM change_counters AS c WHERE c.user_id = %(user_id)s")
        or Usage()
    )
    quota = pool.quota()
    points, files = activity_points.get_size(), activity_files.get_size()
    return Room(used.versions, quota.versions, used.bytes, quota.bytes, points, files)
