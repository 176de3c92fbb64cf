"""What tests of the statistics of runs share: somebody with runs."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.training import (
    Run,
    store_runs,
)


@pytest.fixture
def run_log(owner: psycopg.Connection) -> Callable[..., None]:
    """Store runs of a person instead of those of before."""

    def store(person: Any, runs: list[Run]) -> None:
        with owner.transaction():
            store_runs(owner, person, runs)

    return store


@pytest.fixture
def get(client, alice):
    """Ask for a metric of Alice's."""

    def ask(path, person=alice, **query):
        response = client.get(f"/v1/metrics/{path}", query_string=query or None, headers=person.headers)
        assert response.status_code == 200, response.json
        return response.json

    return ask
