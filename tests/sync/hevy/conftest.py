"""A person connected with the stand-in of Hevy."""

import dataclasses

import pytest

from tests.standins.hevy import HevyStandIn, made_workouts, sample
from tests.sync.hevy.reports import store_key


@pytest.fixture
def connect(app, client, alice):
    """Let a stand-in be Alice's Hevy."""

    def connect_to(hevy):
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], hevy_api_url=hevy.url)
        assert store_key(client, alice).status_code == 200

    return connect_to


@pytest.fixture
def hevy(connect):
    """Alice's Hevy, with the samples in it."""
    with HevyStandIn.of_samples() as stand_in:
        connect(stand_in)
        yield stand_in


@pytest.fixture
def many(connect):
    """Alice's Hevy, with 25 workouts on three pages."""
    with HevyStandIn(made_workouts(25), sample("hevy_exercise_templates.json")["exercise_templates"]) as stand_in:
        connect(stand_in)
        yield stand_in
