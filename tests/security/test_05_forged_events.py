"""Forged events of Strava's webhook: they find nobody, and are little work.

Before: whoever guessed the subscription's number (298 guesses a second) could send events, each of which made requests
to Strava, and a refresh of the tokens, for as long as they were sent.
"""

import logging

import pytest

from fitness.db import provider_events
from fitness.db.connection import system_transaction, transaction
from fitness.db.webhook_subscriptions import Subscription, set_subscription
from tests.connecting import sync
from tests.standins.server import Fault
from tests.standins.strava import API, ATHLETE_ID, make_activity
from tests.strava_webhook import SECRET, SUBSCRIPTION, WEBHOOK, ada, event, settings, subscribed, wait

__all__ = ["ada", "settings", "subscribed"]

DETAIL = f"{API}/activities/"


def send(app, sent, path=WEBHOOK):
    return app.test_client().post(path, json=sent)


def waiting(owner):
    return owner.execute("SELECT count(*) FROM provider_events").fetchone()[0]


GUESSES = {
    "no secret": ("/v1/strava/webhook", {}),
    "another secret": (f"/v1/strava/webhook/{SECRET[:-1]}", {}),
    "an empty secret": ("/v1/strava/webhook/%20", {}),
    "another number": (f"/v1/strava/webhook/{SECRET}", {"subscription_id": SUBSCRIPTION + 1}),
}


@pytest.mark.parametrize("owner_id", [ATHLETE_ID, ATHLETE_ID + 1])
@pytest.mark.parametrize("case", GUESSES)
def test_who_does_not_know_the_address_is_refused_alike(app, owner, ada, strava, case, owner_id):
    path, changes = GUESSES[case]
    before = len(strava.requests)

    answer = send(app, event(owner_id=owner_id, **changes), path)
    wait(app)

    assert (answer.status_code, answer.json) == (403, {"detail": "Unknown subscription"})
    assert (waiting(owner), len(strava.requests)) == (0, before)


@pytest.mark.parametrize("secret", ["", "secret"])
def test_without_a_subscription_every_event_is_refused(app, ada, secret):
    with system_transaction():
        set_subscription("strava", None)

    assert send(app, event(), f"/v1/strava/webhook/{secret}".rstrip("/")).status_code == 403


def test_a_subscription_of_before_keeps_its_address_and_has_no_other(app, client, ada, strava):
    with system_transaction():
        set_subscription("strava", Subscription(SUBSCRIPTION, None))
    strava.add(make_activity(1))

    assert send(app, event(), "/v1/strava/webhook/secret").status_code == 403
    assert send(app, event(), "/v1/strava/webhook").status_code == 200
    wait(app)

    assert client.get("/v1/runs/strava_16000000001", headers=ada.headers).status_code == 200


def test_athletes_who_are_connected_and_others_are_answered_alike(app, ada):
    def answers(athlete):
        return [
            (answer.status_code, answer.data, sorted(answer.headers.keys()))
            for answer in (send(app, event(number, owner_id=athlete)) for number in range(1, 40))
        ]

    assert answers(ATHLETE_ID) == answers(ATHLETE_ID + 1)
    wait(app)


def test_of_very_many_events_few_are_looked_at_and_some_wait_for_the_next_sync(
    app, client, owner, ada, strava, monkeypatch
):
    monkeypatch.setattr("fitness.api.strava.EVENTS_OF_ATHLETE", "5 per hour")
    monkeypatch.setattr(provider_events, "MOST_EVENTS", 10)
    before = len(strava.requests)

    for number in range(1, 41):
        assert send(app, event(number)).json == {"noted": True}
        if number <= 5:
            wait(app)
    wait(app)

    assert (len(strava.requests) - before, waiting(owner)) == (5, 10)
    assert sync(client, ada.headers).status_code == 200
    assert waiting(owner) == 0


def test_events_of_one_activity_wait_as_one(app, owner, ada, strava, monkeypatch):
    monkeypatch.setattr(provider_events, "MOST_EVENTS", 2)
    with transaction(ada.user_id):
        for object_id in ("1", "2", "3", "1", "2"):
            provider_events.add_event("strava", object_id)

    assert owner.execute("SELECT object_id FROM provider_events ORDER BY received_at").fetchall() == [("1",), ("2",)]


def test_events_that_come_while_one_is_looked_at_are_one_more_look(app, ada, strava):
    strava.add(make_activity(1))

    def meanwhile(_, right):
        assert [send(app, event()).status_code for _ in range(5)] == [200] * 5
        return right()

    strava.fail(Fault(meanwhile, on=DETAIL))
    send(app, event())
    wait(app)
    wait(app)

    assert len(strava.asked(DETAIL)) == 2


def test_a_network_has_a_limit_before_anything_is_looked_up(app, ada, monkeypatch):
    monkeypatch.setattr("fitness.api.strava.EVENTS_OF_NETWORK", "3 per minute")

    statuses = [send(app, event(), "/v1/strava/webhook/guess").status_code for _ in range(4)]

    assert statuses == [403, 403, 403, 429]
    assert send(app, event()).status_code == 429


def test_the_secret_is_not_logged(app, caplog):
    caplog.set_level(logging.INFO, "fitness.requests")

    send(app, event())

    (record,) = [one for one in caplog.records if one.name == "fitness.requests"]
    assert record.fields["path"] == "/v1/strava/webhook/…"
