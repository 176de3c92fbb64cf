"""Google over HTTP, against the stand-in: codes, refreshes, events and refusals."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    NotThere,
    RateLimited,
    Rejected,
    Unreachable,
)
from fitness.providers.google.client import EVENTS_SCOPE
from tests.providers.google.logins import BACK, CHALLENGE, VERIFIER, code_of, make_google
from tests.standins.google import BAD_GATEWAY, CALENDAR, TOKEN, denied, refusal
from tests.standins.server import Answer, Fault, json_answer

EVENTS = f"{CALENDAR}/calendars/primary/events"
EVENT_ID = "fitrun16321877401"
EVENT = {
    "summary": "Run 5.0 mi",
    "start": {"dateTime": "2025-11-02T06:05:31-06:00", "timeZone": "America/Chicago"},
    "end": {"dateTime": "2025-11-02T06:52:01-06:00", "timeZone": "America/Chicago"},
}


@pytest.fixture
def connected(stand_in, google):
    """Google for a person who has connected their calendar."""
    tokens = google.exchange_code(code_of(google.authorize_url(BACK, "state", CHALLENGE)), BACK, VERIFIER)

    def renewed(refused):
        return google.refresh(tokens.refresh_token).access_token

    with make_google(stand_in, access_token=tokens.access_token, renewed=renewed) as connected:
        yield connected


# Tokens


def test_connecting_asks_for_the_calendar_and_for_a_refresh_token(google):
    address = httpx.URL(google.authorize_url(BACK, "state", CHALLENGE))
    tokens = google.exchange_code(code_of(str(address)), BACK, VERIFIER)

    asked = dict(address.params)
    assert asked["scope"] == f"openid email {EVENTS_SCOPE}"
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
    assert tokens.refresh_token
    assert EVENTS_SCOPE in tokens.scope
    assert tokens.account_id == "athlete@example.com"
    assert timedelta(minutes=59) < tokens.expires_at - datetime.now(UTC) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("redirect_uri", "verifier"), [(BACK, "w" * 43), (BACK, None), ("https://evil.example/callback", VERIFIER)]
)
def test_a_code_is_of_use_to_nobody_else(google, redirect_uri, verifier):
    code = code_of(google.authorize_url(BACK, "state", CHALLENGE))

    with pytest.raises(ConnectionRefused):
        google.exchange_code(code, redirect_uri, verifier)


def test_a_refresh_keeps_the_refresh_token(google):
    first = google.exchange_code(code_of(google.authorize_url(BACK, "state", CHALLENGE)), BACK, VERIFIER)

    fresh = google.refresh(first.refresh_token)

    assert fresh.access_token != first.access_token
    assert fresh.refresh_token is None
    assert google.refresh(first.refresh_token).access_token != fresh.access_token


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("invalid_grant"), ConnectionRefused),
        (refusal("invalid_client"), Misconfigured),
        (json_answer({"error": "unauthorized_client"}, 401), Misconfigured),
        (Answer(401), Misconfigured),
        (Answer(404), Misconfigured),
        (json_answer({"error": "invalid_request"}, 400), Rejected),
        (refusal("backendError"), Unreachable),
        (BAD_GATEWAY, Unreachable),
        (Answer(200, b"<html>"), Unreachable),
        *(
            (json_answer(body), Unreachable)
            for body in (
                [],
                {},
                {"access_token": "", "expires_in": 3599},
                {"access_token": "two words", "expires_in": 3599},
                {"access_token": "ya29", "expires_in": 0},
                {"access_token": "ya29", "expires_in": "3599"},
                {"access_token": "ya29", "expires_in": 1e300},
            )
        ),
    ],
)
def test_each_failure_of_a_refresh_says_who_is_to_act_and_shows_no_secret(stand_in, google, answer, error):
    stand_in.fail(Fault(answer, on=TOKEN))

    with pytest.raises(error) as raised:
        google.refresh("1//refresh-s3cret")

    assert type(raised.value) is error
    assert not re.search("s3cret|5ec2e7|html", str(raised.value))


def test_revoking_ends_the_connection_and_a_second_time_there_is_none(stand_in, google):
    tokens = google.exchange_code(code_of(google.authorize_url(BACK, "state", CHALLENGE)), BACK, VERIFIER)

    google.revoke(tokens.access_token)

    with pytest.raises(AccessExpired):
        google.revoke(tokens.access_token)
    with pytest.raises(ConnectionRefused):
        google.refresh(tokens.refresh_token)


# Events


def test_an_event_is_made_changed_and_taken_out(stand_in, connected):
    assert connected.insert_event(EVENT_ID, EVENT) is True
    assert connected.insert_event(EVENT_ID, EVENT) is False
    assert connected.patch_event(EVENT_ID, {**EVENT, "summary": "Run 6.0 mi"}) is True
    assert stand_in.calendar()[EVENT_ID]["summary"] == "Run 6.0 mi"

    connected.delete_event(EVENT_ID)
    connected.delete_event(EVENT_ID)
    connected.delete_event("fitnevertherewas")

    assert stand_in.calendar() == {}
    assert connected.insert_event(EVENT_ID, EVENT) is False
    assert connected.get_event(EVENT_ID)["status"] == "cancelled"


def test_a_patch_brings_a_deleted_event_back_but_not_one_that_google_has_done_with(stand_in, connected):
    connected.insert_event(EVENT_ID, EVENT)
    stand_in.delete_by_hand(EVENT_ID)

    assert connected.patch_event(EVENT_ID, EVENT) is True
    assert list(stand_in.calendar()) == [EVENT_ID]

    stand_in.delete_by_hand(EVENT_ID)
    stand_in.final.add(EVENT_ID)
    assert connected.patch_event(EVENT_ID, EVENT) is False
    assert connected.patch_event("fitnevertherewas", EVENT) is False


def test_an_event_that_is_there_and_may_not_be_changed_is_not_taken_for_gone(stand_in, connected):
    connected.insert_event(EVENT_ID, EVENT)
    stand_in.fail(Fault(denied("forbiddenForNonOrganizer"), on=EVENTS))

    with pytest.raises(Rejected):
        connected.patch_event(EVENT_ID, EVENT)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("invalid"), Rejected),
        (refusal("timeRangeEmpty"), Rejected),
        (refusal("insufficientPermissions"), ConnectionRefused),
        (denied("forbidden"), ConnectionRefused),
        (denied("accessNotConfigured"), Misconfigured),
        (refusal("notFound"), Misconfigured),
        (refusal("userRateLimitExceeded"), RateLimited),
        (json_answer({"error": {"errors": [{"reason": "rateLimitExceeded"}], "code": 403}}, 403), RateLimited),
        (denied("quotaExceeded"), RateLimited),
        (json_answer({"error": {"errors": [{"reason": "rateLimitExceeded"}], "code": 429}}, 429), RateLimited),
        (Answer(429), RateLimited),
        (refusal("backendError"), Unreachable),
        (BAD_GATEWAY, Unreachable),
        (Answer(200, b'{"id": '), Unreachable),
        (json_answer({"error": {"errors": "nonsense"}}, 503), Unreachable),
    ],
)
def test_each_refusal_of_an_event_says_what_is_to_be_done(stand_in, connected, answer, error):
    stand_in.fail(Fault(answer, on=EVENTS))

    with pytest.raises(error) as raised:
        connected.insert_event(EVENT_ID, EVENT)

    assert type(raised.value) is error
    assert not re.search("ya29|html|Forbidden", str(raised.value))


@pytest.mark.parametrize(("header", "wait"), [({"Retry-After": "300"}, 5 * MINUTE), ({}, MINUTE)])
def test_a_rate_limit_tells_when_to_ask_again(stand_in, connected, header, wait):
    stand_in.fail(Fault(refusal("userRateLimitExceeded", header), on=EVENTS))
    before = datetime.now(UTC)

    with pytest.raises(RateLimited) as raised:
        connected.insert_event(EVENT_ID, EVENT)

    assert before + wait <= raised.value.retry_at <= datetime.now(UTC) + wait


def test_an_access_token_that_is_dead_is_refreshed_once_and_the_call_made_once_more(stand_in, connected):
    stand_in.expire_access()

    assert connected.insert_event(EVENT_ID, EVENT) is True

    assert [request.method for request in stand_in.asked(EVENTS)] == ["POST", "POST"]
    stand_in.fail(Fault(refusal("authError"), on=EVENTS), Fault(refusal("authError"), on=EVENTS))
    with pytest.raises(AccessExpired):
        connected.get_event(EVENT_ID)


def test_a_calendar_may_have_any_name(stand_in, connected):
    name = "team/a#b@group.calendar.google.com"
    stand_in.calendars.add(name)
    token = stand_in.requests and next(iter(stand_in._grants[0].access_tokens))

    with make_google(stand_in, calendar_id=name, access_token=token) as google:
        google.insert_event(EVENT_ID, EVENT)
        assert google.get_event(EVENT_ID)["id"] == EVENT_ID

    assert list(stand_in.calendar(name=name)) == [EVENT_ID]
    with pytest.raises(NotThere):
        connected.get_event(EVENT_ID)
