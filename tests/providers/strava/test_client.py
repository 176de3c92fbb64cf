"""Strava's client: pages, faults and errors."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    NotThere,
    ProviderError,
    RateLimited,
    Unreachable,
)
from fitness.providers.strava import client
from fitness.providers.strava.activities import gear_name, parse_activity
from tests.providers.strava.calls import client_of, refused, sample
from tests.readers.records import run_of
from tests.standins.server import Answer, Fault, json_answer
from tests.standins.strava import ACTIVITIES, API, BAD_GATEWAY, EMPTY, NOT_JSON, make_activity, make_gear, refusal


def test_all_pages_are_fetched_newest_first_and_each_is_fetched_once(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))

    pages = list(strava.pages())

    assert [(page.number, len(page.activities)) for page in pages] == [(1, 200), (2, 200), (3, 50)]
    assert [activity["id"] for page in pages for activity in page.activities] == [
        16_000_000_000 + number for number in reversed(range(450))
    ]
    assert [request.query for request in stand_in.asked(ACTIVITIES)] == [
        {"page": str(number), "per_page": "200"} for number in range(1, 6)
    ]


def test_with_after_the_oldest_come_first_and_only_the_later_ones(stand_in, strava):
    stand_in.add(*map(make_activity, range(10)))

    (page,) = strava.pages(after=datetime(2020, 1, 1, 11, 0, 0, 900_000, tzinfo=UTC))

    assert [activity["name"] for activity in page.activities] == ["Run 6", "Run 7", "Run 8", "Run 9"]
    assert stand_in.asked(ACTIVITIES)[0].query["after"] == "1577876400"


def test_fetching_goes_on_from_any_page(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))

    assert [page.number for page in strava.pages(first=3)] == [3]


def test_a_short_page_is_not_the_end(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    short = Fault(lambda _, right: json_answer(json.loads(right().body)[:7]), on=ACTIVITIES)
    stand_in.fail(short)

    assert [len(page.activities) for page in strava.pages()] == [7, 200, 50]


def test_an_empty_account_has_no_pages(strava):
    assert list(strava.pages()) == []


def until_it_breaks(pages):
    """Return the numbers of the pages that came, and the error after them."""
    came: list[int] = []
    with pytest.raises(ProviderError) as raised:
        came.extend(page.number for page in pages)
    return came, raised.value


def test_an_empty_page_before_the_end_is_a_failure_and_not_the_end(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    pages = strava.pages()
    next(pages)
    stand_in.fail(Fault(EMPTY, on=ACTIVITIES))

    came, error = until_it_breaks(pages)

    assert (came, type(error)) == ([], Unreachable)
    assert str(error) == "Strava sent an empty page 2, but more pages after it"


def test_the_same_page_twice_is_a_failure(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    pages = strava.pages()
    next(pages)
    stand_in.repeat_page()

    came, error = until_it_breaks(pages)

    assert (came, str(error)) == ([], "Strava sent page 1 again as page 2")


def test_a_list_without_end_is_given_up(stand_in, strava, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 2)
    stand_in.add(*map(make_activity, range(450)))

    came, error = until_it_breaks(strava.pages())

    assert (came, str(error)) == ([1, 2], "Strava sent more than 2 pages")


def test_after_a_token_expires_on_the_way_the_same_page_is_fetched_with_a_new_one(stand_in):
    stand_in.add(*map(make_activity, range(450)))
    access, refresh = stand_in.connect()
    with client_of(stand_in, access_token=access) as strava:
        strava.activities(None, 1)
        stand_in.expire_access()
        refused(AccessExpired, strava.activities, None, 2)
        strava.use(strava.refresh(refresh).access_token)

        assert len(strava.activities(None, 2)[0]) == 200


TROUBLE = {
    "cut": Fault(cut=True),
    "slow": Fault(delay=60),
    "malformed": Fault(NOT_JSON),
    "bad gateway": Fault(BAD_GATEWAY),
    "empty": Fault(Answer(200)),
    "empty 503": Fault(Answer(503)),
    "page for people": Fault(Answer(200, b"<html>", {"Content-Type": "text/html"})),
    "no JSON of ours": Fault(json_answer("fine")),
    "nonsense that is deep": Fault(Answer(200, b"[" * 100_000)),
    "not UTF-8": Fault(Answer(200, b'["\xff"]', {"Content-Type": "application/json"})),
    "moved": Fault(Answer(302, headers={"Location": "http://127.0.0.1:1/"})),
    "forbidden by who knows": Fault(Answer(403, b"<html>For athletes")),
    "errors in another form": Fault(json_answer({"errors": [7]}, 500)),
    "after in the future": Fault(refusal(400, "Application", "after", "future")),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_a_failure_of_that_call_and_the_next_goes_through(stand_in, trouble):
    stand_in.add(*map(make_activity, range(5)))
    stand_in.add_gear(make_gear("g1", "Ghost 16"))
    access, refresh = stand_in.connect()
    limits = httpx.Timeout(0.5 if trouble == "slow" else 30)
    with client_of(stand_in, access_token=access, time_limits=limits) as strava:
        for call in (
            lambda: strava.activities(None, 1),
            lambda: strava.activity(16_000_000_001),
            lambda: strava.gear("g1"),
            lambda: strava.refresh(refresh),
        ):
            stand_in.fail(TROUBLE[trouble])
            refused(Unreachable, call)
        assert len(strava.activities(None, 1)[0]) == 5


def test_nobody_at_the_address_is_a_failure(strava, stand_in):
    stand_in.close()

    assert "could not be reached" in str(refused(Unreachable, strava.activities, None, 1))


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ("code not known or already used", ConnectionRefused),
        ("wrong client id", Misconfigured),
        ("refresh token revoked or superseded", ConnectionRefused),
        ("'after' in the future (often: milliseconds sent)", Unreachable),
        ("access token expired or bad", AccessExpired),
        ("scope missing", ConnectionRefused),
        ("application switched off (owner without subscription); tokens still refresh", Misconfigured),
        ("activity unknown or not visible", NotThere),
        ("rate limit", RateLimited),
        ("provider trouble, not JSON", Unreachable),
    ],
)
def test_every_sample_of_an_error_has_its_class(stand_in, strava, when, kind):
    error = next(error for error in sample("strava_errors.json") if error["when"] == when)
    body = error["body"] if isinstance(error["body"], str) else json.dumps(error["body"])
    stand_in.fail(Fault(Answer(error["status"], body.encode(), error["headers"])))

    refused(kind, strava.activity, 1)


def test_the_samples_of_errors_are_all_tried():
    assert len(sample("strava_errors.json")) == 10


def test_a_missing_scope_is_told_from_an_expired_token_also_by_403(stand_in):
    access, _ = stand_in.connect(scope="read")
    with client_of(stand_in, access_token=access) as strava:
        refused(ConnectionRefused, strava.activities, None, 1)
        refused(ConnectionRefused, strava.gear, "g1")
        stand_in.fail(Fault(refusal(403, "AccessToken", "activity:read_permission", "missing")))
        refused(ConnectionRefused, strava.activities, None, 1)


def test_a_bare_401_is_an_expired_token(stand_in, strava):
    stand_in.fail(Fault(Answer(401)))

    refused(AccessExpired, strava.activities, None, 1)


def test_what_only_the_person_may_see_needs_its_scope(stand_in):
    stand_in.add(make_activity(1), make_activity(2, visibility="only_me"))
    access, _ = stand_in.connect(scope="read,activity:read")
    with client_of(stand_in, access_token=access) as strava:
        assert len(strava.activities(None, 1)[0]) == 1
        refused(NotThere, strava.activity, 16_000_000_002)


def test_a_switched_off_application_still_refreshes(stand_in, strava):
    stand_in.switched_off = True

    assert "disabled the application" in str(refused(Misconfigured, strava.activities, None, 1))
    assert strava.refresh(stand_in.connect()[1])


def test_the_wrong_address_of_the_api_is_the_operators_fault_and_no_empty_list(stand_in):
    access, _ = stand_in.connect()
    with client_of(stand_in, access_token=access, api_url=f"{stand_in.url}/api/v4") as strava:
        refused(Misconfigured, strava.activities, None, 1)


def test_an_activity_and_gear_are_fetched_by_id_and_read(stand_in, strava):
    stand_in.add(make_activity(1, gear_id="g1"))
    stand_in.add_gear(make_gear("g1", "Brooks Ghost 16"))

    run = run_of(parse_activity(strava.activity(16_000_000_001), 1))

    assert run.shoe_name == gear_name(strava.gear("g1")) == "Brooks Ghost 16"
    stand_in.remove(16_000_000_001)
    refused(NotThere, strava.activity, 16_000_000_001)
    refused(NotThere, strava.gear, "g2")


@pytest.mark.parametrize("odd", ["", "../athlete", "g1?x=1", "g" * 51, "gé"])
def test_an_odd_gear_id_is_not_asked_for(stand_in, strava, odd):
    refused(NotThere, strava.gear, odd)

    assert stand_in.asked(API) == []


@pytest.mark.parametrize("odd", ["", "a b", "a\nb", "tokén"])
def test_what_cannot_be_an_access_token_is_not_sent(stand_in, strava, odd):
    (token,) = stand_in.grants[0].access_tokens

    refused(AccessExpired, strava.use, odd)
    assert stand_in.requests == []

    list(strava.pages())
    assert {request.headers["authorization"] for request in stand_in.requests} == {f"Bearer {token}"}
