"""Connecting people with the stand-in for Strava, the way their browsers go, and syncing."""

import dataclasses
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from fitness.config import Settings
from tests import loopback
from tests.standins.strava import StravaStandIn


def with_strava(settings: Settings, strava: StravaStandIn) -> Settings:
    """Return the settings of a server that has an application at the stand-in."""
    addresses = {f"strava_{name}": address for name, address in strava.addresses.items()}
    return dataclasses.replace(
        settings, strava_client_id=strava.client_id, strava_client_secret=strava.client_secret, **addresses
    )


def ask(client: FlaskClient, headers: dict[str, str]) -> str:
    """Begin to connect, and return the address that the browser is sent to."""
    answer = client.get("/v1/oauth/strava/authorize-url", headers=headers)
    assert answer.json is not None
    return answer.json["url"]


def say_yes(address: str) -> str:
    """Go to Strava, which answers at once for the person; return the path that the browser is sent back to."""
    back = urlsplit(loopback.get(address).headers["location"])
    return f"{back.path}?{back.query}"


def connect(client: FlaskClient, headers: dict[str, str]) -> None:
    """Connect somebody."""
    answer = client.get(say_yes(ask(client, headers)))
    assert answer.location.endswith("/dashboard?connected=strava"), answer.location


def status(client: FlaskClient, headers: dict[str, str], provider: str = "strava") -> dict[str, Any]:
    """Return how a connection stands."""
    answer = client.get(f"/v1/oauth/{provider}/status", headers=headers)
    assert answer.json is not None
    return answer.json


def sync(client: FlaskClient, headers: dict[str, str], **query: bool) -> Any:
    """Sync with Strava."""
    return client.post("/v1/strava/sync", query_string=query, headers=headers)
