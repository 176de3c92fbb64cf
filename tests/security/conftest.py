"""A server for all tests of a file, on a database of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.full_account import full
from tests.processes import Command, wait_less
from tests.security.wire import Wire
from tests.server.serving import Served, environment, free_port

__all__ = ["full"]


@pytest.fixture(scope="module")
def server_database(admin: psycopg.Connection) -> Iterator[str]:
    with databases.Clone(admin, "served") as clone:
        yield clone.url


@pytest.fixture(scope="module")
def served(server_database: str) -> Iterator[Served]:
    """A running server with one worker of four threads."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        served = Served(None, free_port(), Path(name, "server.log"))  # type: ignore[arg-type]
        settings = {"DATABASE_URL": server_database, "PORT": str(served.port), "THREADS": "4"}
        environ = {**environment(Path(name, "data")), **settings}
        served.process = Command("serve", environ=environ, out=served.log, group=True, first=wait_less)
        served.wait_until_it_serves()
        yield served
        served.stop()


@pytest.fixture(scope="module")
def wire(served: Served) -> Wire:
    """Requests to the server, byte by byte."""
    return Wire(served.port)
