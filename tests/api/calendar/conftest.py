"""Alice is connected with Google Calendar."""

import dataclasses

import pytest

from tests.google_browser import connect


@pytest.fixture
def settings(settings, google):
    return dataclasses.replace(settings, **google.settings)


@pytest.fixture
def alice(client, alice):
    """Alice, with her calendar connected."""
    connect(client, alice.headers)
    return alice
