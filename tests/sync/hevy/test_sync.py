"""Everything once, then what changed."""

import json
from datetime import UTC, datetime, timedelta

from tests.standins.hevy import made_workout, made_workouts, sample
from tests.standins.server import Answer, Fault, json_answer
from tests.sync.hevy.reports import (
    LATER,
    PUSH,
    changed,
    counts,
    first_weight,
    heavier,
    listed,
    own_exercises,
    read,
    status,
    store_key,
    sync,
)

# What comes in


def test_the_first_sync_brings_all_that_hevy_has(client, alice, hevy):
    report = sync(client, alice).json

    assert (report["found"], counts(report), report["complete"]) == (6, {"created": 6}, True)
    push, legs, *_, empty, _ = listed(client, alice)
    assert (push["title"], push["notes"], push["source"]) == ("Push day 💪", 'Felt strong, "easy" finish', "Hevy")
    assert (push["external_id"], push["workout_type"], push["conflicts"]) == (PUSH, "STRENGTH", None)
    assert (push["start_ts"], push["end_ts"]) == ("2025-10-29T22:31:48Z", "2025-10-29T23:24:21Z")
    assert push["finished_at"] == push["end_ts"]
    assert [
        (done["exercise_name"], done["note"], {one["superset_id"] for one in done["sets"]}, len(done["sets"]))
        for done in push["exercise_executions"]
    ] == [
        ("Bench Press (Barbell)", "Paused first rep,\nelbows in", {None}, 4),
        ("Overhead Press (Barbell)", None, {0}, 2),
        ("Bicep Curl (Dumbbell)", None, {0}, 2),
        ("Plank", None, {None}, 2),
    ]
    assert [
        (one["set_type"], one["weight"], one["weight_unit"], one["reps"], one["rpe"])
        for one in push["exercise_executions"][0]["sets"]
    ] == [
        ("warmup", 40, "kg", 10, None),
        ("normal", 80, "kg", 8, 8),
        ("normal", 82.5, "kg", 6, 9.5),
        ("failure", 82.5, "kg", 4, 10),
    ]
    squat = legs["exercise_executions"][0]
    assert [(one["position"], one["set_index"]) for one in squat["sets"]] == [(1, 1), (2, 2), (3, 3), (6, 4)]
    assert (empty["title"], empty["exercise_executions"]) == ("Empty log", [])
    exercises = own_exercises(client, alice)
    assert exercises["Bench Press (Barbell)"] == ("Chest", "BARBELL")
    assert exercises["Cable Face Thing"] == ("Shoulders", None)
    assert exercises["Pull Up"] == ("Back", "BODYWEIGHT")
    assert (len(hevy.asked("/v1/exercise_templates")), len(hevy.asked("/v1/workouts"))) == (1, 1)


def test_the_next_sync_asks_for_events_alone_and_changes_nothing(client, alice, hevy):
    sync(client, alice)
    before = listed(client, alice)
    asked = len(hevy.requests)

    again = sync(client, alice).json
    full = sync(client, alice, "?full_sync=true").json

    assert (again["changeset_id"], counts(again)) == (None, {})
    assert hevy.requests[asked].path == "/v1/workouts/events"
    since = datetime.fromisoformat(hevy.requests[asked].query["since"])
    assert timedelta(hours=24) <= datetime.now(UTC) - since < timedelta(hours=25)
    assert (full["changeset_id"], counts(full)) == (None, {"unchanged": 6})
    assert listed(client, alice) == before


def test_events_update_and_delete_and_a_sync_is_one_changeset(client, alice, hevy):
    created = sync(client, alice).json["changeset_id"]
    hevy.put(heavier(changed(sample("hevy_workouts_page1.json")["workouts"][0], title="Push"), 42.5))
    hevy.delete("c8e0f1a2-3b4c-4d5e-8f60-718293a4b555", LATER)
    hevy.put(made_workout("new", datetime(2029, 10, 30, 7, tzinfo=UTC), [], title="New", updated_at=LATER))

    report = sync(client, alice, "?allow_deletes=true").json

    assert (report["found"], counts(report)) == (3, {"created": 1, "updated": 1, "deleted": 1})
    push = read(client, alice, PUSH)
    assert (push["title"], first_weight(push), push["version"], push["last_edited_by"]) == ("Push", 42.5, 2, "Hevy")
    history = client.get(f"/v1/workouts/{push['id']}/history", headers=alice.headers).json["items"]
    assert [(one["version_number"], one["changed_by"], one["changeset_id"]) for one in history] == [
        (2, "Hevy", report["changeset_id"]),
        (1, "alice", created),
    ]
    assert [first_weight(one) for one in history] == [42.5, 40]
    assert [workout["title"] for workout in listed(client, alice)][:1] == ["New"]
    assert read(client, alice, "c8e0f1a2-3b4c-4d5e-8f60-718293a4b555")["deleted_at"] is not None

    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers).json

    assert (reverted["reverted"], reverted["kept"]) == (3, 0)
    push = read(client, alice, PUSH)
    assert (push["title"], first_weight(push)) == ("Push day 💪", 40)
    assert len(listed(client, alice)) == 6
    # It is as if the sync had never been: the next one answers the same.
    assert counts(sync(client, alice, "?allow_deletes=true").json) == counts(report)
    assert len(listed(client, alice)) == 6


