"""A finished workout is corrected by one version, and stays finished."""

import pytest

START, END = "2026-01-05T17:00:00Z", "2026-01-05T17:50:00Z"


def add(client, person, **body):
    sent = {"start_ts": START, "finished_at": END, **body}
    workout_id = client.post("/v1/workouts", json=sent, headers=person.headers).json["workout_id"]
    return f"/v1/workouts/{workout_id}"


def read(client, person, path):
    return client.get(path, headers=person.headers).json


@pytest.fixture
def lift(client, alice):
    return add(client, alice, workout_type="STRENGTH", strength_sets=[{"exercise_name": "Squat", "reps": 5}])


def replace(client, person, path, *, query="?keep_finished=true", **headers):
    exercise = read(client, person, path)["exercise_executions"][0]["exercise_id"]
    body = {"sets": [{"reps": 6}], "change_reason": "Miscounted"}
    url = f"{path}/exercise-executions/{exercise}{query}"
    return client.put(url, json=body, headers={**person.headers, **headers})


def test_sets_are_replaced_by_one_version(client, alice, lift):
    answer = replace(client, alice, lift, **{"If-Match": '"1"'})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    workout = read(client, alice, lift)
    assert (workout["version"], workout["live_edits"], workout["finished_at"], workout["end_ts"]) == (2, 0, END, None)
    assert [one["reps"] for one in workout["exercise_executions"][0]["sets"]] == [6]
    newest, _ = client.get(f"{lift}/history", headers=alice.headers).json["items"]
    assert (list(newest["changes"]), newest["change_reason"]) == (["exercise_executions"], "Miscounted")


def test_a_session_is_corrected_by_one_version(client, alice):
    session = {"distance_miles": 10.0, "duration_seconds": 3600}
    ride = add(client, alice, workout_type="CARDIO", cardio_session=session)

    changes = {"cardio_session": {"ascent": 120.0}, "title": "Hills"}
    answer = client.patch(f"{ride}?keep_finished=true", json=changes, headers=alice.headers)

    assert (answer.status_code, answer.json["version"], answer.json["finished_at"]) == (200, 2, END)
    assert (answer.json["title"], answer.json["cardio_session"]["ascent"]) == ("Hills", 120.0)


def test_another_version_and_silence_are_refused(client, alice, lift):
    before = read(client, alice, lift)

    assert replace(client, alice, lift, **{"If-Match": '"2"'}).status_code == 412
    assert replace(client, alice, lift, query="").status_code == 409
    assert replace(client, alice, lift, query="?keep_finished=maybe").status_code == 422
    assert read(client, alice, lift) == before
