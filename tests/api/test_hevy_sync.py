"""Syncs with Hevy: everything once, then what changed; your edits win; what goes wrong loses and doubles nothing."""

import dataclasses
import io
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fitness.providers.hevy.client import Hevy
from tests.samples import DATA
from tests.standins.hevy import HevyStandIn, made_set, made_workout, made_workouts, sample, without_items
from tests.standins.server import Answer, Fault

FILES = ("hevy_export.csv", "hevy_export_lbs_web.csv", "hevy_export_app_lbs_km_crlf.csv")
COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "skipped", "failed")
PUSH = "0f6c1a52-2e4b-4d1c-9b7e-6a1f0c9d2b11"
LATER = "2030-01-01T00:00:00.000Z"


@pytest.fixture
def connect(app, client, alice):
    """Let a stand-in be Alice's Hevy."""

    def connect_to(hevy):
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], hevy_api_url=hevy.url)
        assert store_key(client, alice).status_code == 200

    return connect_to


def store_key(client, person):
    return client.put(
        "/v1/oauth/hevy/key", json={"key": "00000000-0000-4000-8000-00000000a001"}, headers=person.headers
    )


@pytest.fixture
def hevy(connect):
    """Alice's Hevy, with the samples in it."""
    with HevyStandIn.of_samples() as stand_in:
        connect(stand_in)
        yield stand_in


@pytest.fixture
def many(connect):
    """Alice's Hevy, with 25 workouts on three pages."""
    with HevyStandIn(made_workouts(25), sample("hevy_exercise_templates.json")["exercise_templates"]) as stand_in:
        connect(stand_in)
        yield stand_in


def sync(client, person, query=""):
    return client.post(f"/v1/hevy/sync{query}", headers=person.headers)


def upload(client, person, content, timezone="America/Chicago"):
    data = {"file": (io.BytesIO(content), "workouts.csv"), "timezone": timezone}
    return client.post("/v1/hevy/upload-csv", data=data, headers=person.headers).json


def listed(client, person, query=""):
    return client.get(f"/v1/workouts?limit=500{query}", headers=person.headers).json["items"]


def read(client, person, external_id, query="&include_deleted=true"):
    return next(workout for workout in listed(client, person, query) if workout["external_id"] == external_id)


def edit(client, person, workout, **changes):
    return client.patch(f"/v1/workouts/{workout['id']}", json=changes, headers=person.headers).json


def status(client, person):
    return client.get("/v1/oauth/hevy/status", headers=person.headers).json


def own_exercises(client, person):
    items = client.get("/v1/exercises/my-exercises?limit=500", headers=person.headers).json["items"]
    return {exercise["name"]: (exercise["body_part"], exercise["modality"]) for exercise in items}


def counts(report):
    return {name: report[name] for name in COUNTS if report[name]}


def changed(workout, **given):
    """Return a workout of Hevy as the person has changed it there, after the last sync."""
    return {**workout, "updated_at": LATER, **given}


def heavier(workout, weight):
    """Return a workout of Hevy with another weight in its first set."""
    first, *others = workout["exercises"]
    lifted, *rest = first["sets"]
    return changed(workout, exercises=[{**first, "sets": [{**lifted, "weight_kg": weight}, *rest]}, *others])


def first_weight(workout):
    return workout["exercise_executions"][0]["sets"][0]["weight"]


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
    # What a person took back stays so.
    assert counts(sync(client, alice).json) == {"unchanged": 2, "kept": 1}
    assert len(listed(client, alice)) == 6


