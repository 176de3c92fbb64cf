"""What was not found is said: the record, or the version of one that is there."""

from uuid import uuid4

import pytest

UNKNOWN = {
    "runs": "Run",
    "shoes": "Shoe",
    "workouts": "Workout",
    "exercises": "Exercise",
    "planned-workouts": "Planned workout",
}


@pytest.mark.parametrize("noun", UNKNOWN)
@pytest.mark.parametrize(
    ("method", "of"), [("GET", "/history/1"), ("POST", "/restore/1"), ("GET", "/diff?from=1"), ("GET", "/history")]
)
def test_a_record_that_is_unknown_is_named_and_not_its_version(client, alice, noun, method, of):
    unknown = {"planned-workouts": "12345", "runs": "manual_1", "shoes": "none"}.get(noun, str(uuid4()))

    answer = client.open(f"/v1/{noun}/{unknown}{of}", method=method, headers=alice.headers)

    assert (answer.status_code, answer.json) == (404, {"detail": f"{UNKNOWN[noun]} not found"})


def test_a_workout_that_is_unknown_is_named_when_an_exercise_of_it_is_restored(client, alice):
    path = f"/v1/workouts/{uuid4()}/exercise-executions/{uuid4()}/restore/1"

    assert client.post(path, headers=alice.headers).json == {"detail": "Workout not found"}
