"""The API's description, and requests whose answers are held against it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

ACCOUNT = {"email": "ada@example.com", "username": "ada", "name": "Ada", "password": "a long pass phrase"}
METHODS = {"get", "post", "put", "patch", "delete"}
PARTS = {
    "accounts": r"/v1/(health(/db)?|auth/(?!google).*|users/me)",
    "archive": r"/v1/users/me/(export|import)",
    "google_login": r"/v1/auth/google.*",
    "shoes": r"/v1/shoes.*",
    "runs": r"/v1/runs(?!.*/(duplicate|conflicts)).*",
    "duplicates": r"/v1/runs.*/duplicate.*",
    "imports": r"/v1/(imports|\w+/upload-csv|changesets.*)",
    "connections": r"/v1/(oauth/.*|hevy/sync|strava/(sync|webhook))",
    "calendar": r"/v1/sync/.*",
    "exercises": r"/v1/exercises(?!/{exercise_id}/(stats|sets)).*",
    "workouts": r"/v1/workouts(?!.*/conflicts).*",
    "plan": r"/v1/(planned-workouts|selections|plan)(?!.*/conflicts).*",
    "conflicts": r"/v1/(inbox|conflicts|.*/conflicts/\{field\})",
    "metrics": r"/v1/(metrics/.*|timeline(/totals)?|summary|users/me/stats|exercises/{exercise_id}/(stats|sets))",
}
"""The addresses that each tour goes through."""

Spec = dict[str, Any]


def operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield every (method, path, operation) of the description."""
    for path, item in spec["paths"].items():
        for method in METHODS & item.keys():
            yield method.upper(), path, item[method]


def resolved(spec: Spec, part: Spec) -> Spec:
    """Return what a reference refers to."""
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[-2:]
        part = spec["components"][kind][name]
    return part


def filled(path: str) -> str:
    """Return a path with ids that nobody has."""
    uuids = re.sub(r"\{(exercise_id)\}", "00000000-0000-4000-8000-000000000000", path)
    numbers = r"\{(version|changeset_id|token_id|planned_workout_id)\}"
    return re.sub(r"\{\w+\}", "nobodys", re.sub(numbers, "999999", uuids))


class Validators:
    """Validators of schemas that refer to the components of a description, each made once: they are the same few."""

    def __init__(self, spec: Spec) -> None:
        self.components = spec["components"]
        self.made: dict[str, jsonschema_rs.Validator] = {}

    def of(self, schema: Spec) -> jsonschema_rs.Validator:
        text = json.dumps(schema)
        if text not in self.made:
            whole = {**schema, "components": self.components}
            self.made[text] = jsonschema_rs.validator_for(whole, validate_formats=True)
        return self.made[text]
