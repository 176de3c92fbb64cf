"""Workouts sent, once whatever the retries."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.api.workouts.bodies import CARDIO, NO_SESSION, PUSH_UPS, SQUATS, strength


def counts(owner):
    """Return how many rows the tables of workouts hold."""
    return {
        table: owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("workouts", "workouts_history", "exercise_executions", "strength_sets", "exercises")
    }


# Sending


def test_a_workout_is_stored_with_its_sets_and_its_history(client, owner, alice, send):
    answer = send(alice, strength())

    workout = client.get(answer.headers["Location"], headers=alice.headers)
    assert (answer.status_code, answer.json["strength_set_count"], answer.headers["ETag"]) == (201, 2, '"1"')
    assert workout.json["id"] == answer.json["workout_id"]
    assert [execution["exercise_name"] for execution in workout.json["exercise_executions"]] == ["Squat"]
    sets = workout.json["exercise_executions"][0]["sets"]
    assert [(one["set_index"], one["weight"], one["weight_unit"], one["reps"]) for one in sets] == [
        (1, 225, "lb", 5),
        (2, 225, "lb", 5),
    ]
    versions = client.get(f"{answer.headers['Location']}/history", headers=alice.headers).json["items"]
    assert [version["change_type"] for version in versions] == ["original"]
    assert versions[0]["exercise_executions"] == workout.json["exercise_executions"]
    assert counts(owner) == {
        "workouts": 1,
        "workouts_history": 1,
        "exercise_executions": 1,
        "strength_sets": 2,
        "exercises": 1,
    }


def test_cardio_and_counted_repetitions_are_stored_as_they_came(client, alice, send):
    cardio = send(alice, {"workout_type": "CARDIO", "start_ts": "2026-02-16T13:00:00Z", "cardio_session": CARDIO})
    reps = {"workout_type": "REPS", "start_ts": "2026-02-16T13:00:00Z", "calories_burned": 12.5}
    reps = send(alice, {**reps, "rep_session": PUSH_UPS})

    ran = client.get(cardio.headers["Location"], headers=alice.headers).json
    counted = client.get(reps.headers["Location"], headers=alice.headers).json
    assert ran["cardio_session"] == {**NO_SESSION, **CARDIO}
    assert (counted["rep_session"], counted["calories_burned"]) == (PUSH_UPS, 12.5)
    assert (cardio.json["strength_set_count"], reps.json["strength_set_count"]) == (0, 0)


@pytest.mark.parametrize(
    ("times", "finished_at"),
    [
        ({"end_ts": "2026-02-16T16:00:00Z"}, "2026-02-16T16:00:00Z"),
        ({"finished_at": "2026-02-16T16:30:00Z", "end_ts": "2026-02-16T16:00:00Z"}, "2026-02-16T16:30:00Z"),
        ({"in_progress": True}, None),
        ({"finished_at": None}, None),
    ],
)
def test_a_sent_workout_is_finished_unless_it_says_that_it_is_in_progress(stored, alice, times, finished_at):
    assert stored(alice, **times)["finished_at"] == finished_at


def test_without_an_end_a_session_tells_when_it_was_over_and_else_it_is_over_now(client, alice, send, stored):
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-16T13:00:00Z", "cardio_session": CARDIO}

    ran = client.get(send(alice, cardio).headers["Location"], headers=alice.headers).json
    lifted = stored(alice)

    assert ran["finished_at"] == "2026-02-16T13:30:00Z"
    assert lifted["finished_at"] == lifted["created_at"]


def test_a_client_uuid_sent_again_answers_200_with_the_first_workout_and_stores_nothing(owner, alice, send):
    workout = strength(client_uuid=str(uuid4()))

    first = send(alice, workout)
    before = counts(owner)
    again = send(alice, {**workout, "start_ts": "2026-02-16T16:00:00+01:00", "title": " Leg day "})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {"workout_id": first.json["workout_id"], "strength_set_count": 0, "version": 1}
    assert counts(owner) == before


@pytest.mark.parametrize(
    "other", [{"title": "Arm day"}, {"strength_sets": SQUATS[:1]}, {"in_progress": True}, {"notes": "New"}]
)
def test_a_client_uuid_with_another_workout_is_a_conflict(owner, alice, send, other):
    workout = strength(client_uuid=str(uuid4()))
    send(alice, workout)
    before = counts(owner)

    answer = send(alice, {**workout, **other})

    assert (answer.status_code, answer.json) == (409, {"detail": "This client_uuid was used for another workout"})
    assert counts(owner) == before


def test_a_retry_after_an_edit_or_a_deletion_finds_the_workout_and_leaves_it_alone(client, alice, send):
    workout = strength(client_uuid=str(uuid4()))
    address = send(alice, workout).headers["Location"]
    client.patch(address, json={"title": "Changed"}, headers=alice.headers)

    edited = send(alice, workout)
    client.delete(address, headers=alice.headers)
    deleted = send(alice, workout)

    assert (edited.status_code, edited.json["version"], edited.headers["ETag"]) == (200, 2, '"2"')
    assert (deleted.status_code, deleted.json["version"]) == (200, 3)
    assert client.get(address, headers=alice.headers).status_code == 404


def test_the_same_client_uuid_of_two_people_is_two_workouts(alice, bob, send):
    workout = strength(client_uuid=str(uuid4()))

    assert [send(person, workout).status_code for person in (alice, bob)] == [201, 201]


def test_one_client_uuid_at_the_same_moment_is_one_workout(app, owner, alice):
    workout = strength(client_uuid=str(uuid4()))

    def post(_):
        return app.test_client().post("/v1/workouts", json=workout, headers=alice.headers)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(post, range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["workout_id"] for answer in answers}) == 1
    assert (counts(owner)["workouts"], counts(owner)["strength_sets"]) == (1, 2)


def test_a_workout_of_1000_sets_takes_as_many_statements_as_one_of_two(alice, send, statements):
    send(alice, strength())
    statements.clear()
    send(alice, strength())
    few = len(statements)
    statements.clear()

    answer = send(alice, strength(strength_sets=[{"exercise_name": "Squat", "reps": n} for n in range(1000)]))

    assert (answer.status_code, answer.json["strength_set_count"]) == (201, 1000)
    assert len(statements) == few


def test_sets_without_a_number_are_numbered_on_within_their_exercise(stored, alice):
    names = ["Squat", "Bench Press", "squat ", "Squat"]
    sets: list[dict[str, Any]] = [{"exercise_name": name} for name in names]
    sets[2]["set_index"] = 7

    workout = stored(alice, strength_sets=sets)

    assert [
        (execution["exercise_name"], [(one["set_index"], one["position"]) for one in execution["sets"]])
        for execution in workout["exercise_executions"]
    ] == [("Squat", [(1, 1), (7, 3), (8, 4)]), ("Bench Press", [(1, 2)])]


# Bad input


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"workout_type": "YOGA"}, "workout_type"),
        ({"strength_sets": [{"reps": 5}]}, "strength_sets"),
        ({"strength_sets": [{"exercise_name": "Squat", "exercise_id": str(uuid4())}]}, "strength_sets"),
        ({"strength_sets": [{"exercise_id": 7}]}, "strength_sets"),
        ({"strength_sets": [{"exercise_id": "rubbish"}]}, "strength_sets"),
        ({"strength_sets": [{"exercise_name": " "}]}, "strength_sets"),
        ({"strength_sets": [{"exercise_name": "x" * 300}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "reps": -1}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "reps": 2.5}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "weight": "heavy"}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "weight": 1e9}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "weight_unit": "stone"}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "set_type": "easy"}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "rpe": 11}]}, "strength_sets"),
        ({"strength_sets": [{**SQUATS[0], "tempo": 3}]}, "strength_sets"),
        ({"strength_sets": [SQUATS[0], SQUATS[0]]}, "set_index"),
        ({"strength_sets": [SQUATS[0], {**SQUATS[0], "exercise_name": " SQUAT"}]}, "set_index"),
        ({"strength_sets": [SQUATS[0]] * 1001}, "strength_sets"),
        ({"end_ts": "2026-02-16T14:59:59Z"}, "end_ts"),
        ({"start_ts": "2026-02-16T15:00:00"}, "start_ts"),
        ({"start_ts": "yesterday"}, "start_ts"),
        ({"cardio_session": CARDIO}, "cardio_session"),
        ({"rep_session": PUSH_UPS}, "rep_session"),
        ({"workout_type": "CARDIO"}, "strength_sets"),
        ({"workout_type": "CARDIO", "strength_sets": [], "cardio_session": {"distance_miles": -1}}, "cardio_session"),
        ({"workout_type": "REPS", "strength_sets": []}, "rep_session"),
        ({"workout_type": "REPS", "strength_sets": [], "rep_session": {"reps_count": 5}}, "rep_session"),
        (
            {"workout_type": "REPS", "strength_sets": [], "rep_session": {**PUSH_UPS, "exercise_type": "sit-up"}},
            "rep_session",
        ),
        ({"in_progress": True, "finished_at": "2026-02-16T16:00:00Z"}, "finished_at"),
        ({"calories_burned": -1}, "calories_burned"),
        ({"client_uuid": "7"}, "client_uuid"),
        ({"title": "a\0b"}, "title"),
        ({"source": "Hevy"}, "source"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_a_workout_that_makes_no_sense_is_refused_by_its_field_and_leaves_nothing(owner, alice, send, fields, field):
    answer = send(alice, strength(**fields))

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert set(counts(owner).values()) == {0}


def test_too_many_sets_are_refused_with_the_limit(alice, send):
    answer = send(alice, strength(strength_sets=[{"exercise_name": "Squat"}] * 10_000))

    assert answer.status_code == 422
    assert answer.json["errors"] == {"strength_sets": ["A workout can have at most 1000 sets"]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_weight_that_is_no_number_is_refused(client, owner, alice, number):
    body = json.dumps(strength(strength_sets=[{**SQUATS[0], "weight": "W"}])).replace('"W"', number)

    answer = client.post("/v1/workouts", data=body, content_type="application/json", headers=alice.headers)

    assert answer.status_code in {400, 422}
    assert set(counts(owner).values()) == {0}


def test_an_unknown_exercise_is_not_found_and_nothing_is_stored(owner, alice, bob, send, make_exercise):
    bobs = make_exercise(bob, "Bobs Lift")
    before = counts(owner)

    answers = [
        send(alice, strength(strength_sets=[SQUATS[0], {"exercise_id": str(exercise_id)}]))
        for exercise_id in (uuid4(), bobs.id)
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Exercise not found"})] * 2
    assert counts(owner) == before
