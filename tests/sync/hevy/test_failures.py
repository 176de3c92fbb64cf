"""Faults and limits of Hevy, two syncs at once, and syncs that only try."""

import dataclasses
import threading
from datetime import UTC, datetime

import httpx
import pytest

from fitness.providers.hevy.client import Hevy
from tests.standins.hevy import HevyStandIn, made_workout, made_workouts, sample, without_items
from tests.standins.server import Answer, Fault
from tests.sync.hevy.reports import LATER, changed, counts, heavier, listed, own_exercises, status, store_key, sync

# What goes wrong


def retry_after(value):
    return Answer(429, b"slow down", {"Retry-After": value})


FAULTS = {
    "429 with a header": (Fault(retry_after("30")), 200, "try again"),
    "429 without one": (Fault(Answer(429)), 200, "try again"),
    "500": (Fault(Answer(500, b"<html>")), 502, "500"),
    "a cut connection": (Fault(cut=True), 502, "could not be reached"),
    "malformed JSON": (Fault(Answer(200, b'{"page": 2, ')), 502, "not JSON"),
    "another JSON": (Fault(Answer(200, b"[]")), 502, "not an object"),
    "no list": (Fault(Answer(200, b'{"page": 2, "page_count": 3}')), 502, "without"),
    "an empty page before the end": (Fault(without_items), 502, "an empty page 2"),
    "a slow answer": (Fault(delay=60), 502, "in time"),
}


@pytest.mark.parametrize("fault", [*FAULTS, "the same page twice"])
@pytest.mark.parametrize("feed", ["pages", "events"])
def test_a_fault_on_the_second_page_keeps_the_first_and_the_next_sync_completes(
    client, owner, alice, many, monkeypatch, fault, feed
):
    if fault == "a slow answer":
        monkeypatch.setitem(Hevy.__init__.__kwdefaults__, "time_limits", httpx.Timeout(2))
    if feed == "events":
        sync(client, alice)
        for workout in made_workouts(25):
            many.put(changed(workout, title="Changed"))
    before = status(client, alice)["last_success_at"]
    path = {"pages": "/v1/workouts", "events": "/v1/workouts/events"}[feed]
    again = Fault(many.page_before)
    failing, code, why = FAULTS.get(fault, (again, 502, "again as page 2"))
    many.fail(Fault(on=path), dataclasses.replace(failing, on=path))

    answer = sync(client, alice)

    assert answer.status_code == code
    stored = [workout for workout in listed(client, alice) if workout["title"] == "Changed" or feed == "pages"]
    assert len(stored) == 10
    told = status(client, alice)
    assert (told["last_success_at"], told["syncing"], told["connected"]) == (before, False, True)
    assert why in told["last_error"]
    if code == 200:
        assert (answer.json["complete"], answer.json["resume_at"] is not None) == (False, True)
        assert sync(client, alice).status_code == 429
        owner.execute("UPDATE sync_metadata SET retry_at = now()")
    else:
        (changeset,) = client.get("/v1/changesets?limit=1", headers=alice.headers).json["items"]
        assert f"changeset {changeset['changeset_id']}." in answer.json["detail"]

    report = sync(client, alice).json

    assert counts(report) == {"pages": {"created": 15}, "events": {"updated": 15, "unchanged": 10}}[feed]
    assert len(listed(client, alice)) == 25
    assert {workout["version"] for workout in listed(client, alice)} == {1 if feed == "pages" else 2}
    assert status(client, alice)["last_success_at"] != before


def test_a_limit_on_the_first_page_is_a_429_that_says_when(client, alice, many):
    many.fail(Fault(retry_after("120")))

    answer = sync(client, alice)

    assert (answer.status_code, 100 < int(answer.headers["Retry-After"]) <= 120) == (429, True)
    assert listed(client, alice) == []


def test_without_a_key_or_with_a_dead_one_a_person_must_connect(client, alice, bob, many):
    sync(client, alice)
    assert sync(client, bob).status_code == 409
    many.key, alive = "another", many.key

    refused = sync(client, alice)

    assert (refused.status_code, "key" in refused.json["detail"]) == (409, True)
    assert (status(client, alice)["needs_reconnect"], len(listed(client, alice))) == (True, 25)
    asked = len(many.requests)
    assert (sync(client, alice).status_code, len(many.requests)) == (409, asked)
    many.key = alive
    assert store_key(client, alice).status_code == 200
    assert sync(client, alice).status_code == 200


def test_of_two_syncs_at_once_one_is_refused(app, client, alice, many):
    begun, go_on = threading.Event(), threading.Event()

    def wait(request, right):
        begun.set()
        assert go_on.wait(20)
        return right()

    many.fail(Fault(wait, on="/v1/workouts"))
    answers = []
    first = threading.Thread(target=lambda: answers.append(sync(app.test_client(), alice)))
    first.start()
    assert begun.wait(20)

    second = sync(client, alice)
    go_on.set()
    first.join(20)

    assert (second.status_code, [answer.status_code for answer in answers]) == (409, [200])
    assert len(listed(client, alice)) == 25


def test_a_dry_run_leaves_nothing_and_tells_the_same(client, owner, alice, many):
    dry = sync(client, alice, "?dry_run=true").json

    assert (listed(client, alice), own_exercises(client, alice)) == ([], {})
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (0,)
    assert status(client, alice)["last_success_at"] is None
    wet = sync(client, alice).json
    assert dry == {**wet, "changeset_id": None, "dry_run": True, "records": dry["records"]}

    many.put(heavier(made_workouts(1)[0], 99))
    many.delete(made_workouts(2)[1]["id"], LATER)
    before = listed(client, alice)
    dry = sync(client, alice, "?dry_run=true").json
    assert listed(client, alice) == before
    assert dry == {**sync(client, alice).json, "changeset_id": None, "dry_run": True, "records": dry["records"]}


def test_a_page_of_ten_takes_as_many_statements_as_one_of_one(client, alice, connect, statements):
    asked = {}
    with HevyStandIn(made_workouts(1), sample("hevy_exercise_templates.json")["exercise_templates"]) as stand_in:
        connect(stand_in)
        sync(client, alice)
        for day, number in ((0, 1), (100, 10)):
            made = [
                made_workout(f"{day + n}", datetime(2024, 1, 1, tzinfo=UTC), [], title=f"{n}") for n in range(number)
            ]
            for step in ("created", "updated"):
                for workout in made:
                    stand_in.put(
                        changed(workout, exercises=_lifts(step), updated_at=f"203{len(asked)}-01-01T00:00:00Z")
                    )
                statements.clear()
                stand_in._events = stand_in._events[-number:]
                assert counts(sync(client, alice).json) == {step: number}
                asked[step, number] = len(statements)

    assert asked["created", 1] == asked["created", 10]
    assert asked["updated", 1] == asked["updated", 10]


def _lifts(step):
    workout = made_workouts(1)[0]
    return workout["exercises"] if step == "created" else heavier(workout, 99)["exercises"]
