"""What an import brings that is deleted here: made anew after a revert, not without asking after a person's delete."""

import io

import pytest

from tests.samples import DATA

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
PLAN = DATA / "trainingpeaks_plan.csv"
HEVY = DATA / "hevy_export.csv"
COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "deleted_here")


def load(client, person, *runs, query="", zone=None):
    """Import runs (number, miles, shoe); return the report."""
    rows = [
        f'"May 6, 2025",Run,{miles},1500,{f"Shoes: {shoe}" if shoe else ""},http://x.example/workout/{number}'
        for number, miles, shoe in runs
    ]
    data = {"file": (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")}
    if zone:
        data["timezone"] = zone
    return client.post(f"/v1/mmf/upload-csv{query}", data=data, headers=person.headers).json


def send(client, person, path, file, query=""):
    data = {"file": (io.BytesIO(file.read_bytes()), file.name), "timezone": "Europe/Berlin"}
    return client.post(f"/v1/{path}{query}", data=data, headers=person.headers).json


def counts(report):
    return {name: report[name] for name in COUNTS if report[name]}


def revert(client, person, changeset_id):
    return client.post(f"/v1/changesets/{changeset_id}/revert", headers=person.headers).json


def read(client, person, path):
    return client.get(f"/v1/{path}?include_deleted=true", headers=person.headers).json


def listed(client, person, noun):
    items = client.get(f"/v1/{noun}", headers=person.headers).json["items"]
    return {item["id"]: item for item in items}


@pytest.fixture
def call(client, alice):
    return lambda *args, **kwargs: load(client, alice, *args, **kwargs)


def test_a_reverted_import_comes_back_as_new_with_other_values_and_its_shoes(client, alice, call):
    first = call((1, 3.1, "Ghost"), (2, 5, None), zone="UTC")
    revert(client, alice, first["changeset_id"])

    again = call((1, 4.2, "Ghost"), (2, 5, None), zone="Europe/Berlin")

    assert counts(first) == counts(again) == {"created": 2}
    run = read(client, alice, "runs/mmf_1")
    assert (run["distance"], run["datetime_utc"], run["deleted_at"]) == (4.2, "2025-05-06T10:00:00Z", None)
    assert (run["version"], run["conflicts"]) == (3, None)
    assert set(listed(client, alice, "shoes")) == {"ghost"}
    assert counts(call((1, 4.2, "Ghost"), (2, 5, None), zone="Europe/Berlin")) == {"unchanged": 2}


def test_what_came_back_can_be_reverted_and_come_back_again(client, alice, call):
    for _ in range(3):
        report = call((1, 3.1, "Ghost"))
        assert counts(report) == {"created": 1}
        assert set(listed(client, alice, "runs")) == {"mmf_1"}
        assert revert(client, alice, report["changeset_id"])["reverted"] == 2
        assert listed(client, alice, "runs") == listed(client, alice, "shoes") == {}


def test_what_a_person_deleted_stays_deleted_and_is_counted_apart(client, alice, call):
    call((1, 3.1, None), (2, 5, None))
    client.delete("/v1/runs/mmf_1", headers=alice.headers)

    report = call((1, 9.9, None), (2, 5, None))

    assert counts(report) == {"unchanged": 1, "deleted_here": 1}
    assert (report["deleted_here_ids"], report["changeset_id"]) == (["mmf_1"], None)
    assert read(client, alice, "runs/mmf_1")["version"] == 2


def test_it_comes_back_on_request_with_what_the_provider_says_now(client, alice, call):
    call((1, 3.1, "Ghost"))
    client.patch("/v1/runs/mmf_1", json={"name": "Mine"}, headers=alice.headers)
    client.delete("/v1/runs/mmf_1", headers=alice.headers)
    client.delete("/v1/shoes/ghost", headers=alice.headers)

    rehearsed = call((1, 4.2, "Ghost"), query="?restore_deleted=true&dry_run=true")
    report = call((1, 4.2, "Ghost"), query="?restore_deleted=true")

    assert counts(rehearsed) == counts(report) == {"updated": 1}
    run = read(client, alice, "runs/mmf_1")
    assert (run["name"], run["distance"], run["deleted_at"]) == ("Mine", 4.2, None)
    assert set(listed(client, alice, "shoes")) == {"ghost"}

    revert(client, alice, report["changeset_id"])
    assert read(client, alice, "runs/mmf_1")["deleted_at"] is not None
    assert counts(call((1, 4.2, "Ghost"))) == {"deleted_here": 1}


def test_at_most_a_hundred_ids_are_named(client, alice, call):
    runs = [(number, 3.1, None) for number in range(105)]
    call(*runs)
    for number, *_ in runs:
        client.delete(f"/v1/runs/mmf_{number}", headers=alice.headers)

    report = call(*runs)

    assert (report["deleted_here"], len(report["deleted_here_ids"])) == (105, 100)


def test_what_was_edited_before_a_forced_revert_comes_back_as_the_file_says(client, alice, call):
    first = call((1, 3.1, "Ghost"))
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    client.patch("/v1/shoes/ghost", json={"notes": "Mine"}, headers=alice.headers)
    client.post(f"/v1/changesets/{first['changeset_id']}/revert?force=true", headers=alice.headers)

    assert counts(call((1, 3.1, "Ghost"))) == {"created": 1}

    assert read(client, alice, "runs/mmf_1")["distance"] == 3.1
    assert read(client, alice, "shoes/ghost")["notes"] is None


def test_after_a_redo_and_a_delete_it_is_the_person_who_deleted(client, alice, call):
    first = call((1, 3.1, None))["changeset_id"]
    revert(client, alice, revert(client, alice, first)["changeset_id"])
    client.delete("/v1/runs/mmf_1", headers=alice.headers)

    assert counts(call((1, 3.1, None))) == {"deleted_here": 1}


def test_workouts_of_a_reverted_file_come_back_with_their_exercises(client, alice):
    first = send(client, alice, "hevy/upload-csv", HEVY)
    before = listed(client, alice, "workouts")
    revert(client, alice, first["changeset_id"])
    assert listed(client, alice, "workouts") == {}
    exercises = client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"]

    again = send(client, alice, "hevy/upload-csv", HEVY)

    def done(workout):
        return [
            (one["exercise_name"], [(lifted["weight"], lifted["reps"]) for lifted in one["sets"]])
            for one in workout["exercise_executions"]
        ]

    assert exercises == []
    assert counts(again) == counts(first)
    after = listed(client, alice, "workouts")
    assert {id: done(one) for id, one in after.items()} == {id: done(one) for id, one in before.items()}
    assert counts(send(client, alice, "hevy/upload-csv", HEVY)) == {"unchanged": len(after)}


def test_a_workout_that_a_person_deleted_comes_back_on_request(client, alice):
    send(client, alice, "hevy/upload-csv", HEVY)
    workout_id, *others = listed(client, alice, "workouts")
    client.delete(f"/v1/workouts/{workout_id}", headers=alice.headers)

    stays = send(client, alice, "hevy/upload-csv", HEVY)
    returns = send(client, alice, "hevy/upload-csv", HEVY, "?restore_deleted=true")

    assert counts(stays) == {"unchanged": len(others), "deleted_here": 1}
    assert stays["deleted_here_ids"] == [workout_id]
    assert counts(returns) == {"unchanged": len(others), "updated": 1}
    assert set(listed(client, alice, "workouts")) == {workout_id, *others}


def test_a_plan_comes_back_after_a_revert_and_after_a_delete_on_request(client, alice):
    first = send(client, alice, "planned-workouts/import", PLAN)
    revert(client, alice, first["changeset_id"])
    again = send(client, alice, "planned-workouts/import", PLAN)
    planned_id, *others = listed(client, alice, "planned-workouts")
    client.delete(f"/v1/planned-workouts/{planned_id}", headers=alice.headers)

    stays = send(client, alice, "planned-workouts/import", PLAN)
    returns = send(client, alice, "planned-workouts/import", PLAN, "?restore_deleted=true")

    assert counts(again) == counts(first)
    assert counts(stays) == {"unchanged": len(others), "deleted_here": 1}
    assert stays["deleted_here_ids"] == [str(planned_id)]
    assert counts(returns) == {"unchanged": len(others), "updated": 1}


def test_a_plan_that_the_person_wrote_meanwhile_is_not_there_twice(client, alice):
    first = send(client, alice, "planned-workouts/import", PLAN)
    one = next(iter(listed(client, alice, "planned-workouts").values()))
    revert(client, alice, first["changeset_id"])
    own = {field: one[field] for field in ("title", "workout_type", "originally_planned_day")}
    client.post("/v1/planned-workouts", json=own, headers=alice.headers)

    again = send(client, alice, "planned-workouts/import", PLAN)

    assert counts(again) == {"created": first["created"] - 1, "unchanged": 1}
    assert [item["title"] for item in listed(client, alice, "planned-workouts").values()].count(one["title"]) == 1
