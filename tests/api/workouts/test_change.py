"""Workouts corrected, finished, deleted and restored."""

import psycopg
import pytest

from tests.api.workouts.bodies import CARDIO, NO_SESSION, PUSH_UPS

# Editing, finishing, deleting


def test_an_edit_changes_only_the_fields_sent_and_keeps_the_version_before(client, alice, stored):
    workout = stored(alice, notes="Fine")
    address = f"/v1/workouts/{workout['id']}"

    edited = client.patch(
        address, json={"title": "Squat day", "notes": None, "change_reason": "Typo"}, headers=alice.headers
    )

    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"')
    changed = {"title", "notes", "version", "last_edited_at", "last_edited_by", "updated_at"}
    assert {field for field in workout if workout[field] != edited.json[field]} == changed
    newest, original = client.get(f"{address}/history", headers=alice.headers).json["items"]
    assert (newest["change_reason"], newest["changed_by"], newest["title"]) == ("Typo", "alice", "Squat day")
    assert (original["title"], original["notes"]) == ("Leg day", "Fine")
    assert newest["exercise_executions"] == original["exercise_executions"] == workout["exercise_executions"]


def test_a_session_is_corrected_field_by_field_once_the_workout_is_open(client, alice, send):
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-16T13:00:00Z", "cardio_session": CARDIO}
    address = send(alice, cardio).headers["Location"]

    refused = client.patch(address, json={"cardio_session": {"distance_miles": 3.2}}, headers=alice.headers)
    reopened = client.patch(
        address, json={"finished_at": None, "cardio_session": {"distance_miles": 3.2}}, headers=alice.headers
    )
    taken_away = client.patch(address, json={"cardio_session": None}, headers=alice.headers)

    assert refused.status_code == 409
    assert "finished" in refused.json["detail"]
    assert reopened.json["cardio_session"] == {**NO_SESSION, **CARDIO, "distance_miles": 3.2}
    assert taken_away.json["cardio_session"] is None


def test_a_session_of_another_type_is_refused(client, alice, stored):
    workout = stored(alice, in_progress=True)

    answer = client.patch(f"/v1/workouts/{workout['id']}", json={"rep_session": PUSH_UPS}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["rep_session"])


