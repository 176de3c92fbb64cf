"""Workouts of generated training, stored for a person."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.training import Workout, store_workouts


@pytest.fixture
def log(owner: psycopg.Connection) -> Callable[..., None]:
    """Store workouts of a person instead of those of before."""

    def store(person: Any, workouts: list[Workout]) -> None:
        with owner.transaction():
            store_workouts(owner, person, workouts)

    return store
