"""Hevy's client and the stand-in."""

import pytest

from fitness.providers.hevy.client import Hevy
from tests.standins.hevy import KEY, HevyStandIn, made_workouts


@pytest.fixture
def stand_in():
    with HevyStandIn.of_samples() as stand_in:
        yield stand_in


@pytest.fixture
def hevy(stand_in):
    with Hevy(stand_in.url, KEY) as hevy:
        yield hevy


@pytest.fixture
def long_list():
    with HevyStandIn(made_workouts(35)) as stand_in:
        yield stand_in
