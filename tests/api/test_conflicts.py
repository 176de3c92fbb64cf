"""Conflicts with providers, listed and decided; the inbox."""

import io

import pytest

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"


def load(client, person, *runs):
    """Import runs: number, miles, seconds, shoe."""
    rows = [
        f'"May 6, 2025",Run,{miles},{seconds},{f"Shoes: {shoe}" if shoe else ""},http://x.example/workout/{number}'
        for number, miles, seconds, shoe in runs
    ]
    file = (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")
    return client.post("/v1/mmf/upload-csv", data={"file": file}, headers=person.headers).json


def conflicts(client, person, **query):
    response = client.get("/v1/conflicts", query_string=query, headers=person.headers)
    assert response.status_code == 200, response.json
    return response.json


def decide(client, person, path, field, take, **headers):
    return client.post(f"/v1/{path}/conflicts/{field}", json={"take": take}, headers={**person.headers, **headers})


def edit(client, person, path, **changes):
    response = client.patch(f"/v1/{path}", json=changes, headers=person.headers)
    assert response.status_code == 200, response.json
    return response.json


def read(client, person, path):
    return client.get(f"/v1/{path}?include_deleted=true", headers=person.headers).json


@pytest.fixture
def disagreed(client, alice):
    """A run of two versions whose distance and duration the person and the provider have changed."""
    load(client, alice, (1, 3.1, 1500, None))
    edit(client, alice, "runs/mmf_1", distance=3.2, duration=1600)
    load(client, alice, (1, 3.3, 1700, None))
    return "runs/mmf_1"


def test_every_field_in_conflict_is_listed_with_both_values(client, alice, bob, disagreed):
    edited_at = client.get(f"/v1/{disagreed}/history/2", headers=alice.headers).json["changed_at"]
    edit(client, alice, disagreed, notes="Later")

    found = conflicts(client, alice)["items"]

    common = {
        "noun": "runs", "id": "mmf_1", "title": "Outdoor Run", "occurred_at": "2025-05-06T12:00:00Z", "version": 3,
        "yours_at": edited_at, "yours_by": "alice",
    }  # fmt: skip
    assert found == [
        {**common, "field": "distance", "yours": 3.2, "theirs": 3.3},
        {**common, "field": "duration", "yours": 1600.0, "theirs": 1700.0},
    ]
    assert conflicts(client, bob) == {"items": [], "next_cursor": None}


@pytest.mark.usefixtures("disagreed")
def test_conflicts_of_all_nouns_are_listed_page_by_page(client, alice, owner):
    planned = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-02"}
    client.post("/v1/planned-workouts", json=planned, headers=alice.headers)
    owner.execute("""UPDATE planned_workouts SET conflicts = '{"originally_planned_day": "2025-11-03"}'""")

    pages, cursor = [], {}
    while True:
        page = conflicts(client, alice, limit=1, **cursor)
        pages.append(page["items"])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    found = [one for items in pages for one in items]
    assert [len(items) for items in pages] == [1] * len(found)
    assert found == conflicts(client, alice)["items"]
    assert [(one["noun"], one["field"], one["theirs"]) for one in found] == [
        ("runs", "distance", 3.3), ("runs", "duration", 1700.0),
        ("planned-workouts", "originally_planned_day", "2025-11-03"),
    ]  # fmt: skip


def test_mine_closes_a_conflict_and_the_history_says_who_decided(client, alice, disagreed):
    answer = decide(client, alice, disagreed, "distance", "mine")

    assert answer.json == {
        "noun": "runs", "id": "mmf_1", "field": "distance", "take": "mine", "version": 3, "changed": False,
        "changeset_id": 3,
    }  # fmt: skip
    run = read(client, alice, disagreed)
    assert (run["distance"], run["version"], run["conflicts"]) == (3.2, 3, {"duration": 1700.0})
    newest = client.get(f"/v1/{disagreed}/history", headers=alice.headers).json["items"][0]
    assert (newest["changes"], newest["changed_by"], newest["change_reason"]) == (
        {}, "alice", "distance of the provider refused",
    )  # fmt: skip
    assert newest["changed_at"] == run["last_edited_at"]
    assert load(client, alice, (1, 3.3, 1700, None))["kept"] == 0
    assert load(client, alice, (1, 3.4, 1700, None))["conflicts"] == [
        {"id": "mmf_1", "field": "distance", "yours": 3.2, "theirs": 3.4}
    ]


def test_theirs_is_stored_as_a_version_and_closes_the_conflict(client, alice, disagreed):
    answer = decide(client, alice, disagreed, "distance", "theirs")

    assert (answer.json["version"], answer.json["changed"], answer.headers["ETag"]) == (3, True, '"3"')
    run = read(client, alice, disagreed)
    assert (run["distance"], run["duration"], run["conflicts"]) == (3.3, 1600.0, {"duration": 1700.0})
    newest = client.get(f"/v1/{disagreed}/history", headers=alice.headers).json["items"][0]
    assert (newest["changes"], newest["changed_by"]) == ({"distance": [3.2, 3.3]}, "alice")
    assert load(client, alice, (1, 3.4, 1700, None))["updated"] == 1


def test_an_import_that_only_makes_conflicts_is_undone_and_redone(client, alice, disagreed):
    newest = client.get("/v1/changesets", headers=alice.headers).json["items"][0]
    assert (newest["kind"], newest["counts"]["kept"], newest["counts"]["updated"]) == ("import", 1, 0)

    revert = client.post(f"/v1/changesets/{newest['changeset_id']}/revert", json={}, headers=alice.headers).json
    assert conflicts(client, alice)["items"] == []

    client.post(f"/v1/changesets/{revert['changeset_id']}/revert", json={}, headers=alice.headers)
    assert read(client, alice, disagreed)["conflicts"] == {"distance": 3.3, "duration": 1700.0}
    assert load(client, alice, (1, 3.3, 1700, None))["changeset_id"] is None


def test_a_decided_conflict_is_gone(client, alice, disagreed):
    for field in ("distance", "duration"):
        decide(client, alice, disagreed, field, "mine")

    assert conflicts(client, alice)["items"] == []
    assert read(client, alice, disagreed)["conflicts"] is None
    again = decide(client, alice, disagreed, "distance", "mine")
    assert (again.status_code, again.json) == (404, {"detail": "Conflict not found"})


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_a_decision_about_another_version_is_refused(client, alice, disagreed, take):
    before = read(client, alice, disagreed)

    answer = decide(client, alice, disagreed, "distance", take, **{"If-Match": '"1"'})

    assert (answer.status_code, answer.headers["ETag"]) == (412, '"2"')
    assert read(client, alice, disagreed) == before
    assert decide(client, alice, disagreed, "distance", take, **{"If-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"take": "both"}, {"take": None}, {"take": "mine", "why": "x"}])
def test_a_decision_says_mine_or_theirs(client, alice, disagreed, body):
    answer = client.post(f"/v1/{disagreed}/conflicts/distance", json=body, headers=alice.headers)

    assert answer.status_code == 422


def test_a_shoe_that_the_provider_names_is_made_when_it_is_taken(client, alice):
    load(client, alice, (1, 3.1, 1500, None))
    client.post("/v1/shoes", json={"name": "Mine"}, headers=alice.headers)
    edit(client, alice, "runs/mmf_1", shoe_id="mine")
    load(client, alice, (1, 3.1, 1500, "Brooks Ghost 16"))
    assert read(client, alice, "runs/mmf_1")["conflicts"] == {"shoe_id": "brooks_ghost_16"}

    answer = decide(client, alice, "runs/mmf_1", "shoe_id", "theirs")

    assert answer.status_code == 200
    assert read(client, alice, "runs/mmf_1")["shoe_id"] == "brooks_ghost_16"
    assert read(client, alice, "shoes/brooks_ghost_16")["name"] == "Brooks Ghost 16"


def hevy(client, person, text):
    file = (io.BytesIO(text.encode()), "workouts.csv")
    form = {"file": file, "timezone": "Europe/Berlin"}
    return client.post("/v1/hevy/upload-csv", data=form, headers=person.headers).json


HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,"
    "reps,distance_km,duration_seconds,rpe\n"
)


def hevy_rows(*sets):
    """Return a file with a workout of these sets: exercise, index, kilograms, repetitions."""
    begin = 'Push,"28 Oct 2025, 17:00","28 Oct 2025, 18:00",,'
    return HEVY + "\n".join(f"{begin}{name},,,{index},normal,{kg},{reps},,," for name, index, kg, reps in sets) + "\n"


def test_the_exercises_of_a_workout_are_taken_with_those_that_are_new(client, alice):
    hevy(client, alice, hevy_rows(("Bench Press", 0, 80, 5)))
    (workout,) = client.get("/v1/workouts", headers=alice.headers).json["items"]
    path = f"workouts/{workout['id']}"
    (bench,) = workout["exercise_executions"]
    edit(client, alice, path, finished_at=None)
    client.post(
        f"/v1/{path}/exercise-executions/{bench['exercise_id']}/sets", json={"weight": 185, "reps": 3},
        headers=alice.headers,
    )  # fmt: skip
    edit(client, alice, path, finished_at="2025-10-28T17:00:00Z")
    hevy(client, alice, hevy_rows(("Bench Press", 0, 80, 6), ("Zercher Carry", 0, 60, 8)))
    (found,) = conflicts(client, alice)["items"]
    assert (found["noun"], found["field"], found["title"]) == ("workouts", "exercise_executions", "Push")
    assert [len(one["sets"]) for one in found["yours"]] == [2]

    answer = decide(client, alice, path, "exercise_executions", "theirs")

    assert answer.status_code == 200, answer.json
    taken = read(client, alice, path)
    assert [
        (one["exercise_name"], [(a_set["weight"], a_set["reps"]) for a_set in one["sets"]])
        for one in taken["exercise_executions"]
    ] == [("Bench Press", [(80.0, 6)]), ("Zercher Carry", [(60.0, 8)])]
    assert (taken["version"], taken["conflicts"]) == (answer.json["version"], None)
    newest = client.get(f"/v1/{path}/history", headers=alice.headers).json["items"][0]
    assert newest["exercise_executions"] == taken["exercise_executions"]


@pytest.fixture
def deleted_there(client, alice, owner):
    """A run that the person has edited, and that its provider has deleted."""
    load(client, alice, (1, 3.1, 1500, None))
    edit(client, alice, "runs/mmf_1", distance=3.2)
    owner.execute("UPDATE runs SET conflicts = jsonb_build_object('deleted_at', now())")
    return "runs/mmf_1"


def test_a_delete_by_the_provider_is_a_conflict_too(client, alice, deleted_there):
    (found,) = conflicts(client, alice)["items"]
    assert (found["field"], found["yours"]) == ("deleted_at", None)
    assert found["theirs"] is not None

    answer = decide(client, alice, deleted_there, "deleted_at", "theirs")

    run = read(client, alice, deleted_there)
    assert (answer.json["version"], run["version"], run["conflicts"]) == (3, 3, None)
    assert run["deleted_at"] is not None
    assert client.get(f"/v1/{deleted_there}/history", headers=alice.headers).json["items"][0]["change_type"] == (
        "deletion"
    )


def test_a_delete_by_the_provider_that_was_refused_is_in_the_history(client, alice, deleted_there, owner):
    decide(client, alice, deleted_there, "deleted_at", "mine")

    newest = client.get(f"/v1/{deleted_there}/history", headers=alice.headers).json["items"][0]
    assert (newest["version_number"], newest["change_type"], newest["change_reason"]) == (
        3, "edit", "deleted_at of the provider refused",
    )  # fmt: skip
    (known,) = owner.execute("SELECT provider_values ? 'deleted_at' FROM runs").fetchone()
    assert known


def revert(client, person, changeset_id):
    answer = client.post(f"/v1/changesets/{changeset_id}/revert", headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_a_decision_that_is_reverted_waits_again(client, alice, disagreed, take):
    before, waiting = read(client, alice, disagreed), conflicts(client, alice)["items"]
    decided = decide(client, alice, disagreed, "distance", take).json["changeset_id"]

    undone = revert(client, alice, decided)

    after = read(client, alice, disagreed)
    assert (undone["reverted"], undone["kept"], after["version"]) == (1, 0, 4)
    times = {name: after[name] for name in ("last_edited_at", "updated_at")}
    assert after == {**before, **times, "version": 4}
    # With the provider's value taken, the revert is what set the person's value last.
    items = [
        {**one, "yours_at": old["yours_at"]}
        for one, old in zip(conflicts(client, alice)["items"], waiting, strict=True)
    ]
    assert items == [{**one, "version": 4} for one in waiting]
    assert load(client, alice, (1, 3.4, 1700, None))["conflicts"] == [
        {"id": "mmf_1", "field": "distance", "yours": 3.2, "theirs": 3.4}
    ]


def test_a_decision_is_made_again_by_a_redo(client, alice, disagreed):
    decided = decide(client, alice, disagreed, "distance", "theirs").json["changeset_id"]
    undone = revert(client, alice, decided)["changeset_id"]

    revert(client, alice, undone)

    run = read(client, alice, disagreed)
    assert (run["distance"], run["conflicts"]) == (3.3, {"duration": 1700.0})


def test_what_was_edited_after_a_decision_stays(client, alice, disagreed):
    decided = decide(client, alice, disagreed, "distance", "theirs").json["changeset_id"]
    edit(client, alice, disagreed, distance=3.5, notes="Later")

    undone = revert(client, alice, decided)

    run = read(client, alice, disagreed)
    assert (run["distance"], run["notes"], run["conflicts"]) == (3.5, "Later", {"distance": 3.3, "duration": 1700.0})
    assert [one["fields"] for one in undone["problems"]] == [["distance"]]


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_a_decision_about_a_delete_that_is_reverted_waits_again(client, alice, deleted_there, owner, take):
    waiting = conflicts(client, alice)["items"]
    decided = decide(client, alice, deleted_there, "deleted_at", take).json["changeset_id"]

    revert(client, alice, decided)

    assert read(client, alice, deleted_there)["deleted_at"] is None
    assert [(one["id"], one["field"], one["theirs"]) for one in conflicts(client, alice)["items"]] == [
        (one["id"], one["field"], one["theirs"]) for one in waiting
    ]
    (known,) = owner.execute("SELECT provider_values ? 'deleted_at' FROM runs").fetchone()
    assert not known


def test_the_inbox_counts_what_waits(client, alice, bob, disagreed, make_run, owner):
    run = make_run(alice, id="strava_1", source="Strava", datetime_utc="2025-11-02T06:30:00Z")
    make_run(alice, id="mmf_2", source="MapMyFitness", datetime_utc="2025-11-02T11:00:00Z")
    owner.execute(
        "INSERT INTO synced_runs (user_id, run_id, run_version, sync_status) VALUES (%s, %s, 1, 'failed')",
        [alice.user_id, run.id],
    )

    def inbox(person):
        return client.get("/v1/inbox", headers=person.headers).json

    assert inbox(alice) == {"conflicts": 2, "duplicates": 1, "failed_calendar_syncs": 1}
    assert inbox(bob) == {"conflicts": 0, "duplicates": 0, "failed_calendar_syncs": 0}
