"""What a sync of Hevy brings that is deleted here."""

from datetime import UTC, datetime

from tests.standins.hevy import made_set, made_workout, made_workouts
from tests.sync.hevy.reports import PUSH, counts, listed, own_exercises, read, sync

START = datetime(2025, 10, 29, 17, 30, tzinfo=UTC)


def exercise(index, title, template):
    one = {"index": index, "title": title, "notes": "", "exercise_template_id": template, "superset_id": None}
    return {**one, "sets": [made_set(reps=5)]}


def revert(client, person, changeset_id):
    return client.post(f"/v1/changesets/{changeset_id}/revert", headers=person.headers).json


def test_a_reverted_sync_is_brought_back_by_the_next(client, alice, hevy):
    first = sync(client, alice).json
    before = own_exercises(client, alice)
    revert(client, alice, first["changeset_id"])
    assert (listed(client, alice), own_exercises(client, alice)) == ([], {})

    again = sync(client, alice).json

    assert counts(again) == counts(first) == {"created": 6}
    assert own_exercises(client, alice) == before
    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 6}


def test_a_sync_brings_back_what_a_rewind_took(client, alice, hevy):
    to = client.post("/v1/bookmarks", json={"name": "Before"}, headers=alice.headers).json["instant"]
    sync(client, alice)
    hevy.has_events = False  # only a list has them

    client.post("/v1/users/me/rewind", json={"to": to}, headers=alice.headers)

    assert listed(client, alice) == []
    assert counts(sync(client, alice).json) == {"created": 6}


def test_a_workout_made_anew_is_deleted_with_hevys(client, alice, many):
    to = client.post("/v1/bookmarks", json={"name": "Before"}, headers=alice.headers).json["instant"]
    first, workout = sync(client, alice).json, made_workouts(25)[3]
    here = read(client, alice, workout["id"])["id"]
    client.patch(f"/v1/workouts/{here}", json={"notes": "Mine"}, headers=alice.headers)
    revert(client, alice, first["changeset_id"])
    sync(client, alice)

    client.post("/v1/users/me/rewind", json={"to": to}, headers=alice.headers)
    sync(client, alice)

    assert read(client, alice, workout["id"])["id"] == here
    many.delete(workout["id"], "2030-01-01T00:00:00.000Z")
    assert counts(sync(client, alice).json) == {"deleted": 1}


def test_two_names_of_one_exercise_come_back(client, alice, hevy):
    before = [exercise(0, "Zottman Carry", "A"), exercise(1, "Yoke Curl", "B")]
    hevy.clear()
    hevy.put(made_workout(PUSH, START, before))
    revert(client, alice, sync(client, alice).json["changeset_id"])

    hevy.put(made_workout(PUSH, START, [{**one, "exercise_template_id": "A"} for one in before]))

    assert counts(sync(client, alice).json) == {"created": 1}


def test_what_hevy_deleted_comes_back_when_hevy_shows_it_again(client, alice, many):
    sync(client, alice)
    workout = made_workouts(25)[3]
    many.delete(workout["id"], "2030-01-01T00:00:00.000Z")
    assert counts(sync(client, alice).json) == {"deleted": 1}
    many.put({**workout, "updated_at": "2030-01-02T00:00:00.000Z", "title": "Again"})

    report = sync(client, alice).json

    assert report["updated"] == 1
    assert (read(client, alice, workout["id"])["deleted_at"], read(client, alice, workout["id"])["title"]) == (
        None, "Again",
    )  # fmt: skip
