"""Connections with providers: how they begin, stay alive and end, and that nobody sees the secrets in them."""

import dataclasses
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from fitness.connections import clients
from fitness.connections.encryption import Cipher
from fitness.providers.strava.client import Strava
from tests.connecting import ask, connect, say_yes, status, sync, with_strava
from tests.standins.hevy import HevyStandIn
from tests.standins.server import Answer, Fault
from tests.standins.strava import (
    ACTIVITIES,
    ALL_SCOPES,
    ATHLETE_ID,
    BAD_GATEWAY,
    NOT_JSON,
    TOKEN,
    TOO_MANY,
    make_activity,
    refusal,
)

REVOKE = "/oauth/deauthorize"
CODE_REFUSED = refusal(400, "AuthorizationCode", "code", "invalid")
NOT_CONNECTED = {
    "connected": False, "needs_reconnect": False, "account_id": None, "scopes": [], "missing_scopes": [],
    "expires_at": None, "connected_at": None, "syncing": False, "found": 0, "last_success_at": None,
    "last_error": None, "last_error_at": None, "retry_at": None,
}  # fmt: skip


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


@pytest.fixture(autouse=True)
def no_wait_for_codes(monkeypatch):
    """A fresh code that was refused is tried again at once."""
    monkeypatch.setitem(Strava.__init__.__kwdefaults__, "code_wait", 0)


@pytest.fixture
def hevy(app, monkeypatch):
    """Hevy on loopback, where the server looks for it."""
    with HevyStandIn.of_samples() as stand_in:
        change_settings(app, monkeypatch, hevy_api_url=stand_in.url)
        yield stand_in


@pytest.fixture
def stored(owner, settings):
    """Return the secrets stored of somebody, decrypted: the access and the refresh token."""

    def read(person, provider="strava"):
        row = owner.execute(
            "SELECT access_token, refresh_token FROM oauth_credentials WHERE user_id = %s AND provider = %s",
            [person.user_id, provider],
        ).fetchone()
        return row and [secret and Cipher(settings.encryption_keys).decrypt(secret) for secret in row]

    return read


def change_settings(app, monkeypatch, **changes):
    """Let the server have been started with other settings."""
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **changes))


def end_in(owner, person, minutes):
    """Let somebody's access token end in so many minutes, as far as we know."""
    owner.execute(
        "UPDATE oauth_credentials SET expires_at = now() + make_interval(mins => %s) WHERE user_id = %s",
        [minutes, person.user_id],
    )


def state_of(address):
    return parse_qs(urlsplit(address).query)["state"][0]


def told(answer):
    """Return what a callback tells the dashboard."""
    assert answer.status_code == 302, answer.text
    assert answer.location.startswith("http://127.0.0.1:8000/dashboard?")
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.location).query).items()}


def refreshes(strava):
    return [asked.form for asked in strava.asked(TOKEN) if asked.form["grant_type"] == "refresh_token"]


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
    assert found == {
        **{name: value for name, value in NOT_CONNECTED.items() if name not in {"expires_at", "connected_at"}},
        "provider": "strava",
        "connected": True,
        "account_id": str(ATHLETE_ID),
        "scopes": sorted(ALL_SCOPES.split(",")),
    }
    grant = strava._grants[0]
    assert stored(alice) == [*grant.access_tokens, grant.refresh_token]


def test_who_never_connected_is_not_connected(client, alice, hevy):
    for provider in ("strava", "hevy"):
        assert status(client, alice.headers, provider) == {**NOT_CONNECTED, "provider": provider}


def signed(settings, payload, *, salt="oauth state", key=None):
    return URLSafeTimedSerializer(key or settings.jwt_secret_key, salt=salt).dumps(payload)


def bob_for_alice(state, settings, alice, bob):
    """Put Bob's number into Alice's state, whose signature then is another's."""
    return state.replace(state.split(".")[0], signed(settings, [bob.user_id, "strava", "x"]).split(".")[0])


