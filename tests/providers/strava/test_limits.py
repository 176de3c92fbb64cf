"""Strava's limits are known before they are reached."""

from datetime import UTC, datetime

import pytest

from fitness.providers.client import RateLimited
from fitness.providers.strava.client import RateState
from tests.providers.strava.calls import NOON, client_of, refused
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, TOO_MANY, make_activity

QUARTER_LATER = datetime(2025, 11, 2, 12, 15, tzinfo=UTC)
MIDNIGHT = datetime(2025, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limits", "read_limits", "used", "resume_at"),
    [
        ((200, 2000), (100, 1000), (26, 362), None),
        ((200, 2000), (100, 1000), (98, 998), None),
        ((200, 2000), (100, 1000), (99, 362), QUARTER_LATER),
        ((200, 2000), (400, 4000), (199, 362), QUARTER_LATER),
        ((200, 2000), (100, 1000), (26, 999), MIDNIGHT),
        ((200, 2000), (400, 4000), (26, 1999), MIDNIGHT),
        ((200, 2000), (100, 1000), (99, 999), MIDNIGHT),
        ((200, 999), (100, 4000), (99, 998), MIDNIGHT),
    ],
)
def test_the_caller_knows_before_the_call_that_would_be_one_too_many(
    stand_in, strava, limits, read_limits, used, resume_at
):
    stand_in.limits, stand_in.read_limits, stand_in.used = limits, read_limits, used

    _, rate = strava.activities(None, 1)

    assert rate == strava.rate
    assert rate.resume_at == resume_at
    assert rate.spent is (resume_at is not None)
    if resume_at:
        assert refused(RateLimited, strava.activities, None, 1).retry_at == resume_at
        assert len(stand_in.asked(ACTIVITIES)) == 1  # the call that would have been refused was not made
    else:
        strava.activities(None, 1)


@pytest.mark.parametrize(
    ("used", "patient_at"),
    [((73, 748), None), ((74, 362), QUARTER_LATER), ((26, 749), MIDNIGHT), ((99, 999), MIDNIGHT)],
)
def test_calls_that_nobody_waits_for_leave_a_quarter_of_each_limit(stand_in, strava, used, patient_at):
    stand_in.used = used
    strava.leave_room()

    strava.activities(None, 1)

    assert strava.rate.patient_at == patient_at
    if patient_at:
        assert refused(RateLimited, strava.leave_room).retry_at == patient_at
    else:
        strava.leave_room()


@pytest.mark.parametrize(
    ("now", "quarter"),
    [
        (datetime(2025, 11, 2, 12, 0, tzinfo=UTC), datetime(2025, 11, 2, 12, 15, tzinfo=UTC)),
        (datetime(2025, 11, 2, 12, 14, 59, 999_999, tzinfo=UTC), datetime(2025, 11, 2, 12, 15, tzinfo=UTC)),
        (datetime(2025, 12, 31, 23, 50, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_without_headers_it_is_the_next_quarter_of_the_hour(stand_in, now, quarter):
    access, _ = stand_in.connect()
    stand_in.fail(
        Fault(TOO_MANY), Fault(Answer(429, b"slow down", {"x-ratelimit-limit": "many", "X-RateLimit-Usage": "5"}))
    )

    with client_of(stand_in, access_token=access, now=lambda: now) as strava:
        for _ in range(2):
            error = refused(RateLimited, strava.activities, None, 1)
            assert error.retry_at == quarter
            assert f"{quarter:%H:%M} UTC" in str(error)


def test_without_headers_nothing_is_known_of_the_limits(stand_in, strava):
    stand_in.headers_missing = True

    assert strava.activities(None, 1)[1] == RateState(None)


def test_a_caller_that_heeds_the_limits_is_never_refused(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    stand_in.used = (98, 98)
    fetched = []

    for page in strava.pages():
        fetched.append(page.number)
        if page.rate.spent:
            break

    assert fetched == [1, 2]
    assert stand_in.used == (100, 100)


def test_a_limit_holds_until_its_time_is_over(stand_in):
    access, _ = stand_in.connect()
    clock = [NOON]
    stand_in.used = (99, 99)
    with client_of(stand_in, access_token=access, now=lambda: clock[0]) as strava:
        strava.activities(None, 1)
        refused(RateLimited, strava.gear, "g1")
        clock[0], stand_in.used = QUARTER_LATER, (0, 100)

        assert strava.activities(None, 1)[1] == RateState(None)


def test_limits_that_others_used_up_meanwhile_are_known_from_the_refusal(stand_in, strava):
    strava.activities(None, 1)
    stand_in.used = (100, 1000)

    assert refused(RateLimited, strava.activities, None, 1).retry_at == MIDNIGHT
