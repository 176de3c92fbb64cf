"""Workouts sent by a person."""

import pytest

from tests.api.workouts.bodies import strength


@pytest.fixture
def send(client):
    """Send a workout; return the answer."""

    def send(person, workout):
        return client.post("/v1/workouts", json=workout, headers=person.headers)

    return send


@pytest.fixture
def stored(client, send):
    """Store a workout, and return it as it is read."""

    def stored(person, **fields):
        answer = send(person, strength(**fields))
        assert answer.status_code == 201, answer.json
        return client.get(answer.headers["Location"], headers=person.headers).json

    return stored
