"""What Hevy garbles once is asked for by its id until it can be read, is gone, or is given up."""

import pytest

from fitness.db.provider_events import MOST_TRIES
from tests.standins.hevy import made_workouts
from tests.standins.server import Answer, Fault
from tests.sync.hevy.reports import counts, listed, status, sync

BROKEN = Answer(500, b"Internal Server Error")


@pytest.fixture
def workout():
    return made_workouts(1)[0]


@pytest.fixture
def one_unread(client, alice, many, workout):
    """A workout of long ago that the first sync could not read, beside 24 others."""
    many.put({**workout, "start_time": "soon"})
    report = sync(client, alice).json
    assert counts(report) == {"created": 24, "failed": 1}
    return f"/v1/workouts/{workout['id']}"


def test_a_workout_that_was_garbled_once_is_asked_for_by_the_next_sync(client, alice, many, workout, one_unread):
    many.put(workout)

    report = sync(client, alice).json

    assert (report["created"], report["failed"]) == (1, 0)
    assert len(listed(client, alice)) == 25
    assert len(many.asked(one_unread)) == 1
    sync(client, alice)
    assert len(many.asked(one_unread)) == 1


def test_a_workout_that_stays_garbled_is_given_up(client, alice, many, one_unread):
    reports = [sync(client, alice).json for _ in range(MOST_TRIES + 2)]

    assert len(many.asked(one_unread)) == MOST_TRIES
    assert [report["failed"] for report in reports] == [1] * MOST_TRIES + [0, 0]
    assert reports[MOST_TRIES - 1]["problems"][0]["detail"].endswith(
        "Hevy was asked 5 times; only a full sync asks again."
    )
    assert one_unread.rpartition("/")[2] in status(client, alice)["last_error"]


def test_a_workout_that_hevy_fails_to_send_is_asked_for_again(client, alice, many, workout, one_unread):
    many.put(workout)
    many.fail(Fault(BROKEN, on=one_unread))

    assert sync(client, alice).json["failed"] == 1
    assert sync(client, alice).json["created"] == 1


def test_a_workout_that_is_gone_meanwhile_is_forgotten(client, alice, many, workout, one_unread):
    many.delete(workout["id"], "2025-01-01T00:00:00Z")

    assert [sync(client, alice).json["failed"] for _ in range(2)] == [0, 0]
    assert len(many.asked(one_unread)) == 1


def test_a_workout_that_is_not_listed_and_not_sent_stays(client, alice, many, workout):
    sync(client, alice)
    many.delete(workout["id"], "2025-01-01T00:00:00Z")
    many.fail(Fault(BROKEN, on=f"/v1/workouts/{workout['id']}"))

    report = sync(client, alice, "?full_sync=true").json

    assert (report["deleted"], len(listed(client, alice))) == (0, 25)
    assert sync(client, alice).json["deleted"] == 1
