"""Requests about exercises."""

from migrations.exercise_catalog import EXERCISES as CATALOG

IDS = {exercise.name: str(exercise.id) for exercise in CATALOG}


def find(client, person=None, path="", **query):
    headers = person.headers if person else {}
    return client.get(f"/v1/exercises{path}", query_string={"limit": 500, **query}, headers=headers).json["items"]


def names_of(items):
    return [item["name"] for item in items]


def add(client, person, name, **fields):
    return client.post("/v1/exercises", json={"name": name, **fields}, headers=person.headers)


def read(client, person, exercise_id, **query):
    headers = person.headers if person else {}
    return client.get(f"/v1/exercises/{exercise_id}", query_string=query, headers=headers)


def edit(client, person, exercise_id, **changes):
    return client.patch(f"/v1/exercises/{exercise_id}", json=changes, headers=person.headers)


def delete(client, person, exercise_id):
    return client.delete(f"/v1/exercises/{exercise_id}", headers=person.headers)


def history_of(client, person, exercise_id):
    return client.get(f"/v1/exercises/{exercise_id}/history", headers=person.headers).json["items"]
