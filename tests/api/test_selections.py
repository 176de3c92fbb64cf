"""Selections: one row per planned workout, whatever comes at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
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
def rows(owner):
    """Return what the table holds of a planned workout."""

    def rows(planned):
        return owner.execute(
            """
            SELECT is_selected, current_plan_day::text, time_of_day, workout_location, user_notes
            FROM workout_selections
            WHERE workout_id = %s
            """,
            [planned],
        ).fetchall()

    return rows


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("path", ["/api/selections", "/v1/selections", "/selections"])
def test_a_selection_is_made_and_read_with_the_planned_workout(client, alice, planned, rows, method, path):
    answer = client.open(f"{path}/{planned}", method=method, json=FIELDS, headers=alice.headers)

    assert (answer.status_code, answer.json) == (200, {"workoutId": planned, **FIELDS})
    read = client.get(f"/v1/planned-workouts/{planned}", headers=alice.headers).json
    assert (read["selection"], read["current_day"]) == (answer.json, "2026-03-02")
    assert rows(planned) == [tuple(FIELDS.values())]


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


def test_null_clears_a_field(put, planned, rows):
    put(planned, **FIELDS)

    put(planned, currentPlanDay=None, timeOfDay=None, workoutLocation=None, userNotes=None)

    assert rows(planned) == [(True, None, None, None, None)]


def test_a_reset_takes_all_of_it_back_however_often(client, alice, put, planned, rows):
    put(planned, **{**FIELDS, "isSelected": False})

    resets = [client.delete(f"/v1/selections/{planned}", headers=alice.headers).status_code for _ in range(2)]

    assert resets == [204, 204]
    assert rows(planned) == []
    read = client.get(f"/v1/planned-workouts/{planned}", headers=alice.headers).json
    assert read["selection"] == {"workoutId": planned, **dict.fromkeys(FIELDS), "isSelected": True}
    assert read["current_day"] == "2026-03-01"


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


def test_two_requests_at_once_that_each_send_one_field_end_in_one_row_with_both(client, alice, at_once, rows):
    for number in range(20):
        body = {"title": f"Run {number}", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
        planned = client.post("/v1/planned-workouts", json=body, headers=alice.headers).json["id"]

        statuses = at_once(planned, [{"currentPlanDay": "2026-03-02"}, {"timeOfDay": "morning"}])

        assert statuses == [200, 200]
        assert rows(planned) == [(True, "2026-03-02", "morning", None, None)]


def test_fifty_threads_on_one_selection_make_one_row_and_lose_no_field(at_once, planned, rows):
    bodies = [dict([field]) for field in FIELDS.items()] * 10

    statuses = at_once(planned, bodies)

    assert statuses == [200] * 50
    assert rows(planned) == [tuple(FIELDS.values())]


def test_the_database_itself_refuses_a_second_row(owner, alice, put, planned):
    put(planned, timeOfDay="morning")

    with pytest.raises(psycopg.errors.UniqueViolation, match="uq_workout_selections_workout_id"):
        owner.execute("INSERT INTO workout_selections (user_id, workout_id) VALUES (%s, %s)", [alice.user_id, planned])


def test_another_users_and_a_deleted_plan_cannot_be_selected(client, alice, bob, planned, rows):
    strangers = client.put(f"/api/selections/{planned}", json=FIELDS, headers=bob.headers)
    client.delete(f"/v1/planned-workouts/{planned}", headers=alice.headers)
    deleted = client.put(f"/api/selections/{planned}", json=FIELDS, headers=alice.headers)

    for answer in (strangers, deleted):
        assert (answer.status_code, answer.json) == (404, {"detail": "Planned workout not found"})
    assert rows(planned) == []


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
def test_what_cannot_be_is_refused_by_its_field(put, planned, rows, body, field):
    answer = put(planned, **body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert rows(planned) == []


def test_nothing_sent_is_nothing_to_change(client, alice, put, planned, rows):
    assert put(planned).status_code == 422
    assert client.put(f"/v1/selections/{planned}", json=[], headers=alice.headers).status_code == 422
    assert client.put("/v1/selections/99999999999999999999999", json=FIELDS, headers=alice.headers).status_code == 404
    assert rows(planned) == []
