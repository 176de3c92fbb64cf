"""How a connection with a provider begins: states, codes and what was granted."""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from tests.connecting import ask, connect, say_yes, status
from tests.connections.states import CODE_REFUSED, NOT_CONNECTED, change_settings, state_of
from tests.standins.server import Answer, Fault
from tests.standins.strava import ALL_SCOPES, ATHLETE_ID, BAD_GATEWAY, NOT_JSON, TOKEN, TOO_MANY, refusal

TIMES = {"expires_at", "connected_at", "next_sync_at"}


def told(answer):
    """Return what a callback tells the dashboard."""
    assert answer.status_code == 302, answer.text
    assert answer.location.startswith("http://localhost:8000/dashboard?")
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.location).query).items()}


# Connecting


@pytest.mark.parametrize("redirected", [True, False])
def test_a_person_connects_as_their_browser_goes(client, alice, strava, stored, redirected):
    if redirected:
        sent = client.get("/v1/oauth/strava/authorize", headers=alice.headers)
        assert sent.status_code == 302
        address = sent.location
    else:
        address = ask(client, alice.headers)

    back = client.get(say_yes(address))

    assert told(back) == {"connected": "strava"}
    found = status(client, alice.headers)
    ends = datetime.fromisoformat(found.pop("expires_at")) - datetime.now(UTC)
    since = datetime.now(UTC) - datetime.fromisoformat(found.pop("connected_at"))
    assert timedelta(hours=5, minutes=59) < ends <= timedelta(hours=6, seconds=1)
    assert timedelta() < since < timedelta(minutes=1)
    next_sync = datetime.fromisoformat(found.pop("next_sync_at")) - datetime.now(UTC)
    # The interval, and up to a tenth of it, so that not all connections are due at once.
    assert timedelta(minutes=59) < next_sync <= timedelta(minutes=66)
    assert found == {
        **{name: value for name, value in NOT_CONNECTED.items() if name not in TIMES},
        "provider": "strava",
        "connected": True,
        "account_id": str(ATHLETE_ID),
        "scopes": sorted(ALL_SCOPES.split(",")),
    }
    grant = strava.grants[0]
    assert stored(alice) == [*grant.access_tokens, grant.refresh_token]


def test_who_never_connected_is_not_connected(client, alice, hevy):
    for provider in ("strava", "hevy"):
        assert status(client, alice.headers, provider) == {**NOT_CONNECTED, "provider": provider}


SESSION = [str(UUID(int=0)), "x"]


def signed(settings, payload, *, salt="oauth state", key=None):
    return URLSafeTimedSerializer(key or settings.jwt_secret_key, salt=salt).dumps(payload)


def bob_for_alice(state, settings, alice, bob):
    """Put Bob's number into Alice's state, whose signature then is another's."""
    return state.replace(state.split(".")[0], signed(settings, [bob.user_id, "strava", SESSION]).split(".")[0])


