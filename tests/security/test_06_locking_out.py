"""Locking others out by wrong passwords, and guessing around the limits.

Before: ten wrong logins locked an account for everybody, its owner included; each address of an IPv6 network had limits
of its own; an account had one counter per spelling of its name; wrong confirmations used up the logins.
"""

import dataclasses

import bcrypt
import pytest

from fitness.accounts.limits import network_of
from tests.accounts.signing_in import PASSWORD, bearer

pytestmark = pytest.mark.usefixtures("quick_hashes")

LIMIT, TOTAL = 3, 12
HOME, NEIGHBOUR, STRANGER = "192.0.2.1", "192.0.2.200", "198.51.100.7"
ADA = {"email": "ada@example.com", "username": "ada_l", "name": "Ada", "password": PASSWORD}


@pytest.fixture
def settings(settings):
    limits = {"rate_limit_login": f"{LIMIT} per minute", "rate_limit_login_total": f"{TOTAL} per minute"}
    return dataclasses.replace(settings, **limits, trusted_proxies=1)


@pytest.fixture
def ada(client):
    """The headers of Ada."""
    return bearer(client.post("/v1/auth/signup", json=ADA).json["access_token"])


def log_in(client, address, name="ada@example.com", password="a wrong pass phrase"):  # noqa: S107
    body = {"email": name, "password": password}
    return client.post("/v1/auth/login", json=body, headers={"X-Forwarded-For": address}).status_code


def log_in_often(client, address, name="ada@example.com", times=LIMIT):
    return [log_in(client, address, name) for _ in range(times)]


# Locking out


def test_who_guesses_from_elsewhere_locks_nobody_out(client, ada):
    assert log_in_often(client, STRANGER, times=TOTAL * 2) == [401] * LIMIT + [429] * (TOTAL * 2 - LIMIT)

    assert log_in(client, HOME, password=PASSWORD) == 200
    assert log_in(client, STRANGER, password=PASSWORD) == 429


def test_in_the_own_network_only_the_account_that_was_guessed_at_is_locked(client, ada):
    assert log_in_often(client, NEIGHBOUR, "bob@example.com", LIMIT + 1)[-1] == 429

    assert log_in(client, HOME, password=PASSWORD) == 200


def test_many_networks_together_reach_the_limit_of_an_account(client, ada):
    guesses = [log_in(client, f"198.51.{number}.7") for number in range(TOTAL + 1)]

    assert guesses == [401] * TOTAL + [429]
    assert log_in(client, HOME, password=PASSWORD) == 429
    assert log_in(client, HOME, "bob@example.com") == 401


def test_one_network_reaches_its_limit_with_many_accounts(client):
    guesses = [log_in(client, f"198.51.100.{number}", f"{number}@example.com") for number in range(TOTAL + 1)]

    assert guesses == [401] * TOTAL + [429]


def test_confirmations_are_counted_apart_from_logins(client, ada):
    def confirm(password):
        body = {"current_password": password, "email": "ada@example.org"}
        headers = ada | {"X-Forwarded-For": HOME}
        return client.put("/v1/auth/email", json=body, headers=headers).status_code

    log_in_often(client, HOME)

    assert [confirm("a wrong pass phrase") for _ in range(LIMIT)] == [422] * LIMIT
    assert confirm(PASSWORD) == 429
    assert log_in(client, HOME, password=PASSWORD) == 429
    assert log_in(client, STRANGER, password=PASSWORD) == 200


# Networks


@pytest.mark.parametrize("others", [["2001:db8::2", "2001:db8::ffff:1", "2001:db8:0:0:1::1"], ["192.0.2.77"] * 3])
def test_the_addresses_of_a_network_count_as_one(client, ada, others):
    first = HOME if "." in others[0] else "2001:db8::1"
    guesses = [log_in(client, address) for address in [first, *others]]

    assert guesses == [401] * LIMIT + [429]
    assert log_in(client, "2001:db8:0:1::1", password=PASSWORD) == 200


