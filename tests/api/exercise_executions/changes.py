"""A workout in progress, and one change of each kind."""

from dataclasses import dataclass

import pytest

FULL_SET = {
    "set_type": "dropset",
    "weight": 62.5,
    "weight_unit": "kg",
    "reps": 8,
    "forced_reps": 2,
    "rpe": 8.5,
    "duration_seconds": 41.5,
    "distance_miles": 0.125,
    "superset_id": 3,
    "note": "Paused",
}


@dataclass(frozen=True)
class Live:
    """A workout in progress of bench press, row, bench press; the ids of its exercises and sets in that order."""

    id: str
    bench: str
    row: str
    sets: tuple[str, str, str]

    @property
    def path(self):
        return f"/v1/workouts/{self.id}"

    def of(self, exercise_id, *further):
        return "/".join((self.path, "exercise-executions", str(exercise_id), *further))


def open_workout(client, person, *sets):
    body = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": list(sets)}
    response = client.post("/v1/workouts", json=body, headers=person.headers)
    assert response.status_code == 201, response.json
    return response.json["workout_id"]


def live_of(client, person):
    workout_id = open_workout(
        client, person,
        {"exercise_name": "My Bench", "weight": 135, "reps": 10},
        {"exercise_name": "My Row", "weight": 95, "reps": 12},
        {"exercise_name": "My Bench", "weight": 185, "reps": 5, "note": "Heavy"},
    )  # fmt: skip
    bench, row = read(client, person, workout_id).json["exercise_executions"]
    first, last = bench["sets"]
    return Live(
        workout_id, bench["exercise_id"], row["exercise_id"], (first["id"], row["sets"][0]["id"], last["id"])
    )  # fmt: skip


def read(client, person, workout_id):
    return client.get(f"/v1/workouts/{workout_id}?include_deleted=true", headers=person.headers)


def history_of(client, person, workout_id):
    return client.get(f"/v1/workouts/{workout_id}/history?limit=500", headers=person.headers).json["items"]


def order_of(workout):
    """Return the names of a workout's exercises in the order of its sets."""
    sets = [
        (one["position"], execution["exercise_name"])
        for execution in workout["exercise_executions"]
        for one in execution["sets"]
    ]
    return [name for _, name in sorted(sets)]


def put(client, person, live, **headers):
    body = {"sets": [{"weight": 20, "reps": 15}]}
    return client.put(live.of(live.bench), json=body, headers=person.headers | headers)


def note(client, person, live, **headers):
    return client.patch(live.of(live.bench), json={"note": "Slowly"}, headers=person.headers | headers)


def remove(client, person, live, **headers):
    return client.delete(live.of(live.bench), headers=person.headers | headers)


def reorder(client, person, live, **headers):
    body = {"exercise_ids": [live.row, live.bench]}
    return client.patch(live.of("reorder"), json=body, headers=person.headers | headers)


def add(client, person, live, **headers):
    return client.post(live.of(live.bench, "sets"), json={"reps": 3}, headers=person.headers | headers)


def correct(client, person, live, **headers):
    path = live.of(live.bench, "sets", live.sets[0])
    return client.patch(path, json={"reps": 11}, headers=person.headers | headers)


def take_out(client, person, live, **headers):
    return client.delete(live.of(live.bench, "sets", live.sets[0]), headers=person.headers | headers)


CHANGES = [put, note, remove, reorder, add, correct, take_out]
TAKING_AWAY = {put, remove, take_out}
"""Those that make a version of their own, so that the one before has what is gone."""
each_change = pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
