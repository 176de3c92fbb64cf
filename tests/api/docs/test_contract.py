"""What makes the description good for clients that are made from it; each failure names what an operation lacks."""

import builtins
import re
from collections import Counter

from fitness.connections.clients import PROVIDERS
from fitness.errors import FitnessError
from fitness.providers import client as providers_client
from fitness.schemas.errors import CODES as DESCRIBED_CODES
from fitness.web.errors import CODES
from fitness.web.operations import ACTIONS, GROUPS, VERBS
from tests.api.docs.description import ALIASES, METHODS, operations, resolved, schemas_of

FREE = {
    ("PlannedWorkout", "workout_type"),
    ("PlannedWorkoutVersion", "workout_type"),
    ("PlannedWorkoutConflicts", "workout_type"),
    ("PlannedWorkoutChanges", "workout_type"),
    ("NewPlannedWorkout", "workout_type"),
    ("GET /v1/planned-workouts", "workout_type"),
    ("PlannedWorkoutFilters", "workout_type"),
    ("BulkPlannedWorkoutChanges", "workout_type"),
    ("GET /v1/auth/google/callback", "code"),
    ("GoogleCode", "code"),
    ("MailedCode", "code"),
    ("PasswordReset", "code"),
    ("Connect", "code"),
    ("Connect", "state"),
    ("GET /v1/oauth/{provider}/callback", "code"),
    ("GET /v1/auth/google/callback", "state"),
    ("GET /v1/oauth/{provider}/callback", "state"),
}
"""Fields that take any word, though a field of the same name elsewhere takes one of a few."""


# Operations


def test_every_operation_has_an_id_of_its_own_from_a_verb_and_a_noun(spec):
    ids = {(method, path): operation["operationId"] for method, path, operation in operations(spec)}
    verbs = "|".join(sorted({*VERBS.values(), *ACTIONS.values(), "list"}))

    assert {at: one for at, one in ids.items() if not re.fullmatch(rf"({verbs})([A-Z][a-z]*)*", one)} == {}
    assert [one for one, count in Counter(ids.values()).items() if count > 1] == []
    assert ids["POST", "/v1/runs/{run_id}/restore/{version}"] == "restoreRun"
    assert ids["GET", "/v1/runs/{run_id}/history"] == "listRunVersions"


def test_every_operation_is_in_one_of_the_groups_in_their_order(spec):
    """A new path belongs in `GROUPS` of fitness/web/operations.py."""
    names = [group.name for group in GROUPS]
    ungrouped = [(method, path) for method, path, operation in operations(spec) if operation["tags"][0] not in names]
    used = {operation["tags"][0] for _, _, operation in operations(spec)}

    assert ungrouped == []
    assert [tag["name"] for tag in spec["tags"]] == names
    assert used == set(names)


def test_another_address_of_the_same_is_no_second_entry(app, spec):
    described = {(method, path) for method, path, _ in operations(spec)}
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & set(map(str.upper, METHODS))
    }

    for alias, path in ALIASES.items():
        assert alias not in spec["paths"]
        methods = {method for rule, method in served if rule == alias}
        assert methods == {method for method, described_path in described if described_path == path}


def test_another_address_answers_the_same(client, alice):
    for alias, path in ALIASES.items():
        first, second = (client.get(one, headers=alice.headers) for one in (alias, path))
        assert (first.status_code, first.json) == (second.status_code, second.json) != (404, None)


def test_errors_are_shared(spec):
    """An error that has no name yet belongs in `ERRORS` of fitness/web/description.py."""
    own = [
        (method, path, status)
        for method, path, operation in operations(spec)
        for status, answer in operation["responses"].items()
        if (status >= "400" or status == "default") and set(answer) != {"$ref"}
    ]

    assert own == []


def test_every_parameter_of_a_path_has_an_example(spec):
    """An id of a new noun belongs in `PATH_PARAMETERS` of fitness/web/description.py."""
    parameters = [(path, parameter) for path, item in spec["paths"].items() for parameter in item.get("parameters", [])]

    assert {parameter["name"] for _, parameter in parameters if "example" not in parameter} == set()
    providers = next(parameter for _, parameter in parameters if parameter["name"] == "provider")
    assert set(providers["schema"]["enum"]) == set(PROVIDERS)


def test_headers_that_clients_need_are_described(spec):
    run = spec["paths"]["/v1/runs/{run_id}"]
    added = spec["paths"]["/v1/runs"]["post"]["responses"]["201"]
    limited = resolved(spec, run["get"]["responses"]["429"])

    assert {"ETag", "RateLimit"} <= set(run["patch"]["responses"]["200"]["headers"])
    assert {"ETag", "Location"} <= set(added["headers"])
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} == set(limited["headers"])
    assert "ETag" in resolved(spec, run["patch"]["responses"]["412"])["headers"]


# Schemas


def test_a_field_of_one_of_a_few_words_lists_them_in_requests_and_answers(spec):
    """Give the field `validate=validate.OneOf(…)`, also in an answer; one that takes any word belongs in FREE."""
    chosen = {name for _, name, schema in schemas_of(spec) if "enum" in schema}
    texts = [(place, name) for place, name, schema in schemas_of(spec) if _is_text(schema) and "enum" not in schema]

    assert {"type", "source", "change_type", "set_type", "weight_unit", "kind", "sex", "units", "provider"} <= chosen
    assert {at for at in texts if at[1] in chosen} - FREE == set()


def _is_text(schema: dict) -> bool:
    return "string" in ([schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", []))


def test_fields_of_answers_are_all_required(spec):
    """A schema that requests share has optional fields: give the answer a schema of its own."""
    answered = set()
    for _, _, operation in operations(spec):
        for status, answer in operation["responses"].items():
            if status < "400":
                for body in resolved(spec, answer).get("content", {}).values():
                    answered |= _names_within(spec, body["schema"])
    schemas = {name: schema for name, schema in spec["components"]["schemas"].items() if name in answered}
    optional = {
        name: sorted(schema["properties"].keys() - set(schema.get("required", [])))
        for name, schema in schemas.items()
        if not name.endswith(("Conflicts", "Differences", "ChangesOfVersion"))  # they name only fields that differ
    }

    assert {name: fields for name, fields in optional.items() if fields} == {}


def _names_within(spec: dict, part: object) -> set[str]:
    """Return the names of the schemas that a part of the description refers to, and those that they refer to."""
    found: set[str] = set()
    todo = [part]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict):
            name = str(one.get("$ref", "")).removeprefix("#/components/schemas/")
            if name and name not in found:
                found.add(name)
                todo.append(spec["components"]["schemas"][name])
            todo += one.values()
    return found


def test_no_schema_is_named_like_a_builtin_or_after_how_it_is_made(spec):
    names = set(spec["components"]["schemas"])

    assert names & set(dir(builtins)) == set()
    assert [name for name in names if re.search(r"And[A-Z]|Schema$|\d$", name)] == []


def test_every_error_has_a_code_that_the_description_knows():
    def kinds(kind: type[FitnessError]) -> set[type[FitnessError]]:
        return {kind}.union(*map(kinds, kind.__subclasses__()))

    assert providers_client.ProviderError in kinds(FitnessError)
    codes = {kind.code for kind in kinds(FitnessError)} | set(CODES.values())
    assert codes == set(DESCRIBED_CODES)
