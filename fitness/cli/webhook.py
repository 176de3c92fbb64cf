"""`fitness webhook`: manage the subscription to Strava's events."""

import secrets

import click

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.connections import clients, oauth
from fitness.connections.encryption import digest
from fitness.db.connection import system_transaction
from fitness.db.webhook_subscriptions import Subscription, set_subscription

PROVIDER = "strava"


@click.group("webhook")
def group() -> None:
    """Manage the webhook: Strava reports new, changed and deleted activities at once."""


@group.command()
def create() -> None:
    """Subscribe. The server must be running and reachable at PUBLIC_API_BASE_URL."""
    settings = load_settings()
    address, secret = f"{settings.public_api_base_url}/v1/strava/webhook", secrets.token_urlsafe(32)
    with operator(), clients.strava_application(settings) as strava:
        number = strava.subscribe(f"{address}/{secret}", oauth.webhook_token(PROVIDER, settings))
        with system_transaction():
            set_subscription(PROVIDER, Subscription(number, digest(secret)))
    click.echo(f"Strava sends events to {address}/… (subscription {number}).")


@group.command()
def delete() -> None:
    """Unsubscribe."""
    with operator(), clients.strava_application(load_settings()) as strava:
        for number in strava.subscriptions():
            strava.unsubscribe(number)
        with system_transaction():
            set_subscription(PROVIDER, None)
    click.echo("Webhook removed.")
