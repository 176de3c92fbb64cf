"""Logs of people of their own, in one database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fitness.db import connection, users
from tests.sync.one_run import Log, on_day, said_by_all


@pytest.fixture(scope="session")
def whole_files() -> dict[str, tuple[str, list[Any]]]:
    """What each file or answer says, {its name: (source, records)}."""
    return said_by_all()


@pytest.fixture(scope="session")
def said(whole_files: Any) -> dict[str, tuple[str, list[Any]]]:
    """What each says of the one run."""
    found = {name: (source, on_day(records, "2025-11-02")) for name, (source, records) in whole_files.items()}
    assert all(len(records) == 1 for _, records in found.values()), found
    return found


@pytest.fixture
def logs(app: Any, said: Any) -> Callable[..., Log]:
    """Make logs of people of their own, in one database."""
    numbers: Iterator[int] = iter(range(10_000))

    def make(said: Any = said) -> Log:
        name = f"ada{next(numbers)}"
        with connection.system_transaction():
            user = users.create_user(email=f"{name}@example.com", name=name, hashed_password=None, username=name)
        return Log(user.user_id, said)

    return make
