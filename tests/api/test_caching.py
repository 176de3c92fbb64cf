"""Which answers browsers and proxies may store: none to somebody who is logged in."""

import pytest

from tests.api.test_strangers import ABSENT
from tests.routes import PUBLIC

ENDS_THE_SESSION = ("/v1/auth/deactivate", "/v1/auth/logout")


def requests_of(app):
    """Return (method, rule, path) of every route of the API."""
    paths = app.url_map.bind("localhost")
    values = {**ABSENT, "provider": "strava", "secret": "absent"}
    found = [
        (method, rule.rule, paths.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in rule.methods - {"OPTIONS"}
    ]
    return sorted(found)


def test_no_answer_to_somebody_who_is_logged_in_may_be_stored(app, client, alice, make_person):
    stored = set()
    requests = requests_of(app)
    for method, rule, path in requests:
        asker = make_person(f"leaves{ENDS_THE_SESSION.index(rule)}") if rule in ENDS_THE_SESSION else alice
        answer = client.open(path, method=method, headers=asker.headers, buffered=True)
        if answer.headers.get("Cache-Control") != "no-store":
            stored.add(rule)

    # Those before a login look at no access token. Tokens in their answers are tested with them.
    assert stored == PUBLIC
    assert len(requests) > 150


@pytest.mark.parametrize("path", ["/v1/health", "/v1/openapi.json", "/v1/exercises"])
def test_what_everybody_gets_alike_may_be_stored(client, path):
    assert "Cache-Control" not in client.get(path).headers


def test_an_error_that_names_a_record_may_not_be_stored_either(client, alice):
    answer = client.get("/v1/runs/manual_absent", headers=alice.headers)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
