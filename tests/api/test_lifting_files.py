"""Files of lifting apps, Runkeeper, Polar and Google Fit at POST /imports: what they leave open is asked."""

import io

import pytest

from tests.samples import ACTIVITIES

STRONG = "strong/strong_ios_comma.csv"
ZONE = {"timezone": "America/Chicago"}


def send(client, person, name, **form):
    data = {"file": (io.BytesIO((ACTIVITIES / name).read_bytes()), "export"), **form}
    answer = client.post("/v1/imports", data=data, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize(
    ("name", "source", "path"),
    [
        ("strong/strong_android_semicolon.csv", "Strong", "/workouts"),
        ("strong/strong_units_per_row.csv", "Strong", "/workouts"),
        ("fitnotes/fitnotes_android.csv", "FitNotes", "/workouts"),
        ("fitbod/fitbod.csv", "Fitbod", "/workouts"),
        ("stronglifts/stronglifts.csv", "StrongLifts", "/workouts"),
        ("runkeeper/cardioActivities.csv", "Runkeeper", "/runs"),
        ("polar/session.json", "Polar", "/runs"),
        ("google_fit/running.json", "Google Fit", "/runs"),
    ],
)
def test_each_file_is_stored_and_changes_nothing_the_second_time(client, alice, name, source, path):
    report = send(client, alice, name, **ZONE)
    again = send(client, alice, name, **ZONE)

    items = client.get(f"/v1{path}", query_string={"source": source}, headers=alice.headers).json["items"]
    assert (len(items), report["files"][0]["source"], report["problems"]) == (1, source, [])
    assert (again["changeset_id"], again["unchanged"]) == (None, report["created"])


def test_the_unit_of_weights_is_asked_with_rows_both_ways_and_nothing_stored(client, alice, owner):
    report = send(client, alice, STRONG, **ZONE)

    (question,) = report["questions"]
    assert (question["field"], question["choices"]) == ("weight_unit", ["kg", "lb"])
    assert question["examples"][2] == "Squat (Barbell): 225 kg or 225 lb"
    assert (report["found"], report["changeset_id"]) == (0, None)
    assert owner.execute("SELECT count(*) FROM workouts").fetchone() == (0,)


def test_all_that_is_open_is_asked_at_once(client, alice):
    report = send(client, alice, STRONG)

    assert [question["field"] for question in report["questions"]] == ["weight_unit", "timezone"]


def test_with_the_answers_the_workouts_are_stored_in_the_unit_that_was_named(client, alice):
    report = send(client, alice, STRONG, weight_unit="lb", **ZONE)

    assert (report["created"], report["questions"]) == (2, [])
    push, legs = client.get("/v1/workouts", headers=alice.headers).json["items"]
    workout = client.get(f"/v1/workouts/{legs['id']}", headers=alice.headers).json
    (execution,) = workout["exercise_executions"]
    assert [(one["weight"], one["weight_unit"], one["reps"]) for one in execution["sets"]] == [(225, "lb", 5)]
    assert (push["title"], push["start_ts"]) == ("Push, heavy", "2025-10-29T22:31:48Z")


def test_another_unit_is_refused(client, alice):
    data = {"file": (io.BytesIO(b"a"), "a"), "weight_unit": "stone"}

    refused = client.post("/v1/imports", data=data, headers=alice.headers)

    assert (refused.status_code, list(refused.json["errors"])) == (422, ["weight_unit"])


def test_an_import_of_workouts_can_be_reverted(client, alice):
    report = send(client, alice, STRONG, weight_unit="kg", **ZONE)

    client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers)

    assert client.get("/v1/workouts", headers=alice.headers).json["items"] == []
