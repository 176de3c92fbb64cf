"""Strava's webhook: an event is a hint to look, and what Strava then says is what is stored."""

import json
import threading

import pytest

from fitness.connections import oauth
from fitness.db.connection import system_transaction
from fitness.db.webhook_subscriptions import set_subscription
from fitness.sync import strava as strava_sync
from tests.connecting import connect, status, sync
from tests.samples import DATA
from tests.standins.server import Answer, Fault
from tests.standins.strava import API, ATHLETE_ID, TOKEN, TOO_MANY, make_activity, make_gear
from tests.strava_webhook import SUBSCRIPTION, WEBHOOK, ada, event, settings, subscribed, wait

RUN = f"{API}/activities/"
__all__ = ["ada", "settings", "subscribed"]

SAMPLES = json.loads((DATA / "strava_webhook_events.json").read_bytes())


@pytest.fixture
def tell(app, client):
    """Tell the webhook of an activity, as Strava does, and wait until that has been looked at."""

    def tell(number=1, aspect="create", **changes):
        answer = client.post(WEBHOOK, json=event(number, **{"aspect_type": aspect, **changes}))
        wait(app)
        return answer

    return tell


@pytest.fixture
def events(owner):
    """Return of whom and what there is something to be fetched."""
    return lambda: owner.execute("SELECT user_id, object_id FROM provider_events ORDER BY 1, 2").fetchall()


def run_id(number=1):
    return f"strava_{16_000_000_000 + number}"


def listed(client, person):
    items = client.get("/v1/runs", query_string={"limit": 500}, headers=person.headers).json["items"]
    return {run["id"]: run for run in items}


def history(client, person, number=1):
    items = client.get(f"/v1/runs/{run_id(number)}/history", headers=person.headers).json["items"]
    return [(one["version_number"], one["change_type"], one["changed_by"]) for one in reversed(items)]


# The subscription


def test_a_subscription_is_confirmed_by_who_knows_its_token(client, settings):
    asked = {
        "hub.mode": "subscribe",
        "hub.challenge": "15f7d1a91c1f40f8a748",
        "hub.verify_token": oauth.webhook_token("strava", settings),
    }

    answer = client.get(WEBHOOK, query_string=asked)

    assert (answer.status_code, answer.json) == (200, {"hub.challenge": "15f7d1a91c1f40f8a748"})
    for token in ("", "wrong", "ä☂", oauth.webhook_token("hevy", settings)):
        refused = client.get(WEBHOOK, query_string=asked | {"hub.verify_token": token})
        assert refused.status_code == 403
        assert "15f7d1a91c1f40f8a748" not in refused.text
    for missing in asked:
        incomplete = {name: value for name, value in asked.items() if name != missing}
        assert client.get(WEBHOOK, query_string=incomplete).status_code == 422
    assert client.get(WEBHOOK, query_string=asked | {"hub.mode": "unsubscribe"}).status_code == 422


@pytest.mark.parametrize("number", [SUBSCRIPTION + 1, None])
def test_an_event_of_another_subscription_is_refused(client, ada, strava, tell, events, number):
    if number is None:
        with system_transaction():
            set_subscription("strava", None)
    strava.add(make_activity(1))

    assert tell(subscription_id=number or SUBSCRIPTION).status_code == 403

    assert events() == []
    assert strava.asked(RUN) == []


