"""`fitness sync`, over HTTP."""

import subprocess

import httpx
import psycopg
from flask.testing import FlaskClient

from tests import loopback
from tests.cli.commands import Fitness, counts, row
from tests.standins.strava import StravaStandIn, make_activity


def test_a_sync_says_what_it_did_and_how_it_ended(
    fitness: Fitness, server: str, strava: StravaStandIn, client: FlaskClient, owner: psycopg.Connection, alice
) -> None:
    def sync(*options: str) -> subprocess.CompletedProcess[str]:
        token = alice.headers["Authorization"].removeprefix("Bearer ")
        return fitness("sync", "strava", "--url", server, *options, FITNESS_TOKEN=token)

    strava.add(*(make_activity(number) for number in range(3)))
    unconnected = sync()
    asked = (client.get("/v1/oauth/strava/authorize-url", headers=alice.headers).json or {})["url"]
    client.get(f"/v1/oauth/strava/callback?{httpx.URL(loopback.get(asked).headers['Location']).query.decode()}")
    rehearsed, synced = sync("--dry-run"), sync()
    strava.add(make_activity(3, distance=-5.0))
    unreadable = sync("--full-sync")
    strava.limits = (1, 1)
    stopped = sync("--full-sync")

    assert (unconnected.returncode, rehearsed.returncode, synced.returncode) == (2, 0, 0)
    assert "Strava is not connected" in unconnected.stderr
    assert counts(rehearsed.stdout) == counts(synced.stdout)
    assert counts(synced.stdout)["created"] == row(owner, "SELECT count(*) FROM runs") == 3
    assert (unreadable.returncode, counts(unreadable.stdout)["failed"]) == (1, 1)
    assert "distance" in unreadable.stdout
    assert stopped.returncode == 3
    assert "again at" in stopped.stderr
