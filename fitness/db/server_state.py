"""The state of the database server and of what waits in it, for operators; nothing about a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.leases import is_held


@dataclass(frozen=True, slots=True)
class ServerState:
    """`size` of the database is in bytes; `started_at` is the last start of the server."""

    size: int
    started_at: datetime


def get_server_state() -> ServerState:
    state = fetch_one(
        ServerState,
        """
        SELECT pg_database_size(current_database()) AS size, pg_postmaster_start_time() AS started_at
        """,
    )
    assert state is not None
    return state


WRITTEN: LiteralString = "SELECT pg_current_wal_flush_lsn()::text"
"""The position in the log up to which it is on the disk, and can be sent to a replica."""
REPLICA_STATE: LiteralString = """
    SELECT pg_is_in_recovery() AS replays,
        greatest(0, pg_wal_lsn_diff(%(log)s::pg_lsn, pg_last_wal_replay_lsn()))::bigint AS bytes_behind,
        CASE
            WHEN pg_last_wal_replay_lsn() >= %(log)s::pg_lsn THEN 0
            ELSE extract(epoch FROM clock_timestamp()
                - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))
        END::float8 AS seconds_behind
    """
"""The state of a replica, compared with a position in the log of the primary.

`seconds_behind` is how long ago the last transaction that it has replayed was committed, 0 if there is none after it.
"""


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """See REPLICA_STATE; `replays` is false for a server that is no replica."""

    replays: bool
    bytes_behind: int | None
    seconds_behind: float | None


def get_position() -> str:
    """Return the position in the log of the database that a replica reaches next, see WRITTEN."""
    position = fetch_one(str, WRITTEN)
    assert position is not None
    return position


def get_replica_state(log: str) -> ReplicaState:
    """Return the state of the server of the bound transaction, compared with a position of the primary."""
    state = fetch_one(ReplicaState, REPLICA_STATE, log=log)
    assert state is not None
    return state


def count_jobs_by_state() -> dict[str, int]:
    """Return the number of all users' jobs by state; those that ended are kept for a day."""
    rows = fetch_all(
        tuple,
        """
        SELECT
            CASE
                WHEN status < 400 THEN 'done'
                WHEN status IS NOT NULL THEN 'failed'
                WHEN lease_id IS NOT NULL AND """
        + is_held("lease_until")
        + """ THEN 'running'
                ELSE 'waiting'
            END AS state,
            count(*)
        FROM jobs
        GROUP BY state
        """,
    )
    return dict(rows)
