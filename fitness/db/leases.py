"""Leases of work that one process at a time does for all. Not user data: use a system transaction.

A lease is a row, not a lock of a session, so that it holds behind a pooler of connections, too.
"""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from fitness.db.connection import execute

LEASE_SECONDS = 60
LONGEST_LEASE = timedelta(hours=1)
"""No lease is longer: one that ends later was taken while the clock was ahead, by somebody who may be dead."""


def is_held(
    lease_until: LiteralString, now: LiteralString = "now()", latest: LiteralString = "now() + interval '1 hour'"
) -> LiteralString:
    """Return the SQL condition that a lease has not ended at `now`, nor ends after the `latest`, see LONGEST_LEASE."""
    return f"({lease_until} > {now} AND {lease_until} <= {latest})"


def take_lease(name: str, lease_id: UUID) -> bool:
    """Take or renew a lease; return False if another process has it."""
    return (
        execute(
            """
            INSERT INTO leases AS l (name, lease_id, lease_until)
            VALUES (%(name)s, %(lease_id)s, now() + make_interval(secs => %(seconds)s))
            ON CONFLICT (name) DO UPDATE
            SET lease_id = excluded.lease_id, lease_until = excluded.lease_until
            WHERE l.lease_id = excluded.lease_id OR NOT """
            + is_held("l.lease_until"),
            name=name,
            lease_id=lease_id,
            seconds=LEASE_SECONDS,
        )
        > 0
    )


def end_lease(name: str, lease_id: UUID) -> None:
    """Give a lease up, if it is still held."""
    execute("DELETE FROM leases WHERE name = %(name)s AND lease_id = %(lease_id)s", name=name, lease_id=lease_id)
