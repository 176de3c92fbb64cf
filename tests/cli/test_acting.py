"""The operator acts for an account with its own days and weeks."""

import os
import subprocess
import sys

SCRIPT = """
from fitness.cli.acting import acting_for

with acting_for("alice", None) as client:
    print(client.get("/metrics/mileage/by-week").json()["weeks"][0])
"""


def test_days_and_weeks_are_those_of_the_account(client, database_url, alice, make_run, tmp_path):
    client.patch("/v1/users/me", json={"time_zone": "Asia/Tokyo", "week_start": "sunday"}, headers=alice.headers)
    make_run(alice, datetime_utc="2026-02-14T16:00:00Z")  # Sunday, 1:00 in Tokyo

    environ = {**os.environ, "DATABASE_URL": database_url, "FITNESS_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environ, capture_output=True, text=True, check=True)

    assert "'week': '2026-02-15'" in done.stdout
