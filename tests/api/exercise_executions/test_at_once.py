"""Changes of one workout at the same moment."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.api.exercise_executions.changes import add, correct, each_change, history_of, read


def wait_for_blocked(owner, number):
    """Wait until so many statements wait for locks in this test's database."""
    deadline = time.monotonic() + 30
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while owner.execute(query).fetchone()[0] < number:
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.005)


class Meeting:
    """Requests that arrive one by one while somebody else holds the workout, and then go on."""

    def __init__(self, app, owner, connect):
        self.app, self.owner, self.connect = app, owner, connect

    def __call__(self, workout_id, *calls):
        with self.connect() as holder, ThreadPoolExecutor(len(calls)) as threads:
            holder.execute("SELECT FROM workouts WHERE id = %s FOR UPDATE", [workout_id])
            answers = []
            try:
                for number, call in enumerate(calls, 1):
                    answers.append(threads.submit(call, self.app.test_client()))
                    wait_for_blocked(self.owner, number)
            finally:
                holder.rollback()
            return [answer.result() for answer in answers]


@pytest.fixture
def meet(app, owner, database_url):
    return Meeting(app, owner, lambda: psycopg.connect(database_url))


@each_change
def test_a_change_that_waited_for_a_deletion_is_not_found(client, alice, meet, live, change):
    before = read(client, alice, live.id).json

    deleted, late = meet(
        live.id,
        lambda own: own.delete(live.path, headers=alice.headers),
        lambda own: change(own, alice, live),
    )

    after = read(client, alice, live.id).json
    assert (deleted.status_code, late.status_code) == (204, 404)
    assert after["deleted_at"] is not None
    assert after["exercise_executions"] == before["exercise_executions"]
    assert [one["change_type"] for one in history_of(client, alice, live.id)] == ["deletion", "original"]


def test_a_deletion_that_waited_for_a_change_keeps_it_in_the_history(client, alice, meet, live):
    added, deleted = meet(
        live.id,
        lambda own: add(own, alice, live),
        lambda own: own.delete(live.path, headers=alice.headers),
    )

    deletion, edit, _ = history_of(client, alice, live.id)
    assert (added.status_code, deleted.status_code) == (201, 204)
    assert added.json in edit["exercise_executions"][0]["sets"]
    assert deletion["exercise_executions"] == edit["exercise_executions"]
    assert read(client, alice, live.id).json["deleted_at"] is not None


@each_change
def test_a_change_that_waited_for_the_finish_is_refused(client, alice, meet, live, change):
    finished, late = meet(
        live.id,
        lambda own: own.patch(f"{live.path}/finish", headers=alice.headers),
        lambda own: change(own, alice, live),
    )

    assert (finished.status_code, late.status_code) == (200, 409)
    assert read(client, alice, live.id).json == finished.json


def test_of_two_changes_for_one_tag_the_second_is_refused(client, alice, meet, live):
    tag = {"If-Match": '"1"'}

    first, second = meet(
        live.id,
        lambda own: correct(own, alice, live, **tag),
        lambda own: add(own, alice, live, **tag),
    )

    assert (first.status_code, second.status_code, second.headers["ETag"]) == (200, 412, '"2.1"')
    assert len(client.get(live.of(live.bench), headers=alice.headers).json["sets"]) == 2


def test_twenty_sets_added_at_once_are_twenty_sets_and_one_version(app, client, alice, live):
    start = threading.Barrier(20)

    def post(_):
        own = app.test_client()
        start.wait()
        return add(own, alice, live)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))

    sets = client.get(live.of(live.bench), headers=alice.headers).json["sets"]
    newest, _ = history_of(client, alice, live.id)
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json["set_index"] for answer in answers) == list(range(3, 23))
    assert sorted(answer.json["position"] for answer in answers) == list(range(4, 24))
    assert {answer.headers["ETag"] for answer in answers} == {f'"2.{n}"' for n in range(1, 21)}
    assert newest["exercise_executions"][0]["sets"] == sets
