"""One exercise merged into another: its sets, its names, the way back."""

import io

import pytest

from tests.api.exercises.requests import add, edit, find, history_of, names_of, read
from tests.api.test_hevy import row, table

FIRST, SECOND = "2026-02-16T15:00:00Z", "2026-02-18T15:00:00Z"


@pytest.fixture
def call(client, alice):
    def call(method, path, code=200, **body):
        answer = client.open(f"/v1{path}", method=method, json=body or None, headers=alice.headers)
        assert answer.status_code == code, answer.text
        return answer.json if answer.data else None

    return call


@pytest.fixture
def lift(call):
    """Store a workout of sets, each an exercise, a weight and repetitions; return its id."""

    def lift(*sets, start_ts=FIRST, **fields):
        sent = [{"exercise_name": name, "weight": weight, "reps": reps} for name, weight, reps in sets]
        body = {"workout_type": "STRENGTH", "start_ts": start_ts, "strength_sets": sent, **fields}
        return call("POST", "/workouts", 201, **body)["workout_id"]

    return lift


@pytest.fixture
def upload(client, alice):
    def upload(*rows):
        form = {"file": (io.BytesIO(table(*rows)), "workouts.csv"), "timezone": "UTC"}
        return client.post("/v1/hevy/upload-csv", data=form, headers=alice.headers).json

    return upload


def merge(client, person, exercise_id, into):
    return client.post(f"/v1/exercises/{exercise_id}/merge", json={"into": into}, headers=person.headers)


def own_ids(client, person):
    return {item["name"]: item["id"] for item in find(client, person, "/my-exercises")}


def lifted(workout):
    return [
        (execution["exercise_name"], [(one["set_index"], one["weight"]) for one in execution["sets"]])
        for execution in workout["exercise_executions"]
    ]


def test_a_merge_moves_all_sets_deletes_the_exercise_and_leaves_versions_of_one_changeset(client, alice, call, lift):
    moves, stays = lift(("Floor Press", 80, 5)), lift(("Low Press", 60, 5), start_ts=SECOND)
    deleted = lift(("Floor Press", 70, 5))
    call("DELETE", f"/workouts/{deleted}", 204)
    ids = own_ids(client, alice)

    response = merge(client, alice, ids["Floor Press"], ids["Low Press"])

    answer = response.json
    assert response.status_code == 200
    assert (answer["moved"], answer["exercise"]["id"]) == (2, ids["Low Press"])
    assert lifted(call("GET", f"/workouts/{moves}")) == [("Low Press", [(1, 80)])]
    merged = read(client, alice, ids["Floor Press"], include_deleted="true").json
    assert (merged["merged_into"], merged["deleted_at"] is None, merged["version"]) == (ids["Low Press"], False, 2)
    assert read(client, alice, ids["Floor Press"]).status_code == 404
    histories = [call("GET", f"/workouts/{workout}/history")["items"][0] for workout in (moves, deleted)]
    assert [version["changeset_id"] for version in histories] == [answer["changeset_id"]] * 2
    assert [version["change_type"] for version in histories] == ["edit", "deletion"]
    assert history_of(client, alice, ids["Floor Press"])[0]["changeset_id"] == answer["changeset_id"]
    assert len(call("GET", f"/workouts/{stays}/history")["items"]) == 1
    stats = call("GET", f"/exercises/{ids['Low Press']}/stats")
    assert (stats["totals"]["workouts"], stats["best_set"]["weight"]) == (2, 80)


def test_a_workout_with_both_keeps_the_order_of_its_sets_and_both_notes(client, alice, call, lift):
    workout = lift(("Floor Press", 80, 5), ("Low Press", 60, 5), ("Floor Press", 90, 3), ("Squat", 100, 5))
    ids = own_ids(client, alice)
    call("PATCH", f"/workouts/{workout}", finished_at=None)
    for name in ("Floor Press", "Low Press"):
        call("PATCH", f"/workouts/{workout}/exercise-executions/{ids[name]}", note=name)

    merge(client, alice, ids["Floor Press"], ids["Low Press"])

    after = call("GET", f"/workouts/{workout}")
    assert lifted(after) == [("Low Press", [(1, 80), (2, 60), (3, 90)]), ("Squat", [(1, 100)])]
    assert [one["position"] for execution in after["exercise_executions"] for one in execution["sets"]] == [1, 2, 3, 4]
    assert after["exercise_executions"][0]["note"] == "Floor Press\nLow Press"


