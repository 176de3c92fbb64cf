"""Requests that the tests of the calendar send, and what they read of the answers."""

import threading
from typing import Any

from tests.standins.google import CALENDAR
from tests.standins.server import Fault

EVENTS = f"{CALENDAR}/calendars/primary/events"
STRENGTH = {
    "workout_type": "STRENGTH",
    "start_ts": "2026-02-16T15:00:00Z",
    "strength_sets": [{"exercise_name": "Squat", "weight": 225, "reps": 5}],
}


def sync(client, person, run, method="POST"):
    return client.open(f"/v1/sync/runs/{run.id}", method=method, headers=person.headers)


def sync_all(client, person, query="", noun="runs"):
    return client.post(f"/v1/sync/{noun}{query}", headers=person.headers)


def state(client, person, run):
    return client.get(f"/v1/sync/runs/{run.id}/status", headers=person.headers).json


def edit(client, person, run, **changes):
    assert client.patch(f"/v1/runs/{run.id}", json=changes, headers=person.headers).status_code == 200


def summaries(google, account=None):
    return sorted(event["summary"] for event in google.calendar(account).values())


def counts(report):
    return tuple(report[name] for name in ("found", "created", "updated", "deleted", "failed"))


def both_at_once(client_of, *calls):
    """Make calls at the same moment, each by a client of its own; return their answers."""
    answers: list[Any] = [None] * len(calls)

    def make(number, call):
        answers[number] = call(client_of())

    threads = [threading.Thread(target=make, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def overtaken(app, google, late, meanwhile):
    """Let `late` reach Google only after `meanwhile` is through; return both answers."""
    reached, through = threading.Event(), threading.Event()

    def hold(request, make):
        reached.set()
        assert through.wait(timeout=20)
        return make()

    def overtake(client):
        assert reached.wait(timeout=20)
        try:
            return meanwhile(client)
        finally:
            through.set()

    google.fail(Fault(hold, on=EVENTS))
    return both_at_once(app.test_client, late, overtake)
