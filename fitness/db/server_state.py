"""The state of the database server and of what waits in it, for operators; nothing about a person."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import fetch_all, fetch_one


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


def count_jobs_by_state() -> dict[str, int]:
    """Return the number of all users' jobs by state; those that ended are kept for a day."""
    rows = fetch_all(
        tuple,
        """
        SELECT
            CASE
                WHEN status < 400 THEN 'done'
                WHEN status IS NOT NULL THEN 'failed'
                WHEN lease_id IS NOT NULL AND lease_until > now() THEN 'running'
                ELSE 'waiting'
            END AS state,
            count(*)
        FROM jobs
        GROUP BY state
        """,
    )
    return dict(rows)
