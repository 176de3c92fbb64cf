"""People at a started server."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from tests.server.serving import Served, wait_for

PASSWORD = "a long pass phrase"


def sign_up(served: Served) -> tuple[str, dict[str, str]]:
    """Return the e-mail address of a new person, and the headers of their requests."""
    email = f"{uuid4()}@example.com"
    answer = served.post("/v1/auth/signup", {"email": email, "name": "Ada", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return email, {"Authorization": f"Bearer {answer.json()['access_token']}"}


@contextmanager
def nobody_writes(owner: psycopg.Connection, table: str = "runs") -> Iterator[None]:
    """Let whoever writes to a table wait until the end of the block."""
    with owner.transaction():
        owner.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        yield


def waiting(database_url: str) -> list[int]:
    """Return the processes of the database that wait for a lock."""
    with psycopg.connect(database_url, autocommit=True) as looking:
        rows = looking.execute(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0
            """
        ).fetchall()
    return [pid for (pid,) in rows]


def wait_until_blocked(database_url: str, count: int = 1) -> list[int]:
    """Wait until so many processes wait for a lock, and return them."""
    wait_for(lambda: len(waiting(database_url)) >= count)
    return waiting(database_url)
