"""Connecting by somebody else's browser: whoever opens another's address connects nobody.

Before: the state was bound to the account alone. Bob opened the address that Alice had asked for, agreed at the
provider, and his activities (or calendar) belonged to Alice's account.
"""

import dataclasses
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.connecting import say_yes, status, with_strava

PROVIDERS = ["strava", "google"]
HTTPS = "https://log.example.com"


@pytest.fixture
def settings(settings, strava, google):
    return dataclasses.replace(with_strava(settings, strava), **google.settings)


@pytest.fixture
def browser(app):
    """A browser that asked for nothing."""
    return app.test_client()


def address_of(client, person, provider):
    return client.get(f"/v1/oauth/{provider}/authorize-url", headers=person.headers).json["url"]


def sent_to(answer):
    """Return what a redirect to the dashboard carries in its fragment."""
    address = urlsplit(answer.location)
    assert (answer.status_code, address.path, address.query) == (302, "/dashboard", "")
    return dict(parse_qsl(address.fragment))


def connect(client, person, provider, sent):
    body = {name: value for name, value in sent.items() if name != "connect"}
    return client.post(f"/v1/oauth/{provider}/connect", json=body, headers=person.headers)


def codes(strava, google):
    """Return the codes that were exchanged for tokens."""
    asked = [*strava.asked("/oauth/token"), *google.asked("/token")]
    return [one.form["code"] for one in asked if "code" in one.form]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_another_browser_connects_nobody(client, browser, alice, bob, strava, google, provider):
    back = say_yes(address_of(client, alice, provider))

    sent = sent_to(browser.get(back, headers=bob.headers))

    assert sent["connect"] == provider
    assert codes(strava, google) == []
    for person in (alice, bob):
        assert status(client, person.headers, provider)["connected"] is False


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_did_not_ask_cannot_confirm_and_who_did_can(client, browser, alice, bob, strava, google, provider):
    sent = sent_to(browser.get(say_yes(address_of(client, alice, provider))))

    refused = connect(browser, bob, provider, sent)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["state"])
    assert codes(strava, google) == []

    confirmed = connect(browser, alice, provider, sent)
    assert (confirmed.status_code, confirmed.json["connected"]) == (200, True)
    assert confirmed.json == status(client, alice.headers, provider)
    assert status(client, bob.headers, provider)["connected"] is False
    assert connect(browser, alice, provider, sent).json["errors"] == {
        "state": ["Expired or already used: connect again"]
    }


def test_a_confirmation_needs_a_login_of_a_person(client, browser, alice, make_token):
    sent = sent_to(browser.get(say_yes(address_of(client, alice, "strava"))))
    body = {"state": sent["state"], "code": sent["code"]}

    assert browser.post("/v1/oauth/strava/connect", json=body).status_code == 401
    token = make_token(alice, "read", "write", "import")
    assert browser.post("/v1/oauth/strava/connect", json=body, headers=token).status_code == 403


def test_who_did_not_agree_is_told_when_confirming(client, browser, alice, strava):
    strava.granted = ""
    sent = sent_to(browser.get(say_yes(address_of(client, alice, "strava"))))

    answer = connect(browser, alice, "strava", sent)

    assert (answer.status_code, answer.json) == (409, {"detail": "You did not grant access at Strava"})


@pytest.mark.parametrize("value", ["read,\0", "s" * 2001])
def test_what_no_provider_sends_is_refused_by_its_field_and_spoils_no_state(client, browser, alice, strava, value):
    """Before: the code was used up, then 900 kB of scopes were stored, or a null byte was refused without its field."""
    back = say_yes(address_of(client, alice, "strava"))
    sent = sent_to(browser.get(back))
    for field in ("state", "code", "scope", "error"):
        refused = connect(browser, alice, "strava", {**sent, field: value})
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    forged = client.get(back.partition("?")[0], query_string={**sent, "scope": value})
    assert (forged.status_code, list(forged.json["errors"])) == (422, ["scope"])

    assert connect(browser, alice, "strava", sent).json["connected"] is True


@pytest.mark.parametrize("way", ["authorize", "authorize-url"])
@pytest.mark.parametrize(("base", "name"), [("http://localhost:8000", ""), (HTTPS, "__Host-")])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_hosts(app, client, alice, owner, monkeypatch, base, name, way):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], public_api_base_url=base))

    answer = client.get(f"/v1/oauth/strava/{way}", headers=alice.headers, base_url=base)

    pair, *marks = answer.headers["Set-Cookie"].split("; ")
    name_sent, _, secret = pair.partition("=")
    assert name_sent == f"{name}fitness_connect"
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(marks)
    assert ("Secure" in marks) is (base == HTTPS)
    assert not any(mark.startswith("Domain") for mark in marks)
    (kept,) = owner.execute("SELECT s::text FROM oauth_states AS s").fetchone()
    assert len(secret) > 40 and secret not in kept


def test_the_login_has_the_same_cookie(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], public_api_base_url=HTTPS))

    cookie = client.get("/v1/auth/google/login", base_url=HTTPS).headers["Set-Cookie"]

    assert cookie.startswith("__Host-fitness_login=")
    assert "Secure" in cookie and "Path=/" in cookie


def test_a_cookie_of_another_connection_does_not_fit(client, browser, alice, bob, strava, google):
    """Bob's own attempt gives his browser a cookie, which is not that of Alice's address."""
    back = say_yes(address_of(client, alice, "strava"))
    address_of(browser, bob, "strava")

    assert sent_to(browser.get(back))["connect"] == "strava"
    assert codes(strava, google) == []


def test_two_providers_can_be_connected_side_by_side(client, alice):
    addresses = [address_of(client, alice, provider) for provider in PROVIDERS]

    for provider, address in zip(PROVIDERS, addresses, strict=True):
        assert client.get(say_yes(address)).location.endswith(f"/dashboard?connected={provider}")