FORGERIES = {
    "nonsense": (lambda *_: "n0nsense", "Not issued by this server"),
    "no letters": (lambda *_: "ä\ud7ff☂.é.", "Not issued by this server"),
    "cut": (lambda state, *_: state[:-1], "Not issued by this server"),
    "for another person": (bob_for_alice, "Not issued by this server"),
    "signed by somebody else": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", SESSION], key="k" * 32),
        "Not issued by this server",
    ),
    "signed for another purpose": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", SESSION], salt="another"),
        "Not issued by this server",
    ),
    "of another provider": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "google", SESSION]),
        "Belongs to another provider",
    ),
    "of an earlier release": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", "x"]),
        "Expired or already used: connect again",
    ),
    "never sent": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", SESSION]),
        "Expired or already used: connect again",
    ),
    "of nobody": (
        lambda _, settings, __, ___: signed(settings, [987654321, "strava", SESSION]),
        "Expired or already used: connect again",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_state_that_is_not_the_one_sent_is_refused_and_its_code_not_used(
    client, settings, owner, alice, bob, strava, forgery
):
    forge, why = FORGERIES[forgery]
    state = forge(state_of(ask(client, alice.headers)), settings, alice, bob)

    answer = client.get("/v1/oauth/strava/callback", query_string={"state": state, "code": strava.new_code()})

    assert (answer.status_code, answer.json["errors"]) == (422, {"state": [why]})
    assert strava.asked(TOKEN) == []
    assert owner.execute("SELECT count(*) FROM oauth_credentials").fetchone() == (0,)


def let_pass(owner, seconds):
    owner.execute("UPDATE oauth_states SET expires_at = expires_at - make_interval(secs => %s)", [seconds])


def test_a_state_is_good_for_ten_minutes(client, owner, alice, strava):
    old = say_yes(ask(client, alice.headers))
    let_pass(owner, 12)
    young = say_yes(ask(client, alice.headers))
    let_pass(owner, 590)

    refused = client.get(old)

    assert (refused.status_code, refused.json["errors"]) == (422, {"state": ["Expired or already used: connect again"]})
    assert strava.asked(TOKEN) == []
    assert told(client.get(young)) == {"connected": "strava"}


@pytest.mark.parametrize("ahead", [-7200, -2, 2, 7200])
def test_a_state_is_good_whatever_the_clock_of_the_server_that_made_it(client, alice, monkeypatch, ahead):
    """Before: one of a server whose clock was two seconds ahead, or put back since, had "expired"."""
    with monkeypatch.context() as patched:
        patched.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time()) + ahead)
        back = say_yes(ask(client, alice.headers))

    assert told(client.get(back)) == {"connected": "strava"}


def test_a_state_that_never_came_back_is_forgotten_when_the_person_begins_again(client, owner, alice):
    ask(client, alice.headers)
    owner.execute("UPDATE oauth_states SET expires_at = now() - interval '1 second'")
    ask(client, alice.headers)

    assert owner.execute("SELECT count(*) FROM oauth_states WHERE expires_at > now()").fetchone() == (1,)
    assert owner.execute("SELECT count(*) FROM oauth_states").fetchone() == (1,)


@pytest.mark.parametrize("granted", [ALL_SCOPES, ""])
def test_a_state_comes_back_once(client, alice, strava, granted):
    strava.granted = granted
    back = say_yes(ask(client, alice.headers))
    first = told(client.get(back))
    strava.granted = ALL_SCOPES

    again = client.get(f"{back.partition('?')[0]}?state={state_of(back)}&code={strava.new_code()}")

    assert (again.status_code, again.json["errors"]) == (422, {"state": ["Expired or already used: connect again"]})
    assert ("connected" in first) is status(client, alice.headers)["connected"] is bool(granted)


def test_of_two_who_come_back_at_once_with_a_state_one_connects(app, client, alice, strava):
    address = ask(client, alice.headers)
    backs = [say_yes(address), say_yes(address)]
    barrier = threading.Barrier(2)

    cookie = client.get_cookie("fitness_connect").value

    def come_back(path):
        browser = app.test_client()
        browser.set_cookie("fitness_connect", cookie)
        barrier.wait()
        return browser.get(path).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(come_back, backs)) == [302, 422]
    assert len(strava.asked(TOKEN)) == 1


def test_a_state_connects_who_asked_for_it_in_this_browser_whoever_is_logged_in(client, alice, bob):
    back = say_yes(ask(client, alice.headers))

    client.get(back, headers=bob.headers)

    assert status(client, alice.headers)["connected"] is True
    assert status(client, bob.headers)["connected"] is False


def test_a_person_may_say_no(client, owner, alice, strava):
    strava.granted = ""

    answer = told(client.get(say_yes(ask(client, alice.headers))))

    assert answer == {"connection_error": "You did not grant access at Strava"}
    assert strava.asked(TOKEN) == []
    assert status(client, alice.headers)["connected"] is False


