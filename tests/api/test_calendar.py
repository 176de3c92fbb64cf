"""Runs and workouts in the calendar at Google: one event each, whatever goes wrong, and never behind for long."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fitness.db import connection
from fitness.providers.google.client import Google
from fitness.sync.calendar_events import event_ids
from tests.google_browser import connect, say_yes
from tests.standins.google import BAD_GATEWAY, CALENDAR, EVENTS_SCOPE, TOKEN, denied, refusal
from tests.standins.server import Answer, Fault

EVENTS = f"{CALENDAR}/calendars/primary/events"
NEVER = {
    "sync_status": None,
    "run_version": None,
    "behind": False,
    "google_event_id": None,
    "synced_at": None,
    "error_message": None,
}
STRENGTH = {
    "workout_type": "STRENGTH",
    "start_ts": "2026-02-16T15:00:00Z",
    "strength_sets": [{"exercise_name": "Squat", "weight": 225, "reps": 5}],
}


@pytest.fixture
def settings(settings, google):
    return dataclasses.replace(settings, **google.settings)


@pytest.fixture
def alice(client, alice):
    """Alice, with her calendar connected."""
    connect(client, alice.headers)
    return alice


def sync(client, person, run, method="POST"):
    return client.open(f"/v1/sync/runs/{run.id}", method=method, headers=person.headers)


def sync_all(client, person, query="", noun="runs"):
    return client.post(f"/v1/sync/{noun}{query}", headers=person.headers)


def state(client, person, run):
    return client.get(f"/v1/sync/runs/{run.id}/status", headers=person.headers).json


def edit(client, person, run, **changes):
    assert client.patch(f"/v1/runs/{run.id}", json=changes, headers=person.headers).status_code == 200


def summaries(google, account=None):
    return sorted(event["summary"] for event in google.calendar(account).values())


def counts(report):
    return tuple(report[name] for name in ("found", "created", "updated", "deleted", "failed"))


# One at a time


def test_a_run_goes_into_the_calendar_with_an_id_of_our_own(client, google, alice, make_run):
    run = make_run(alice, name="Morning run")
    assert state(client, alice, run) == {"run_id": run.id, **NEVER}

    answer = sync(client, alice, run)

    event_id = next(event_ids(alice.user_id, "run", run.id))
    assert answer.status_code == 200
    assert answer.json == {
        "run_id": run.id,
        "sync_status": "synced",
        "run_version": 1,
        "behind": False,
        "google_event_id": event_id,
        "synced_at": answer.json["synced_at"],
        "error_message": None,
    }
    assert answer.json["synced_at"]
    assert state(client, alice, run) == answer.json
    event = google.calendar()[event_id]
    assert event["summary"] == "Morning run 5.0 mi"
    assert event["extendedProperties"]["private"] == {"fitnessRunId": run.id}
    details = client.get("/v1/runs/details", headers=alice.headers).json["items"][0]
    assert (details["sync_status"], details["synced_version"], details["google_event_id"]) == ("synced", 1, event_id)


def test_an_event_is_in_the_zone_of_the_persons_days(client, google, alice, make_run):
    client.patch("/v1/auth/me", json={"time_zone": "America/Chicago"}, headers=alice.headers)

    sync(client, alice, make_run(alice))

    (event,) = google.calendar().values()
    assert event["start"] == {"dateTime": "2025-11-02T06:05:31-06:00", "timeZone": "America/Chicago"}


def test_a_workout_goes_into_the_calendar_as_a_run_does(client, google, alice):
    workout_id = client.post("/v1/workouts", json=STRENGTH, headers=alice.headers).json["workout_id"]

    answer = client.post(f"/v1/sync/workouts/{workout_id}", headers=alice.headers)

    assert answer.status_code == 200
    assert (answer.json["workout_id"], answer.json["workout_version"]) == (workout_id, 1)
    assert client.get(f"/v1/sync/workouts/{workout_id}/status", headers=alice.headers).json == answer.json
    assert client.get("/v1/sync/workouts", headers=alice.headers).json["items"] == [answer.json]
    (event,) = google.calendar().values()
    assert (event["summary"], event["description"]) == ("Lifting", "Squat: 1 set")
    assert client.delete(f"/v1/sync/workouts/{workout_id}", headers=alice.headers).status_code == 204
    assert google.calendar() == {}


def test_an_edit_never_waits_for_google_and_the_next_sync_brings_it_there(client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)
    asked = len(google.requests)

    edit(client, alice, run, distance=6.2)

    assert len(google.requests) == asked
    behind = state(client, alice, run)
    assert (behind["behind"], behind["sync_status"], behind["run_version"]) == (True, "synced", 1)
    assert summaries(google) == ["Run 5.0 mi"]
    after = sync(client, alice, run).json
    assert (after["behind"], after["run_version"]) == (False, 2)
    assert after["google_event_id"] == behind["google_event_id"]
    assert summaries(google) == ["Run 6.2 mi"]


def test_taking_a_run_out_twice_is_as_good_as_once(client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)

    answers = [sync(client, alice, run, "DELETE").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert google.calendar() == {}
    assert state(client, alice, run) == {"run_id": run.id, **NEVER}
    assert sync(client, alice, run).json["sync_status"] == "synced"
    assert summaries(google) == ["Run 5.0 mi"]


@pytest.mark.parametrize("gone", ["delete_by_hand", "forget_events"])
def test_an_event_that_was_deleted_by_hand_comes_back_or_is_as_gone_as_it_should_be(
    client, google, alice, make_run, gone
):
    def lose(event_id):
        google.forget_events() if gone == "forget_events" else google.delete_by_hand(event_id)

    run = make_run(alice)
    lose(sync(client, alice, run).json["google_event_id"])

    assert sync(client, alice, run).status_code == 200

    (event_id,) = google.calendar()
    assert state(client, alice, run)["google_event_id"] == event_id
    lose(event_id)
    assert sync(client, alice, run, "DELETE").status_code == 204
    assert state(client, alice, run)["sync_status"] is None


def test_an_event_that_cannot_be_brought_back_gets_the_next_id_and_keeps_it(client, google, alice, make_run):
    run = make_run(alice)
    first, second, third, *_ = event_ids(alice.user_id, "run", run.id)
    google.final |= {first, second}
    for expected in (first, second, third, third):
        answer = sync(client, alice, run)
        assert (answer.json["sync_status"], answer.json["google_event_id"]) == ("synced", expected)
        assert list(google.calendar()) == [expected]
        if expected != third:
            google.delete_by_hand(expected)


def test_an_event_that_came_along_with_an_archive_is_changed_and_gets_no_second_one(
    client, google, owner, alice, make_run
):
    run = make_run(alice)
    sync(client, alice, run)
    (event,) = google.calendar().values()
    google.forget_events()
    with google.lock:  # that of another account, whose ids are others
        google.events["athlete@example.com primary"] = {"fitother": {**event, "id": "fitother"}}
    owner.execute("UPDATE synced_runs SET google_event_id = 'fitother'")
    edit(client, alice, run, distance=6.2)

    assert sync(client, alice, run).json["google_event_id"] == "fitother"

    assert summaries(google) == ["Run 6.2 mi"]


def test_when_all_ids_are_used_up_the_answer_says_so(client, google, alice, make_run):
    run = make_run(alice)
    for event_id in event_ids(alice.user_id, "run", run.id):
        google.final.add(event_id)
        google.calendar()
        google.delete_by_hand(sync(client, alice, run).json["google_event_id"])

    answer = sync(client, alice, run)

    assert answer.status_code == 502
    assert "no id left" in state(client, alice, run)["error_message"]


# What goes wrong


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_without_a_connection_the_answer_is_to_connect_and_nothing_is_written(client, owner, bob, make_run, method):
    run = make_run(bob)
    owner.execute(
        "INSERT INTO synced_runs (user_id, run_id, run_version, google_event_id, sync_status, synced_at)"
        " VALUES (%s, %s, 1, 'fit123', 'synced', '2025-11-02T13:00:00Z')",
        [bob.user_id, run.id],
    )
    before = state(client, bob, run)

    answer = sync(client, bob, run, method)

    assert (answer.status_code, answer.json) == (409, {"detail": "Google is not connected: connect it first"})
    assert state(client, bob, run) == before
    assert sync_all(client, bob).status_code == 409


def lose_answer(request, make):
    """Do what was asked, and say nothing sensible about it."""
    make()
    return BAD_GATEWAY


@pytest.mark.parametrize("fault", [Fault(cut=True, on=EVENTS), Fault(lose_answer, on=EVENTS)])
def test_a_lost_answer_and_the_retry_make_one_event(client, google, alice, make_run, fault):
    run = make_run(alice)
    google.fail(fault)

    lost = sync(client, alice, run)

    failed = state(client, alice, run)
    assert lost.status_code == 502
    assert (failed["sync_status"], failed["error_message"]) == ("failed", lost.json["detail"])
    (event_id,) = google.calendar()
    again = sync(client, alice, run).json
    assert (again["sync_status"], again["google_event_id"], again["error_message"]) == ("synced", event_id, None)
    assert list(google.calendar()) == [event_id]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_process_that_died_on_the_way_is_made_up_for(client, google, alice, make_run, monkeypatch, arrived):
    run = make_run(alice)

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        if arrived:
            insert(*args, **kwargs)
        raise Killed

    insert = Google.insert_event
    monkeypatch.setattr(Google, "insert_event", die)
    with pytest.raises(Killed):
        sync(client, alice, run)
    monkeypatch.undo()
    assert state(client, alice, run)["sync_status"] == "pending"

    report = sync_all(client, alice).json

    assert counts(report) == (1, 0, 1, 0, 0)
    assert len(google.calendar()) == 1
    assert state(client, alice, run)["sync_status"] == "synced"


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (refusal("invalid"), 502, "invalid"),
        (refusal("insufficientPermissions"), 409, "connect again"),
        (denied("forbidden"), 409, "connect again"),
        (refusal("notFound"), 503, "GOOGLE_CALENDAR_ID"),
        (refusal("userRateLimitExceeded", {"Retry-After": "90"}), 429, "asked again"),
        (refusal("backendError"), 502, "500"),
    ],
)
def test_each_failure_says_who_is_to_act_and_is_on_the_list(client, google, alice, make_run, fault, status, said):
    run = make_run(alice)
    google.fail(Fault(fault, on=EVENTS))

    answer = sync(client, alice, run)

    assert answer.status_code == status
    assert said in answer.json["detail"]
    assert status != 429 or 85 <= int(answer.headers["Retry-After"]) <= 90
    (failed,) = client.get("/v1/sync/runs/failed", headers=alice.headers).json["items"]
    assert (failed["run_id"], failed["error_message"]) == (run.id, answer.json["detail"])
    sync(client, alice, run)
    assert client.get("/v1/sync/runs/failed", headers=alice.headers).json["items"] == []
    assert len(google.calendar()) == 1


def test_an_access_token_that_has_died_is_refreshed_and_nobody_notices(client, google, alice, make_run):
    google.expire_access()

    assert sync(client, alice, make_run(alice)).status_code == 200

    assert [request.form["grant_type"] for request in google.asked(TOKEN)] == ["authorization_code", "refresh_token"]


def test_a_dead_grant_asks_to_connect_again_and_then_all_is_well(client, google, alice, make_run):
    run = make_run(alice)
    google.end_connections()

    answers = [sync(client, alice, run) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "connect again" in answers[1].json["detail"]
    status = client.get("/v1/oauth/google/status", headers=alice.headers).json
    assert (status["connected"], status["needs_reconnect"]) == (False, True)
    connect(client, alice.headers)
    assert sync(client, alice, run).status_code == 200


def both_at_once(client_of, *calls):
    """Make calls at the same moment, each by a client of its own; return their answers."""
    answers: list[Any] = [None] * len(calls)

    def make(number, call):
        answers[number] = call(client_of())

    threads = [threading.Thread(target=make, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_syncs_of_one_run_at_the_same_moment_make_one_event_and_a_right_row(app, client, google, alice, make_run):
    run = make_run(alice)
    # Neither is answered before both have asked.
    together = threading.Barrier(2)

    def wait(request, make):
        together.wait(timeout=20)
        return make()

    google.fail(Fault(wait, on=EVENTS), Fault(wait, on=EVENTS))

    answers = both_at_once(app.test_client, *[lambda client: sync(client, alice, run)] * 2)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(google.calendar()) == 1
    (row,) = client.get("/v1/sync/runs", headers=alice.headers).json["items"]
    assert (row["sync_status"], row["run_version"], row["behind"]) == ("synced", 1, False)
    assert row["google_event_id"] in google.calendar()


def overtaken(app, google, late, meanwhile):
    """Let `late` reach Google only after `meanwhile` is through; return both answers."""
    reached, through = threading.Event(), threading.Event()

    def hold(request, make):
        reached.set()
        assert through.wait(timeout=20)
        return make()

    def overtake(client):
        assert reached.wait(timeout=20)
        try:
            return meanwhile(client)
        finally:
            through.set()

    google.fail(Fault(hold, on=EVENTS))
    return both_at_once(app.test_client, late, overtake)


def test_a_sync_that_a_newer_one_overtook_leaves_no_row_that_lies(app, client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)

    def meanwhile(other):
        edit(other, alice, run, distance=6.2)
        return sync(other, alice, run)

    late, newer = overtaken(app, google, lambda other: sync(other, alice, run), meanwhile)

    assert (late.status_code, newer.status_code) == (200, 200)
    assert summaries(google) == ["Run 5.0 mi"]
    assert state(client, alice, run)["sync_status"] == "pending"
    assert counts(sync_all(client, alice).json) == (1, 0, 1, 0, 0)
    assert summaries(google) == ["Run 6.2 mi"]


@pytest.mark.parametrize("first", ["POST", "DELETE"])
def test_a_run_that_is_sent_and_taken_out_at_once_leaves_no_event_without_a_row(
    app, client, google, alice, make_run, first
):
    run = make_run(alice)
    sync(client, alice, run)
    second = {"POST": "DELETE", "DELETE": "POST"}[first]

    overtaken(app, google, lambda other: sync(other, alice, run, first), lambda other: sync(other, alice, run, second))

    assert state(client, alice, run)["sync_status"] == "pending"
    sync_all(client, alice)
    assert summaries(google) == ["Run 5.0 mi"]
    assert state(client, alice, run)["sync_status"] == "synced"


# All at once


def test_all_at_once_sends_what_is_new_failed_or_behind_and_removes_what_is_deleted(client, google, alice, make_run):
    runs = {
        name: make_run(alice, name=name, datetime_utc=f"2025-11-0{day}T12:00:00Z")
        for day, name in enumerate(("well", "behind", "deleted", "failed", "new"), 1)
    }
    for name in ("well", "behind", "deleted"):
        sync(client, alice, runs[name])
    google.fail(Fault(refusal("invalid"), on=EVENTS))
    sync(client, alice, runs["failed"])
    edit(client, alice, runs["behind"], distance=9)
    client.delete(f"/v1/runs/{runs['deleted'].id}", headers=alice.headers)
    assert state(client, alice, runs["deleted"])["behind"] is True
    asked = len(google.asked(EVENTS))

    report = sync_all(client, alice).json

    assert report == {
        "found": 4,
        "created": 1,
        "updated": 2,
        "deleted": 1,
        "failed": 0,
        "problems": [],
        "complete": True,
        "resume_at": None,
    }
    assert summaries(google) == ["behind 9.0 mi", "failed 5.0 mi", "new 5.0 mi", "well 5.0 mi"]
    # Of the failed one, Google is first asked to change what it might have stored.
    assert len(google.asked(EVENTS)) == asked + 5
    assert counts(sync_all(client, alice).json) == (0, 0, 0, 0, 0)
    assert state(client, alice, runs["deleted"])["sync_status"] is None


def test_a_deleted_run_that_is_restored_goes_back_into_its_event(client, google, alice, make_run):
    run = make_run(alice)
    event_id = sync(client, alice, run).json["google_event_id"]
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)
    assert sync(client, alice, run).status_code == 404
    sync_all(client, alice)
    assert google.calendar() == {}

    client.post(f"/v1/runs/{run.id}/restore/1", headers=alice.headers)
    sync_all(client, alice)

    assert list(google.calendar()) == [event_id]


def test_all_at_once_keeps_to_the_local_days_asked_for(client, google, alice, make_run):
    for day in (1, 2, 3):
        make_run(alice, name=f"Day {day}", datetime_utc=f"2025-11-0{day}T03:00:00Z")

    report = sync_all(client, alice, "?start=2025-11-01&end=2025-11-01&time_zone=America/Chicago").json

    assert counts(report) == (1, 1, 0, 0, 0)
    assert summaries(google) == ["Day 2 5.0 mi"]


def test_a_workout_in_progress_waits_until_it_is_finished(client, google, alice):
    opened = {**STRENGTH, "in_progress": True}
    workout_id = client.post("/v1/workouts", json=opened, headers=alice.headers).json["workout_id"]
    assert counts(sync_all(client, alice, noun="workouts").json) == (0, 0, 0, 0, 0)

    client.patch(f"/v1/workouts/{workout_id}/finish", headers=alice.headers)

    assert counts(sync_all(client, alice, noun="workouts").json) == (1, 1, 0, 0, 0)
    assert len(google.calendar()) == 1
    client.delete(f"/v1/workouts/{workout_id}", headers=alice.headers)
    assert counts(sync_all(client, alice, noun="workouts").json) == (1, 0, 0, 1, 0)
    assert google.calendar() == {}


def test_a_run_that_is_here_twice_is_one_event(client, google, owner, alice, make_run):
    run, twin = make_run(alice), make_run(alice, name="Twin")
    sync_all(client, alice)
    owner.execute("UPDATE runs SET duplicate_of = %s WHERE id = %s", [run.id, twin.id])

    assert counts(sync_all(client, alice).json) == (1, 0, 0, 1, 0)

    assert summaries(google) == ["Run 5.0 mi"]


def test_one_run_that_google_refuses_keeps_no_other_back(client, google, alice, make_run):
    runs = [make_run(alice, datetime_utc=f"2025-11-0{day}T12:00:00Z") for day in (1, 2, 3)]
    google.fail(Fault(refusal("invalid"), on=EVENTS))

    report = sync_all(client, alice).json

    assert counts(report) == (3, 2, 0, 0, 1)
    assert report["problems"] == [{"id": runs[2].id, "detail": "Google refuses this: invalid"}]
    assert counts(sync_all(client, alice).json) == (1, 0, 1, 0, 0)
    assert len(google.calendar()) == 3


def test_at_a_rate_limit_it_stops_says_when_to_go_on_and_goes_on_there(client, google, owner, alice, make_run):
    for day in (1, 2, 3):
        make_run(alice, name=f"Day {day}", datetime_utc=f"2025-11-0{day}T12:00:00Z")
    limit = refusal("rateLimitExceeded", {"Retry-After": "90"})
    google.fail(Fault(lambda request, make: make(), on=EVENTS), Fault(limit, on=EVENTS))
    before = datetime.now(UTC)

    report = sync_all(client, alice).json

    assert (counts(report), report["complete"]) == ((3, 1, 0, 0, 0), False)
    assert before + timedelta(seconds=89) < datetime.fromisoformat(report["resume_at"])
    assert summaries(google) == ["Day 3 5.0 mi"]
    asked = len(google.requests)
    too_early = sync_all(client, alice)
    assert (too_early.status_code, len(google.requests)) == (429, asked)
    assert 0 < int(too_early.headers["Retry-After"]) <= 90
    owner.execute("UPDATE sync_metadata SET retry_at = now()")
    assert counts(sync_all(client, alice).json) == (2, 1, 1, 0, 0)
    assert len(google.calendar()) == 3


def test_one_lost_answer_is_no_reason_to_stop_but_silence_is(client, google, alice, make_run):
    for day in range(1, 6):
        make_run(alice, datetime_utc=f"2025-11-0{day}T12:00:00Z")
    google.fail(Fault(cut=True, on=EVENTS))
    assert counts(sync_all(client, alice, "?start=2025-11-04").json) == (2, 1, 0, 0, 1)
    google.fail(*[Fault(BAD_GATEWAY, on=EVENTS)] * 2)
    asked = len(google.asked(EVENTS))

    answer = sync_all(client, alice)

    assert (answer.status_code, len(google.asked(EVENTS)) - asked) == (502, 2)
    assert counts(sync_all(client, alice).json) == (4, 1, 3, 0, 0)
    assert len(google.calendar()) == 5


def test_a_second_one_at_the_same_moment_is_told_to_wait(app, client, google, alice, make_run):
    make_run(alice)

    _, second = overtaken(app, google, lambda other: sync_all(other, alice), lambda other: sync_all(other, alice))

    assert second.status_code == 409
    assert len(google.calendar()) == 1


def test_no_connection_to_the_database_is_held_while_google_answers(app, client, google, alice, make_run):
    run = make_run(alice)
    held = []

    def look(request, make):
        pool = connection._pool
        assert pool is not None
        held.append(pool.get_stats()["pool_size"] - pool.get_stats()["pool_available"])
        return make()

    google.fail(*[Fault(look, on=EVENTS)] * 3)

    sync(client, alice, run)
    edit(client, alice, run, distance=6.2)
    sync_all(client, alice)
    sync(client, alice, run, "DELETE")

    assert held == [0, 0, 0]


def test_the_list_comes_by_pages_newest_first(client, google, alice, make_run):
    for day in (1, 2, 3):
        make_run(alice, id=f"manual_{day}", datetime_utc=f"2025-11-0{day}T12:00:00Z")
    sync_all(client, alice)
    make_run(alice)

    first = client.get("/v1/sync/runs?limit=2", headers=alice.headers).json
    query = {"limit": 2, "cursor": first["next_cursor"]}
    last = client.get("/v1/sync/runs", query_string=query, headers=alice.headers).json

    assert [run["run_id"] for page in (first, last) for run in page["items"]] == ["manual_3", "manual_2", "manual_1"]
    assert last["next_cursor"] is None
    assert client.get("/v1/sync/runs?cursor=nonsense", headers=alice.headers).status_code == 422


def test_two_peoples_calendars_have_nothing_in_common(client, google, alice, bob, make_run):
    google.person |= {"sub": "2", "email": "bob@gmail.com"}
    connect(client, bob.headers)
    make_run(alice, id="manual_same", name="Alices")
    make_run(bob, id="manual_same", name="Bobs")

    sync_all(client, alice)
    sync_all(client, bob)

    assert summaries(google, "athlete@example.com") == ["Alices 5.0 mi"]
    assert summaries(google, "bob@gmail.com") == ["Bobs 5.0 mi"]
    assert google.calendar("athlete@example.com").keys().isdisjoint(google.calendar("bob@gmail.com"))


# The connection


def test_a_connection_tells_its_account_and_what_was_not_granted(client, google, bob):
    google.granted = "openid email"
    connect(client, bob.headers)

    status = client.get("/v1/oauth/google/status", headers=bob.headers).json

    assert (status["connected"], status["account_id"]) == (True, "athlete@example.com")
    assert status["missing_scopes"] == [EVENTS_SCOPE]


def test_disconnecting_ends_it_at_google_and_leaves_the_events(client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)

    assert client.delete("/v1/oauth/google", headers=alice.headers).status_code == 204

    assert len(google.asked("/revoke")) == 1
    assert len(google.calendar()) == 1
    assert sync(client, alice, run).status_code == 409


def test_what_google_entrusts_is_stored_encrypted(owner, alice):
    row = owner.execute("SELECT access_token, refresh_token, client_secret FROM oauth_credentials").fetchone()

    assert all(secret.startswith("gAAAA") for secret in row)


def test_a_state_that_goes_to_google_is_good_once_and_its_verifier_stays_here(client, google, bob):
    url = client.get("/v1/oauth/google/authorize-url", headers=bob.headers).json["url"]
    back = say_yes(url)

    answers = [client.get(back) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "code_challenge_method=S256" in url
    (token_request,) = google.asked(TOKEN)
    assert token_request.form["code_verifier"] not in url


def test_without_an_application_the_operator_is_asked_to_act(app, client, bob, monkeypatch):
    nothing = dataclasses.replace(app.config["SETTINGS"], google_client_id=None, google_client_secret=None)
    monkeypatch.setitem(app.config, "SETTINGS", nothing)

    assert client.get("/v1/oauth/google/authorize-url", headers=bob.headers).status_code == 503
    assert client.get("/v1/auth/google/login").status_code == 503


def test_an_address_that_is_none_of_googles_is_not_taken_for_an_answer(client, google, alice, make_run):
    google.fail(Fault(Answer(200, b"<html>Sign in to the hotel's network</html>"), on=EVENTS))

    assert sync(client, alice, make_run(alice)).status_code == 502
