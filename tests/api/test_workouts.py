"""Workouts: sent once whatever the retries, listed, corrected, finished, deleted, restored with all their parts."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

SQUATS = [
    {"exercise_name": "Squat", "set_index": 1, "weight": 225, "reps": 5},
    {"exercise_name": "Squat", "set_index": 2, "weight": 225, "reps": 5},
]
CARDIO = {"distance_miles": 3.1, "duration_seconds": 1800, "speed_mph": 6.2}
PUSH_UPS = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}


def strength(**fields):
    return {
        "workout_type": "STRENGTH",
        "title": "Leg day",
        "start_ts": "2026-02-16T15:00:00Z",
        "strength_sets": SQUATS,
        **fields,
    }


@pytest.fixture
def send(client):
    """Send a workout; return the answer."""

    def send(person, workout):
        return client.post("/v1/workouts", json=workout, headers=person.headers)

    return send


@pytest.fixture
def stored(client, send):
    """Store a workout, and return it as it is read."""

    def stored(person, **fields):
        answer = send(person, strength(**fields))
        assert answer.status_code == 201, answer.json
        return client.get(answer.headers["Location"], headers=person.headers).json

    return stored


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
    assert ran["cardio_session"] == {**CARDIO, "incline_percent": None, "avg_heart_rate": None}
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
    assert answer.json["errors"] == {"strength_sets": ["A workout has at most 1000 sets"]}


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


# Reading and listing


@pytest.fixture
def five(stored, client, alice, send):
    """Five workouts of five days, oldest first; the last one is in progress."""
    ids = [
        stored(alice, title="Legs", start_ts="2026-02-01T23:30:00Z")["id"],
        stored(alice, title="Push_day", start_ts="2026-02-02T12:00:00Z", strength_sets=[{"exercise_name": "Dip"}])[
            "id"
        ],
    ]
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-03T12:00:00Z", "notes": "100% easy"}
    ids.append(send(alice, {**cardio, "cardio_session": CARDIO}).json["workout_id"])
    reps = {"workout_type": "REPS", "start_ts": "2026-02-04T12:00:00Z", "rep_session": PUSH_UPS}
    ids.append(send(alice, reps).json["workout_id"])
    ids.append(stored(alice, title=None, start_ts="2026-02-05T12:00:00Z", strength_sets=[], in_progress=True)["id"])
    return ids


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("sort_order=asc", [0, 1, 2, 3, 4]),
        ("start=2026-02-02&end=2026-02-03", [2, 1]),
        ("start=2026-02-02&end=2026-02-03&time_zone=Pacific/Kiritimati", [1, 0]),
        ("end=2026-02-01", [0]),
        ("workout_type=STRENGTH", [4, 1, 0]),
        ("finished=false", [4]),
        ("finished=true&workout_type=REPS", [3]),
        ("text=DIP", [1]),
        ("text=squ", [0]),
        ("text=push_", [1]),
        ("text=0%25", [2]),
        ("text=nowhere", []),
        ("source=Hevy", []),
        ("only_deleted=true", []),
    ],
)
def test_a_list_holds_what_the_filters_ask_for(client, alice, five, query, expected):
    answer = client.get(f"/v1/workouts?{query}", headers=alice.headers)

    assert [five.index(workout["id"]) for workout in answer.json["items"]] == expected


def test_a_list_can_ask_for_an_exercise(client, alice, five):
    squat = client.get(f"/v1/workouts/{five[0]}", headers=alice.headers).json["exercise_executions"][0]["exercise_id"]

    answer = client.get(f"/v1/workouts?exercise_id={squat}", headers=alice.headers)

    assert [workout["id"] for workout in answer.json["items"]] == [five[0]]


@pytest.mark.parametrize("sort_order", ["asc", "desc"])
def test_pages_walk_the_whole_list_once_even_among_equal_starts(client, alice, stored, sort_order):
    made = {stored(alice)["id"] for _ in range(5)} | {stored(alice, start_ts="2026-02-17T15:00:00Z")["id"]}

    seen, cursor = [], None
    while cursor is not None or not seen:
        query = {"limit": 2, "sort_order": sort_order, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/workouts", query_string=query, headers=alice.headers).json
        seen += [workout["id"] for workout in page["items"]]
        cursor = page["next_cursor"]

    assert (len(seen), set(seen)) == (6, made)


def test_a_list_is_read_in_one_statement_and_shows_what_reading_one_shows(client, alice, five, statements):
    statements.clear()
    listed = client.get("/v1/workouts", headers=alice.headers).json["items"]
    asked = len(statements)

    ones = [client.get(f"/v1/workouts/{workout['id']}", headers=alice.headers).json for workout in listed]

    assert listed == ones
    assert asked == 2  # who is asking, and the list


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
    assert reopened.json["cardio_session"] == {
        **CARDIO,
        "distance_miles": 3.2,
        "incline_percent": None,
        "avg_heart_rate": None,
    }
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