def test_of_the_events_about_one_workout_the_newest_holds_across_pages(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    for number in range(25):
        many.put({**workout, "title": f"Edit {number}", "updated_at": f"2030-01-01T00:00:{number:02}.000Z"})
    asked = len(many.asked("/v1/workouts/events"))

    report = sync(client, alice).json

    assert (report["found"], counts(report)) == (1, {"updated": 1})
    assert len(many.asked("/v1/workouts/events")) == asked + 3
    updated = read(client, alice, workout["id"])
    assert (updated["title"], updated["version"]) == ("Edit 24", 2)


def test_a_workout_that_was_changed_and_then_deleted_goes_and_nothing_else(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    many.put(changed(workout, title="Once more"))
    many.delete(workout["id"], "2030-01-01T00:00:01.000Z")

    report = sync(client, alice).json

    assert (report["found"], counts(report), len(listed(client, alice))) == (1, {"deleted": 1}, 24)
    assert read(client, alice, workout["id"])["title"] == workout["title"]
    assert counts(sync(client, alice).json) == {"unchanged": 1}


def test_a_full_sync_deletes_what_is_no_longer_listed(client, alice, many):
    sync(client, alice)
    many.has_events = False
    many.delete(made_workouts(1)[0]["id"], LATER)

    assert counts(sync(client, alice).json) == {}
    report = sync(client, alice, "?full_sync=true").json

    assert (report["found"], counts(report)) == (25, {"unchanged": 24, "deleted": 1})


def test_no_sync_deletes_what_another_account_brought(client, alice, many):
    sync(client, alice)
    many.clear()
    for workout in made_workouts(30)[25:]:
        many.put(workout)
    many.fail(Fault(json_answer({"data": {"name": "eve"}}), on="/v1/user/info"))
    store_key(client, alice)

    assert counts(sync(client, alice).json) == {"created": 5}
    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 5}
    assert len(listed(client, alice)) == 30


def test_a_web_page_deletes_no_workout(client, alice, many):
    sync(client, alice)
    gone = made_workouts(25)[24]
    page = Answer(404, b"<html>Not found</html>", {"Content-Type": "text/html"})
    many.fail(*[Fault(on="/v1/workouts")] * 2, Fault(without_last, on="/v1/workouts"))
    many.fail(Fault(page, on=f"/v1/workouts/{gone['id']}"))

    assert sync(client, alice, "?full_sync=true").status_code == 502

    assert len(listed(client, alice)) == 25
    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 25}


def without_last(_, right):
    page = json.loads(right().body)
    return json_answer(page | {"workouts": page["workouts"][:-1]})


def test_a_workout_that_slips_through_between_two_pages_is_asked_for(client, alice, many):
    """One is deleted while the pages are read, and those behind it move up."""
    sync(client, alice)
    newest, slipped = made_workouts(11)[0]["id"], made_workouts(11)[10]["id"]

    def delete_meanwhile(request, right):
        many.delete(newest, LATER)
        return right()

    many.fail(Fault(on="/v1/workouts"), Fault(delete_meanwhile, on="/v1/workouts"))
    report = sync(client, alice, "?full_sync=true").json

    assert counts(report) == {"unchanged": 25, "deleted": 1}
    assert read(client, alice, slipped)["deleted_at"] is None
    assert read(client, alice, newest)["deleted_at"] is not None


def test_a_workout_that_cannot_be_read_is_reported_and_stays(client, alice, many):
    sync(client, alice)
    first, second, *_ = made_workouts(2)
    many.put(changed(first, start_time="yesterday"))
    many.put(changed(second, title="Changed"))

    report = sync(client, alice, "?full_sync=true").json

    assert counts(report) == {"unchanged": 23, "updated": 1, "failed": 1}
    assert report["problems"][0]["id"] == first["id"]
    assert "yesterday" in report["problems"][0]["detail"]
    assert len(listed(client, alice)) == 25
    assert status(client, alice)["last_error"] is None


# Exercises


def test_templates_are_asked_for_once_and_only_for_exercises_that_are_new(client, alice, many):
    sync(client, alice)
    assert len(many.asked("/v1/exercise_templates")) == 1
    many.put(changed(made_workouts(1)[0], title="Changed"))
    sync(client, alice)
    assert len(many.asked("/v1/exercise_templates")) == 1


def test_an_exercise_renamed_at_hevy_or_here_is_still_the_same_one(client, alice, many):
    sync(client, alice)
    workouts = made_workouts(2)
    (here, *_) = read(client, alice, workouts[0]["id"])["exercise_executions"]
    client.patch(f"/v1/exercises/{here['exercise_id']}", json={"name": "My bench"}, headers=alice.headers)
    for workout in workouts:
        renamed = [{**workout["exercises"][0], "title": "Benching"}, *workout["exercises"][1:]]
        many.put(changed(workout, exercises=renamed, id=f"{workout['id']}-again"))
    many.put(heavier(changed(workouts[0], exercises=[{**workouts[0]["exercises"][0], "title": "Benching"}]), 99))

    report = sync(client, alice).json

    assert counts(report) == {"created": 2, "updated": 1}
    for external_id in (workouts[0]["id"], f"{workouts[0]['id']}-again", f"{workouts[1]['id']}-again"):
        (first, *_) = read(client, alice, external_id)["exercise_executions"]
        assert (first["exercise_id"], first["exercise_name"]) == (here["exercise_id"], "My bench")


def test_what_a_person_or_the_catalog_says_of_an_exercise_stays(client, alice, hevy, make_exercise):
    mine = make_exercise(alice, "bench press (barbell)", body_part="Neck")

    changeset = sync(client, alice).json["changeset_id"]

    exercises = own_exercises(client, alice)
    catalog = client.get("/v1/exercises/system?name=plank", headers=alice.headers).json["items"][0]
    assert exercises["bench press (barbell)"] == ("Neck", None)
    assert exercises["Plank"] == (catalog["body_part"], catalog["modality"])
    client.post(f"/v1/changesets/{changeset}/revert", headers=alice.headers)
    assert list(own_exercises(client, alice)) == [mine.name]
