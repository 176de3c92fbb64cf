"""What changed from one version of a record to another, and who set each field."""

import pytest

from fitness.db.runs import MEASURED
from tests.api.test_changesets import load

SQUAT = {"exercise_name": "Squat", "weight": 225, "reps": 5}


def history(client, person, path):
    return client.get(f"/v1/{path}/history", headers=person.headers).json["items"]


def diff(client, person, path, **query):
    return client.get(f"/v1/{path}/diff", query_string=query, headers=person.headers)


def blame(client, person, path):
    response = client.get(f"/v1/{path}/blame", headers=person.headers)
    assert response.status_code == 200, response.json
    return response.json


def origins(blamed):
    return {name: (one["value"], one["version"]) for name, one in blamed["fields"].items()}


@pytest.fixture
def run(client, alice, make_run, make_shoe):
    """A run of three versions: distance and shoe, deleted, restored to version 1."""
    make_shoe(alice, "Ghost")
    run = make_run(alice, id="manual_1", distance=1.0, notes="Windy")
    path = f"/v1/runs/{run.id}"
    client.patch(path, json={"distance": 2, "shoe_id": "ghost", "change_reason": "GPS"}, headers=alice.headers)
    client.delete(path, headers=alice.headers)
    client.post(f"{path}/restore/1", headers=alice.headers)
    return "runs/manual_1"


def test_each_version_says_what_changed_in_it(client, alice, run):
    restored, deleted, edited, original = history(client, alice, run)

    assert edited["changes"] == {"distance": [1.0, 2.0], "shoe_id": [None, "ghost"]}
    assert deleted["changes"] == {"deleted_at": [None, deleted["changed_at"]]}
    assert restored["changes"] == {
        "distance": [2.0, 1.0], "shoe_id": ["ghost", None], "deleted_at": [deleted["changed_at"], None],
    }  # fmt: skip
    assert original["changes"] == {
        "datetime_utc": [None, "2025-11-02T12:05:31Z"],
        "type": [None, "Outdoor Run"],
        "distance": [None, 1.0],
        "duration": [None, 2400.0],
        "source": [None, "Manual"],
        "notes": [None, "Windy"],
    }


def test_a_version_says_the_same_alone_as_in_pages(client, alice, run):
    whole = history(client, alice, run)
    pages, cursor = [], {}
    while True:
        page = client.get(f"/v1/{run}/history", query_string={"limit": 1, **cursor}, headers=alice.headers).json
        pages += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    alone = [client.get(f"/v1/{run}/history/{number}", headers=alice.headers).json for number in (4, 3, 2, 1)]

    assert whole == pages == alone


def test_any_two_versions_are_compared_in_either_direction(client, alice, run):
    forth, back = diff(client, alice, run, **{"from": 1, "to": 3}), diff(client, alice, run, **{"from": 3, "to": 1})

    deleted_at = history(client, alice, run)[1]["changed_at"]
    assert forth.json == {
        "from": 1,
        "to": 3,
        "changes": {"distance": [1.0, 2.0], "shoe_id": [None, "ghost"], "deleted_at": [None, deleted_at]},
    }
    assert back.json["changes"] == {name: pair[::-1] for name, pair in forth.json["changes"].items()}
    assert diff(client, alice, run, **{"from": 1, "to": 4}).json["changes"] == {}


def test_the_newest_version_is_compared_with_the_one_before(client, alice, run, make_run):
    other = make_run(alice).id

    assert diff(client, alice, run).json == {"from": 3, "to": 4, "changes": history(client, alice, run)[0]["changes"]}
    assert diff(client, alice, run, to=2).json["from"] == 1
    assert diff(client, alice, f"runs/{other}").json["from"] == 0


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"to": 9}, 404, {"detail": "Version 8 not found"}),
        ({"from": 9}, 404, {"detail": "Version 9 not found"}),
        ({"from": 1, "to": 5}, 404, {"detail": "Version 5 not found"}),
        ({"from": -1}, 422, None),
        ({"to": "new"}, 422, None),
        ({"from": 99999999999999999999}, 422, None),
    ],
)
def test_versions_that_are_not_there_are_named(client, alice, run, query, status, said):
    response = diff(client, alice, run, **query)

    assert response.status_code == status
    assert said in (None, response.json)


def test_a_record_that_is_not_there_has_no_difference_and_no_blame(client, alice):
    answers = [client.get(f"/v1/runs/none/{what}", headers=alice.headers) for what in ("diff", "blame")]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Run not found"})] * 2


@pytest.fixture
def workout(client, alice):
    """A workout in progress with two sets of squats."""
    sent = {"workout_type": "STRENGTH", "title": "Legs", "in_progress": True, "strength_sets": [SQUAT, SQUAT]}
    workout_id = client.post("/v1/workouts", json=sent, headers=alice.headers).json["workout_id"]
    return client.get(f"/v1/workouts/{workout_id}", headers=alice.headers).json


