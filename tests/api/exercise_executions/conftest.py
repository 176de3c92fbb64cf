"""A workout in progress of Alice's."""

import pytest

from tests.api.exercise_executions.changes import live_of


@pytest.fixture
def live(client, alice):
    return live_of(client, alice)