FORGERIES = {
    "nonsense": (lambda *_: "n0nsense", "It is not one of ours"),
    "no letters": (lambda *_: "ä\ud7ff☂.é.", "It is not one of ours"),
    "cut": (lambda state, *_: state[:-1], "It is not one of ours"),
    "for another person": (bob_for_alice, "It is not one of ours"),
    "signed by somebody else": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", "x"], key="k" * 32),
        "It is not one of ours",
    ),
    "signed for another purpose": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", "x"], salt="another"),
        "It is not one of ours",
    ),
    "of another provider": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "google", "x"]),
        "It is of another provider",
    ),
    "never sent": (
        lambda _, settings, alice, __: signed(settings, [alice.user_id, "strava", "x"]),
        "It was used before: connect again",
    ),
    "of nobody": (
        lambda _, settings, __, ___: signed(settings, [987654321, "strava", "x"]),
        "It was used before: connect again",
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


@contextmanager
def signed_ago(monkeypatch, seconds):
    with monkeypatch.context() as patched:
        patched.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time()) - seconds)
        yield


def test_a_state_is_good_for_ten_minutes(client, alice, strava, monkeypatch):
    with signed_ago(monkeypatch, 590):
        young = say_yes(ask(client, alice.headers))
    with signed_ago(monkeypatch, 602):
        old = say_yes(ask(client, alice.headers))

    refused = client.get(old)

    assert (refused.status_code, refused.json["errors"]) == (422, {"state": ["It is too old: connect again"]})
    assert strava.asked(TOKEN) == []
    assert told(client.get(young)) == {"connected": "strava"}


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

    assert (again.status_code, again.json["errors"]) == (422, {"state": ["It was used before: connect again"]})
    assert ("connected" in first) is status(client, alice.headers)["connected"] is bool(granted)


def test_of_two_who_come_back_at_once_with_a_state_one_connects(app, client, alice, strava):
    address = ask(client, alice.headers)
    backs = [say_yes(address), say_yes(address)]
    barrier = threading.Barrier(2)

    def come_back(path):
        barrier.wait()
        return app.test_client().get(path).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(come_back, backs)) == [302, 422]
    assert len(strava.asked(TOKEN)) == 1


def test_a_state_connects_who_asked_for_it_whoever_brings_it_back(client, alice, bob):
    back = say_yes(ask(client, alice.headers))

    client.get(back, headers=bob.headers)

    assert status(client, alice.headers)["connected"] is True
    assert status(client, bob.headers)["connected"] is False


def test_a_person_may_say_no(client, owner, alice, strava):
    strava.granted = ""

    answer = told(client.get(say_yes(ask(client, alice.headers))))

    assert answer == {"connection_error": "Strava was not allowed to connect"}
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
            503, {"detail": "This server has no application at Strava: its operator must set one up"},
        )  # fmt: skip
    assert status(client, alice.headers) == {**NOT_CONNECTED, "provider": "strava"}


