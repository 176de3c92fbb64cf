"""What an account has stored, and what it may store, see `fitness.db.quotas`."""

from dataclasses import dataclass
from typing import LiteralString

from fitness.db import activity_files, activity_points, pool
from fitness.db.connection import fetch_one
from fitness.db.drop_files import sum_stored
from fitness.db.fields import columns
from fitness.db.quotas import Usage, megabytes
from fitness.errors import QuotaExceeded


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
    used, quota = _get_usage(), pool.quota()
    points, files = activity_points.get_size(), activity_files.get_size()
    return Room(used.versions, quota.versions, used.bytes, quota.bytes, points, files)


def _get_usage() -> Usage:
    counted: LiteralString = (
        "SELECT " + columns(Usage, "c") + " FROM change_counters AS c WHERE c.user_id = %(user_id)s"
    )
    return fetch_one(Usage, counted) or Usage()


def require_room(size: int) -> None:
    """Raise QuotaExceeded if so many bytes of files to import do not fit beside what the transaction's user has."""
    most = pool.quota().bytes
    if most is None:
        return
    used = _get_usage().bytes + sum_stored()
    if used + size > most:
        raise QuotaExceeded(
            f"Nothing was stored: this account has {megabytes(used)} of {megabytes(most)} MB, with its unfinished"
            f" imports, and this would add {megabytes(size)} MB. Finish or delete an import, or ask the operator of"
            " this server to raise QUOTA_MB."
        )