def test_the_same_merge_again_answers_the_same_and_changes_nothing(client, alice, call, lift):
    workout = lift(("Floor Press", 80, 5), ("Low Press", 60, 5))
    ids = own_ids(client, alice)
    first = merge(client, alice, ids["Floor Press"], ids["Low Press"])
    before = call("GET", f"/workouts/{workout}")

    again = merge(client, alice, ids["Floor Press"], ids["Low Press"])

    assert (again.status_code, again.json) == (200, first.json)
    assert call("GET", f"/workouts/{workout}") == before
    assert len(call("GET", "/changesets")["items"]) == 1
    assert len(history_of(client, alice, ids["Floor Press"])) == 2


def test_a_merge_is_undone_by_reverting_its_changeset_and_made_again_by_reverting_that(client, alice, call, lift):
    workout = lift(("Floor Press", 80, 5), ("Low Press", 60, 5))
    ids = own_ids(client, alice)
    before = lifted(call("GET", f"/workouts/{workout}"))
    changeset_id = merge(client, alice, ids["Floor Press"], ids["Low Press"]).json["changeset_id"]

    revert = call("POST", f"/changesets/{changeset_id}/revert")
    undone = lifted(call("GET", f"/workouts/{workout}")), own_ids(client, alice)
    call("POST", f"/changesets/{revert['changeset_id']}/revert")

    assert (revert["reverted"], revert["kept"]) == (2, 0)
    assert undone == (before, ids)
    assert lifted(call("GET", f"/workouts/{workout}")) == [("Low Press", [(1, 80), (2, 60)])]
    assert names_of(find(client, alice, "/my-exercises")) == ["Low Press"]


def test_a_restored_workout_uses_the_exercise_that_its_own_was_merged_into(client, alice, call, lift):
    workout = lift(("Floor Press", 80, 5))
    lift(("Low Press", 60, 5), start_ts=SECOND)
    ids = own_ids(client, alice)
    merge(client, alice, ids["Floor Press"], ids["Low Press"])

    restored = call("POST", f"/workouts/{workout}/restore/1")

    assert lifted(restored) == [("Low Press", [(1, 80)])]
    assert restored["version"] == 3
    assert names_of(find(client, alice, "/my-exercises")) == ["Low Press"]


def test_the_name_of_a_merged_exercise_leads_to_the_other_one_from_a_file_and_from_the_api(
    client, alice, call, lift, upload
):
    lift(("Floor Press", 80, 5), ("Low Press", 60, 5))
    ids = own_ids(client, alice)
    merge(client, alice, ids["Floor Press"], ids["Low Press"])

    sent = lift(("floor press", 85, 5), start_ts=SECOND)
    assert upload(row("Floor Press", 0))["created"] == 1

    assert lifted(call("GET", f"/workouts/{sent}")) == [("Low Press", [(1, 85)])]
    assert names_of(find(client, alice, "/my-exercises")) == ["Low Press"]
    assert call("GET", f"/exercises/{ids['Low Press']}/stats")["totals"]["workouts"] == 3


def test_a_catalog_exercise_leads_to_what_its_copy_was_merged_into(client, alice, call, lift):
    lift(("Bench Press", 80, 5), ("Low Press", 60, 5))
    (catalog,) = [item for item in find(client, name="bench press") if item["name"] == "Bench Press"]
    ids = own_ids(client, alice)
    merge(client, alice, ids["Bench Press"], ids["Low Press"])

    sets = [{"exercise_id": catalog["id"], "weight": 85, "reps": 5}]
    call("POST", "/workouts", 201, workout_type="STRENGTH", start_ts=SECOND, strength_sets=sets)

    assert names_of(find(client, alice, "/my-exercises")) == ["Low Press"]
    assert "Bench Press" not in names_of(find(client, alice))


