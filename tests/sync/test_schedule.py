"""Syncs that start by themselves: when, for whom, and by how many processes."""

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from fitness.db import leases
from fitness.db.connection import system_transaction
from fitness.sync import schedule
from tests.connecting import connect, status, with_strava
from tests.connecting import sync as sync_strava
from tests.standins.hevy import HevyStandIn
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, TOO_MANY, make_activity
from tests.sync.hevy.reports import store_key

HOUR = timedelta(hours=1)
SPREAD = timedelta(minutes=6)
"""How much longer than an hour the interval of a user may be."""


@pytest.fixture
def settings(settings, strava):
    with HevyStandIn.of_samples() as hevy:
        yield dataclasses.replace(with_strava(settings, strava), hevy_api_url=hevy.url, sync_interval_minutes=60)


@pytest.fixture
def pass_time(owner):
    """Let hours pass since the connections and the last syncs."""

    def pass_time(hours=1.2):
        for statement in (
            "UPDATE oauth_credentials SET created_at = created_at - %s",
            "UPDATE sync_metadata SET ended_at = ended_at - %s",
        ):
            owner.execute(statement, [timedelta(hours=hours)])

    return pass_time


def next_at(client, person, provider="strava"):
    said = status(client, person.headers, provider)["next_sync_at"]
    return said and datetime.fromisoformat(said)


def runs(owner):
    return owner.execute("SELECT user_id, count(*) FROM runs GROUP BY 1 ORDER BY 1").fetchall()


def test_a_connection_is_synced_an_interval_after_it_was_made_and_after_each_sync(
    app, client, alice, owner, strava, pass_time
):
    connect(client, alice.headers)
    strava.add(make_activity(1))
    connected_at = datetime.fromisoformat(status(client, alice.headers)["connected_at"])
    first_at = next_at(client, alice)
    assert HOUR <= first_at - connected_at <= HOUR + SPREAD
    assert schedule.sync_due(app) == 0

    pass_time()
    assert schedule.sync_due(app) == 1

    assert runs(owner) == [(alice.user_id, 1)]
    assert owner.execute("SELECT kind, actor FROM changesets").fetchall() == [("sync", "Strava")]
    assert schedule.sync_due(app) == 0
    assert HOUR - SPREAD < next_at(client, alice) - datetime.now(UTC) <= HOUR + SPREAD
    pass_time()
    assert schedule.sync_due(app) == 1


def test_a_sync_by_hand_puts_the_next_one_off(app, client, alice, strava, pass_time):
    connect(client, alice.headers)
    pass_time()
    assert sync_strava(client, alice.headers).status_code == 200

    assert schedule.sync_due(app) == 0
    assert next_at(client, alice) > datetime.now(UTC) + HOUR - SPREAD


def test_all_connections_that_are_due_are_synced_and_nothing_of_deactivated_accounts(
    app, client, alice, bob, owner, strava, pass_time
):
    for person in (alice, bob):
        connect(client, person.headers)
        assert store_key(client, person).status_code == 200
    pass_time()
    owner.execute("UPDATE users SET is_active = false WHERE user_id = %s", [bob.user_id])

    assert schedule.sync_due(app) == 2

    assert owner.execute("SELECT DISTINCT user_id, source FROM workouts").fetchall() == [(alice.user_id, "Hevy")]
    assert owner.execute("SELECT user_id, provider FROM sync_metadata ORDER BY 2").fetchall() == [
        (alice.user_id, "hevy"),
        (alice.user_id, "strava"),
    ]


def test_no_interval_no_sync_and_no_time(app, client, alice, strava, pass_time):
    connect(client, alice.headers)
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], sync_interval_minutes=0)

    assert next_at(client, alice) is None


def test_who_must_connect_again_is_left_alone(app, client, alice, strava, pass_time):
    connect(client, alice.headers)
    strava.end_connections()
    strava.expire_access()
    pass_time()

    assert schedule.sync_due(app) == 1
    assert status(client, alice.headers)["needs_reconnect"]
    assert next_at(client, alice) is None
    pass_time()
    assert schedule.sync_due(app) == 0


def test_whose_deletes_were_refused_decides_first(app, client, alice, strava, owner, pass_time):
    connect(client, alice.headers)
    strava.add(*map(make_activity, range(20)))
    assert sync_strava(client, alice.headers).json["created"] == 20
    for number in range(10):
        strava.remove(16_000_000_000 + number)
    owner.execute("UPDATE sync_metadata SET last_synced_at = now() - interval '10 years'")
    pass_time()

    assert schedule.sync_due(app) == 1
    assert "allow_deletes" in status(client, alice.headers)["last_error"]
    assert next_at(client, alice) is None
    pass_time()
    assert schedule.sync_due(app) == 0

    assert sync_strava(client, alice.headers, allow_deletes=True).json["deleted"] == 10
    assert next_at(client, alice) is not None


def test_strava_limits_all_its_users_together_and_a_stopped_sync_goes_on_when_it_may(
    app, client, alice, bob, strava, owner, pass_time
):
    for person in (alice, bob):
        connect(client, person.headers)
    strava.add(*map(make_activity, range(300)))
    strava.fail(Fault(on=ACTIVITIES), Fault(TOO_MANY, on=ACTIVITIES))
    pass_time()

    assert schedule.sync_due(app) == 1

    first = status(client, alice.headers)
    assert first["retry_at"] is not None
    assert next_at(client, alice) == datetime.fromisoformat(first["retry_at"])
    assert schedule.sync_due(app) == 0
    owner.execute("UPDATE sync_metadata SET retry_at = now()")
    assert schedule.sync_due(app) == 2
    assert runs(owner) == [(alice.user_id, 300), (bob.user_id, 300)]


def test_a_failed_sync_is_in_the_status_and_does_not_hold_up_others(app, client, alice, strava, owner, pass_time):
    connect(client, alice.headers)
    assert store_key(client, alice).status_code == 200
    strava.fail(*[Fault(Answer(500), on=ACTIVITIES)] * 5)
    pass_time()

    assert schedule.sync_due(app) == 2

    assert status(client, alice.headers)["last_error"] is not None
    assert owner.execute("SELECT count(*) > 0 FROM workouts").fetchone() == (True,)
    assert next_at(client, alice) > datetime.now(UTC)


def test_one_process_at_a_time_syncs(app, client, alice, strava, owner, pass_time):
    connect(client, alice.headers)
    strava.add(make_activity(1))
    pass_time()
    other = uuid4()
    with system_transaction():
        assert leases.take_lease(schedule.LEASE, other)
        assert leases.take_lease(schedule.LEASE, other)

    assert schedule.sync_due(app) == 0
    assert runs(owner) == []

    owner.execute("UPDATE leases SET lease_until = now()")
    assert schedule.sync_due(app) == 1
    assert runs(owner) == [(alice.user_id, 1)]
    assert owner.execute("SELECT count(*) FROM leases").fetchone() == (0,)


def test_it_stops_between_two_syncs(app, client, alice, bob, strava, pass_time):
    for person in (alice, bob):
        connect(client, person.headers)
    pass_time()
    left = iter([True, False])

    assert schedule.sync_due(app, go_on=lambda: next(left)) == 1
