"""Connections to the database that are lost: a request that has sent nothing takes another, any other answers 503.

Before: after a backend was killed, each pooled connection failed once, with a 500.
"""

import gc
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from fitness.db import connection, pool
from tests.security.people import nobody_writes, wait_until_blocked

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
AT_ONCE = 3


@pytest.fixture
def pooled(app, alice):
    """Let the pool hold several connections."""
    together = threading.Barrier(AT_ONCE)

    def hold(_):
        with connection.transaction(alice.user_id):
            together.wait()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(hold, range(AT_ONCE)))


def end_by_the_server(owner):
    """End them as an administrator does, or the server when it shuts down."""
    return owner.execute(
        """
        SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        """
    ).fetchone()[0]


def cut_the_wire(_):
    """End them as a crash of the server does, or of the network: without a word."""
    idle = pool._require_pool().connections._pool
    for one in list(idle):
        with socket.socket(fileno=os.dup(one.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
    return len(idle)


@pytest.mark.parametrize("end", [end_by_the_server, cut_the_wire])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_lost_connection_in_the_pool_is_replaced(client, owner, alice, pooled, end, method):
    assert end(owner) >= AT_ONCE

    answers = [
        client.open("/v1/runs", method=method, headers=alice.headers, json=RUN if method == "POST" else None)
        for _ in range(AT_ONCE + 1)
    ]

    assert {answer.status_code for answer in answers} == {200 if method == "GET" else 201}


@pytest.mark.parametrize("end", ["by the server", "without a word"])
def test_a_connection_that_is_lost_in_the_middle_is_one_503(app, owner, database_url, alice, end):
    locking = psycopg.connect(database_url, autocommit=True)
    with locking, ThreadPoolExecutor(1) as threads, nobody_writes(locking):
        asked = threads.submit(lambda: app.test_client().post("/v1/runs", json=RUN, headers=alice.headers))
        (process,) = wait_until_blocked(database_url)
        if end == "by the server":
            owner.execute("SELECT pg_terminate_backend(%s, 10000)", [process])
        else:
            cut_one(process)
        answer = asked.result()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json == {"detail": "The database is busy or cannot be reached"}
    assert app.test_client().post("/v1/runs", json=RUN, headers=alice.headers).status_code == 201


def cut_one(process):
    """Cut the connection of this process that a transaction holds."""
    (held,) = [
        one
        for one in gc.get_objects()
        if isinstance(one, psycopg.Connection) and not one.closed and one.info.backend_pid == process
    ]
    with socket.socket(fileno=os.dup(held.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
