"""Events in the person's units, on the day of their run, and one for each run."""

from tests.api.calendar.requests import STRENGTH, counts, edit, summaries, sync, sync_all

OLD_WEEK, NEW_WEEK = "?start=2025-11-03&end=2025-11-09", "?start=2025-11-10&end=2025-11-16"


def days(google):
    return [event["start"]["dateTime"][:10] for event in google.calendar().values()]


def test_a_run_that_was_moved_is_mended_by_a_sync_of_either_day(client, google, alice, make_run):
    for query in (OLD_WEEK, NEW_WEEK):
        run = make_run(alice, name=query, datetime_utc="2025-11-05T12:00:00Z")
        sync(client, alice, run)
        edit(client, alice, run, datetime_utc="2025-11-14T12:00:00Z")

        assert counts(sync_all(client, alice, query).json) == (1, 0, 1, 0, 0)
        assert counts(sync_all(client, alice, query).json) == (0, 0, 0, 0, 0)
    assert days(google) == ["2025-11-14", "2025-11-14"]


def test_a_workout_that_was_moved_is_mended_by_a_sync_of_its_old_day(client, google, alice):
    body = {**STRENGTH, "end_ts": "2026-02-16T16:00:00Z"}
    workout_id = client.post("/v1/workouts", json=body, headers=alice.headers).json["workout_id"]
    sync_all(client, alice, noun="workouts")
    moved = {"start_ts": "2026-02-20T15:00:00Z", "end_ts": "2026-02-20T16:00:00Z"}
    assert client.patch(f"/v1/workouts/{workout_id}", json=moved, headers=alice.headers).status_code == 200

    assert counts(sync_all(client, alice, "?start=2026-02-16&end=2026-02-16", "workouts").json) == (1, 0, 1, 0, 0)
    assert days(google) == ["2026-02-20"]


def test_the_event_of_a_marked_duplicate_goes(client, google, alice, make_run):
    kept, twice = make_run(alice, name="kept"), make_run(alice, name="twice")
    sync_all(client, alice)
    body = {"run_id": kept.id}
    marked = client.put(f"/v1/runs/{twice.id}/duplicate-of", json=body, headers=alice.headers)
    assert marked.status_code == 200

    assert counts(sync_all(client, alice).json) == (1, 0, 0, 1, 0)
    assert summaries(google) == ["kept 5.0 mi"]


def test_events_are_in_the_units_of_the_person(client, google, alice, make_run):
    assert client.patch("/v1/users/me", json={"units": "kilometres"}, headers=alice.headers).status_code == 200
    run = make_run(alice, name="Loop", distance=5.0, duration=2400.0)

    sync(client, alice, run)

    (event,) = google.calendar().values()
    assert (event["summary"], event["description"]) == ("Loop 8.0 km", "40:00, 4:58 /km")
