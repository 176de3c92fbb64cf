"""The API's description: valid and complete."""

import re
from typing import Any

from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests import routes
from tests.api.docs.description import (
    ACCOUNT,
    ALIASES,
    BINARY,
    METHODS,
    PARTS,
    Validators,
    filled,
    operations,
    resolved,
)


def described(rule: str) -> str:
    """Return the path of a rule as the description writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


PUBLIC = {described(rule) for rule in routes.PUBLIC}


def test_the_description_is_valid_openapi(spec):
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(spec)] == []
    assert spec["openapi"].startswith("3.1")


def test_every_address_is_described(app, spec):
    paths = {(method, path) for method, path, _ in operations(spec)}
    served = {
        (method, described(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {method.upper() for method in METHODS}
        if rule.rule.startswith("/v1/") and rule.rule not in {"/v1/openapi.json", *ALIASES}
    }

    assert paths == served


def test_every_operation_says_what_it_does_and_answers(spec):
    incomplete = []
    for method, path, operation in operations(spec):
        good = {code: resolved(spec, answer) for code, answer in operation["responses"].items() if code < "400"}
        bodies = [
            answer.get("content", {}).get("application/json", {})
            for code, answer in good.items()
            if code < "204" and not BINARY & answer.get("content", {}).keys()
        ]
        if not (operation.get("summary") and good and all("schema" in body and body.get("example") for body in bodies)):
            incomplete.append((method, path))

    assert incomplete == []


def test_every_operation_names_its_errors_in_the_one_shape(spec):
    shapes = {
        "application/json": {"$ref": "#/components/schemas/ErrorAnswer"},
        "application/problem+json": {"$ref": "#/components/schemas/ProblemDetails"},
    }
    missing = []
    for method, path, operation in operations(spec):
        expected = {"503", "504"} | ({"401"} if path not in PUBLIC else set()) | ({"404"} if "{" in path else set())
        expected |= {"403", "429"} if path not in PUBLIC else set()
        expected |= {"400", "413", "415", "422"} if "requestBody" in operation else set()
        missing += [(method, path, code) for code in expected - operation["responses"].keys()]
        missing += [
            (method, path, code)
            for code, answer in operation["responses"].items()
            if code >= "400"
            and {kind: body["schema"] for kind, body in resolved(spec, answer)["content"].items()} != shapes
        ]

    assert missing == []


def test_every_example_is_what_its_schema_allows(spec):
    wrong, validators = [], Validators(spec)
    for method, path, operation in operations(spec):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in parts:
            for body in resolved(spec, part).get("content", {}).values():
                if "example" in body and not validators.of(body["schema"]).is_valid(body["example"]):
                    wrong.append((method, path, body["example"]))

    assert wrong == []


def test_every_json_body_has_an_example_that_is_accepted(spec, client):
    """But for what it refers to: the account, the session, the shoe of an example do not exist."""
    bodies = [
        (method, path, operation["requestBody"]["content"]["application/json"]["example"])
        for method, path, operation in operations(spec)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    client.post("/v1/auth/signup", json=ACCOUNT)
    access_token = client.post("/v1/auth/login", json={"username": "ada", "password": ACCOUNT["password"]}).json[
        "access_token"
    ]
    headers = {"Authorization": f"Bearer {access_token}"}

    answers = {
        (method, path): client.open(filled(path), method=method, json=body, headers=headers)
        for method, path, body in bodies
    }

    assert {at: answer.json for at, answer in answers.items() if answer.status_code in {400, 415, 500}} == {}


def test_each_operation_is_of_one_tour(spec):
    tours = {
        path: [part for part, addresses in PARTS.items() if re.fullmatch(addresses, path)] for path in spec["paths"]
    }

    assert [path for path, parts in tours.items() if len(parts) != 1] == []


def test_every_refusal_is_described(tour, spec, alice):
    refusals = 0
    for method, path, operation in operations(spec):
        requests: list[dict[str, Any]] = [
            {},
            {"headers": alice.headers},
            {"headers": alice.headers, "query_string": "nonsense=1"},
        ]
        if "requestBody" in operation:
            body = {"headers": alice.headers, "content_type": "application/json"}
            requests += [{**body, "data": data} for data in (b"{", b"[]", b'{"nonsense": 1}', b"x" * 1_100_000)]
            requests += [{**body, "data": b"{}", "content_type": "text/plain"}]
        for request in requests:
            answer = tour.client.open(filled(path), method=method, buffered=True, **request)
            tour.hold(method, path, answer)
            refusals += answer.status_code >= 400

    assert refusals > 100
