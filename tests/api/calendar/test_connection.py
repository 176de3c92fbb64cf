"""The connection with the calendar."""

import dataclasses

from tests.api.calendar.requests import EVENTS, counts, state, sync, sync_all
from tests.google_browser import connect, say_yes
from tests.standins.google import EVENTS_SCOPE, TOKEN
from tests.standins.server import Answer, Fault

# The connection


def test_a_connection_tells_its_account_and_what_was_not_granted(client, google, bob):
    google.granted = "openid email"
    connect(client, bob.headers)

    status = client.get("/v1/oauth/google/status", headers=bob.headers).json

    assert (status["connected"], status["account_id"]) == (True, "athlete@example.com")
    assert status["missing_scopes"] == [EVENTS_SCOPE]


def test_disconnecting_ends_it_at_google_and_leaves_the_events(client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)

    assert client.delete("/v1/oauth/google", headers=alice.headers).status_code == 204

    assert len(google.asked("/revoke")) == 1
    assert len(google.calendar()) == 1
    assert sync(client, alice, run).status_code == 409


def test_another_accounts_calendar_gets_all_events(client, google, alice, make_run):
    runs = [make_run(alice), make_run(alice)]
    sync_all(client, alice)
    before, google.person = google.person, {**google.person, "sub": "1", "email": "other@example.com"}
    client.delete(f"/v1/runs/{runs[0].id}", headers=alice.headers)
    connect(client, alice.headers)

    assert state(client, alice, runs[1])["sync_status"] is None
    assert counts(sync_all(client, alice).json) == (1, 1, 0, 0, 0)
    assert len(google.calendar()) == 1
    google.person = before
    connect(client, alice.headers)
    first = set(google.calendar())
    assert counts(sync_all(client, alice).json) == (1, 1, 0, 0, 0)
    assert (set(google.calendar()), len(first)) == (first, 2)


def test_what_google_entrusts_is_stored_encrypted(owner, alice):
    row = owner.execute("SELECT access_token, refresh_token, client_secret FROM oauth_credentials").fetchone()

    assert all(secret.startswith("gAAAA") for secret in row)


def test_a_state_that_goes_to_google_is_good_once_and_its_verifier_stays_here(client, google, bob):
    url = client.get("/v1/oauth/google/authorize-url", headers=bob.headers).json["url"]
    back = say_yes(url)

    answers = [client.get(back) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "code_challenge_method=S256" in url
    (token_request,) = google.asked(TOKEN)
    assert token_request.form["code_verifier"] not in url


def test_without_an_application_the_operator_is_asked_to_act(app, client, bob, monkeypatch):
    nothing = dataclasses.replace(app.config["SETTINGS"], google_client_id=None, google_client_secret=None)
    monkeypatch.setitem(app.config, "SETTINGS", nothing)

    assert client.get("/v1/oauth/google/authorize-url", headers=bob.headers).status_code == 503
    assert client.get("/v1/auth/google/login").status_code == 503


def test_an_address_that_is_none_of_googles_is_not_taken_for_an_answer(client, google, alice, make_run):
    google.fail(Fault(Answer(200, b"<html>Sign in to the hotel's network</html>"), on=EVENTS))

    assert sync(client, alice, make_run(alice)).status_code == 502