@pytest.mark.parametrize("said", ["", "&error=server_error"])
def test_a_callback_without_a_code_connects_nobody(client, alice, said):
    state = state_of(ask(client, alice.headers))

    assert told(client.get(f"/v1/oauth/strava/callback?state={state}{said}")) == {
        "connection_error": "Strava did not connect"
    }
    assert status(client, alice.headers)["connected"] is False


def test_what_was_not_granted_is_told(client, alice, strava):
    strava.granted = "read,activity:read"
    connect(client, alice.headers)

    found = status(client, alice.headers)

    assert found["connected"] is True
    assert found["scopes"] == ["activity:read", "read"]
    assert found["missing_scopes"] == ["activity:read_all", "profile:read_all"]


def test_without_an_application_nobody_can_connect(app, client, alice, monkeypatch):
    change_settings(app, monkeypatch, strava_client_id=None, strava_client_secret=None)

    for way in ("authorize", "authorize-url"):
        answer = client.get(f"/v1/oauth/strava/{way}", headers=alice.headers)
        assert (answer.status_code, answer.json) == (
            503, {"detail": "This server has no Strava application: its operator must set one up"},
        )  # fmt: skip
    assert status(client, alice.headers) == {**NOT_CONNECTED, "provider": "strava"}


EXCHANGES = {
    "code refused twice": (
        (Fault(CODE_REFUSED), Fault(CODE_REFUSED)),
        "Strava does not accept the code: connect again",
    ),
    "500": ((Fault(Answer(500)),), "Strava answered with status 500"),
    "bad gateway": ((Fault(BAD_GATEWAY),), "Strava answered with status 502"),
    "not JSON": ((Fault(NOT_JSON),), "127.0.0.1 sent something that is not JSON"),
    "no tokens": ((Fault(Answer(200, b"{}")),), "Strava sent a response without tokens"),
    "cut": ((Fault(cut=True),), "127.0.0.1 could not be reached: RemoteProtocolError"),
    "wrong secret": (
        (Fault(refusal(400, "Application", "client_id", "invalid")),),
        "Strava does not accept the application: check its client id, secret and athlete limit",
    ),
}


@pytest.mark.parametrize("case", EXCHANGES)
def test_an_exchange_that_fails_is_told_and_can_be_tried_again(client, alice, strava, case):
    faults, why = EXCHANGES[case]
    strava.fail(*(dataclasses.replace(fault, on=TOKEN) for fault in faults))

    assert told(client.get(say_yes(ask(client, alice.headers)))) == {"connection_error": why}
    assert status(client, alice.headers)["connected"] is False
    connect(client, alice.headers)


def test_a_code_that_is_refused_once_connects(client, alice, strava):
    strava.fail(Fault(CODE_REFUSED, on=TOKEN))

    connect(client, alice.headers)


def test_too_many_who_connect_are_told_when_to_try_again(client, alice, strava):
    strava.fail(Fault(TOO_MANY, on=TOKEN))

    error = told(client.get(say_yes(ask(client, alice.headers))))["connection_error"]

    assert error.startswith("Strava's rate limit is reached: try again at ")


@pytest.mark.parametrize("path", ["authorize", "authorize-url", "status", "callback?state=x", ""])
def test_a_provider_that_there_is_not_is_not_found(client, settings, alice, path):
    path = path.replace("=x", f"={signed(settings, [alice.user_id, 'garmin', 'x'])}")

    answer = client.open(
        f"/v1/oauth/garmin/{path}".rstrip("/"), method="GET" if path else "DELETE", headers=alice.headers
    )

    assert answer.status_code == (422 if "callback" in path else 404)
    assert "errors" in answer.json or "Unknown provider" in answer.json["detail"]


@pytest.mark.parametrize("way", ["authorize", "authorize-url"])
def test_a_provider_without_oauth_sends_nobody_anywhere(client, alice, way):
    assert client.get(f"/v1/oauth/hevy/{way}", headers=alice.headers).status_code == 404
