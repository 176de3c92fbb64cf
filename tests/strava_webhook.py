"""Strava's webhook: a subscription, somebody who is connected, and events as Strava sends them."""

import secrets
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fitness.config import Settings
from fitness.connections.encryption import digest
from fitness.db.connection import system_transaction
from fitness.db.webhook_subscriptions import Subscription, set_subscription
from fitness.sync import background
from tests.connecting import connect, with_strava
from tests.standins.strava import ATHLETE_ID, StravaStandIn

SUBSCRIPTION = 298_811
SECRET = secrets.token_urlsafe(32)
WEBHOOK = f"/v1/strava/webhook/{SECRET}"


@pytest.fixture
def settings(settings: Settings, strava: StravaStandIn) -> Settings:
    return with_strava(settings, strava)


@pytest.fixture(autouse=True)
def subscribed(app: Flask) -> None:
    """Strava tells this server."""
    with system_transaction():
        set_subscription("strava", Subscription(SUBSCRIPTION, digest(SECRET)))


@pytest.fixture
def ada(client: FlaskClient, alice: Any) -> Any:
    """Somebody who is connected."""
    connect(client, alice.headers)
    return alice


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an event about an activity, as Strava sends it."""
    return {
        "aspect_type": "create",
        "event_time": 1762086031,
        "object_id": 16_000_000_000 + number,
        "object_type": "activity",
        "owner_id": ATHLETE_ID,
        "subscription_id": SUBSCRIPTION,
        "updates": {},
        **changes,
    }


def wait(app: Flask) -> None:
    """Wait until the background work is done: it is done in order."""
    background.submit(app, lambda: None).result(60)
