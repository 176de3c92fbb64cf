"""With a streaming replica: reads run there, nobody reads less than they wrote, and without it all goes on."""

import dataclasses
import logging
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import psycopg
import pytest

from fitness.config import Settings
from fitness.db import pool
from tests import databases
from tests.standins.replica import Pair, primary_and_replica

RUN = {"datetime_utc": "2025-03-01T07:00:00Z", "type": "Outdoor Run", "distance": 5.0, "duration": 1800}
POSITION = "X-Log-Position"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with primary_and_replica() as pair:
        yield pair


@pytest.fixture
def name(pair: Pair) -> str:
    """The name of this test's database, on both servers."""
    return pair.make_database()


@pytest.fixture
def database_url(pair: Pair, name: str) -> Iterator[str]:
    """The database on the primary. Whatever a test does to the replica, it replays again afterwards."""
    yield pair.primary.url(name, databases.ROLE)
    pair.replica.start()
    pair.catch_up()


@pytest.fixture
def settings(settings: Settings, pair: Pair, name: str) -> Settings:
    return dataclasses.replace(settings, database_replica_url=pair.replica.url(name, databases.ROLE))


@pytest.fixture
def write(client, alice) -> Callable[..., str]:
    """Let Alice add a run, and return the position that the answer shows."""

    def write(**fields: Any) -> str:
        made = client.post("/v1/runs", json=RUN | fields, headers=alice.headers)
        assert made.status_code == 201
        return made.headers[POSITION]

    return write


@pytest.fixture
def aside(owner) -> Callable[[float], None]:
    """Give all runs a distance behind the back of the program, which the counter of writes does not count."""

    def aside(distance: float) -> None:
        owner.execute("UPDATE runs SET distance = %s", [distance])

    return aside


def distances(answer: Any) -> list[float]:
    assert answer.status_code == 200
    return [run["distance"] for run in answer.json["items"]]


def test_reads_that_show_a_position_run_on_the_replica(client, alice, pair, write, aside):
    position = write()
    pair.catch_up()
    pair.pause()
    aside(9.0)

    shown = client.get("/v1/runs", headers={**alice.headers, POSITION: position})
    by_cookie = client.get("/v1/runs", headers=alice.headers)
    client.delete_cookie("fitness_position", path="/v1")
    silent = client.get("/v1/runs", headers=alice.headers)

    assert [distances(one) for one in (shown, by_cookie, silent)] == [[5.0], [5.0], [9.0]]
