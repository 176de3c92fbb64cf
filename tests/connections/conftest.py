"""Connections with the stand-ins of Strava and Hevy."""

import pytest

from fitness.connections.encryption import Cipher
from fitness.providers.strava.client import Strava
from tests.connecting import with_strava
from tests.connections.states import change_settings
from tests.standins.hevy import HevyStandIn


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


@pytest.fixture(autouse=True)
def no_wait_for_codes(monkeypatch):
    """A fresh code that was refused is tried again at once."""
    monkeypatch.setitem(Strava.__init__.__kwdefaults__, "code_wait", 0)


@pytest.fixture
def hevy(app, monkeypatch):
    """Hevy on loopback, where the server looks for it."""
    with HevyStandIn.of_samples() as stand_in:
        change_settings(app, monkeypatch, hevy_api_url=stand_in.url)
        yield stand_in


@pytest.fixture
def stored(owner, settings):
    """Return the secrets stored of somebody, decrypted: the access and the refresh token."""

    def read(person, provider="strava"):
        row = owner.execute(
            "SELECT access_token, refresh_token FROM oauth_credentials WHERE user_id = %s AND provider = %s",
            [person.user_id, provider],
        ).fetchone()
        return row and [secret and Cipher(settings.encryption_keys).decrypt(secret) for secret in row]

    return read
