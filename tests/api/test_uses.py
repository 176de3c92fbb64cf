"""What a live record uses is live: shoes of runs and exercises of workouts come back with them."""

import io

import pytest

STRAVA = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear\n"
HEVY = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"\n'
    '"Push","29 Oct 2025, 17:31","29 Oct 2025, 18:20","","Floor Press",,"",0,"normal",80,5,,0,\n'
)


@pytest.fixture
def call(client, alice):
    def call(method, path, code=200, **body):
        answer = client.open(f"/v1{path}", method=method, json=body or None, headers=alice.headers)
        assert answer.status_code == code, answer.text
        return answer.json if answer.data else None

    return call


@pytest.fixture
def upload(client, alice):
    def upload(provider, text):
        form = {"file": (io.BytesIO(text.encode()), "file.csv"), "timezone": "UTC"}
        answer = client.post(f"/v1/{provider}/upload-csv", data=form, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json["changeset_id"]

    return upload


def adds_up(call):
    for query in ("", "?include_retired=true"):
        by_shoe = call("GET", f"/metrics/mileage/by-shoe{query}")
        parts = [*by_shoe["shoes"], by_shoe["without_shoe"], by_shoe["other_shoes"]]
        for name in ("miles", "seconds", "runs"):
            assert sum(part[name] for part in parts) == pytest.approx(by_shoe["total"][name])
    return {shoe["shoe_id"]: shoe["miles"] for shoe in by_shoe["shoes"]}, by_shoe["other_shoes"]["miles"]


def test_a_worn_shoe_can_be_deleted_and_its_miles_still_count(call, alice, make_shoe, make_run):
    ghost = make_shoe(alice, "Ghost")
    make_run(alice, distance=5, shoe_id=ghost.id)
    make_run(alice, distance=3)

    call("DELETE", f"/shoes/{ghost.id}", 204)

    assert adds_up(call) == ({}, 5)


def test_miles_of_retired_shoes_that_are_not_listed_still_count(call, alice, make_shoe, make_run):
    ghost = make_shoe(alice, "Ghost")
    make_run(alice, distance=5, shoe_id=ghost.id)
    call("PATCH", f"/shoes/{ghost.id}", retired_at="2026-01-01")

    assert call("GET", "/metrics/mileage/by-shoe")["other_shoes"]["miles"] == 5
    assert adds_up(call) == ({"ghost": 5}, 0)


def test_a_restored_run_brings_its_deleted_shoe_back(call, alice, make_shoe, make_run):
    ghost = make_shoe(alice, "Ghost")
    run = make_run(alice, distance=5, shoe_id=ghost.id)
    call("PATCH", f"/runs/{run.id}", shoe_id=None)
    call("DELETE", f"/shoes/{ghost.id}", 204)

    restored = call("POST", f"/runs/{run.id}/restore/1")

    assert (restored["shoe_id"], adds_up(call)) == ("ghost", ({"ghost": 5}, 0))
    assert call("GET", "/shoes/ghost/history")["items"][0]["change_reason"] == "Restored to version 1"


def test_a_restored_run_wears_what_its_shoe_was_merged_into(call, alice, make_shoe, make_run):
    old, new = make_shoe(alice, "Old"), make_shoe(alice, "New")
    run = make_run(alice, distance=5, shoe_id=old.id)
    call("PATCH", f"/runs/{run.id}", shoe_id=None)
    merge = call("POST", f"/shoes/{old.id}/merge", into=new.id)["changeset_id"]

    restored = call("POST", f"/runs/{run.id}/restore/1")

    assert (restored["shoe_id"], adds_up(call)) == ("new", ({"new": 5}, 0))
    assert call("GET", f"/runs/{run.id}/history/{restored['version']}")["shoe_id"] == "new"
    call("POST", f"/changesets/{merge}/revert")
    assert adds_up(call) == ({"new": 5, "old": 0}, 0)


def test_a_merge_that_is_reverted_gives_the_runs_their_shoe_back(call, alice, make_shoe, make_run):
    old, new = make_shoe(alice, "Old"), make_shoe(alice, "New")
    make_run(alice, distance=5, shoe_id=old.id)
    merge = call("POST", f"/shoes/{old.id}/merge", into=new.id)["changeset_id"]

    revert = call("POST", f"/changesets/{merge}/revert")["changeset_id"]

    assert adds_up(call) == ({"new": 0, "old": 5}, 0)
    call("POST", f"/changesets/{revert}/revert")
    assert adds_up(call) == ({"new": 5}, 0)


def test_no_run_can_be_given_a_deleted_or_merged_shoe(call, alice, make_shoe, make_run):
    ghost, old, new = (make_shoe(alice, name) for name in ("Ghost", "Old", "New"))
    run = make_run(alice, shoe_id=ghost.id)
    call("DELETE", f"/shoes/{ghost.id}", 204)
    call("POST", f"/shoes/{old.id}/merge", into=new.id)

    for shoe_id in ("ghost", "old"):
        refused = call("PATCH", f"/runs/{run.id}", 422, shoe_id=shoe_id)
        assert refused["errors"]["shoe_id"]
        body = {"datetime_utc": "2026-01-01T06:00:00Z", "type": "Outdoor Run", "distance": 1, "duration": 600}
        call("POST", "/runs", 422, **body, shoe_id=shoe_id)
    assert call("PATCH", f"/runs/{run.id}", name="Still wears it")["shoe_id"] == "ghost"


def test_a_shoe_that_a_revert_deleted_comes_back_with_the_next_import_that_names_it(call, upload):
    first = upload("strava", STRAVA + '1,"Mar 1, 2026, 6:00:00 AM",Loop,Run,1800,5,Foo\n')
    call("POST", f"/changesets/{first}/revert")
    assert call("GET", "/shoes")["items"] == []

    second = upload("strava", STRAVA + '2,"Mar 2, 2026, 6:00:00 AM",Loop,Run,1800,5,Foo\n')

    shoes, others = adds_up(call)
    assert (list(shoes), others) == (["foo"], 0)
    call("POST", f"/changesets/{second}/revert")
    assert call("POST", "/shoes", 201, name="Foo", notes="New pair")["notes"] == "New pair"


def test_a_workout_brings_its_deleted_exercises_back(call, upload):
    created = upload("hevy", HEVY)
    (workout,) = call("GET", "/workouts")["items"]
    exercise_id = workout["exercise_executions"][0]["exercise_id"]
    call("POST", f"/changesets/{created}/revert")
    call("GET", f"/exercises/{exercise_id}", 404)

    call("POST", f"/workouts/{workout['id']}/restore/1")

    assert call("GET", f"/exercises/{exercise_id}")["name"] == "Floor Press"


def test_a_revert_brings_back_what_its_records_use(call, alice, upload, make_shoe):
    created = upload("strava", STRAVA + '1,"Mar 1, 2026, 6:00:00 AM",Loop,Run,1800,5,Foo\n')
    revert = call("POST", f"/changesets/{created}/revert")["changeset_id"]

    call("POST", f"/changesets/{revert}/revert")

    assert adds_up(call)[0].keys() == {"foo"}
