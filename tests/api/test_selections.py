"""Selections: one per planned workout, whatever comes at once, and every one is a version."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

FIELDS = {
    "isSelected": True,
    "currentPlanDay": "2026-03-02",
    "timeOfDay": "morning",
    "workoutLocation": "Track",
    "userNotes": "With Grace",
}
SNAKE = dict(
    zip(FIELDS, ("is_selected", "current_plan_day", "time_of_day", "workout_location", "user_notes"), strict=True)
)


@pytest.fixture
def planned(client, alice):
    body = {"title": "Long run", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
    return client.post("/v1/planned-workouts", json=body, headers=alice.headers).json["id"]


@pytest.fixture
def put(client, alice):
    def put(planned, **fields):
        return client.put(f"/api/selections/{planned}", json=fields, headers=alice.headers)

    return put


@pytest.fixture
def read(client, alice):
    def read(planned):
        return client.get(f"/v1/planned-workouts/{planned}?include_deleted=true", headers=alice.headers).json

    return read


@pytest.fixture
def history(client, alice):
    """Return the versions of a planned workout, oldest first."""

    def history(planned):
        return client.get(f"/v1/planned-workouts/{planned}/history", headers=alice.headers).json["items"][::-1]

    return history


def own_fields(planned):
    """Return the values of FIELDS that a planned workout, or a version of it, has as columns."""
    return {name: planned[column] for name, column in SNAKE.items()}


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("path", ["/api/selections", "/v1/selections", "/selections"])
def test_a_selection_is_made_and_read_with_the_planned_workout(client, alice, planned, read, method, path):
    answer = client.open(f"{path}/{planned}", method=method, json=FIELDS, headers=alice.headers)

    assert (answer.status_code, answer.json) == (200, {"workoutId": planned, **FIELDS})
    found = read(planned)
    assert (found["selection"], found["current_day"]) == (answer.json, "2026-03-02")
    assert own_fields(found) == FIELDS
    assert answer.headers["ETag"] == f'"{found["version"]}"' == '"2"'


@pytest.mark.parametrize("field", FIELDS)
def test_only_the_field_that_is_sent_changes_by_either_name(put, planned, field):
    others = {name: value for name, value in FIELDS.items() if name != field}
    put(planned, **others)

    by_snake = put(planned, **{SNAKE[field]: FIELDS[field]})
    assert by_snake.json == {"workoutId": planned, **FIELDS}

    other = "2026-03-09" if field == "currentPlanDay" else field == "isSelected" or "Elsewhere"
    assert put(planned, **{field: other}).json == {"workoutId": planned, **FIELDS, field: other}


def test_deselecting_clears_the_time_of_day_and_nothing_else(put, planned):
    put(planned, **FIELDS)

    deselected = put(planned, isSelected=False).json

    assert deselected == {"workoutId": planned, **FIELDS, "isSelected": False, "timeOfDay": None}
    assert put(planned, is_selected=False, timeOfDay="noon").json["timeOfDay"] is None
    assert put(planned, isSelected=True).json["timeOfDay"] is None


def test_null_clears_a_field(put, planned, read):
    put(planned, **FIELDS)

    put(planned, currentPlanDay=None, timeOfDay=None, workoutLocation=None, userNotes=None)

    assert own_fields(read(planned)) == {**dict.fromkeys(FIELDS), "isSelected": True}


def test_a_reset_takes_all_of_it_back_however_often(client, alice, put, planned, read):
    put(planned, **{**FIELDS, "isSelected": False})

    resets = [client.delete(f"/v1/selections/{planned}", headers=alice.headers).status_code for _ in range(2)]

    assert resets == [204, 204]
    found = read(planned)
    assert found["selection"] == {"workoutId": planned, **dict.fromkeys(FIELDS), "isSelected": True}
    assert (found["current_day"], found["version"]) == ("2026-03-01", 3)


@pytest.fixture
def at_once(app, alice):
    """Send bodies to one selection, each by a thread of its own, all at the same moment; return the statuses."""

    def at_once(planned, bodies):
        barrier = Barrier(len(bodies))

        def send(body):
            client = app.test_client()
            barrier.wait()
            return client.put(f"/v1/selections/{planned}", json=body, headers=alice.headers).status_code

        with ThreadPoolExecutor(len(bodies)) as threads:
            return list(threads.map(send, bodies))

    return at_once


def test_two_requests_at_once_that_each_send_one_field_end_with_both(client, alice, at_once, read, history):
    for number in range(20):
        body = {"title": f"Run {number}", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
        planned = client.post("/v1/planned-workouts", json=body, headers=alice.headers).json["id"]

        statuses = at_once(planned, [{"currentPlanDay": "2026-03-02"}, {"timeOfDay": "morning"}])

        assert statuses == [200, 200]
        both = {"isSelected": True, "currentPlanDay": "2026-03-02", "timeOfDay": "morning"}
        assert own_fields(read(planned)) == {**dict.fromkeys(FIELDS), **both}
        assert [len(version["changes"]) for version in history(planned)[1:]] == [1, 1]


def test_fifty_threads_on_one_selection_lose_no_field(at_once, planned, read):
    bodies = [dict([field]) for field in FIELDS.items()] * 10

    statuses = at_once(planned, bodies)

    assert statuses == [200] * 50
    assert own_fields(read(planned)) == FIELDS


def test_an_overwritten_note_is_in_the_history_and_can_be_restored(client, alice, put, planned, history):
    put(planned, userNotes="With Grace")
    put(planned, userNotes="Alone")
    put(planned, userNotes="Alone")

    versions = history(planned)
    assert [(one["version_number"], one["changed_by"], one["changes"]) for one in versions[1:]] == [
        (2, "alice", {"user_notes": [None, "With Grace"]}),
        (3, "alice", {"user_notes": ["With Grace", "Alone"]}),
    ]
    restored = client.post(f"/v1/planned-workouts/{planned}/restore/2", headers=alice.headers).json
    assert restored["selection"]["userNotes"] == "With Grace"


def test_another_users_and_a_deleted_plan_cannot_be_selected(client, alice, bob, planned, read):
    strangers = client.put(f"/api/selections/{planned}", json=FIELDS, headers=bob.headers)
    client.delete(f"/v1/planned-workouts/{planned}", headers=alice.headers)
    deleted = client.put(f"/api/selections/{planned}", json=FIELDS, headers=alice.headers)

    for answer in (strangers, deleted):
        assert (answer.status_code, answer.json) == (404, {"detail": "Planned workout not found"})
    assert (read(planned)["version"], read(planned)["user_notes"]) == (2, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"isSelected": None}, "isSelected"),
        ({"isSelected": "yes"}, "isSelected"),
        ({"currentPlanDay": "soon"}, "currentPlanDay"),
        ({"currentPlanDay": "2026-02-30"}, "currentPlanDay"),
        ({"currentPlanDay": "9999-01-01"}, "currentPlanDay"),
        ({"current_plan_day": 5}, "currentPlanDay"),
        ({"timeOfDay": ""}, "timeOfDay"),
        ({"timeOfDay": "x" * 51}, "timeOfDay"),
        ({"timeOfDay": ["morning"]}, "timeOfDay"),
        ({"workoutLocation": "a\0b"}, "workoutLocation"),
        ({"userNotes": "x" * 10_001}, "userNotes"),
        ({"userNotes": "a", "user_notes": "b"}, "user_notes"),
        ({"workoutId": 7, "timeOfDay": "noon"}, "workoutId"),
        ({"timeofday": "noon"}, "timeofday"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(put, planned, read, body, field):
    answer = put(planned, **body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert read(planned)["version"] == 1


def test_nothing_sent_is_nothing_to_change(client, alice, put, planned, read):
    assert put(planned).status_code == 422
    assert client.put(f"/v1/selections/{planned}", json=[], headers=alice.headers).status_code == 422
    assert client.put("/v1/selections/99999999999999999999999", json=FIELDS, headers=alice.headers).status_code == 404
    assert read(planned)["version"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/selections/{}", {"timeOfDay": "evening"}),
        ("PUT", "/v1/selections/{}", {"timeOfDay": "morning"}),
        ("DELETE", "/v1/selections/{}", None),
        ("PUT", "/v1/planned-workouts/{}/done", {"run_id": "the run"}),
        ("DELETE", "/v1/planned-workouts/{}/done", None),
    ],
    ids=["change", "the same", "reset", "done", "not done"],
)
def test_a_change_can_be_meant_for_one_version(client, alice, planned, put, read, make_run, method, path, body):
    if body and "run_id" in body:
        body = {"run_id": make_run(alice).id}
    put(planned, timeOfDay="morning")

    def change(tag):
        return client.open(path.format(planned), method=method, json=body, headers={**alice.headers, "If-Match": tag})

    late = change('"1"')
    assert (late.status_code, late.headers["ETag"]) == (412, '"2"')
    assert read(planned)["version"] == 2
    made = change('"2"')
    assert made.status_code in (200, 204)
    assert made.headers["ETag"] == f'"{read(planned)["version"]}"'