@pytest.mark.parametrize(
    "change",
    [
        {"object_id": "16000000001"}, {"object_id": 0}, {"object_id": 2**63}, {"object_type": "club"},
        {"owner_id": None}, {"subscription_id": "298811"}, {"subscription_id": True},
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(ada, tell, events, change):
    assert tell(**change).status_code == 422
    assert events() == []


@pytest.mark.parametrize("event", SAMPLES)
def test_every_event_that_strava_sends_is_understood(client, ada, strava, tell, events, event):
    assert tell(**event).json == {"noted": True}
    assert events() == []


# What happened


def test_a_new_run_goes_in_with_what_only_its_details_tell(client, owner, ada, strava, tell, events):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(1, description="Windy", gear_id="g1"), make_activity(2))

    assert tell().json == {"noted": True}

    run = listed(client, ada)[run_id()]
    assert (run["name"], run["notes"], run["shoe_id"], run["version"]) == ("Run 1", "Windy", "brooks_ghost_16", 1)
    assert set(listed(client, ada)) == {run_id()}
    assert events() == []
    assert owner.execute("SELECT kind, source, actor FROM changesets").fetchall() == [("sync", "Strava", "Strava")]
    assert len(strava.asked(RUN)) == 1


def test_a_change_is_followed_in_what_you_left_alone(client, ada, strava, tell):
    strava.add(make_activity(1))
    tell()
    client.patch(f"/v1/runs/{run_id()}", json={"distance": 6.2}, headers=ada.headers)
    strava.add(make_activity(1, name="Renamed", description="Windy", distance=16093.44))

    tell(1, "update", updates={"title": "Renamed"})

    run = listed(client, ada)[run_id()]
    assert (run["name"], run["notes"], run["distance"], list(run["conflicts"])) == (
        "Renamed", "Windy", 6.2, ["distance"],
    )  # fmt: skip
    assert history(client, ada) == [(1, "original", "Strava"), (2, "edit", "alice"), (3, "edit", "Strava")]


@pytest.mark.parametrize("edited", [True, False])
def test_a_delete_deletes_what_you_left_alone(client, ada, strava, tell, edited):
    strava.add(make_activity(1))
    tell()
    if edited:
        client.patch(f"/v1/runs/{run_id()}", json={"notes": "Mine"}, headers=ada.headers)
    strava.remove(16_000_000_001)

    tell(1, "delete")

    if edited:
        assert list(listed(client, ada)[run_id()]["conflicts"]) == ["deleted_at"]
        strava.add(make_activity(1))
        tell(1, "update")
        assert listed(client, ada)[run_id()]["conflicts"] is None
    else:
        assert listed(client, ada) == {}
        assert history(client, ada) == [(1, "original", "Strava"), (2, "deletion", "Strava")]


def test_a_delete_that_is_not_true_changes_nothing(client, ada, strava, tell):
    strava.add(make_activity(1))
    tell()
    before = listed(client, ada)

    assert tell(1, "delete").status_code == 200

    assert listed(client, ada) == before


def test_a_run_made_private_is_gone_for_who_may_not_see_it_and_stays_for_who_may(client, alice, bob, strava, tell):
    connect(client, alice.headers)
    strava.granted = "read,activity:read,profile:read_all"
    connect(client, bob.headers)
    strava.add(make_activity(1))
    tell()
    assert set(listed(client, alice)) == set(listed(client, bob)) == {run_id()}
    strava.add(make_activity(1, visibility="only_me", private=True))

    tell(1, "update", updates={"private": "true"})

    assert set(listed(client, alice)) == {run_id()}
    assert listed(client, bob) == {}


def test_a_run_that_cannot_be_read_any_more_stays(client, ada, strava, tell, events):
    strava.add(make_activity(1))
    tell()
    before = listed(client, ada)
    strava.add(make_activity(1, distance=-1))

    tell(1, "update")

    assert listed(client, ada) == before
    assert events() == [(ada.user_id, "16000000001")]
    strava.add(make_activity(1, name="Mended"))
    sync(client, ada.headers)  # which asks for it again
    assert (listed(client, ada)[run_id(1)]["name"], events()) == ("Mended", [])


def test_a_run_that_you_deleted_stays_deleted(client, ada, strava, tell):
    strava.add(make_activity(1))
    tell()
    client.delete(f"/v1/runs/{run_id()}", headers=ada.headers)

    tell(1, "update")

    assert listed(client, ada) == {}
    assert len(history(client, ada)) == 2


def test_the_same_event_again_and_events_out_of_order_end_where_strava_is(client, ada, strava, tell):
    strava.add(make_activity(1))
    tell(1, "update")
    tell(1, "create")
    tell(1, "create")
    assert history(client, ada) == [(1, "original", "Strava")]
    strava.remove(16_000_000_001)

    for aspect in ("delete", "update", "delete", "create"):
        tell(1, aspect)

    assert listed(client, ada) == {}
    assert history(client, ada) == [(1, "original", "Strava"), (2, "deletion", "Strava")]


# Whose it is


def test_an_event_of_an_athlete_who_is_not_connected_is_nothing_to_us(client, ada, strava, tell, events):
    strava.add(make_activity(1))

    assert tell(owner_id=ATHLETE_ID + 1).json == {"noted": True}

    assert events() == []
    assert strava.asked(RUN) == []


def test_everybody_who_is_connected_with_an_athlete_is_served_and_nobody_else(
    client, alice, bob, make_person, strava, tell
):
    carol = make_person("carol")
    for person in (alice, bob):
        connect(client, person.headers)
    strava.athlete_id = ATHLETE_ID + 1
    connect(client, carol.headers)
    strava.add(make_activity(1))

    tell()

    assert [set(listed(client, person)) for person in (alice, bob, carol)] == [{run_id()}, {run_id()}, set()]


def test_an_activity_of_somebody_else_is_not_taken_in(client, ada, strava, tell, events):
    """Strava shows people those of whom they follow, and anybody can send an event."""
    strava.add(make_activity(1, athlete={"id": ATHLETE_ID + 1}), make_activity(2, athlete=...))

    tell(1)
    tell(2)

    assert len(strava.asked(RUN)) == 2
    assert listed(client, ada) == {}
    assert events() == []


# The end of a connection


def athlete_event(**updates):
    return {"object_type": "athlete", "object_id": ATHLETE_ID, "aspect": "update", "updates": updates}


def test_a_connection_ended_at_strava_is_so_here_once_strava_has_confirmed_it(client, ada, strava, tell, events):
    strava.end_connections()

    tell(**athlete_event(authorized="false"))

    assert (status(client, ada.headers)["connected"], status(client, ada.headers)["needs_reconnect"]) == (False, True)
    assert events() == []
    asked = len(strava.requests)
    assert sync(client, ada.headers).status_code == 409
    assert tell().json == {"noted": True}
    assert len(strava.requests) == asked


def test_a_connection_that_is_said_to_have_ended_lives_on_if_it_has_not(client, ada, strava, tell, events):
    tell(**athlete_event(authorized="false"))

    assert status(client, ada.headers)["connected"] is True
    assert events() == []
    assert sync(client, ada.headers).status_code == 200


def test_a_connection_is_not_given_up_because_strava_is_down(client, ada, strava, tell, events):
    strava.end_connections()
    strava.fail(Fault(Answer(500), on=TOKEN))

    tell(**athlete_event(authorized="false"))

    assert status(client, ada.headers)["connected"] is True
    assert events() == [(ada.user_id, "athlete")]


# When it cannot be looked at now


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Answer(500), on=RUN),
        Fault(TOO_MANY, on=RUN),
        Fault(cut=True, on=RUN),
        Fault(Answer(200, b"["), on=RUN),
        Fault(Answer(200, b"{}"), on=RUN),
    ],
)
def test_what_cannot_be_fetched_now_is_fetched_by_the_next_sync(client, ada, strava, tell, events, fault):
    strava.add(make_activity(1))
    tell()
    strava.add(make_activity(1, name="Renamed", description="Windy"))
    strava.fail(fault)

    assert tell(1, "update").json == {"noted": True}

    assert events() == [(ada.user_id, "16000000001")]
    assert listed(client, ada)[run_id()]["name"] == "Run 1"
    assert sync(client, ada.headers).status_code == 200
    assert events() == []
    run = listed(client, ada)[run_id()]
    assert (run["name"], run["notes"]) == ("Renamed", "Windy")


