"""Strava's limits stop a sync cleanly."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.connecting import status, sync
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, TOO_MANY, make_activity
from tests.sync.strava.reports import RIGHT, afters, ago, counts, listed, on, read, run_id


def began(number):
    return int(datetime.fromisoformat(make_activity(number)["start_date"]).timestamp())


# Limits


def no_more_than_two(strava):
    strava.read_limits = (2, 1000)


def no_more_than_two_a_day(strava):
    strava.read_limits = (100, 2)


def refused_without_a_word_before(strava):
    strava.fail(RIGHT, RIGHT, on(ACTIVITIES, Fault(TOO_MANY)))
    strava.headers_missing = True


def refused_by_who_knows(strava):
    strava.fail(RIGHT, RIGHT, on(ACTIVITIES, Fault(Answer(429, b"<html>"))))


def next_quarter():
    now = datetime.now(UTC)
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)


def next_day():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


LIMITS = {
    "told ahead": (no_more_than_two, next_quarter),
    "of the day": (no_more_than_two_a_day, next_day),
    "429 without headers": (refused_without_a_word_before, next_quarter),
    "429 of a proxy": (refused_by_who_knows, next_quarter),
}


@pytest.mark.parametrize("case", LIMITS)
def test_a_limit_stops_a_sync_cleanly_and_the_next_one_goes_on_from_there(
    client, owner, ada, strava, two_a_page, noted, case
):
    strava.add(*map(make_activity, range(1, 11)))
    limit, until = LIMITS[case]
    limit(strava)
    earliest = until()

    stopped = sync(client, ada.headers)
    latest = until()
    asked = len(strava.requests)
    too_soon = sync(client, ada.headers)

    assert stopped.status_code == 200
    assert counts(stopped.json) == {"created": 4}
    assert stopped.json["complete"] is False
    resume_at = datetime.fromisoformat(stopped.json["resume_at"])
    assert earliest <= resume_at <= latest
    assert set(listed(client, ada)) == set(map(run_id, range(1, 5)))
    assert noted(ada)[0] is None

    assert too_soon.status_code == 429
    wait = (resume_at - datetime.now(UTC)).total_seconds()
    assert 0 < int(too_soon.headers["Retry-After"]) - wait < 60
    assert len(strava.requests) == asked
    found = status(client, ada.headers)
    assert datetime.fromisoformat(found["retry_at"]) == resume_at
    assert found["last_success_at"] is None
    assert found["last_error"].startswith("The provider's rate limit is still reached")

    strava.limits = strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = now() - interval '1 second'")
    completed = sync(client, ada.headers).json

    assert afters(strava) == [1, began(4) - 1]
    assert completed["complete"] is True
    assert counts(completed) == {"created": 6, "unchanged": 1}
    assert set(listed(client, ada)) == set(map(run_id, range(1, 11)))
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (10,)
    assert noted(ada)[1] is None
    assert status(client, ada.headers)["retry_at"] is None


@pytest.mark.parametrize("headers_missing", [True, False])
def test_a_limit_that_lets_nothing_through_is_a_429(client, ada, strava, headers_missing):
    strava.read_limits, strava.headers_missing = (0, 0), headers_missing

    answer = sync(client, ada.headers)

    assert answer.status_code == 429
    assert answer.json["detail"].startswith("Strava's rate limit is reached: try again at ")
    assert 0 < int(answer.headers["Retry-After"]) <= (15 * 60 if headers_missing else 24 * 3600)


def test_a_sync_that_goes_on_begins_a_week_back_at_the_latest(client, owner, ada, strava, two_a_page):
    """Else what was uploaded late, between the two, would never arrive."""
    strava.add(*[ago(number, days=days) for number, days in enumerate((20, 10, 3, 2.5, 2, 1))])
    no_more_than_two(strava)
    assert sync(client, ada.headers).json["complete"] is False
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    strava.add(ago(9, days=5))

    assert sync(client, ada.headers).json["created"] == 3
    assert run_id(9) in listed(client, ada)


def test_a_sync_that_goes_on_deletes_nothing_that_it_did_not_look_for(client, owner, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 11)))
    no_more_than_two(strava)
    sync(client, ada.headers)
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    strava.remove(16_000_000_001)

    assert sync(client, ada.headers).json["deleted"] == 0
    assert len(listed(client, ada)) == 10
    assert sync(client, ada.headers, full_sync=True).json["deleted"] == 1


def test_a_full_sync_that_was_stopped_is_gone_on_with(client, owner, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(1, 11)))
    sync(client, ada.headers)
    strava.add(make_activity(9, name="Renamed"))
    strava.used = (0, 0)
    no_more_than_two(strava)
    assert sync(client, ada.headers, full_sync=True).json["complete"] is False
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")

    assert sync(client, ada.headers).json["updated"] == 1
    assert read(client, ada, 9)["name"] == "Renamed"