EXCHANGES = {
    "code refused twice": (
        (Fault(CODE_REFUSED), Fault(CODE_REFUSED)),
        "Strava does not accept the code: connect again",
    ),
    "500": ((Fault(Answer(500)),), "Strava answered 500"),
    "bad gateway": ((Fault(BAD_GATEWAY),), "Strava answered 502"),
    "not JSON": ((Fault(NOT_JSON),), "127.0.0.1 sent something that is not JSON"),
    "no tokens": ((Fault(Answer(200, b"{}")),), "Strava sent an answer without tokens"),
    "cut": ((Fault(cut=True),), "127.0.0.1 could not be reached: RemoteProtocolError"),
    "wrong secret": (
        (Fault(refusal(400, "Application", "client_id", "invalid")),),
        "Strava does not accept the application: look at its client id, secret and athlete limit",
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

    assert error.startswith("Strava wants to be asked again at ")


@pytest.mark.parametrize("path", ["authorize", "authorize-url", "status", "callback?state=x", ""])
def test_a_provider_that_there_is_not_is_not_found(client, settings, alice, path):
    path = path.replace("=x", f"={signed(settings, [alice.user_id, 'garmin', 'x'])}")

    answer = client.open(
        f"/v1/oauth/garmin/{path}".rstrip("/"), method="GET" if path else "DELETE", headers=alice.headers
    )

    assert answer.status_code == (422 if "callback" in path else 404)
    assert "errors" in answer.json or "There is no such provider" in answer.json["detail"]


@pytest.mark.parametrize("way", ["authorize", "authorize-url"])
def test_a_provider_without_oauth_sends_nobody_anywhere(client, alice, way):
    assert client.get(f"/v1/oauth/hevy/{way}", headers=alice.headers).status_code == 404


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
    grant = strava._grants[0]
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
    assert stored(alice) == [*strava._grants[0].access_tokens, strava._grants[0].refresh_token]


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


@pytest.mark.parametrize(
    ("athlete", "scope", "forgotten"),
    [(ATHLETE_ID, ALL_SCOPES, False), (ATHLETE_ID + 1, ALL_SCOPES, True), (ATHLETE_ID, "read,activity:read", True)],
)
def test_who_connects_with_another_account_or_scope_begins_anew(
    client, owner, alice, strava, athlete, scope, forgotten
):
    connect(client, alice.headers)
    sync(client, alice.headers)
    owner.execute(
        "INSERT INTO provider_events (user_id, provider, object_id) VALUES (%s, 'strava', '1')", [alice.user_id]
    )

    strava.athlete_id, strava.granted = athlete, scope
    connect(client, alice.headers)

    assert (status(client, alice.headers)["last_success_at"] is None) is forgotten
    assert owner.execute("SELECT count(*) FROM provider_events").fetchone() == (0 if forgotten else 1,)


# Disconnecting


@pytest.mark.parametrize("token", ["fresh", "about to end", "refused early"])
def test_disconnecting_ends_it_at_strava_and_forgets_it_here(client, owner, alice, strava, token):
    strava.add(make_activity(1))
    connect(client, alice.headers)
    sync(client, alice.headers)
    if token == "about to end":
        end_in(owner, alice, 1)
    elif token == "refused early":
        strava.expire_access()

    answer = client.delete("/v1/oauth/strava", headers=alice.headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert strava._grants == []
    assert status(client, alice.headers) == {**NOT_CONNECTED, "provider": "strava"}
    for table in ("oauth_credentials", "oauth_states", "sync_metadata", "provider_events"):
        assert owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 1


def test_what_is_not_connected_cannot_be_disconnected(client, alice, strava):
    for provider in ("strava", "hevy"):
        assert client.delete(f"/v1/oauth/{provider}", headers=alice.headers).status_code == 404
    assert sync(client, alice.headers).json == {"detail": "Strava is not connected: connect it first"}
    assert strava.requests == []


def test_who_cannot_tell_strava_stays_connected_unless_forced(client, alice, strava):
    connect(client, alice.headers)
    strava.fail(*[Fault(Answer(500), on=REVOKE)] * 2)

    refused = client.delete("/v1/oauth/strava", headers=alice.headers)
    still = status(client, alice.headers)
    forced = client.delete("/v1/oauth/strava?force=true", headers=alice.headers)

    assert (refused.status_code, refused.json) == (502, {"detail": "Strava answered 500"})
    assert still["connected"] is True
    assert forced.status_code == 204
    assert status(client, alice.headers)["connected"] is False


@pytest.mark.parametrize("known", [True, False])
def test_what_strava_has_ended_already_is_forgotten(client, alice, strava, known):
    connect(client, alice.headers)
    strava.end_connections()
    if known:
        sync(client, alice.headers)

    assert client.delete("/v1/oauth/strava", headers=alice.headers).status_code == 204
    assert status(client, alice.headers)["needs_reconnect"] is False


def test_another_ones_connection_is_untouched(client, alice, bob, strava, stored):
    strava.add(make_activity(1, athlete={"id": 7}), athlete_id=7)
    connect(client, alice.headers)
    strava.athlete_id = 7
    connect(client, bob.headers)
    bobs = stored(bob)

    client.delete("/v1/oauth/strava", headers=alice.headers)

    assert stored(alice) is None
    assert stored(bob) == bobs
    assert sync(client, bob.headers).json["created"] == 1
    assert status(client, bob.headers)["account_id"] == "7"


# Secrets


def test_no_secret_is_stored_in_clear_logged_or_answered(client, owner, alice, strava, hevy, caplog):
    caplog.set_level(logging.DEBUG)
    answers = []

    def noted(answer):
        answers.append(f"{answer.headers}{answer.text}")
        return answer

    address = ask(client, alice.headers)
    states = owner.execute("SELECT o::text FROM oauth_states AS o").fetchall()
    strava.fail(Fault(CODE_REFUSED, on=TOKEN))
    back = say_yes(address)
    noted(client.get(back))
    noted(client.get(back))
    noted(client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers))
    hevy.fail(Fault(Answer(500)))
    noted(client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers))
    seen = set(strava._grants[0].access_tokens)
    for fault in (None, Fault(Answer(500), on=TOKEN), Fault(NOT_JSON, on=ACTIVITIES), Fault(cut=True, on=ACTIVITIES)):
        end_in(owner, alice, 1)
        strava.expire_access()
        if fault:
            strava.fail(fault)
        noted(sync(client, alice.headers))
    rows = owner.execute("SELECT c::text FROM oauth_credentials AS c").fetchall()
    grant = strava._grants[0]
    secrets = {
        state_of(address), strava.client_secret, hevy.key, grant.refresh_token, *grant.access_tokens, *seen,
        parse_qs(urlsplit(back).query)["code"][0], *(form["refresh_token"] for form in refreshes(strava)),
    }  # fmt: skip
    noted(client.get("/v1/oauth/strava/status", headers=alice.headers))
    noted(client.get("/v1/oauth/hevy/status", headers=alice.headers))
    strava.end_connections()
    noted(sync(client, alice.headers))
    noted(client.delete("/v1/oauth/strava", headers=alice.headers))

    assert len(secrets) > 8
    assert (len(states), len(rows)) == (1, 2)
    assert len(caplog.records) > len(answers)
    logged = "".join(f"{record.getMessage()}{vars(record)}" for record in caplog.records)
    for secret in secrets:
        assert secret not in f"{states}{rows}"
        assert secret not in logged
        assert secret not in "".join(answers)


def test_secrets_whose_key_is_gone_are_the_operators_to_bring_back(app, client, alice, stored, monkeypatch):
    connect(client, alice.headers)
    change_settings(app, monkeypatch, encryption_keys=(Fernet.generate_key().decode(),))

    for answer in (sync(client, alice.headers), client.delete("/v1/oauth/strava", headers=alice.headers)):
        assert (answer.status_code, answer.json) == (
            503, {"detail": "A stored secret was encrypted with a key that ENCRYPTION_KEYS no longer holds"},
        )  # fmt: skip
    assert client.delete("/v1/oauth/strava?force=true", headers=alice.headers).status_code == 204
    connect(client, alice.headers)
    assert sync(client, alice.headers).status_code == 200


# Hevy's key


def test_a_key_that_hevy_accepts_connects(client, owner, alice, hevy, stored):
    answer = client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers)

    assert answer.status_code == 200
    assert (answer.json["connected"], answer.json["account_id"], answer.json["expires_at"]) == (True, "ada", None)
    assert answer.json == status(client, alice.headers, "hevy")
    assert stored(alice, "hevy") == [hevy.key, None]