def test_a_sync_that_is_not_complete_or_a_dry_run_leaves_events_for_the_next(client, ada, strava, tell, events):
    strava.fail(Fault(Answer(500), on=RUN))
    strava.add(make_activity(1))
    tell()

    assert sync(client, ada.headers, dry_run=True).status_code == 200

    assert events() == [(ada.user_id, "16000000001")]


def test_an_event_that_never_can_be_fetched_holds_up_no_other(client, ada, strava, tell, events):
    strava.add(make_activity(1), make_activity(2, description="Windy"))
    forbidden = Fault(Answer(403), on=f"{RUN}16000000001")
    strava.fail(forbidden)
    tell(1)
    strava.fail(forbidden)
    tell(2)
    assert events() == [(ada.user_id, "16000000001"), (ada.user_id, "16000000002")]

    strava.fail(forbidden)
    sync(client, ada.headers)

    assert events() == [(ada.user_id, "16000000001")]
    assert listed(client, ada)[run_id(2)]["notes"] == "Windy"


def test_the_status_says_why_an_event_was_not_fetched_and_an_error_of_ours_holds_up_no_other(
    client, ada, strava, tell, events, monkeypatch
):
    strava.add(make_activity(1), make_activity(2))
    strava.fail(Fault(Answer(500), on=RUN))
    tell(1)
    assert "500" in status(client, ada.headers)["last_error"]
    load_activities = strava_sync.load_activities

    def fail_once(records, *args, **kwargs):
        if any(record.id == run_id(1) for record in records):
            raise ZeroDivisionError
        return load_activities(records, *args, **kwargs)

    monkeypatch.setattr(strava_sync, "load_activities", fail_once)

    tell(2)

    assert set(listed(client, ada)) == {run_id(2)}
    assert events() == [(ada.user_id, "16000000001")]
    assert "error of this server" in status(client, ada.headers)["last_error"]


def test_what_is_told_while_it_is_fetched_is_fetched_again(app, client, ada, strava, tell, events):
    strava.add(make_activity(1))

    def fetched_too_early(_, right):
        early = right()
        strava.add(make_activity(1, name="Renamed"))
        other = app.test_client()
        event = {"object_type": "activity", "object_id": 16_000_000_001, "owner_id": ATHLETE_ID}
        assert other.post(WEBHOOK, json={**event, "subscription_id": SUBSCRIPTION}).status_code == 200
        return early

    strava.fail(Fault(fetched_too_early, on=RUN))

    tell()
    wait(app)

    assert listed(client, ada)[run_id()]["name"] == "Renamed"
    assert events() == []


def test_the_answer_does_not_wait_for_strava(app, client, ada, strava, events):
    strava.add(make_activity(1))
    answered, in_time = threading.Event(), []

    def look_once_answered(_, right):
        in_time.append(answered.wait(60))
        return right()

    strava.fail(Fault(look_once_answered, on=RUN))
    event = {"object_type": "activity", "object_id": 16_000_000_001, "owner_id": ATHLETE_ID}

    assert client.post(WEBHOOK, json={**event, "subscription_id": SUBSCRIPTION}).status_code == 200
    answered.set()
    wait(app)

    assert in_time == [True]
    assert set(listed(client, ada)) == {run_id()}
