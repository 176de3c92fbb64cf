"""Logging in with an address or username and a password."""

import re
from typing import Any

import pytest

from tests.accounts.signing_in import PASSWORD, WRONG_LOGIN

pytestmark = pytest.mark.usefixtures("quick_hashes")


# Logging in


@pytest.mark.parametrize(
    "name", [{"email": "ADA@example.COM"}, {"username": "Ada_L"}, {"email": "ada_l"}, {"username": "ada@example.com"}]
)
def test_login_takes_address_or_username_in_any_letter_case(sign_up, log_in, me, name):
    sign_up(username="ada_l")

    tokens = log_in(**name)

    assert tokens.status_code == 200
    assert me(tokens.json["access_token"]) == 200


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(sign_up, log_in):
    sign_up()

    wrong = log_in("another pass phrase", email="ada@example.com")
    unknown = log_in("another pass phrase", email="nobody@example.com")

    def headers(answer: Any) -> dict[str, str]:
        answered = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        return answered | {"RateLimit": re.sub(r"(?<=[rt]=)\d+", "n", answered["RateLimit"])}

    assert (wrong.status_code, wrong.json) == (401, WRONG_LOGIN)
    assert (unknown.status_code, unknown.data) == (wrong.status_code, wrong.data)
    assert headers(unknown) == headers(wrong)
    assert headers(wrong)["WWW-Authenticate"] == "Bearer"


def test_an_account_without_a_password_cannot_log_in_with_one(make_person, log_in):
    make_person("ada")

    assert [log_in(password, username="ada").status_code for password in ("", "None", "nobody")] == [401] * 3


def test_a_login_that_makes_no_sense_is_refused(client):
    bodies = [
        {},
        {"password": PASSWORD},
        {"email": "ada@example.com"},
        {"email": "ada@example.com", "username": "ada", "password": PASSWORD},
        {"email": ["ada@example.com"], "password": PASSWORD},
        {"email": "ada@example.com", "password": {"a": 1}},
        {"email": "ada@example.com", "password": PASSWORD, "remember": True},
        [],
        None,
    ]

    answers = [client.post("/v1/auth/login", json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [422] * len(bodies)


def test_a_login_name_is_only_ever_a_name(sign_up, log_in):
    sign_up()
    names = [
        "null\u0000byte",
        "' OR 1=1 --",
        "a" * 100_000,
        "%",
        "ada@example.com'; DROP TABLE users --",
        "Ada Lovelace",
    ]

    assert [log_in(username=name).status_code for name in names] == [401] * len(names)
