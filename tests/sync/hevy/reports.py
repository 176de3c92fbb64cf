"""What tests of Hevy's sync send, read and change."""

COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "deleted_here", "skipped", "failed")
PUSH = "0f6c1a52-2e4b-4d1c-9b7e-6a1f0c9d2b11"
LATER = "2030-01-01T00:00:00.000Z"


def store_key(client, person):
    return client.put(
        "/v1/oauth/hevy/key", json={"key": "00000000-0000-4000-8000-00000000a001"}, headers=person.headers
    )


def sync(client, person, query=""):
    return client.post(f"/v1/hevy/sync{query}", headers=person.headers)


def listed(client, person, query=""):
    return client.get(f"/v1/workouts?limit=500{query}", headers=person.headers).json["items"]


def read(client, person, external_id, query="&include_deleted=true"):
    return next(workout for workout in listed(client, person, query) if workout["external_id"] == external_id)


def status(client, person):
    return client.get("/v1/oauth/hevy/status", headers=person.headers).json


def own_exercises(client, person):
    items = client.get("/v1/exercises/my-exercises?limit=500", headers=person.headers).json["items"]
    return {exercise["name"]: (exercise["body_part"], exercise["modality"]) for exercise in items}


def counts(report):
    return {name: report[name] for name in COUNTS if report[name]}


def changed(workout, **given):
    """Return a workout of Hevy as the person has changed it there, after the last sync."""
    return {**workout, "updated_at": LATER, **given}


def heavier(workout, weight):
    """Return a workout of Hevy with another weight in its first set."""
    first, *others = workout["exercises"]
    lifted, *rest = first["sets"]
    return changed(workout, exercises=[{**first, "sets": [{**lifted, "weight_kg": weight}, *rest]}, *others])


def first_weight(workout):
    return workout["exercise_executions"][0]["sets"][0]["weight"]
