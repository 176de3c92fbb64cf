"""Exercises changed, deleted and restored."""

from uuid import UUID

import pytest

from tests.api.exercises.requests import add, delete, edit, find, history_of, names_of, read

# Changing


def test_a_patch_changes_only_what_is_sent_and_null_clears(client, alice, make_exercise):
    exercise = make_exercise(alice, body_part="Core", modality="BARBELL", notes="Old")

    renamed = edit(client, alice, exercise.id, name=" Zercher  Walk", change_reason="Better name")
    cleared = edit(client, alice, exercise.id, notes=None, modality=None)

    assert (renamed.status_code, renamed.headers["ETag"], cleared.headers["ETag"]) == (200, '"2"', '"3"')
    assert [renamed.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", "Core", "BARBELL", "Old",
    ]  # fmt: skip
    assert [cleared.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", "Core", None, None,
    ]  # fmt: skip
    assert cleared.json["last_edited_by"] == "alice"
    assert [version["change_reason"] for version in history_of(client, alice, exercise.id)] == [
        None, "Better name", None,
    ]  # fmt: skip


def test_a_put_replaces_all_and_clears_what_is_left_out(client, alice, make_exercise):
    exercise = make_exercise(alice, body_part="Core", modality="BARBELL", notes="Old")

    response = client.put(
        f"/v1/exercises/{exercise.id}", json={"name": "Zercher Walk", "modality": "DUMBBELL"}, headers=alice.headers
    )

    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert [response.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", None, "DUMBBELL", None,
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_exercise_cannot_take_the_name_of_another(client, alice, make_exercise, method):
    make_exercise(alice, "Zercher Carry")
    other = make_exercise(alice, "Other")

    response = client.open(
        f"/v1/exercises/{other.id}", method=method, json={"name": "zercher carry"}, headers=alice.headers
    )

    assert (response.status_code, response.json) == (409, {"detail": "An exercise with this name already exists"})
    assert read(client, alice, other.id).json["name"] == "Other"
    assert len(history_of(client, alice, other.id)) == 1


@pytest.mark.parametrize("field", ["id", "version", "is_system", "deleted_at", "changed_by"])
def test_a_protected_field_is_refused_by_name(client, alice, make_exercise, field):
    exercise = make_exercise(alice)

    response = edit(client, alice, exercise.id, **{field: "x"}, name="New name")

    assert (response.status_code, response.json["errors"]) == (422, {field: ["This field cannot be edited"]})
    assert read(client, alice, exercise.id).json["name"] == "Zercher Carry"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(("tag", "fits"), [('"1"', False), ('"2"', True), ("*", True), ('W/"2"', False)])
def test_a_change_for_another_version_is_refused_with_the_current_one(client, alice, make_exercise, method, tag, fits):
    exercise = make_exercise(alice)
    edit(client, alice, exercise.id, notes="2")

    response = client.open(
        f"/v1/exercises/{exercise.id}", method=method, json={"name": "3"}, headers={**alice.headers, "If-Match": tag}
    )

    assert (response.status_code < 300) == fits
    assert fits or (response.status_code, response.headers["ETag"]) == (412, '"2"')


def test_a_deleted_exercise_is_out_of_view_and_restoring_brings_it_back(client, alice, make_exercise):
    exercise = make_exercise(alice, notes="Old")
    edit(client, alice, exercise.id, notes="New")

    assert delete(client, alice, exercise.id).status_code == 204

    assert read(client, alice, exercise.id).json == {"detail": "Exercise not found"}
    assert edit(client, alice, exercise.id, notes="x").status_code == 404
    assert delete(client, alice, exercise.id).status_code == 404
    assert read(client, alice, exercise.id, include_deleted="true").json["version"] == 3
    assert history_of(client, alice, exercise.id)[0]["change_type"] == "deletion"

    restored = client.post(f"/v1/exercises/{exercise.id}/restore/1", headers=alice.headers)

    assert (restored.status_code, restored.headers["ETag"]) == (200, '"4"')
    assert (restored.json["deleted_at"], restored.json["notes"], restored.json["is_system"]) == (None, "Old", False)
    assert names_of(find(client, alice, source="own")) == ["Zercher Carry"]


def test_restoring_a_name_that_another_exercise_bears_now_is_a_conflict(client, alice, make_exercise):
    exercise = make_exercise(alice, "Zercher Carry")
    edit(client, alice, exercise.id, name="Old")
    make_exercise(alice, "zercher carry")

    response = client.post(f"/v1/exercises/{exercise.id}/restore/1", headers=alice.headers)

    assert response.status_code == 409
    assert read(client, alice, exercise.id).json["name"] == "Old"


def test_history_is_paged_and_each_version_read_by_its_number(client, alice, make_exercise):
    path = f"/v1/exercises/{make_exercise(alice).id}"
    for number in range(2, 6):
        client.patch(path, json={"notes": str(number)}, headers=alice.headers)

    first = client.get(f"{path}/history?limit=3", headers=alice.headers).json
    second = client.get(f"{path}/history", query_string={"cursor": first["next_cursor"]}, headers=alice.headers).json

    assert [version["version_number"] for version in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert client.get(f"{path}/history/4", headers=alice.headers).json == first["items"][1]
    assert client.get(f"{path}/history/6", headers=alice.headers).json == {"detail": "Version not found"}


def test_without_its_history_row_an_exercise_is_not_changed(client, alice, owner, make_exercise):
    exercise = make_exercise(alice)
    owner.execute("REVOKE INSERT ON exercises_history FROM fitness_app")

    answers = [
        edit(client, alice, exercise.id, name="New"),
        delete(client, alice, exercise.id),
        add(client, alice, "Another"),
    ]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert names_of(find(client, alice, source="own", include_deleted="true")) == ["Zercher Carry"]


@pytest.mark.parametrize("exercise_id", ["1", "x", "%00", "..", "5ad0e3f5-2a0c-5a8e-9d0e", "system/history"])
def test_an_id_that_cannot_be_is_not_found(client, alice, exercise_id):
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        response = client.open(f"/v1/exercises/{exercise_id}", method=method, json={"name": "x"}, headers=alice.headers)

        assert (response.status_code, list(response.json)) == (404, ["detail"])


def test_a_strangers_exercise_is_no_more_there_than_an_unknown_one(client, alice, bob, use, make_exercise):
    theirs = [str(make_exercise(alice).id), *use(alice, "Squat")]

    for exercise_id in (*theirs, str(UUID(int=7))):
        answers = [
            edit(client, bob, exercise_id, notes="Mine"),
            client.put(f"/v1/exercises/{exercise_id}", json={"name": "Mine"}, headers=bob.headers),
            delete(client, bob, exercise_id),
            client.get(f"/v1/exercises/{exercise_id}/history", headers=bob.headers),
            client.post(f"/v1/exercises/{exercise_id}/restore/1", headers=bob.headers),
        ]
        assert [(answer.status_code, answer.json) for answer in answers] == [
            (404, {"detail": "Exercise not found"})
        ] * 5
    assert [read(client, bob, exercise_id).status_code for exercise_id in theirs] == [404, 404]
    assert {item["version"] for item in find(client, alice, source="own")} == {1}
