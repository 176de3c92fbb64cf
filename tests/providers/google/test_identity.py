"""Who a person is, by Google's ID token."""

import dataclasses
import json
from datetime import UTC, datetime

import httpx
import pytest

from fitness.providers.client import Unreachable, Untrusted
from tests.providers.google.logins import BACK, CHALLENGE, VERIFIER, code_of
from tests.standins.google import BAD_GATEWAY, KEYS, TOKEN
from tests.standins.server import Answer, Fault, json_answer

NONCE = "n-0S6_WzA2Mj"


def login_code(google, nonce=NONCE):
    return code_of(google.login_url(BACK, "state", CHALLENGE, nonce))


# Who somebody is


def test_a_login_asks_for_a_name_and_an_address_alone_and_tells_who_it_is(stand_in, google):
    address = httpx.URL(google.login_url(BACK, "s t&te", CHALLENGE, NONCE))

    identity = google.identify(login_code(google), BACK, VERIFIER, NONCE)

    asked = dict(address.params)
    assert (asked["state"], asked["nonce"], asked["code_challenge"]) == ("s t&te", NONCE, CHALLENGE)
    assert (asked["scope"], asked.get("access_type")) == ("openid email profile", None)
    assert dataclasses.asdict(identity) == {
        "sub": "110169484474386270001",
        "email": "athlete@example.com",
        "verified": True,
        "name": "Test Athlete",
        "picture": "https://lh3.googleusercontent.com/a/made-up=s96-c",
    }


def test_both_names_of_the_issuer_and_a_clock_that_is_a_little_off_will_do(stand_in, google):
    now = int(datetime.now(UTC).timestamp())
    stand_in.claims = {"iss": "accounts.google.com", "iat": now + 10, "exp": now - 10}

    assert google.identify(login_code(google), BACK, VERIFIER, NONCE).sub == "110169484474386270001"


LONG_AGO, LONG_HENCE = 1762089600, 4102444800  # seconds of 2025 and 2100


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another"},
        {"kid": "another", "key": "another"},
        {"kid": None},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"claims": {"aud": "9876543210-xyz.apps.googleusercontent.com"}},
        {"claims": {"aud": ["1234567890-abc.apps.googleusercontent.com", "9876543210-xyz.apps.googleusercontent.com"]}},
        {"claims": {"iss": "https://accounts.google.com.evil.example"}},
        {"claims": {"exp": LONG_AGO}},
        {"claims": {"iat": LONG_HENCE, "exp": LONG_HENCE + 3600}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": ...}},
        *({"claims": {claim: ...}} for claim in ("iss", "aud", "sub", "exp", "email")),
        {"claims": {"sub": 7}},
        {"claims": {"email": True}},
    ],
    ids=str,
)
def test_an_id_token_with_anything_wrong_about_it_tells_nobody(stand_in, google, wrong):
    for name, value in wrong.items():
        setattr(stand_in, name, value)

    with pytest.raises(Untrusted) as refused:
        google.identify(login_code(google), BACK, VERIFIER, NONCE)

    assert "athlete" not in str(refused.value)


@pytest.mark.parametrize("id_token", [..., None, 7, "", "a.b", "a.b.c", "\ud800", "e30.e30.e30", "e30.e30."])
def test_what_is_no_id_token_tells_nobody(stand_in, google, id_token):
    tokens = {"access_token": "ya29", "expires_in": 3599, "scope": "openid", "token_type": "Bearer"}
    body = tokens | ({} if id_token is ... else {"id_token": id_token})
    answer = Answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
    stand_in.fail(Fault(answer, on=TOKEN))

    with pytest.raises(Untrusted):
        google.identify(login_code(google), BACK, VERIFIER, NONCE)


def test_an_address_that_google_has_not_verified_is_told_as_such(stand_in, google):
    for claim in (False, "true", None, ...):
        stand_in.claims = {"email_verified": claim}

        assert google.identify(login_code(google), BACK, VERIFIER, NONCE).verified is False


def test_keys_are_fetched_once_and_again_when_a_new_one_is_used(stand_in, google):
    for _ in range(3):
        google.identify(login_code(google), BACK, VERIFIER, NONCE)
    assert len(stand_in.asked(KEYS)) == 1
    stand_in.kid = stand_in.key = "key-2"
    stand_in.published = ["key-1", "key-2"]

    google.identify(login_code(google), BACK, VERIFIER, NONCE)

    assert len(stand_in.asked(KEYS)) == 2


def test_a_key_that_is_nowhere_is_looked_for_once(stand_in, google):
    google.identify(login_code(google), BACK, VERIFIER, NONCE)
    stand_in.kid = stand_in.key = "another"

    with pytest.raises(Untrusted):
        google.identify(login_code(google), BACK, VERIFIER, NONCE)

    assert len(stand_in.asked(KEYS)) == 2


@pytest.mark.parametrize("keys", [[], {}, {"keys": 7}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, "keys"])
def test_keys_that_cannot_be_read_tell_nobody(stand_in, google, keys):
    stand_in.fail(Fault(json_answer(keys), on=KEYS))

    with pytest.raises(Untrusted):
        google.identify(login_code(google), BACK, VERIFIER, NONCE)


def test_keys_that_cannot_be_had_are_no_word_against_the_person(stand_in, google):
    stand_in.fail(Fault(BAD_GATEWAY, on=KEYS))

    with pytest.raises(Unreachable):
        google.identify(login_code(google), BACK, VERIFIER, NONCE)
