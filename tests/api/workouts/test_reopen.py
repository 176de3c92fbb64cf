"""A workout that is reopened and finished again ends when it ended."""

import io

START, END = "2026-01-05T17:00:00Z", "2026-01-05T17:50:00Z"


def reopen_and_finish(client, person, workout_id, **body):
    path = f"/v1/workouts/{workout_id}"
    assert client.patch(path, json={"finished_at": None}, headers=person.headers).status_code == 200
    return client.patch(f"{path}/finish", json=body, headers=person.headers).json


def seconds(client, person):
    return client.get("/v1/users/me/stats", headers=person.headers).json["totals"]["duration_seconds"]


def add(client, person, **body):
    sent = {"workout_type": "STRENGTH", "start_ts": START, **body}
    return client.post("/v1/workouts", json=sent, headers=person.headers).json["workout_id"]


def test_what_was_known_of_the_end_stays(client, alice):
    workout_id = add(client, alice, finished_at=END)
    assert seconds(client, alice) == 3000

    finished = reopen_and_finish(client, alice, workout_id)

    assert (finished["end_ts"], finished["finished_at"], seconds(client, alice)) == (None, END, 3000)


def test_an_end_that_is_given_counts(client, alice):
    workout_id = add(client, alice, finished_at=END)

    finished = reopen_and_finish(client, alice, workout_id, finished_at="2026-01-05T18:00:00Z")

    assert (finished["finished_at"], seconds(client, alice)) == ("2026-01-05T18:00:00Z", 3600)


def test_a_workout_of_a_file_without_an_end_gets_none(client, alice):
    text = (
        "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,"
        'weight_kg,reps,distance_km,duration_seconds,rpe\nPush,"5 Jan 2026, 17:00",,,Squat,,,0,normal,80,5,,,\n'
    )
    form = {"file": (io.BytesIO(text.encode()), "workouts.csv"), "timezone": "UTC"}
    assert client.post("/v1/hevy/upload-csv", data=form, headers=alice.headers).json["created"] == 1
    (workout,) = client.get("/v1/workouts", headers=alice.headers).json["items"]

    finished = reopen_and_finish(client, alice, workout["id"])

    assert (finished["end_ts"], finished["finished_at"], seconds(client, alice)) == (None, START, 0)


def test_a_workout_sent_later_without_an_end_has_no_duration(client, alice):
    add(client, alice)

    assert seconds(client, alice) == 0