def test_what_a_network_is():
    networks = {
        "192.0.2.77": "192.0.2.0/24",
        "::ffff:192.0.2.77": "192.0.2.0/24",
        "64:ff9b::192.0.2.77": "192.0.2.0/24",
        "[64:ff9b::c633:6407]:443": "198.51.100.0/24",
        "64:ff9b:1::192.0.2.77": "64:ff9b:1::/64",
        "2002:c000:024d:1234::1": "192.0.2.0/24",
        "2001:0:c633:6407:8000:63bf:3fff:fdb2": "192.0.2.0/24",
        "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
        "fe80::1%eth0": "fe80::/64",
        "192.0.2.77:50123": "192.0.2.0/24",
        "[2001:db8:1:2:3:4:5:6]:443": "2001:db8:1:2::/64",
        "[2001:db8:1:2:3:4:5:6]": "2001:db8:1:2::/64",
        "[unknown]:1": "[unknown]:1",
        "unknown": "unknown",
        "": "",
    }

    assert {address: network_of(address) for address in networks} == networks


def test_behind_a_translator_nobody_uses_up_the_limits_of_all_others(client, ada):
    """Before: all of IPv4 was one network there, and whoever had 6to4 had 65,536."""
    assert log_in_often(client, "64:ff9b::198.51.100.7", times=LIMIT + 1) == [401] * LIMIT + [429]
    tunnels = [log_in(client, f"2002:cb00:7107:{number:x}::1") for number in range(LIMIT + 1)]

    assert tunnels == [401] * LIMIT + [429]
    assert log_in(client, "64:ff9b::192.0.2.1", password=PASSWORD) == 200


# Names


SPELLINGS = ["ada@example.com", "ADA@Example.COM", "ａｄａ@example.com", "a\u200bda@example.com", " ada@example.com"]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_has_one_limit_however_it_is_spelt_with_or_without_an_account(client, request, exists, spelling):
    if exists:
        request.getfixturevalue("ada")

    assert log_in_often(client, HOME, spelling) == [401] * LIMIT
    assert log_in(client, HOME, password=PASSWORD) == 429


def test_an_address_and_a_username_have_one_limit(client, ada):
    log_in_often(client, HOME, "ada_l")

    assert log_in(client, HOME, password=PASSWORD) == 429


def test_a_wrong_password_and_an_unknown_name_are_answered_alike_until_the_end(client, ada, monkeypatch):
    checked = []
    checkpw = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda *args: checked.append(args) or checkpw(*args))

    def answers(name):
        body = {"email": name, "password": "a wrong pass phrase"}
        all_of_them = [
            client.post("/v1/auth/login", json=body, headers={"X-Forwarded-For": STRANGER}) for _ in range(LIMIT + 1)
        ]
        return [
            (one.status_code, one.data, one.headers["RateLimit-Policy"], one.headers["RateLimit"][:14])
            for one in all_of_them
        ]

    assert answers("ada@example.com") == answers("bob@example.com")
    assert len(checked) == 2 * LIMIT


@pytest.mark.parametrize("name", ["x" * 900_000, "\u200b", "", "\0", "ﷺ" * 10_000])
def test_a_name_that_nobody_can_have_is_counted_too(client, name):
    assert log_in_often(client, HOME, name, LIMIT + 1) == [401] * LIMIT + [429]


# Sign-ups


def test_nobody_keeps_somebody_from_signing_up(client, settings, app, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, rate_limit_signup="2 per hour"))

    def sign_up(address, **changes):
        return client.post("/v1/auth/signup", json={**ADA, **changes}, headers={"X-Forwarded-For": address}).status_code

    assert [
        sign_up(STRANGER, email=f"ada{number}@example.com", username=f"a{number}{number}") for number in range(3)
    ] == [201, 201, 429]
    assert [sign_up("198.51.100.99"), sign_up(HOME)] == [429, 201]
