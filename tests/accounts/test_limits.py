"""Limits on logins and sign-ups."""

import dataclasses
import os
import subprocess
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient

from fitness.app import create_app
from fitness.config import Settings
from tests.accounts.signing_in import PASSWORD

pytestmark = pytest.mark.usefixtures("quick_hashes")


# Limits


@pytest.fixture
def strict_client(settings: Settings) -> FlaskClient:
    """A client of an application with low limits."""
    return create_app(
        dataclasses.replace(
            settings,
            rate_limit_login="3 per minute",
            rate_limit_login_total="4 per minute",
            rate_limit_signup="3 per hour",
            trusted_proxies=1,
        )
    ).test_client()


def attempt(client: FlaskClient, address: str = "192.0.2.1", path: str = "login", **body: str) -> Any:
    body = {"password": "another pass phrase", **body}
    return client.post(f"/v1/auth/{path}", json=body, headers={"X-Forwarded-For": address})


def test_logins_are_limited_per_account_and_network(sign_up, strict_client):
    sign_up(username="ada_l")
    names = [{"email": "ada@example.com"}, {"email": "ADA@example.com"}, {"username": "ada_l"}]
    answers = [attempt(strict_client, f"192.0.2.{number}", **name) for number, name in enumerate(names)]

    refused = attempt(strict_client, "192.0.2.9", email="ada@example.com", password=PASSWORD)
    elsewhere = attempt(strict_client, "198.51.100.9", email="ada@example.com", password=PASSWORD)

    assert [answer.status_code for answer in answers] == [401] * 3
    assert (refused.status_code, refused.json) == (429, {"detail": "Too many requests"})
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert elsewhere.status_code == 200


def test_logins_are_limited_per_network_whatever_the_account(client, strict_client):
    statuses = [attempt(strict_client, email=f"{number}@example.com").status_code for number in range(5)]

    assert statuses == [401, 401, 401, 401, 429]
    assert attempt(strict_client, "198.51.100.2", email="5@example.com").status_code == 401


def test_sign_ups_are_limited_per_network(client, strict_client):
    for number in range(3):
        attempt(strict_client, path="signup", email=f"{number}@example.com", name="Ada")

    refused = attempt(strict_client, path="signup", email="3@example.com", name="Ada")

    assert refused.status_code == 429
    assert 60 < int(refused.headers["Retry-After"]) <= 3600


def test_a_limit_ends_with_its_window(client, strict_client, owner):
    for _ in range(3):
        attempt(strict_client, email="ada@example.com")
    before = attempt(strict_client, email="ada@example.com").status_code

    owner.execute("UPDATE rate_limits SET expires_at = now()")

    assert (before, attempt(strict_client, email="ada@example.com").status_code) == (429, 401)
    assert owner.execute("SELECT max(count) FROM rate_limits").fetchone() == (1,)


def test_a_limit_holds_across_processes(client, strict_client, settings):
    for _ in range(3):
        attempt(strict_client, "127.0.0.1", email="ada@example.com")
    program = """
from fitness.app import create_app
from fitness.config import load_settings
body = {"email": "ada@example.com", "password": "another pass phrase"}
print(create_app(load_settings()).test_client().post("/v1/auth/login", json=body).status_code)
"""
    environ = {**os.environ, "DATABASE_URL": settings.database_url or "", "FITNESS_DATA_DIR": str(settings.data_dir)}

    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**environ, "RATE_LIMIT_LOGIN": "3 per minute"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert other.stdout == "429\n"


def test_no_address_or_account_is_readable_among_the_limits(client, strict_client, owner):
    attempt(strict_client, email="ada@example.com")

    (keys,) = owner.execute("SELECT string_agg(key, ' ') FROM rate_limits").fetchone()
    assert "ada" not in keys
    assert "192.0.2.1" not in keys


# What a client sees of them


def limits_of(answer: Any, header: str) -> dict[str, dict[str, int]]:
    """Return the limits in a header, as {name: {parameter: number}}."""
    limits = [limit.split(";") for limit in answer.headers[header].split(", ")]
    return {
        name.strip('"'): {key: int(value) for key, value in (parameter.split("=") for parameter in parameters)}
        for name, *parameters in limits
    }


def test_every_counted_answer_names_the_limit_and_what_is_left_of_it(client, strict_client):
    answers = [attempt(strict_client, email="ada@example.com") for _ in range(4)]

    login, total = {"login-60s": {"q": 3, "w": 60}}, {"login-total-60s": {"q": 4, "w": 60}}
    assert [limits_of(answer, "RateLimit-Policy") for answer in answers] == [login | total] * 3 + [login]
    left = [limits_of(answer, "RateLimit")["login-60s"] for answer in answers]
    assert [limit["r"] for limit in left] == [2, 1, 0, 0]
    assert all(0 < limit["t"] <= 60 for limit in left)


def test_of_an_account_and_a_network_the_one_with_less_left_is_named(client, strict_client):
    attempt(strict_client, email="ada@example.com")

    left = limits_of(attempt(strict_client, email="bob@example.com"), "RateLimit")

    assert (left["login-60s"]["r"], left["login-total-60s"]["r"]) == (2, 2)


def test_several_limits_are_named_one_by_one(client, settings):
    limits = dataclasses.replace(settings, rate_limit_login="3 per minute; 20 per hour")

    answer = attempt(create_app(limits).test_client(), email="ada@example.com")

    assert limits_of(answer, "RateLimit-Policy") == {
        "login-3600s": {"q": 20, "w": 3600},
        "login-60s": {"q": 3, "w": 60},
        "login-total-60s": {"q": 1000, "w": 60},
    }
    assert {name: limit["r"] for name, limit in limits_of(answer, "RateLimit").items()} == {
        "login-60s": 2,
        "login-3600s": 19,
        "login-total-60s": 999,
    }


def test_a_personal_access_token_sees_its_limit_and_a_session_has_none(client, alice, make_token):
    by_token = client.get("/v1/runs", headers=make_token(alice, "read"))
    by_session = client.get("/v1/runs", headers=alice.headers)

    assert limits_of(by_token, "RateLimit-Policy") == {"token-60s": {"q": 600, "w": 60}}
    assert limits_of(by_token, "RateLimit")["token-60s"]["r"] == 599
    assert "RateLimit" not in by_session.headers
