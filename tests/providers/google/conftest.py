"""Google's client and the stand-in."""

import pytest

from tests.providers.google.logins import make_google
from tests.standins.google import GoogleStandIn


@pytest.fixture
def stand_in():
    with GoogleStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def google(stand_in):
    """Google for nobody yet."""
    with make_google(stand_in) as google:
        yield google
