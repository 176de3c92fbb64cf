"""One event each for runs and workouts, whatever happens to it at Google."""

import pytest

from fitness.sync.calendar_events import event_ids
from tests.api.calendar.requests import STRENGTH, edit, state, summaries, sync

NEVER = {
    "sync_status": None,
    "run_version": None,
    "behind": False,
    "google_event_id": None,
    "synced_at": None,
    "error_message": None,
}


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
    assert "no event id is left" in state(client, alice, run)["error_message"]
