"""Access tokens refreshed ahead of their end, once, and what a refusal means."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from fitness import deadline
from fitness.connections import clients
from tests.connecting import connect, status, sync
from tests.connections.states import change_settings, end_in, refreshes
from tests.standins.server import Answer, Fault
from tests.standins.strava import NOT_JSON, TOKEN, TOO_MANY, make_activity, refusal

# Staying connected


@pytest.mark.parametrize(("minutes", "refreshed"), [(11, 0), (9, 1), (-5, 1)])
def test_a_token_is_refreshed_ahead_of_its_end_and_what_comes_is_stored(
    client, owner, alice, strava, stored, minutes, refreshed
):
    connect(client, alice.headers)
    before = stored(alice)
    end_in(owner, alice, minutes)

    assert sync(client, alice.headers).status_code == 200

    assert [form["refresh_token"] for form in refreshes(strava)] == [before[1]] * refreshed
    grant = strava.grants[0]
    assert stored(alice) == [*grant.access_tokens, grant.refresh_token]
    assert (stored(alice)[1] != before[1]) is bool(refreshed)
    ends = datetime.fromisoformat(status(client, alice.headers)["expires_at"])
    assert (ends > datetime.now(UTC) + timedelta(hours=5)) is bool(refreshed)


def test_a_token_that_is_refused_early_is_refreshed_and_the_request_repeated(client, alice, strava, stored):
    connect(client, alice.headers)
    strava.add(make_activity(1))
    strava.expire_access()

    assert sync(client, alice.headers).json["created"] == 1

    assert len(refreshes(strava)) == 1
    assert stored(alice) == [*strava.grants[0].access_tokens, strava.grants[0].refresh_token]


def test_tokens_are_stored_although_nobody_waits(app, client, owner, alice, strava, stored, monkeypatch):
    """Before: the refresh token had ended at Strava, the new one was lost, and the person had to connect again."""
    connect(client, alice.headers)
    end_in(owner, alice, 1)
    is_there = [True]
    monkeypatch.setattr(deadline, "LOOK_SECONDS", 0)

    def leave(_, answer):
        is_there.clear()
        return answer()

    strava.fail(Fault(leave, on=TOKEN))
    with app.app_context(), deadline.limited(60, lambda: bool(is_there)):
        token, _ = clients.get_access("strava", alice.user_id)

    assert [token] == [*strava.grants[0].access_tokens]
    assert stored(alice) == [token, strava.grants[0].refresh_token]


@pytest.mark.parametrize("how", ["ahead of its end", "when it is refused"])
def test_many_at_once_refresh_once(app, client, owner, alice, strava, how):
    connect(client, alice.headers)
    if how == "ahead of its end":
        end_in(owner, alice, 1)
    strava.expire_access()
    strava.fail(Fault(delay=0.2, on=TOKEN))  # time for the others to come
    barrier = threading.Barrier(8)

    def ask_strava(_):
        with app.app_context():
            barrier.wait()
            with clients.strava(alice.user_id) as one:
                return one.activities(None, 1)[0]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask_strava, range(8))) == [[]] * 8

    assert len(refreshes(strava)) == 1


def test_a_refresh_that_fails_for_good_is_noted_and_strava_left_in_peace_until_the_person_connects_again(
    client, owner, alice, strava
):
    connect(client, alice.headers)
    strava.end_connections()

    first = sync(client, alice.headers)
    asked = len(strava.requests)
    second = sync(client, alice.headers)

    assert (first.status_code, first.json) == (409, {"detail": "Strava has ended the connection: connect again"})
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert len(strava.requests) == asked
    found = status(client, alice.headers)
    assert (found["connected"], found["needs_reconnect"]) == (False, True)
    assert found["last_error"] == "Strava has ended the connection: connect again"
    assert found["last_success_at"] is None

    connect(client, alice.headers)

    assert sync(client, alice.headers).status_code == 200
    found = status(client, alice.headers)
    assert (found["connected"], found["needs_reconnect"]) == (True, False)
    assert found["last_success_at"] is not None


FAILING_REFRESHES = {
    "wrong secret": (Fault(refusal(401, "Application", "", "invalid")), 503),
    "switched off": (Fault(refusal(403, "Application", "Status", "Inactive")), 503),
    "500": (Fault(Answer(500)), 502),
    "not JSON": (Fault(NOT_JSON), 502),
    "cut": (Fault(Answer(200, b'{"token_type": "Bearer"}'), cut=True), 502),
    "429": (Fault(TOO_MANY), 429),
}


@pytest.mark.parametrize("case", FAILING_REFRESHES)
def test_a_refresh_that_fails_for_another_reason_does_not_disconnect(client, owner, alice, strava, stored, case):
    fault, code = FAILING_REFRESHES[case]
    connect(client, alice.headers)
    before = stored(alice)
    end_in(owner, alice, 1)
    strava.fail(dataclasses.replace(fault, on=TOKEN))

    assert sync(client, alice.headers).status_code == code

    found = status(client, alice.headers)
    assert (found["connected"], found["needs_reconnect"]) == (True, False)
    assert found["last_error"]
    assert stored(alice) == before
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    assert sync(client, alice.headers).status_code == 200


def test_a_connection_stays_with_the_application_that_it_was_made_for(app, client, owner, alice, strava, monkeypatch):
    connect(client, alice.headers)
    change_settings(app, monkeypatch, strava_client_id="99999", strava_client_secret="of another one")
    end_in(owner, alice, 1)

    assert sync(client, alice.headers).status_code == 200
    assert [(form["client_id"], form["client_secret"]) for form in refreshes(strava)] == [("12345", "5ec2e7")]


def test_a_secret_that_was_renewed_is_used_for_the_connections_that_there_are(
    app, client, owner, alice, strava, monkeypatch
):
    connect(client, alice.headers)
    strava.client_secret = "renewed"
    change_settings(app, monkeypatch, strava_client_secret="renewed")
    end_in(owner, alice, 1)

    assert sync(client, alice.headers).status_code == 200
