"""Strava's client: how a connection begins, stays alive and ends."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fitness.providers.client import AccessExpired, ConnectionRefused, Misconfigured, Unreachable
from fitness.providers.strava.client import SCOPE
from tests import loopback
from tests.providers.strava.calls import NOON, SECRETS, client_of, refused, sample
from tests.standins.server import Answer, Fault, json_answer
from tests.standins.strava import ATHLETE_ID, TOKEN, refusal

BACK = "https://fitness.example/callback"


def test_a_person_connects_as_the_browser_goes(stand_in):
    with client_of(stand_in) as strava:
        address = strava.authorize_url(BACK, "st&te")
    asked = parse_qs(urlsplit(address).query)

    answer = loopback.get(address)

    assert asked == {
        "client_id": ["12345"],
        "redirect_uri": [BACK],
        "response_type": ["code"],
        "approval_prompt": ["auto"],
        "scope": ["read,activity:read_all,profile:read_all"],
        "state": ["st&te"],
    }
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (back["state"], back["scope"]) == (["st&te"], [SCOPE])
    with client_of(stand_in) as strava:
        tokens = strava.exchange_code(back["code"][0], BACK)
    assert tokens.account_id == str(ATHLETE_ID)
    assert tokens.expires_at == NOON + timedelta(hours=6)
    assert stand_in.asked(TOKEN)[0].form == {
        "client_id": "12345",
        "client_secret": "5ec2e7",
        "code": back["code"][0],
        "grant_type": "authorization_code",
    }


def test_a_person_says_no_or_allows_less(stand_in):
    with client_of(stand_in) as strava:
        address = strava.authorize_url(BACK, "s")
    stand_in.granted = ""
    no = loopback.get(address).headers["location"]
    stand_in.granted = "read"
    less = loopback.get(address).headers["location"]

    assert parse_qs(urlsplit(no).query) == {"state": ["s"], "error": ["access_denied"]}
    assert parse_qs(urlsplit(less).query)["scope"] == ["read"]


def test_tokens_do_not_show(stand_in, strava):
    tokens = strava.exchange_code(stand_in.new_code(), BACK)

    assert not [secret for secret in SECRETS if secret in f"{tokens!r}{strava!r}{vars(strava)['rate']!r}"]


@pytest.mark.parametrize("resource", ["AuthorizationCode", "RequestToken"])
def test_a_fresh_code_that_is_refused_once_works(stand_in, strava, resource):
    stand_in.fail(Fault(refusal(400, resource, "code", "invalid"), on=TOKEN))

    assert strava.exchange_code(stand_in.new_code(), BACK).access_token
    assert len(stand_in.asked(TOKEN)) == 2


def test_a_code_that_is_not_known_is_refused_after_two_tries(stand_in, strava):
    refused(ConnectionRefused, strava.exchange_code, "c0de", BACK)

    assert len(stand_in.asked(TOKEN)) == 2


def test_the_older_error_of_a_code_is_a_clear_sentence(stand_in, strava):
    for _ in range(2):
        stand_in.fail(Fault(refusal(400, "RequestToken", "code", "invalid"), on=TOKEN))

    error = refused(ConnectionRefused, strava.exchange_code, stand_in.new_code(), BACK)

    assert str(error) == "Strava does not accept the code: connect again"


def test_a_refresh_gives_a_new_refresh_token_and_the_old_one_is_dead(stand_in):
    access, refresh = stand_in.connect()
    with client_of(stand_in) as strava:
        first = strava.refresh(refresh)
        refused(ConnectionRefused, strava.refresh, refresh)
        stand_in.expire_access()
        second = strava.refresh(str(first.refresh_token))

        assert (first.access_token, first.account_id, first.scope) == (access, None, None)
        assert second.access_token != access
        strava.use(second.access_token)
        assert strava.activities(None, 1)[0] == []


def test_a_connection_that_was_ended_cannot_be_refreshed(stand_in, strava):
    _, refresh = stand_in.connect()
    stand_in.end_connections()

    refused(AccessExpired, strava.activities, None, 1)
    refused(ConnectionRefused, strava.refresh, refresh)


@pytest.mark.parametrize("with_refresh_token", [True, False])
def test_revoking_ends_the_connection(stand_in, strava, with_refresh_token):
    access, refresh = stand_in.connect()

    strava.revoke(access, refresh if with_refresh_token else None)

    refused(ConnectionRefused, strava.refresh, refresh)
    strava.revoke(access, refresh)  # an unknown token is no error
    asked = stand_in.asked("/oauth/revoke")[0]
    assert (asked.query, asked.form) == ({}, {"token": refresh if with_refresh_token else access})


@pytest.mark.parametrize("wrong", [{"client_id": "1"}, {"client_secret": "wrong"}])
def test_revoking_with_a_wrong_application_is_the_operators_fault(stand_in, wrong):
    access, refresh = stand_in.connect()

    with client_of(stand_in, **wrong) as strava:
        refused(Misconfigured, strava.revoke, access, refresh)

    assert len(stand_in.grants) == 1


@pytest.mark.parametrize("answer", [Answer(401), Answer(404, b"<html>")])
def test_a_wrong_address_for_revoking_is_the_operators_fault(stand_in, strava, answer):
    stand_in.fail(Fault(answer, on="/oauth/revoke"))

    refused(Misconfigured, strava.revoke, *stand_in.connect())


def test_the_old_address_for_revoking_takes_an_access_token(stand_in):
    access, refresh = stand_in.connect()

    with client_of(stand_in, revoke_url=f"{stand_in.url}/oauth/deauthorize") as strava:
        strava.revoke(access, refresh)

        refused(ConnectionRefused, strava.refresh, refresh)
        refused(AccessExpired, strava.revoke, access, refresh)
    assert stand_in.asked("/oauth/deauthorize")[0].form == {"access_token": access}


@pytest.mark.parametrize("wrong", [{"client_id": "1"}, {"client_secret": "wrong"}])
def test_a_wrong_application_is_the_operators_fault(stand_in, wrong):
    _, refresh = stand_in.connect()

    with client_of(stand_in, **wrong) as strava:
        refused(Misconfigured, strava.refresh, refresh)
        refused(Misconfigured, strava.exchange_code, "c0de", BACK)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(401),
        Answer(404, b"<html>"),
        refusal(403, "Application", "", "invalid"),
        json_answer({"message": "Limit of connected athletes exceeded"}, 403),
    ],
)
def test_what_a_token_address_should_not_say_is_the_operators_fault(stand_in, strava, answer):
    stand_in.fail(Fault(answer, on=TOKEN))

    refused(Misconfigured, strava.refresh, "c0ffee")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"access_token": "a11ce", "refresh_token": "c0ffee"},
        {"access_token": "a11ce", "refresh_token": None, "expires_at": 1},
        {"access_token": "a b", "refresh_token": "c0ffee", "expires_at": 1},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": "soon"},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": 1e20},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": True},
    ],
)
def test_an_answer_without_tokens_is_a_failure(stand_in, strava, answer):
    stand_in.fail(Fault(json_answer(answer), on=TOKEN))

    refused(Unreachable, strava.refresh, "c0ffee")


@pytest.mark.parametrize("name", ["expires_at", "expires_in"])
def test_a_time_beyond_all_floats_is_a_failure(stand_in, strava, name):
    answer = f'{{"access_token": "a11ce", "refresh_token": "c0ffee", "{name}": {10**400}}}'
    stand_in.fail(Fault(Answer(200, answer.encode()), on=TOKEN))

    refused(Unreachable, strava.refresh, "c0ffee")


@pytest.mark.parametrize("name", ["strava_token.json", "strava_token_refresh.json"])
def test_the_samples_of_tokens_are_read(stand_in, strava, name):
    given_ = sample(name)
    stand_in.fail(Fault(json_answer(given_), on=TOKEN), Fault(json_answer(given_ | {"expires_at": None}), on=TOKEN))

    tokens, soon = strava.refresh("c0ffee"), strava.refresh("c0ffee")

    assert (tokens.access_token, tokens.refresh_token) == (given_["access_token"], given_["refresh_token"])
    assert tokens.expires_at.timestamp() == given_["expires_at"]
    assert tokens.account_id == (str(given_["athlete"]["id"]) if "athlete" in given_ else None)
    assert soon.expires_at == NOON + timedelta(hours=6)
