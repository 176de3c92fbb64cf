"""Quotas: how many versions an account may store, and how many bytes they may have.

Every version counts, whether a record is new, edited or restored; bytes are those of the versions as text, of the
points of activities and of the files they came in. The counts stand in `change_counters`, and grow in the same message
as COMMIT, see `fitness.db.writes`: a constraint there rolls back the transaction that exceeds a quota, whatever it
stored. Only what adds something is refused: deleting works above a quota, too.
"""

from dataclasses import dataclass
from typing import LiteralString

import psycopg

from fitness.db.constraints import name_of
from fitness.errors import QuotaExceeded

MEGABYTE = 1024**2

_VERSIONS, _BYTES = "change_counters_versions_quota", "change_counters_bytes_quota"
"""The constraints."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The most versions and bytes of an account; None: any number."""

    versions: int | None = None
    bytes: int | None = None


UNLIMITED = Quota()


@dataclass(slots=True)
class Usage:
    """How many versions, with how many bytes: of an account, or what a transaction adds."""

    versions: int = 0
    bytes: int = 0


GET_USAGE: LiteralString = "SELECT versions, bytes FROM change_counters WHERE user_id = %(user_id)s"


def is_exceeded(error: psycopg.errors.CheckViolation) -> bool:
    """Return whether the error is that of a quota."""
    return name_of(error) in {_VERSIONS, _BYTES}


def exceeded(error: psycopg.errors.CheckViolation, quota: Quota, used: Usage, added: Usage) -> QuotaExceeded:
    """Return the error for the client, from that of the database."""
    if name_of(error) == _VERSIONS:
        has = f"{used.versions:,} of {quota.versions:,} versions"
        adds, setting = f"{added.versions:,} more", "QUOTA_VERSIONS"
    else:
        has = f"{_megabytes(used.bytes)} of {_megabytes(quota.bytes or 0)} MB"
        adds, setting = f"{_megabytes(added.bytes)} MB more", "QUOTA_MB"
    return QuotaExceeded(
        f"Nothing was stored: this account has {has}, and this would add {adds}. You can still read, export and delete."
        f" To store more, ask the operator of this server to raise {setting}: every edit is kept as a version, also of"
        " what is deleted."
    )


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.2f}"