@pytest.mark.parametrize(
    "key", ["00000000-0000-4000-8000-00000000dead", "with blanks", "schlüssel", "a\r\nb: c", "", "k" * 201, None, 7]
)
def test_a_key_that_hevy_refuses_is_not_stored(client, owner, alice, hevy, key):
    answer = client.put("/v1/oauth/hevy/key", json={"key": key}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["key"])
    assert owner.execute("SELECT count(*) FROM oauth_credentials").fetchone() == (0,)


@pytest.mark.parametrize("fault", [Fault(Answer(500)), Fault(NOT_JSON), Fault(cut=True)])
def test_a_key_that_hevy_cannot_be_asked_about_is_not_stored_and_the_one_before_stays(
    client, alice, hevy, stored, fault
):
    client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers)
    hevy.fail(fault)

    answer = client.put("/v1/oauth/hevy/key", json={"key": "another"}, headers=alice.headers)

    assert answer.status_code == 502
    assert stored(alice, "hevy") == [hevy.key, None]


def test_a_key_is_forgotten_on_demand_without_asking_hevy(client, owner, alice, bob, hevy):
    for person in (alice, bob):
        client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=person.headers)
    asked = len(hevy.requests)

    assert client.delete("/v1/oauth/hevy", headers=alice.headers).status_code == 204

    assert len(hevy.requests) == asked
    assert status(client, alice.headers, "hevy")["connected"] is False
    assert status(client, bob.headers, "hevy")["connected"] is True
    assert client.delete("/v1/oauth/hevy", headers=alice.headers).status_code == 404
