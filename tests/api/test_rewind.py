"""Everything back to an instant, and the instants with a name."""

import io

import pytest

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
NOUNS = ("runs", "shoes", "workouts", "planned-workouts", "exercises/my-exercises")
COUNTED = ("version", "live_edits", "last_edited_at", "last_edited_by", "updated_at")


@pytest.fixture
def upload(call):
    def send(*runs):
        rows = [f'"May 6, 2025",Run,{miles},1500,{notes},http://x.example/workout/{n}' for n, miles, notes in runs]
        file = (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")
        return call("POST", "/mmf/upload-csv", data={"file": file})

    return send


@pytest.fixture
def state(call):
    """Return all records that are not deleted, but for what counts writes."""

    def read():
        return {
            noun: [
                {field: value for field, value in item.items() if field not in COUNTED}
                for item in call("GET", f"/{noun}")["items"]
            ]
            for noun in NOUNS
        }

    return read


def lift(name, weight=100):
    return {"exercise_name": name, "weight": weight, "reps": 5}


def test_every_noun_goes_back_and_a_revert_of_the_rewind_brings_all_again(call, upload, state):
    upload((1, 3.1, "Shoes: Ghost"), (2, 5, ""))
    call("PATCH", "/runs/mmf_1", json={"distance": 4})
    workout = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": [lift("Squat")]}
    workout_id = call("POST", "/workouts", json=workout)["workout_id"]
    call("PATCH", f"/workouts/{workout_id}/finish", json={})
    plan = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
    planned_id = call("POST", "/planned-workouts", json=plan)["id"]
    call("DELETE", "/runs/mmf_2")
    then = state()
    to = call("POST", "/bookmarks", json={"name": "Before"})["instant"]

    call("POST", "/runs/mmf_2/restore/1")
    call("PATCH", "/runs/mmf_1", json={"distance": 9, "name": "Later"})
    upload((1, 3.1, "Shoes: Ghost"), (3, 6, "Shoes: Ride"))
    call("PATCH", "/shoes/ghost", json={"notes": "Later"})
    call("PATCH", f"/workouts/{workout_id}", json={"finished_at": None})
    call("PATCH", f"/workouts/{workout_id}", json={"title": "Later"})
    call("PATCH", f"/planned-workouts/{planned_id}", json={"title": "Later"})
    call("POST", "/workouts", json={"workout_type": "STRENGTH", "strength_sets": [lift("My Lift")]})
    later = state()

    rehearsed = call("POST", "/users/me/rewind", json={"to": to, "dry_run": True})
    assert state() == later
    done = call("POST", "/users/me/rewind", json={"to": to})

    assert state() == then
    assert rehearsed == {**done, "changeset_id": None, "dry_run": True, "records": rehearsed["records"]}
    assert len(rehearsed["records"]["items"]) == done["reverted"]
    assert (done["kept"], done["problems"]) == (0, [])
    changeset = call("GET", f"/changesets/{done['changeset_id']}")
    assert (changeset["kind"], changeset["back_to"], changeset["counts"]["reverted"]) == (
        "rewind",
        to,
        done["reverted"],
    )
    call("POST", f"/changesets/{done['changeset_id']}/revert")
    assert state() == later


def test_after_a_rewind_an_import_brings_what_was_not_there_then_but_not_what_was_deleted_then(call, upload):
    upload((1, 3.1, ""), (2, 5, ""))
    call("DELETE", "/runs/mmf_1")
    to = call("POST", "/bookmarks", json={"name": "Before"})["instant"]
    call("POST", "/runs/mmf_1/restore/1")
    upload((3, 6, ""))
    call("POST", "/users/me/rewind", json={"to": to})

    report = upload((1, 3.1, ""), (2, 5, ""), (3, 6, ""))

    assert (report["created"], report["unchanged"], report["deleted_here_ids"]) == (1, 1, ["mmf_1"])


def test_a_changeset_after_the_instant_counts_as_reverted_by_the_rewind(call, upload):
    to = call("POST", "/bookmarks", json={"name": "Before"})["instant"]
    changeset_id = upload((1, 3.1, ""))["changeset_id"]
    rewound = call("POST", "/users/me/rewind", json={"to": to})["changeset_id"]

    assert call("GET", f"/changesets/{changeset_id}")["reverted_by"] == rewound
    call("POST", f"/changesets/{rewound}/revert")
    assert call("GET", f"/changesets/{changeset_id}")["reverted_by"] is None


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("2199-01-01T00:00:00Z", "This instant is in the future"),
        ("2001-01-01T00:00:00Z", "This instant is before your account"),
        ("2025-01-01T00:00:00", "Time zone missing: end with Z or an offset such as +01:00"),
    ],
)
def test_an_instant_that_was_not_is_refused(client, alice, to, why):
    answer = client.post("/v1/users/me/rewind", json={"to": to}, headers=alice.headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {"to": [why]})


def test_bookmarks_are_kept_by_name_and_deleted(client, alice, bob, call):
    made = call("POST", "/bookmarks", json={"name": "Old", "instant": "2025-12-01T07:00:00Z"})
    call("POST", "/bookmarks", json={"name": "New"})

    taken = client.post("/v1/bookmarks", json={"name": "Old"}, headers=alice.headers)
    strange = client.delete(f"/v1/bookmarks/{made['id']}", headers=bob.headers)

    assert [one["name"] for one in call("GET", "/bookmarks")["items"]] == ["New", "Old"]
    assert (made["instant"], taken.status_code) == ("2025-12-01T07:00:00Z", 409)
    assert (strange.status_code, strange.json) == (404, {"detail": "Bookmark not found"})
    call("DELETE", f"/bookmarks/{made['id']}")
    assert [one["name"] for one in call("GET", "/bookmarks")["items"]] == ["New"]
