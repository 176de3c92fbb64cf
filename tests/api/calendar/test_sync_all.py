"""All runs and workouts into the calendar at once."""

from datetime import UTC, datetime, timedelta

from tests.api.calendar.requests import EVENTS, STRENGTH, counts, edit, overtaken, state, summaries, sync, sync_all
from tests.google_browser import connect
from tests.standins.google import BAD_GATEWAY, refusal
from tests.standins.server import Fault

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
    assert report["problems"] == [{"id": runs[2].id, "detail": "Google rejected the request: invalid"}]
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


def test_no_connection_to_the_database_is_held_while_google_answers(client, google, alice, make_run, open_transactions):
    run = make_run(alice)
    held = []

    def look(request, make):
        held.append(open_transactions())
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