def test_a_rep_session_of_a_workout_that_has_none_must_be_whole(client, alice, send):
    workout = {"workout_type": "REPS", "start_ts": "2026-02-16T13:00:00Z", "in_progress": True}
    address = send(alice, workout).headers["Location"]

    partly = client.patch(address, json={"rep_session": {"reps_count": 5}}, headers=alice.headers)
    whole = client.patch(address, json={"rep_session": PUSH_UPS}, headers=alice.headers)
    more = client.patch(address, json={"rep_session": {"reps_count": 30}}, headers=alice.headers)

    assert (partly.status_code, list(partly.json["errors"])) == (422, ["rep_session"])
    assert whole.json["rep_session"] == PUSH_UPS
    assert more.json["rep_session"] == {**PUSH_UPS, "reps_count": 30}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end_ts": "2026-02-16T14:00:00Z"}, "end_ts"),
        ({"start_ts": "2026-02-16T17:00:00Z", "end_ts": "2026-02-16T16:00:00Z"}, "end_ts"),
        ({"start_ts": None}, "start_ts"),
        ({"workout_type": "CARDIO"}, "workout_type"),
        ({"strength_sets": []}, "strength_sets"),
        ({"source": "Hevy"}, "source"),
        ({"version": 7}, "version"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_by_its_field(client, alice, stored, changes, field):
    workout = stored(alice)

    answer = client.patch(f"/v1/workouts/{workout['id']}", json=changes, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert client.get(f"/v1/workouts/{workout['id']}", headers=alice.headers).json == workout


def test_finishing_ends_a_workout_once_and_is_a_version(client, alice, stored):
    workout = stored(alice, in_progress=True)
    address = f"/v1/workouts/{workout['id']}"

    finished = client.patch(
        f"{address}/finish", json={"finished_at": "2026-02-16T16:00:00Z"}, headers=alice.headers
    ).json
    again = client.patch(f"{address}/finish", headers=alice.headers).json

    assert (finished["finished_at"], finished["end_ts"]) == ("2026-02-16T16:00:00Z", "2026-02-16T16:00:00Z")
    assert (finished["version"], again) == (2, finished)


def test_a_deleted_workout_is_gone_from_lists_and_a_restore_brings_it_back(client, alice, stored):
    workout = stored(alice)
    address = f"/v1/workouts/{workout['id']}"

    deleted = client.delete(address, headers=alice.headers)
    listed = client.get("/v1/workouts", headers=alice.headers).json["items"]
    among_deleted = client.get("/v1/workouts?only_deleted=true", headers=alice.headers).json["items"]
    restored = client.post(f"{address}/restore/1", headers=alice.headers)

    assert (deleted.status_code, listed, [one["id"] for one in among_deleted]) == (204, [], [workout["id"]])
    assert (restored.status_code, restored.json["version"], restored.json["deleted_at"]) == (200, 3, None)
    assert client.get(address, headers=alice.headers).json["exercise_executions"] == workout["exercise_executions"]


# Restoring


def test_restoring_a_version_brings_its_parts_back_with_their_ids(client, alice, stored):
    workout = stored(alice, in_progress=True)
    address = f"/v1/workouts/{workout['id']}"
    squat = workout["exercise_executions"][0]["exercise_id"]
    client.delete(f"{address}/exercise-executions/{squat}", headers=alice.headers)

    restored = client.post(f"{address}/restore/1", headers=alice.headers).json

    assert restored["exercise_executions"] == workout["exercise_executions"]
    newest = client.get(f"{address}/history/3", headers=alice.headers).json
    assert (newest["change_reason"], newest["changed_by"]) == ("Restored to version 1", "alice")
    assert newest["exercise_executions"] == workout["exercise_executions"]


def test_restoring_brings_back_sessions_too(client, alice, send):
    reps = {"workout_type": "REPS", "start_ts": "2026-02-16T13:00:00Z", "rep_session": PUSH_UPS}
    address = send(alice, reps).headers["Location"]
    changes = {"finished_at": None, "rep_session": {"reps_count": 99}}
    client.patch(address, json=changes, headers=alice.headers)

    restored = client.post(f"{address}/restore/1", headers=alice.headers).json

    assert (restored["rep_session"], restored["finished_at"]) == (PUSH_UPS, "2026-02-16T13:03:00Z")


def test_a_version_that_names_an_exercise_deleted_since_can_be_restored(client, alice, stored):
    workout = stored(alice, in_progress=True)
    address = f"/v1/workouts/{workout['id']}"
    squat = workout["exercise_executions"][0]["exercise_id"]
    client.delete(f"{address}/exercise-executions/{squat}", headers=alice.headers)
    assert client.delete(f"/v1/exercises/{squat}", headers=alice.headers).status_code == 204

    restored = client.post(f"{address}/restore/1", headers=alice.headers)

    assert restored.status_code == 200
    assert [execution["exercise_name"] for execution in restored.json["exercise_executions"]] == ["Squat"]


def test_if_match_with_another_tag_refuses_every_change_of_a_workout(client, alice, stored):
    workout = stored(alice, in_progress=True)
    address = f"/v1/workouts/{workout['id']}"
    headers = {**alice.headers, "If-Match": '"9"'}

    answers = [
        client.patch(address, json={"title": "Mine"}, headers=headers),
        client.patch(f"{address}/finish", headers=headers),
        client.post(f"{address}/restore/1", headers=headers),
        client.delete(address, headers=headers),
    ]

    assert [(answer.status_code, answer.headers.get("ETag")) for answer in answers] == [(412, '"1"')] * 4
    assert client.get(address, headers=alice.headers).json == workout


# What the database itself guarantees


def test_a_workout_cannot_hold_another_users_exercise(owner, alice, bob, stored, make_exercise):
    workout = stored(alice)
    bobs = make_exercise(bob, "Bobs Lift")

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute(
            """
            INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order)
            VALUES (%s, %s, %s, 9)
            """,
            [alice.user_id, workout["id"], bobs.id],
        )
