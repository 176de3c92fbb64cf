"""What Strava garbles once is asked for by its id until it can be read, is gone, or is given up."""

import pytest

from fitness.db.provider_events import MOST_TRIES
from fitness.sync.asking import MOST_ASKED_AGAIN
from tests.connecting import status, sync
from tests.standins.server import Fault
from tests.standins.strava import API, BAD_GATEWAY, TOO_MANY, make_activity
from tests.sync.strava.reports import counts, listed, run_id

ONE = f"{API}/activities/"


def garbled(number):
    return make_activity(number, distance="far")


@pytest.fixture
def asked(strava):
    """Return the numbers of the activities that were asked for by their ids since the last time."""
    seen = [0]

    def asked():
        requests = strava.asked(ONE)
        before, seen[0] = seen[0], len(requests)
        return [int(one.path.removeprefix(ONE)) - 16_000_000_000 for one in requests[before:]]

    return asked


@pytest.fixture
def one_unread(client, ada, strava):
    """A run that the first sync could not read, years old, beside one that it could."""
    strava.add(make_activity(1), garbled(2))
    report = sync(client, ada.headers).json
    assert counts(report) == {"created": 1, "failed": 1}
    return report


def test_what_was_garbled_once_is_asked_for_by_the_next_sync(client, ada, strava, one_unread, asked):
    strava.add(make_activity(2), make_activity(3))
    assert asked() == []

    report = sync(client, ada.headers).json

    assert asked() == [2]
    assert set(listed(client, ada)) >= {run_id(1), run_id(2)}
    assert (report["created"], report["failed"]) == (1, 0)
    sync(client, ada.headers)
    assert asked() == []


def test_what_stays_garbled_is_given_up_and_holds_up_nothing(client, ada, strava, one_unread, asked):
    reports = []
    for _ in range(MOST_TRIES + 2):
        reports.append(sync(client, ada.headers).json)

    assert asked() == [2] * MOST_TRIES
    told = [[one["detail"] for one in report["problems"]] for report in reports]
    assert [len(details) for details in told] == [1] * MOST_TRIES + [0, 0]
    assert told[MOST_TRIES - 1] == [f"{told[0][0].rstrip('.')}. Strava was asked 5 times; only a full sync asks again."]
    assert "16000000002" in status(client, ada.headers)["last_error"]
    strava.add(make_activity(2))
    assert sync(client, ada.headers, full_sync=True).json["created"] == 1
    sync(client, ada.headers)
    assert asked() == []


def test_what_strava_fails_to_send_is_asked_for_again(client, ada, strava, one_unread, asked):
    strava.add(make_activity(2))
    strava.fail(Fault(BAD_GATEWAY, on=ONE))

    report = sync(client, ada.headers).json

    assert (report["complete"], counts(report)) == (True, {"failed": 1})
    assert sync(client, ada.headers).json["created"] == 1
    assert asked() == [2, 2]


def test_while_strava_is_down_nothing_is_given_up(client, ada, strava, asked):
    strava.add(*map(garbled, range(1, 6)))
    sync(client, ada.headers)
    strava.add(*map(make_activity, range(1, 6)))

    for _ in range(MOST_TRIES + 1):
        strava.fail(*[Fault(BAD_GATEWAY, on=ONE)] * 3)
        assert sync(client, ada.headers).status_code == 502

    assert sync(client, ada.headers).json["created"] == 5


def test_at_the_rate_limit_what_is_unread_waits_uncounted(client, ada, owner, strava, asked):
    strava.add(*map(garbled, range(1, 4)))
    sync(client, ada.headers)
    strava.add(*map(make_activity, range(1, 4)))

    for number in range(2):
        strava.fail(*[Fault(on=ONE)] * number, Fault(TOO_MANY, on=ONE))
        sync(client, ada.headers)
        owner.execute("UPDATE sync_metadata SET retry_at = NULL")

    assert len(listed(client, ada)) == 1  # what came before the limit is stored
    assert owner.execute("SELECT max(tries), count(*) FROM provider_events").fetchone() == (0, 2)
    assert sync(client, ada.headers).json["created"] == 2
    assert owner.execute("SELECT count(*) FROM provider_events").fetchone() == (0,)


def test_what_is_gone_meanwhile_is_forgotten(client, ada, strava, one_unread, asked):
    strava.remove(16_000_000_002)

    reports = [sync(client, ada.headers).json for _ in range(2)]

    assert asked() == [2]
    assert [counts(report) for report in reports] == [{}, {}]


def test_a_sync_asks_for_some_of_many_and_for_all_in_the_end(client, ada, strava, asked):
    most = 2 * MOST_ASKED_AGAIN
    strava.add(*map(garbled, range(1, most + 1)))
    sync(client, ada.headers)
    strava.add(*map(make_activity, range(MOST_ASKED_AGAIN + 1, most + 1)))

    numbers = []
    for _ in range(2):
        sync(client, ada.headers)
        numbers.append(asked())

    assert [len(some) for some in numbers] == [MOST_ASKED_AGAIN] * 2
    assert sorted([*numbers[0], *numbers[1]]) == list(range(1, most + 1))


def test_a_dry_run_notes_nothing(client, ada, strava, owner):
    strava.add(make_activity(1), garbled(2))

    assert sync(client, ada.headers, dry_run=True).json["failed"] == 1

    assert owner.execute("SELECT count(*) FROM provider_events").fetchone() == (0,)


def test_a_run_that_is_not_listed_and_not_sent_stays_until_strava_says(client, ada, strava, asked):
    strava.add(*map(make_activity, range(1, 30)))
    sync(client, ada.headers)
    strava.remove(16_000_000_002)
    strava.fail(Fault(BAD_GATEWAY, on=ONE))

    report = sync(client, ada.headers, full_sync=True).json

    assert (report["complete"], report["deleted"]) == (True, 0)
    assert run_id(2) in listed(client, ada)
    assert sync(client, ada.headers).json["deleted"] == 1
    assert run_id(2) not in listed(client, ada)
    assert asked() == [2, 2]