def test_of_the_events_about_one_workout_the_newest_holds_across_pages(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    for number in range(25):
        many.put({**workout, "title": f"Edit {number}", "updated_at": f"2030-01-01T00:00:{number:02}.000Z"})

    report = sync(client, alice).json

    assert (report["found"], counts(report), len(many.asked("/v1/workouts/events"))) == (1, {"updated": 1}, 3)
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


def test_a_workout_that_slips_through_between_two_pages_is_asked_for(client, alice, many):
    """One is deleted while the pages are read, and those behind it move up."""
    sync(client, alice)
    newest, slipped = made_workouts(11)[0]["id"], made_workouts(11)[10]["id"]

    def delete_meanwhile(request, right):
        many.delete(newest, LATER)
        return right()

    many.fail(Fault(on="/v1/workouts"), Fault(delete_meanwhile, on="/v1/workouts"))
    report = sync(client, alice, "?full_sync=true").json

    assert counts(report) == {"unchanged": 25}
    assert read(client, alice, slipped)["deleted_at"] is None
    assert counts(sync(client, alice).json) == {"deleted": 1}


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


# Your edits win


def test_each_field_follows_hevy_until_you_change_it(client, alice, many):
    sync(client, alice)
    theirs = made_workouts(3)
    title, content, both = (read(client, alice, workout["id"]) for workout in theirs)
    edit(client, alice, title, title="My day")
    edit(client, alice, content, finished_at=None)
    (done, *_) = content["exercise_executions"]
    path = f"/v1/workouts/{content['id']}/exercise-executions/{done['exercise_id']}"
    client.patch(f"{path}/sets/{done['sets'][0]['id']}", json={"weight": 50}, headers=alice.headers)
    edit(client, alice, content, finished_at=content["finished_at"])
    for workout in theirs:
        many.put(heavier(changed(workout, title="Their day"), 77))

    report = sync(client, alice).json

    assert counts(report) == {"updated": 3}
    title, content, both = (read(client, alice, workout["id"]) for workout in theirs)
    assert [(one["title"], first_weight(one)) for one in (title, content, both)] == [
        ("My day", 77), ("Their day", 50), ("Their day", 77),
    ]  # fmt: skip
    assert [set(one["conflicts"] or ()) for one in (title, content, both)] == [
        {"title"}, {"exercise_executions"}, set(),
    ]  # fmt: skip
    assert {(one["id"], one["field"]) for one in report["conflicts"]} == {
        (title["id"], "title"),
        (content["id"], "exercise_executions"),
    }
    assert content["conflicts"]["exercise_executions"][0]["sets"][0]["weight"] == 77
    again = sync(client, alice).json
    assert (counts(again), again["conflicts"]) == ({"unchanged": 3}, [])
    assert read(client, alice, theirs[0]["id"])["conflicts"] == {"title": "Their day"}

    edit(client, alice, title, title="Settled")
    edit(client, alice, content, finished_at=None)
    client.patch(path, json={"note": "Settled"}, headers=alice.headers)

    assert [read(client, alice, workout["id"])["conflicts"] for workout in theirs] == [None, None, None]


def test_a_conflict_stays_while_hevy_changes_something_else(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    edit(client, alice, read(client, alice, workout["id"]), title="Mine")
    many.put(changed(workout, title="Theirs"))
    sync(client, alice)

    many.put(changed(workout, title="Theirs", description="New", updated_at="2031-01-01T00:00:00Z"))
    sync(client, alice)

    merged = read(client, alice, workout["id"])
    assert (merged["title"], merged["notes"], merged["conflicts"]) == ("Mine", "New", {"title": "Theirs"})


def test_times_that_do_not_go_together_stay_yours(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    mine = edit(client, alice, read(client, alice, workout["id"]), end_ts="2025-10-29T17:40:00Z")
    many.put(changed(workout, start_time="2025-10-29T18:00:00Z", end_time="2025-10-29T19:00:00Z", title="Later"))

    report = sync(client, alice).json

    merged = read(client, alice, workout["id"])
    assert (merged["start_ts"], merged["end_ts"], merged["title"]) == (mine["start_ts"], mine["end_ts"], "Later")
    assert {conflict["field"] for conflict in report["conflicts"]} == {"start_ts", "end_ts"}


def test_a_delete_leaves_what_you_edited_and_says_so(client, alice, many):
    sync(client, alice)
    workout, other, *_ = made_workouts(2)
    edit(client, alice, read(client, alice, workout["id"]), notes="Mine")
    for gone in (workout, other):
        many.delete(gone["id"], LATER)

    report = sync(client, alice).json

    assert (report["found"], counts(report)) == (2, {"kept": 1, "deleted": 1})
    mine = read(client, alice, workout["id"])
    assert report["conflicts"] == [{"id": mine["id"], "field": "deleted_at", "yours": None, "theirs": "deleted"}]
    assert (mine["deleted_at"], list(mine["conflicts"])) == (None, ["deleted_at"])

    many.put(changed(workout, updated_at="2031-01-01T00:00:00Z"))
    sync(client, alice)

    assert read(client, alice, workout["id"])["conflicts"] is None


def test_what_you_deleted_stays_deleted(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    deleted = read(client, alice, workout["id"])
    client.delete(f"/v1/workouts/{deleted['id']}", headers=alice.headers)
    many.put(changed(workout, title="Changed"))

    assert counts(sync(client, alice).json) == {"unchanged": 1}
    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 25}
    assert len(listed(client, alice)) == 24


def test_more_than_a_tenth_of_deletes_is_asked_about_first(client, alice, many):
    sync(client, alice)
    since = status(client, alice)["last_success_at"]
    for workout in made_workouts(3):
        many.delete(workout["id"], LATER)

    for query in ("", "?full_sync=true", "?dry_run=true"):
        refused = sync(client, alice, query)
        assert (refused.status_code, "3 of the 25" in refused.json["detail"]) == (409, True)
        assert len(listed(client, alice)) == 25
    assert status(client, alice)["last_success_at"] == since
    report = sync(client, alice, "?allow_deletes=true").json

    assert (counts(report), len(listed(client, alice))) == ({"deleted": 3}, 22)


# API and file


def test_a_workout_that_came_by_a_file_and_then_by_the_api_is_one(client, alice, hevy):
    upload(client, alice, (DATA / "hevy_export.csv").read_bytes())
    by_file = {workout["title"]: workout for workout in listed(client, alice)}
    edit(client, alice, by_file["First log"], title="My first")

    report = sync(client, alice).json

    # A file knows neither workouts without sets nor how many floors were climbed.
    assert counts(report) == {"created": 1, "updated": 1, "unchanged": 4}
    workouts = {workout["title"]: workout for workout in listed(client, alice)}
    assert workouts.keys() == (by_file.keys() - {"First log"}) | {"My first", "Empty log"}
    assert workouts["My first"]["id"] == by_file["First log"]["id"]
    assert all(workout["external_id"] for workout in workouts.values())
    assert workouts["Push day 💪"] == {**by_file["Push day 💪"], "external_id": PUSH}
    legs = workouts["Legs + treadmill"]
    assert (legs["id"], legs["last_edited_by"]) == (by_file["Legs + treadmill"]["id"], "Hevy")

    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 6}
    hevy.put(heavier(sample("hevy_workouts_page1.json")["workouts"][0], 42.5))
    assert counts(sync(client, alice).json) == {"updated": 1}
    push = read(client, alice, PUSH)
    assert (push["id"], first_weight(push)) == (by_file["Push day 💪"]["id"], 42.5)


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_rounded_is_no_change(client, alice, hevy, name):
    created = upload(client, alice, (DATA / name).read_bytes())["created"]

    report = sync(client, alice).json

    assert counts(report) == {"created": 6 - created, "updated": 1, "unchanged": created - 1}
    assert [workout["title"] for workout in listed(client, alice) if workout["version"] > 1] == ["Legs + treadmill"]


@pytest.mark.parametrize("name", FILES)
def test_a_workout_that_came_by_the_api_and_then_by_a_file_is_one_and_stays(client, alice, hevy, name):
    sync(client, alice)
    edit(client, alice, read(client, alice, PUSH), title="My day", start_ts="2025-10-29T22:00:00Z")
    before = listed(client, alice)

    report = upload(client, alice, (DATA / name).read_bytes())

    assert (report["changeset_id"], counts(report)) == (None, {"unchanged": report["found"]})
    assert report["found"] > 0
    assert listed(client, alice) == before


def test_two_workouts_of_one_title_and_minute_are_two_whichever_way_they_come(client, alice, connect):
    start = datetime(2025, 10, 29, 17, 30, tzinfo=UTC)
    twins = [
        made_workout(
            name, start + timedelta(seconds=seconds), [{"index": 0, "title": "Squat", "sets": [made_set(reps=5)]}]
        )
        for name, seconds in (("a", 12), ("b", 30))
    ]
    for twin in twins:
        twin["title"] = "Twice"
    times = ('"29 Oct 2025, 17:30","29 Oct 2025, 18:30"', '"29 Oct 2025, 17:30","29 Oct 2025, 18:31"')
    heading = (DATA / "hevy_export.csv").read_text().splitlines()[0]
    rows = [f'"Twice",{time},"","Squat",,"",0,"normal",,5,,,' for time in times]
    with HevyStandIn(twins) as stand_in:
        connect(stand_in)

        assert upload(client, alice, "\n".join([heading, *rows]).encode(), "UTC")["created"] == 2
        sync(client, alice)
        assert upload(client, alice, "\n".join([heading, *rows]).encode(), "UTC")["unchanged"] == 2
        assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 2}

    assert {workout["external_id"] for workout in listed(client, alice)} == {"a", "b"}


# What goes wrong


def retry_after(value):
    return Answer(429, b"slow down", {"Retry-After": value})


FAULTS = {
    "429 with a header": (Fault(retry_after("30")), 200, "asked again"),
    "429 without one": (Fault(Answer(429)), 200, "asked again"),
    "500": (Fault(Answer(500, b"<html>")), 502, "500"),
    "a cut connection": (Fault(cut=True), 502, "could not be reached"),
    "malformed JSON": (Fault(Answer(200, b'{"page": 2, ')), 502, "not JSON"),
    "another JSON": (Fault(Answer(200, b"[]")), 502, "no object"),
    "no list": (Fault(Answer(200, b'{"page": 2, "page_count": 3}')), 502, "without"),
    "an empty page before the end": (Fault(without_items), 502, "nothing on page 2"),
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

    assert counts(report) == {"created" if feed == "pages" else "updated": 15, "unchanged": 10}
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
    assert dry == {**wet, "changeset_id": None, "dry_run": True}

    many.put(heavier(made_workouts(1)[0], 99))
    many.delete(made_workouts(2)[1]["id"], LATER)
    before = listed(client, alice)
    dry = sync(client, alice, "?dry_run=true").json
    assert listed(client, alice) == before
    assert dry == {**sync(client, alice).json, "changeset_id": None, "dry_run": True}


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
