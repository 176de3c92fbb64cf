"""The API's description, and requests whose answers are held against it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

ACCOUNT = {"email": "ada@example.com", "username": "ada", "name": "Ada", "password": "a long pass phrase"}
METHODS = {"get", "post", "put", "patch", "delete"}
PROTECTION = "confirm|protection|second-factor|security-log|sessions|password|email/"
PARTS = {
    "accounts": rf"/v1/(health(/db)?|auth/(?!google|passkeys|{PROTECTION}).*|users/me)",
    "protection": rf"/v1/auth/(?!confirm/options)({PROTECTION}).*",
    "passkeys": r"/v1/auth/(passkeys.*|confirm/options)",
    "archive": r"/v1/users/me/(export|import|usage)",
    "google_login": r"/v1/auth/google.*",
    "shoes": r"/v1/shoes(?!/bulk).*",
    "runs": r"/v1/runs(?!.*/(bulk|duplicate|different|conflicts)).*",
    "bulk": r"/v1/(runs|shoes|workouts|planned-workouts|timeline)/bulk",
    "duplicates": r"/v1/(runs|workouts|planned-workouts).*/(duplicate|different).*",
    "imports": r"/v1/(imports.*|\w+/upload-csv|changesets.*)",
    "changes": r"/v1/changes",
    "rewind": r"/v1/(bookmarks.*|users/me/rewind)",
    "jobs": r"/v1/jobs.*",
    "connections": r"/v1/(oauth/.*|hevy/sync|strava/(sync|webhook/.*))",
    "calendar": r"/v1/sync/.*",
    "exercises": r"/v1/exercises(?!/{exercise_id}/(stats|sets)).*",
    "workouts": r"/v1/workouts(?!.*/(bulk|duplicate|different|conflicts)).*",
    "plan": r"/v1/(planned-workouts|selections|plan)(?!.*/(bulk|duplicate|different|conflicts)).*",
    "conflicts": r"/v1/(inbox|conflicts|.*/conflicts/\{field\})",
    "metrics": r"/v1/(today|metrics/.*|timeline(/totals)?|summary|users/me/stats|exercises/{exercise_id}/(stats|sets))",
}
"""The addresses that each tour goes through."""

Spec = dict[str, Any]

ALIASES = {"/v1/auth/me": "/v1/users/me", "/v1/strava/webhook": "/v1/strava/webhook/{secret}"}
"""Addresses that answer like another one and are not described themselves → the other one."""

BINARY = {"application/zip", "application/octet-stream"}
"""The content types of files."""

HEADERS = {"ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed"}
"""The headers that a description has to name where they are sent."""


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


def schemas_of(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield every (place, name, schema) of a field or parameter of the description."""
    for name, schema in spec["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            yield name, field, described
    for method, path, operation in operations(spec):
        for parameter in [*operation.get("parameters", []), *spec["paths"][path].get("parameters", [])]:
            yield f"{method} {path}", parameter["name"], parameter["schema"]


def unlike(spec: Spec, schema: Spec, example: Any, real: Any) -> list[str]:
    """Return where an example lacks required fields of a real answer, or has others; of lists the first items count."""
    for one in resolved(spec, schema).get("anyOf", []):
        schema = one if "$ref" in one else schema
    described = resolved(spec, schema)
    if isinstance(example, list) and isinstance(real, list):
        pairs = [("[]", described["items"], *pair) for pair in zip(example[:1], real[:1], strict=False)]
    elif isinstance(example, dict) and isinstance(real, dict) and "properties" in described:
        different = (example.keys() ^ real.keys()) & set(described.get("required", []))
        if different:
            return sorted(different)
        both = example.keys() & real.keys()
        pairs = [(name, described["properties"][name], example[name], real[name]) for name in sorted(both)]
    else:
        return []
    return [f"{name}.{problem}" for name, *pair in pairs for problem in unlike(spec, *pair)]


def filled(path: str) -> str:
    """Return a path with ids that nobody has."""
    uuids = re.sub(r"\{(exercise_id)\}", "00000000-0000-4000-8000-000000000000", path)
    numbers = r"\{(version|changeset_id|token_id|passkey_id|job_id|import_id|(other_)?planned_workout_id)\}"
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