def test_a_workouts_changes_name_its_exercises_and_sets(client, alice, workout):
    path = f"workouts/{workout['id']}"
    (squat,) = workout["exercise_executions"]
    sets = f"/v1/{path}/exercise-executions/{squat['exercise_id']}/sets"
    first, second = squat["sets"]
    changed = {"reps": 6, "change_reason": "Miscounted"}
    client.patch(f"{sets}/{second['id']}", json=changed, headers=alice.headers)

    (change,) = history(client, alice, path)[0]["changes"]["exercise_executions"]

    assert change == {
        "exercise_id": squat["exercise_id"],
        "exercise_name": "Squat",
        "what": "changed",
        "changes": {},
        "sets": [{"what": "changed", "before": second, "after": {**second, "reps": 6}}],
    }
    (created,) = history(client, alice, path)[-1]["changes"]["exercise_executions"]
    assert [one["what"] for one in (created, *created["sets"])] == ["added"] * 3
    assert [one["after"] for one in created["sets"]] == [first, second]


def test_the_session_of_a_workout_is_one_field(client, alice):
    sent = {"workout_type": "CARDIO", "in_progress": True, "cardio_session": {"distance_miles": 3}}
    workout_id = client.post("/v1/workouts", json=sent, headers=alice.headers).json["workout_id"]
    path = f"workouts/{workout_id}"
    client.patch(f"/v1/{path}", json={"cardio_session": {"distance_miles": 4}}, headers=alice.headers)

    before, after = history(client, alice, path)[0]["changes"]["cardio_session"]

    assert (before["distance_miles"], after["distance_miles"]) == (3.0, 4.0)


def test_blame_names_the_version_that_set_each_field(client, alice, run):
    client.patch(f"/v1/{run}", json={"notes": "Calm", "change_reason": "Wrong day"}, headers=alice.headers)

    blamed = blame(client, alice, run)

    assert blamed["version"] == 5
    assert origins(blamed) == {
        "datetime_utc": ("2025-11-02T12:05:31Z", 1),
        "type": ("Outdoor Run", 1),
        "distance": (1.0, 4),
        "duration": (2400.0, 1),
        "source": ("Manual", 1),
        "avg_heart_rate": (None, 1),
        "shoe_id": (None, 4),
        "name": (None, 1),
        "notes": ("Calm", 5),
        "duplicate_of": (None, 1),
        **dict.fromkeys(MEASURED, (None, 1)),
    }
    notes = blamed["fields"]["notes"]
    assert (notes["changed_by"], notes["provider"], notes["change_reason"]) == ("alice", None, "Wrong day")
    assert notes["changed_at"] == history(client, alice, run)[0]["changed_at"]
    assert blamed["fields"]["distance"]["change_reason"] == "Restored to version 1"


def test_blame_names_the_provider_of_an_import(client, alice):
    changeset_id = load(client, alice, _1=None)
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)

    fields = blame(client, alice, "runs/mmf_1")["fields"]

    assert (fields["duration"]["provider"], fields["duration"]["changeset_id"]) == ("MapMyFitness", changeset_id)
    assert (fields["distance"]["provider"], fields["distance"]["changeset_id"]) == (None, None)


def test_blame_of_a_deleted_record_names_its_deletion(client, alice, make_run):
    run = make_run(alice)
    client.patch(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    deletion = history(client, alice, f"runs/{run.id}")[0]
    fields = blame(client, alice, f"runs/{run.id}")["fields"]

    assert (fields["deleted_at"]["value"], fields["deleted_at"]["version"]) == (deletion["changed_at"], 3)
    assert fields["distance"]["version"] == 2


def test_blame_of_a_workout_goes_down_to_the_fields_of_its_sets(client, alice, workout):
    path = f"workouts/{workout['id']}"
    (squat,) = workout["exercise_executions"]
    execution = f"/v1/{path}/exercise-executions/{squat['exercise_id']}"
    changed = {"reps": 6, "change_reason": "Miscounted"}
    client.patch(f"{execution}/sets/{squat['sets'][1]['id']}", json=changed, headers=alice.headers)
    client.patch(execution, json={"note": "Deep", "change_reason": "Forgot"}, headers=alice.headers)
    client.post(f"{execution}/sets", json={"weight": 235, "reps": 3}, headers=alice.headers)

    blamed = blame(client, alice, path)

    (executed,) = blamed["exercise_executions"]
    assert origins(executed) == {"note": ("Deep", 3), "execution_order": (1, 1)}
    assert [(origins(one)["weight"], origins(one)["reps"]) for one in executed["sets"]] == [
        ((225.0, 1), (5, 1)),
        ((225.0, 1), (6, 2)),
        ((235.0, 4), (3, 4)),
    ]
    assert [one["set_index"] for one in executed["sets"]] == [1, 2, 3]
    assert "exercise_executions" not in blamed["fields"]
    assert blamed["fields"]["title"]["value"] == "Legs"


def test_blame_takes_two_statements_however_many_versions(client, alice, make_run, statements):
    run = make_run(alice)
    for distance in range(1, 30):
        client.patch(f"/v1/runs/{run.id}", json={"distance": distance}, headers=alice.headers)

    statements.clear()
    blame(client, alice, f"runs/{run.id}")

    assert len(statements) <= 3  # the first one checks the session
