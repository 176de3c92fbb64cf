"""A sync with Strava that fails keeps the pages before, says why, and the next one completes it."""

import httpx
import pytest

from fitness.providers import client as provider_client
from fitness.providers.strava.client import Strava
from tests.connecting import connect, status, sync
from tests.standins.server import Answer, Fault
from tests.standins.strava import (
    ACTIVITIES,
    BAD_GATEWAY,
    EMPTY,
    NOT_JSON,
    SCOPE_MISSING,
    SWITCHED_OFF,
    UNAUTHORIZED,
    make_activity,
)
from tests.sync.strava.reports import RIGHT, counts, listed, meanwhile, on, run_id

# What goes wrong


@pytest.fixture
def impatient(monkeypatch):
    """Wait a second and a half for Strava, not twenty, and read half a megabyte at most."""
    monkeypatch.setitem(Strava.__init__.__kwdefaults__, "time_limits", httpx.Timeout(1.5))
    monkeypatch.setattr(provider_client, "LONGEST_SECONDS", 1.5)
    monkeypatch.setattr(provider_client, "LARGEST_BYTES", 2**19)


UTF_16 = {"Content-Type": "text/html; charset=utf-16"}

FAULTS = {
    "500": (Fault(Answer(500)), 502, "Strava answered with status 500"),
    "a page for people": (Fault(BAD_GATEWAY), 502, "Strava answered with status 502"),
    "endless": (Fault(endless=True), 502, "did not answer in time"),
    "huge": (Fault(Answer(200, b" " * 2**20)), 502, "sent more than 0 MB"),
    "in another encoding": (Fault(Answer(403, b"x", UTF_16)), 502, "status 403"),
    "cut in the middle": (Fault(cut=True), 502, "could not be reached"),
    "slow": (Fault(delay=60), 502, "did not answer in time"),
    "malformed": (Fault(NOT_JSON), 502, "not JSON"),
    "no list": (Fault(Answer(200, b"{}")), 502, "a page of activities that is not a list"),
    "empty before the end": (Fault(EMPTY), 502, "an empty page 3, but more pages after it"),
    "401 for good": (Fault(UNAUTHORIZED), 409, "connect again"),
    "scope gone": (Fault(SCOPE_MISSING), 409, "keep all boxes checked"),
    "switched off": (Fault(SWITCHED_OFF), 503, "disabled the application"),
    "not found": (Fault(Answer(404)), 503, "STRAVA_API_URL is wrong"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_sync_that_fails_keeps_the_pages_before_says_why_and_the_next_one_completes_it(
    client, owner, ada, strava, two_a_page, impatient, noted, case
):
    strava.add(*map(make_activity, range(1, 10)))
    fault, code, why = FAULTS[case]
    # For good: also with the next access token.
    times = 2 if case == "401 for good" else 1
    strava.fail(RIGHT, RIGHT, *[on(ACTIVITIES, fault)] * times)

    failed = sync(client, ada.headers)

    assert failed.status_code == code
    assert why in failed.json["detail"]
    [changeset_id] = owner.execute("SELECT changeset_id FROM changesets").fetchone()
    assert failed.json["detail"].endswith(f". Records read before the error are stored as changeset {changeset_id}.")
    assert set(listed(client, ada)) == set(map(run_id, range(1, 5)))
    assert noted(ada)[0] is None
    found = status(client, ada.headers)
    assert (found["last_success_at"], found["syncing"], found["found"]) == (None, False, 4)
    assert found["last_error"] == failed.json["detail"]
    assert found["last_error_at"] is not None

    completed = sync(client, ada.headers).json

    assert completed["complete"] is True
    assert completed["created"] == 5
    assert set(listed(client, ada)) == set(map(run_id, range(1, 10)))
    assert {run["version"] for run in listed(client, ada).values()} == {1}
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (9,)
    assert status(client, ada.headers)["last_success_at"] is not None


def test_a_page_that_comes_twice_is_told_and_nothing_goes_in_twice(client, owner, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(1, 6)))
    strava.fail(RIGHT)
    strava.repeat_page()

    failed = sync(client, ada.headers)

    assert (failed.status_code, "page 1 again as page 2" in failed.json["detail"]) == (502, True)
    assert noted(ada)[0] is None
    assert sync(client, ada.headers).json["complete"] is True
    assert set(listed(client, ada)) == set(map(run_id, range(1, 6)))
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (5,)


def test_a_list_that_moves_while_it_is_read_gives_each_run_once(client, owner, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 6)))
    strava.fail(RIGHT, meanwhile(lambda: strava.add(make_activity(0))))

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": 5, "unchanged": 1}
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (5,)


def test_a_run_that_moves_to_a_page_already_read_is_not_gone(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 11)))
    sync(client, ada.headers)
    strava.fail(RIGHT, RIGHT, meanwhile(lambda: strava.remove(16_000_000_001)))

    report = sync(client, ada.headers, full_sync=True).json

    # The first of page 3 came to be the last of page 2, which was read before: it is asked for.
    assert counts(report) == {"unchanged": 10}
    assert len(listed(client, ada)) == 10
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 9, "deleted": 1}


def test_a_token_that_ends_in_the_middle_is_refreshed_and_the_sync_goes_on(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(5)))
    strava.fail(RIGHT, meanwhile(strava.expire_access))

    report = sync(client, ada.headers).json

    assert (report["complete"], report["created"]) == (True, 5)


def test_a_connection_that_ends_in_the_middle_keeps_what_was_read(client, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(5)))
    strava.fail(RIGHT, RIGHT, meanwhile(strava.end_connections))

    failed = sync(client, ada.headers)

    assert failed.status_code == 409
    assert failed.json["detail"].startswith("Strava has ended the connection: connect again. Records read before")
    assert len(listed(client, ada)) == 4
    assert status(client, ada.headers)["needs_reconnect"] is True
    connect(client, ada.headers)
    assert sync(client, ada.headers).json["created"] == 1


def test_a_failure_leaves_the_watermark_of_the_last_success(client, ada, strava, noted):
    sync(client, ada.headers)
    before = noted(ada)
    strava.fail(on(ACTIVITIES, Fault(Answer(500))))

    assert sync(client, ada.headers).status_code == 502

    assert noted(ada) == before
    assert status(client, ada.headers)["last_error"] == "Strava answered with status 500"