def test_an_imported_workout_stays_as_the_merge_left_it_and_still_follows_its_file(client, alice, call, upload):
    rows = (row("Floor Press", 0), row("Low Press", 0, weight="60"), row("Floor Press", 0, weight="90"))
    upload(*rows)
    ids = own_ids(client, alice)
    merge(client, alice, ids["Floor Press"], ids["Low Press"])
    (before,) = call("GET", "/workouts")["items"]

    same = upload(*rows)
    more = upload(*rows, row("Floor Press", 1, weight="95"))

    assert lifted(before) == [("Low Press", [(1, 80), (2, 60), (3, 90)])]
    assert (same["unchanged"], same["changeset_id"]) == (1, None)
    assert (more["updated"], more["conflicts"]) == (1, [])
    (after,) = call("GET", "/workouts")["items"]
    assert lifted(after) == [("Low Press", [(1, 80), (2, 60), (3, 90), (4, 95)])]
    assert names_of(find(client, alice, "/my-exercises")) == ["Low Press"]


def test_merges_follow_each_other_even_after_reverts_have_bent_them_into_a_circle(client, alice, call, lift):
    lift(("Floor Press", 80, 5), ("Low Press", 60, 5), ("High Press", 40, 5))
    ids = own_ids(client, alice)
    first = merge(client, alice, ids["Floor Press"], ids["Low Press"]).json["changeset_id"]
    merge(client, alice, ids["Low Press"], ids["High Press"])

    lift(("Floor Press", 80, 5), start_ts=SECOND)
    assert names_of(find(client, alice, "/my-exercises")) == ["High Press"]

    call("POST", f"/changesets/{first}/revert")
    merge(client, alice, ids["High Press"], ids["Floor Press"])
    lift(("low press", 80, 5), start_ts=SECOND)
    assert names_of(find(client, alice, "/my-exercises")) == ["Floor Press"]


@pytest.mark.parametrize(
    ("exercise", "into", "status"),
    [("own", "own", 409), ("own", "none", 404), ("none", "own", 404), ("own", "gone", 404), ("gone", "own", 404),
     ("own", "bobs", 404), ("bobs", "own", 404)],
)  # fmt: skip
def test_a_merge_that_cannot_be_leaves_no_trace(client, alice, bob, make_exercise, exercise, into, status):
    ids = {
        "own": make_exercise(alice, "Own").id,
        "gone": make_exercise(alice, "Gone").id,
        "bobs": make_exercise(bob, "Bobs").id,
        "none": "00000000-0000-4000-8000-000000000000",
    }
    client.delete(f"/v1/exercises/{ids['gone']}", headers=alice.headers)

    response = merge(client, alice, ids[exercise], ids[into])

    assert response.status_code == status
    assert names_of(find(client, alice, "/my-exercises")) == ["Own"]
    assert client.get("/v1/changesets", headers=alice.headers).json["items"] == []


# Names


def test_a_renamed_exercise_stays_one_for_files_before_and_after(client, alice, call, upload):
    upload(row("Bench Press (Barbell)", 0))
    (exercise_id,) = own_ids(client, alice).values()
    edit(client, alice, exercise_id, name="Flat bench")

    upload(row("Bench Press (Barbell)", 0, title="Another", reps="6"))
    edit(client, alice, exercise_id, name="Flat bench, barbell")
    upload(row("Flat Bench", 0, title="A third", reps="7"))

    assert own_ids(client, alice) == {"Flat bench, barbell": exercise_id}
    assert call("GET", f"/exercises/{exercise_id}/stats")["totals"]["workouts"] == 3


def test_a_new_exercise_takes_over_the_name_that_another_one_had(client, alice, lift):
    lift(("Press", 80, 5))
    (first,) = own_ids(client, alice).values()
    edit(client, alice, first, name="Old press")
    second = add(client, alice, "Press").json["id"]

    lift(("press", 80, 5), start_ts=SECOND)
    edit(client, alice, second, name="New press")
    lift(("PRESS", 80, 5), start_ts=SECOND)

    stats = [client.get(f"/v1/exercises/{one}/stats", headers=alice.headers).json for one in (first, second)]
    assert [one["totals"]["workouts"] for one in stats] == [1, 2]
    assert sorted(own_ids(client, alice)) == ["New press", "Old press"]


def test_a_renamed_copy_of_the_catalog_is_still_meant_by_its_name(client, alice, lift):
    lift(("Bench Press", 80, 5))
    (exercise_id,) = own_ids(client, alice).values()
    edit(client, alice, exercise_id, name="My bench")

    lift(("bench press", 85, 5), start_ts=SECOND)

    assert own_ids(client, alice) == {"My bench": exercise_id}
