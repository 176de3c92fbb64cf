"""Exercises of a workout in progress: read, put, noted and taken out."""

from uuid import uuid4

import pytest

from tests.api.exercise_executions.changes import FULL_SET, Live, add, note, order_of, put, read, remove, take_out


def test_an_exercise_of_a_workout_reads_with_its_sets_in_their_order(client, alice, live):
    response = client.get(live.of(live.bench), headers=alice.headers)

    workout = read(client, alice, live.id)
    assert (response.status_code, response.headers["ETag"]) == (200, workout.headers["ETag"])
    assert response.json == workout.json["exercise_executions"][0]
    assert [one["id"] for one in response.json["sets"]] == [live.sets[0], live.sets[2]]
    assert [(one["set_index"], one["position"]) for one in response.json["sets"]] == [(1, 1), (2, 3)]


def test_an_exercise_that_the_workout_lacks_is_not_found(client, alice, make_exercise, live):
    other = Live(live.id, str(make_exercise(alice).id), live.row, live.sets)

    answers = [
        client.get(other.of(other.bench), headers=alice.headers),
        *(change(client, alice, other) for change in (note, remove, add)),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json["detail"] for answer in answers} == {"Exercise execution not found"}
    assert read(client, alice, live.id).json["version"] == 1


def test_putting_an_exercise_adds_it_behind_the_others(client, alice, make_exercise, live):
    exercise = make_exercise(alice, "Zercher Carry")
    body = {"note": "Heavy", "sets": [FULL_SET, {"reps": 4}]}

    response = client.put(live.of(exercise.id), json=body, headers=alice.headers)

    first, second = response.json["sets"]
    workout = read(client, alice, live.id).json
    assert (response.status_code, response.json["exercise_id"]) == (200, str(exercise.id))
    assert (response.json["execution_order"], response.json["note"]) == (3, "Heavy")
    assert {field: first[field] for field in FULL_SET} == FULL_SET
    assert (second["set_type"], second["weight"], second["weight_unit"], second["reps"]) == ("normal", None, "lb", 4)
    assert [(one["set_index"], one["position"]) for one in response.json["sets"]] == [(1, 4), (2, 5)]
    assert order_of(workout) == ["My Bench", "My Row", "My Bench", "Zercher Carry", "Zercher Carry"]


def test_putting_an_exercise_replaces_all_that_was_known_of_it(client, alice, live):
    client.patch(live.of(live.bench), json={"note": "Slowly"}, headers=alice.headers)
    row = client.get(live.of(live.row), headers=alice.headers).json

    body = {"sets": [{"set_index": 4, "reps": 1}, {"reps": 2}, {"set_index": 2, "reps": 3}]}
    response = client.put(live.of(live.bench), json=body, headers=alice.headers)

    workout = read(client, alice, live.id).json
    assert (response.json["execution_order"], response.json["note"]) == (1, None)
    assert [(one["set_index"], one["reps"]) for one in response.json["sets"]] == [(2, 3), (4, 1), (5, 2)]
    assert {one["id"] for one in response.json["sets"]}.isdisjoint(live.sets)
    assert order_of(workout) == ["My Bench", "My Bench", "My Bench", "My Row"]
    assert workout["exercise_executions"][1] == {**row, "sets": [{**row["sets"][0], "position": 4}]}


def test_an_exercise_can_be_there_before_its_first_set(client, alice, make_exercise, live):
    exercise = make_exercise(alice)

    empty = client.put(live.of(exercise.id), json={}, headers=alice.headers)
    added = client.post(live.of(exercise.id, "sets"), json={"reps": 3}, headers=alice.headers)

    assert (empty.status_code, empty.json["sets"]) == (200, [])
    assert (added.status_code, added.json["set_index"], added.json["position"]) == (201, 1, 4)


def test_a_new_exercise_stays_behind_sets_whose_positions_have_grown_far(client, alice, owner, make_exercise, live):
    # So they do when sets are added behind and taken out in front again and again.
    owner.execute("UPDATE strength_sets SET position = position + 5000")

    client.put(live.of(make_exercise(alice, "Last").id), json={"sets": [{"reps": 1}]}, headers=alice.headers)

    assert order_of(read(client, alice, live.id).json) == ["My Bench", "My Row", "My Bench", "Last"]


def test_an_exercise_of_the_catalog_becomes_ones_own_when_it_is_put(client, alice, owner, live):
    (catalog_id, name, body_part) = owner.execute(
        "SELECT id, name, body_part FROM exercise_catalog WHERE body_part IS NOT NULL ORDER BY name LIMIT 1"
    ).fetchone()

    response = client.put(live.of(catalog_id), json={"sets": [{"reps": 5}]}, headers=alice.headers)

    own_id = response.json["exercise_id"]
    own = owner.execute("SELECT user_id, name FROM exercises WHERE id = %s", [own_id]).fetchall()
    assert (response.status_code, response.json["exercise_name"], response.json["body_part"]) == (200, name, body_part)
    assert own == [(alice.user_id, name)]
    assert client.get(live.of(own_id), headers=alice.headers).json == response.json


def test_a_refused_put_makes_no_exercise(client, alice, owner, live):
    catalog_id = owner.execute("SELECT id FROM exercise_catalog LIMIT 1").fetchone()[0]
    client.patch(f"{live.path}/finish", headers=alice.headers)

    response = client.put(live.of(catalog_id), json={}, headers=alice.headers)

    assert response.status_code == 409
    assert owner.execute("SELECT name FROM exercises ORDER BY name").fetchall() == [("My Bench",), ("My Row",)]


