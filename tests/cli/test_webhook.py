"""`fitness webhook`: subscribed, confirmed and removed."""

import subprocess

import psycopg
import pytest

from fitness.config import Settings
from fitness.connections.encryption import digest
from tests.cli.commands import Fitness, row
from tests.standins.server import Fault
from tests.standins.strava import API, StravaStandIn, refusal


@pytest.fixture
def webhook(fitness: Fitness, settings: Settings, strava: StravaStandIn, server: str, database_url: str) -> Fitness:
    """Run `fitness webhook` beside a server that Strava reaches, with an application there."""

    def webhook(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        given = {
            "DATABASE_URL": database_url,
            "PUBLIC_API_BASE_URL": server,
            "JWT_SECRET_KEY": settings.jwt_secret_key,
            "STRAVA_CLIENT_ID": strava.client_id,
            "STRAVA_CLIENT_SECRET": strava.client_secret,
            "STRAVA_API_URL": strava.addresses["api_url"],
        }
        return fitness("webhook", *arguments, **given | environ)

    return webhook


SUBSCRIBED = "SELECT array_agg(subscription_id) FROM webhook_subscriptions WHERE provider = 'strava'"


def test_a_webhook_is_made_confirmed_and_given_back(
    webhook: Fitness, strava: StravaStandIn, server: str, owner: psycopg.Connection
) -> None:
    made = webhook("create")

    [number] = strava.subscriptions
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == f"Strava sends events to {server}/v1/strava/webhook/… (subscription {number}).\n"
    address, _, secret = strava.subscriptions[number]["callback_url"].rpartition("/")
    assert (address, len(secret)) == (f"{server}/v1/strava/webhook", 43)
    assert row(owner, "SELECT array_agg(secret_hash) FROM webhook_subscriptions") == [digest(secret)]
    assert row(owner, SUBSCRIBED) == [number]

    again = webhook("create")

    assert again.returncode == 1
    assert again.stderr == "Error: Strava did not create the webhook: already exists\n"
    assert row(owner, SUBSCRIBED) == [number]

    ended = webhook("delete")

    assert (ended.returncode, ended.stdout) == (0, "Webhook removed.\n")
    assert strava.subscriptions == {}
    assert row(owner, SUBSCRIBED) is None
    assert webhook("delete").returncode == 0


def test_a_webhook_that_strava_cannot_confirm_is_not_made(
    webhook: Fitness, strava: StravaStandIn, owner: psycopg.Connection
) -> None:
    refused = webhook("create", JWT_SECRET_KEY="another secret than that of the server")

    assert refused.returncode == 1
    assert refused.stderr == "Error: Strava did not create the webhook: callback url not verifiable\n"
    assert strava.subscriptions == {}
    assert row(owner, SUBSCRIBED) is None


def test_without_an_application_there_is_no_webhook(webhook: Fitness, strava: StravaStandIn) -> None:
    for command in ("create", "delete"):
        none = webhook(command, STRAVA_CLIENT_ID="", STRAVA_CLIENT_SECRET="")
        assert (none.returncode, none.stderr) == (
            1,
            "Error: This server has no Strava application: its operator must set one up\n",
        )
        wrong = webhook(command, STRAVA_CLIENT_SECRET="wrong")
        assert wrong.returncode == 1
        assert wrong.stderr.startswith("Error: Strava does not accept the application: ")
    strava.fail(Fault(refusal(500, "", "", ""), on=f"{API}/push_subscriptions"))
    assert webhook("create").stderr == "Error: Strava answered with status 500\n"
