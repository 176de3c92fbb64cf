"""Google over HTTP, against the stand-in: whose word counts, what errors mean, and what an event is made of."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from fitness.db.runs import Run
from fitness.db.workouts import Workout
from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    NotThere,
    RateLimited,
    Rejected,
    Unreachable,
    Untrusted,
)
from fitness.providers.google.client import EVENTS_SCOPE, Google
from fitness.sync.calendar_events import LONGEST_DESCRIPTION, event_ids, event_of_run, event_of_workout
from tests.standins.google import (
    BAD_GATEWAY,
    CALENDAR,
    DATA,
    KEYS,
    TOKEN,
    GoogleStandIn,
    denied,
    refusal,
)
from tests.standins.server import Answer, Fault, json_answer

BACK = "https://log.example.com/v1/auth/google/callback"
VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"
NONCE = "n-0S6_WzA2Mj"
EVENTS = f"{CALENDAR}/calendars/primary/events"
EVENT_ID = "fitrun16321877401"
EVENT = {
    "summary": "Run 5.0 mi",
    "start": {"dateTime": "2025-11-02T06:05:31-06:00", "timeZone": "America/Chicago"},
    "end": {"dateTime": "2025-11-02T06:52:01-06:00", "timeZone": "America/Chicago"},
}
RUN = Run(
    id="strava_16321877401",
    datetime_utc=datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC),
    type="Outdoor Run",
    distance=5.004,
    duration=2712.0,
    source="Strava",
    avg_heart_rate=143.2,
    shoe_id=None,
    name=None,
    notes=None,
    version=1,
    last_edited_at=None,
    last_edited_by=None,
    deleted_at=None,
    created_at=datetime(2025, 11, 2, tzinfo=UTC),
    updated_at=datetime(2025, 11, 2, tzinfo=UTC),
    conflicts=None,
    duplicate_of=None,
)
WORKOUT = Workout(
    id=UUID("0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"),
    workout_type="STRENGTH",
    title="Push day",
    start_ts=datetime(2026, 2, 16, 15, tzinfo=UTC),
    end_ts=datetime(2026, 2, 16, 16, 5, tzinfo=UTC),
    finished_at=datetime(2026, 2, 16, 16, 5, tzinfo=UTC),
    calories_burned=None,
    notes="Felt strong",
    source="Manual",
    external_id=None,
    version=1,
    live_edits=0,
    last_edited_at=None,
    last_edited_by=None,
    deleted_at=None,
    created_at=datetime(2026, 2, 16, tzinfo=UTC),
    updated_at=datetime(2026, 2, 16, tzinfo=UTC),
    conflicts=None,
    exercise_executions=[{"exercise_name": "Squat", "sets": [{}, {}]}, {"exercise_name": "Plank", "sets": [{}]}],
    cardio_session=None,
    rep_session=None,
)


@pytest.fixture
def stand_in():
    with GoogleStandIn() as stand_in:
        yield stand_in


def make_google(stand_in, **changes):
    named = {name.removeprefix("google_"): value for name, value in stand_in.settings.items()}
    return Google(**{"calendar_id": "primary", **named, **changes})


@pytest.fixture
def google(stand_in):
    """Google for nobody yet."""
    with make_google(stand_in) as google:
        yield google


def code_of(address):
    """Go to Google, which answers at once for the person; return the code that comes back."""
    return httpx.URL(httpx.get(address).headers["Location"]).params["code"]


def login_code(google, nonce=NONCE):
    return code_of(google.login_url(BACK, "state", CHALLENGE, nonce))


@pytest.fixture
def connected(stand_in, google):
    """Google for a person who has connected their calendar."""
    tokens = google.exchange_code(code_of(google.authorize_url(BACK, "state", CHALLENGE)), BACK, VERIFIER)

    def renewed(refused):
        return google.refresh(tokens.refresh_token).access_token

    with make_google(stand_in, access_token=tokens.access_token, renewed=renewed) as connected:
        yield connected


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


# What an event is made of


def test_the_event_of_a_run_is_that_of_the_sample():
    sample = json.loads((DATA / "google_event_insert_body.json").read_text())
    # The sample counts the breaks, of which a run here knows nothing.
    expected = {**sample, "end": {"dateTime": "2025-11-02T06:50:43-06:00", "timeZone": "America/Chicago"}}
    del expected["id"]

    event = event_of_run(RUN, "America/Chicago")

    assert {**event, "description": sample["description"]} == expected
    assert event["description"] == "45:12, 9:02 /mi, HR 143"


@pytest.mark.parametrize(
    ("changes", "summary", "description"),
    [
        ({"name": "Morning run", "notes": "Windy"}, "Morning run 5.0 mi", "45:12, 9:02 /mi, HR 143\nWindy"),
        ({"type": "Treadmill Run", "avg_heart_rate": None}, "Treadmill run 5.0 mi", "45:12, 9:02 /mi"),
        ({"distance": 0.0, "duration": 3661.0}, "Run", "1:01:01, HR 143"),
    ],
)
def test_an_event_says_what_the_run_says(changes, summary, description):
    event = event_of_run(dataclasses.replace(RUN, **changes), "UTC")

    assert (event["summary"], event["description"]) == (summary, description)


def test_an_event_ends_after_it_begins_and_is_no_longer_than_google_takes():
    event = event_of_run(dataclasses.replace(RUN, duration=0.0, notes="n" * 10_000), "UTC")

    assert event["start"]["dateTime"] == "2025-11-02T12:05:31+00:00"
    assert event["end"]["dateTime"] == "2025-11-02T12:06:31+00:00"
    assert len(event["description"]) == LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("changes", "summary", "description"),
    [
        ({}, "Push day", "Squat: 2 sets\nPlank: 1 set\nFelt strong"),
        (
            {
                "workout_type": "CARDIO",
                "title": None,
                "notes": None,
                "exercise_executions": [],
                "cardio_session": {"distance_miles": 3.1, "duration_seconds": 1800.0},
            },
            "Cardio",
            "3.1 mi, 30:00",
        ),
        (
            {
                "workout_type": "REPS",
                "title": None,
                "notes": None,
                "exercise_executions": [],
                "rep_session": {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180},
            },
            "Reps",
            "25 x push-up, 3:00",
        ),
    ],
)
def test_an_event_says_what_was_done_in_a_workout(changes, summary, description):
    event = event_of_workout(dataclasses.replace(WORKOUT, **changes), "Europe/Berlin")

    assert (event["summary"], event["description"]) == (summary, description)
    assert event["start"] == {"dateTime": "2026-02-16T16:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert event["end"] == {"dateTime": "2026-02-16T17:05:00+01:00", "timeZone": "Europe/Berlin"}
    assert event["extendedProperties"] == {"private": {"fitnessWorkoutId": str(WORKOUT.id)}}


def test_ids_are_always_the_same_and_nobody_elses_and_google_takes_them():
    ids = list(event_ids(42, "run", "strava_16321877401"))

    assert ids == list(event_ids(42, "run", "strava_16321877401"))
    assert all(re.fullmatch("[a-v0-9]{5,1024}", one) for one in ids)
    others = [event_ids(*who) for who in ((43, "run", "strava_16321877401"), (42, "workout", "strava_16321877401"))]
    everybody = ids + [one for other in others for one in other]
    assert len(everybody) == len(set(everybody)) > len(ids) > 1