def test_an_exercise_that_is_not_ones_own_cannot_be_put(client, alice, bob, make_exercise, live):
    deleted = make_exercise(alice, "Deleted")
    client.delete(f"/v1/exercises/{deleted.id}", headers=alice.headers)

    answers = [
        client.put(live.of(exercise_id), json={"sets": [{"reps": 1}]}, headers=alice.headers)
        for exercise_id in (make_exercise(bob).id, uuid4(), deleted.id)
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Exercise not found"})] * 3
    assert read(client, alice, live.id).json["version"] == 1


def test_a_note_changes_alone_and_null_clears_it(client, alice, live):
    before = client.get(live.of(live.bench), headers=alice.headers).json

    written = client.patch(live.of(live.bench), json={"note": " Slowly "}, headers=alice.headers)
    cleared = client.patch(live.of(live.bench), json={"note": None}, headers=alice.headers)

    assert (written.status_code, written.json) == (200, {**before, "note": "Slowly"})
    assert (cleared.status_code, cleared.json) == (200, before)


def test_an_exercise_taken_out_is_gone_with_its_sets_and_the_others_stay(client, alice, owner, live):
    row = client.get(live.of(live.row), headers=alice.headers).json

    first, second = remove(client, alice, live), remove(client, alice, live)

    assert (first.status_code, first.data, second.status_code) == (204, b"", 404)
    assert read(client, alice, live.id).json["exercise_executions"] == [row]
    assert owner.execute("SELECT id::text FROM strength_sets").fetchall() == [(live.sets[1],)]


# Brought back


def test_an_exercise_that_was_added_and_removed_again_comes_back_with_its_sets(client, alice, make_exercise, live):
    """All of it while the workout is live: the version before the removal has the exercise."""
    exercise = make_exercise(alice, "Zercher Carry")
    client.put(live.of(exercise.id), json={"note": "Heavy", "sets": [{"reps": 4}]}, headers=alice.headers)
    client.post(live.of(exercise.id, "sets"), json={"reps": 3}, headers=alice.headers)
    added = client.get(live.of(exercise.id), headers=alice.headers).json
    version = read(client, alice, live.id).json["version"]
    client.delete(live.of(exercise.id), headers=alice.headers)
    client.post(live.of(live.row, "sets"), json={"reps": 9}, headers=alice.headers)

    restored = client.post(live.of(exercise.id, "restore", str(version)), headers=alice.headers)

    workout = read(client, alice, live.id).json
    sets = [{**one, "position": one["position"] - 1} for one in restored.json["sets"]]
    assert (restored.status_code, {**restored.json, "sets": sets}) == (200, added)
    assert order_of(workout) == ["My Bench", "My Row", "My Bench", "My Row", "Zercher Carry", "Zercher Carry"]
    newest = client.get(f"{live.path}/history?limit=1", headers=alice.headers).json["items"][0]
    assert [one["what"] for one in newest["changes"]["exercise_executions"]] == ["added"]
    assert newest["change_reason"] == f"Exercise restored to version {version}"


@pytest.mark.parametrize("lose", [put, take_out], ids=["put", "take_out"])
def test_sets_that_were_replaced_or_removed_come_back(client, alice, live, lose):
    note(client, alice, live)
    before = client.get(live.of(live.bench), headers=alice.headers).json
    version = read(client, alice, live.id).json["version"]
    lose(client, alice, live)

    restored = client.post(live.of(live.bench, "restore", str(version)), headers=alice.headers)

    assert restored.json == before


def test_only_an_exercise_that_the_version_has_is_restored(client, alice, make_exercise, live):
    answers = [
        client.post(live.of(exercise_id, "restore", version), headers=alice.headers)
        for exercise_id, version in ((make_exercise(alice).id, "1"), (live.bench, "2"))
    ]

    details = [answer.json["detail"] for answer in answers]
    assert details == ["Exercise execution not found", "Version not found"]
    assert read(client, alice, live.id).json["version"] == 1


def test_a_restore_is_refused_for_another_tag_and_while_the_workout_is_finished(client, alice, live):
    path = live.of(live.bench, "restore", "1")
    remove(client, alice, live)

    other = client.post(path, headers={**alice.headers, "If-Match": '"1"'})
    client.patch(f"{live.path}/finish", headers=alice.headers)
    closed = client.post(path, headers=alice.headers)

    assert (other.status_code, other.headers["ETag"], closed.status_code) == (412, '"2"', 409)
    assert [one["exercise_name"] for one in read(client, alice, live.id).json["exercise_executions"]] == ["My Row"]


def test_an_exercise_that_was_deleted_since_comes_back_too_and_a_merged_one_as_the_other(
    client, alice, make_exercise, live
):
    remove(client, alice, live)
    client.delete(f"/v1/exercises/{live.bench}", headers=alice.headers)

    restored = client.post(live.of(live.bench, "restore", "1"), headers=alice.headers)

    assert (restored.status_code, len(restored.json["sets"])) == (200, 2)
    assert client.get(f"/v1/exercises/{live.bench}", headers=alice.headers).status_code == 200
    remove(client, alice, live)
    other = str(make_exercise(alice, "Other Bench").id)
    client.post(f"/v1/exercises/{live.bench}/merge", json={"into": other}, headers=alice.headers)
    merged = client.post(live.of(live.bench, "restore", "1"), headers=alice.headers)
    assert (merged.json["exercise_id"], len(merged.json["sets"])) == (other, 2)
