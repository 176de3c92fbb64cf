"""What tests of Strava's sync read and change."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.standins.server import Fault, json_answer
from tests.standins.strava import ACTIVITIES, make_activity

COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "deleted_here", "skipped", "failed")
RIGHT = Fault(on=ACTIVITIES)
"""Nothing goes wrong with this page."""


def on(path, fault):
    return replace(fault, on=path)


def meanwhile(do):
    """Answer right, after something was done."""

    def answer(_, right):
        do()
        return right()

    return Fault(answer, on=ACTIVITIES)


def without(numbers):
    """Answer with a page that leaves these activities out."""
    ids = {16_000_000_000 + number for number in numbers}

    def answer(_, right):
        return json_answer([one for one in json.loads(right().body) if one["id"] not in ids])

    return Fault(answer, on=ACTIVITIES)


def ago(number, **changes):
    """Return a run that began as long ago, numbered by its hours."""
    hours = math.ceil(timedelta(**changes).total_seconds() / 3600)
    start = datetime.now(UTC) - timedelta(**changes)
    return make_activity(number, start_date=f"{start:%Y-%m-%dT%H:%M:%SZ}", name=f"{hours} hours ago")


def run_id(number):
    return f"strava_{16_000_000_000 + number}"


def counts(report):
    """Return the counts that are not 0."""
    return {name: report[name] for name in COUNTS if report[name]}


def listed(client, person, **query):
    answer = client.get("/v1/runs", query_string={"limit": 500, **query}, headers=person.headers)
    return {run["id"]: run for run in answer.json["items"]}


def read(client, person, number):
    return client.get(f"/v1/runs/{run_id(number)}", headers=person.headers).json


def versions(client, person, number):
    """Return (version, type, by whom, changeset) of each version of a run, the oldest first."""
    history = client.get(f"/v1/runs/{run_id(number)}/history", headers=person.headers).json["items"]
    return [
        (one["version_number"], one["change_type"], one["changed_by"], one["changeset_id"]) for one in reversed(history)
    ]


def afters(strava):
    """Return after which instants activities were asked for, once each, in order."""
    return list(dict.fromkeys(int(asked.query["after"]) for asked in strava.asked(ACTIVITIES)))
