"""Strava's client and the stand-in."""

import pytest

from tests.providers.strava.calls import NOON, client_of
from tests.standins.strava import StravaStandIn


@pytest.fixture
def stand_in():
    with StravaStandIn(now=lambda: NOON) as standing:
        yield standing


@pytest.fixture
def strava(stand_in):
    """A client of one who has just connected."""
    with client_of(stand_in, access_token=stand_in.connect()[0]) as connected:
        yield connected
