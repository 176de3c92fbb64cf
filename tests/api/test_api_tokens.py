"""Personal access tokens: made, shown once, good within their scopes, and their ends."""

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from fitness.app import create_app
from fitness.db import pool
from tests.routes import addresses

SCOPES = ("read", "write", "import")
NEW = {"name": "Watch", "scopes": ["read"]}
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
NOT_GOOD = {"detail": "The token is invalid or has expired"}
SESSIONS_ONLY = {
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/auth/confirm"),
    ("POST", "/v1/auth/confirm/options"),
    ("GET", "/v1/auth/passkeys"),
    ("HEAD", "/v1/auth/passkeys"),
    ("POST", "/v1/auth/passkeys"),
    ("POST", "/v1/auth/passkeys/options"),
    ("PATCH", "/v1/auth/passkeys/<int:passkey_id>"),
    ("DELETE", "/v1/auth/passkeys/<int:passkey_id>"),
    ("GET", "/v1/auth/protection"),
    ("HEAD", "/v1/auth/protection"),
    ("POST", "/v1/auth/second-factor"),
    ("DELETE", "/v1/auth/second-factor"),
    ("POST", "/v1/auth/second-factor/confirm"),
    ("POST", "/v1/auth/second-factor/recovery-codes"),
    ("GET", "/v1/auth/security-log"),
    ("HEAD", "/v1/auth/security-log"),
    ("GET", "/v1/auth/sessions"),
    ("HEAD", "/v1/auth/sessions"),
    ("DELETE", "/v1/auth/sessions"),
    ("DELETE", "/v1/auth/sessions/<int:session_id>"),
    ("POST", "/v1/auth/password"),
    ("POST", "/v1/auth/email/verification"),
    ("PUT", "/v1/auth/password"),
    ("PUT", "/v1/auth/email"),
    ("POST", "/v1/auth/deactivate"),
    ("DELETE", "/v1/auth/me"),
    ("DELETE", "/v1/users/me"),
    ("GET", "/v1/auth/tokens"),
    ("HEAD", "/v1/auth/tokens"),
    ("POST", "/v1/auth/tokens"),
    ("DELETE", "/v1/auth/tokens/<int:token_id>"),
    ("PUT", "/v1/oauth/<provider>/application"),
    ("DELETE", "/v1/oauth/<provider>/application"),
    ("GET", "/v1/oauth/<provider>/authorize"),
    ("HEAD", "/v1/oauth/<provider>/authorize"),
    ("GET", "/v1/oauth/<provider>/authorize-url"),
    ("HEAD", "/v1/oauth/<provider>/authorize-url"),
    ("POST", "/v1/oauth/<provider>/connect"),
    ("PUT", "/v1/oauth/hevy/key"),
    ("DELETE", "/v1/oauth/<provider>"),
    ("POST", "/v1/auth/google/link"),
    ("DELETE", "/v1/auth/google"),
}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# Making, listing, revoking


def test_a_new_token_is_shown_once_and_stored_as_its_hash_alone(client, alice, owner):
    body = {**NEW, "scopes": ["write", "read", "read"], "expires_at": "2100-01-01T00:00:00+01:00"}

    answer = client.post("/v1/auth/tokens", json=body, headers=alice.headers)

    assert answer.status_code == 201
    token, made = answer.json["token"], {name: value for name, value in answer.json.items() if name != "token"}
    assert re.fullmatch(rf"fit_{alice.user_id}\.[A-Za-z0-9_-]{{43}}", token)
    assert made["scopes"] == ["read", "write"]
    assert (made["expires_at"], made["last_used_at"]) == ("2099-12-31T23:00:00Z", None)
    assert client.get("/v1/auth/tokens", headers=alice.headers).json["items"] == [made]
    assert client.get("/v1/auth/me", headers=bearer(token)).json["user_id"] == alice.user_id
    stored = owner.execute("SELECT t::text, token_hash FROM api_tokens AS t").fetchone()
    assert stored[1] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in stored[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": [None]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2100-01-01"}, "expires_at"),
        ({"token": "fit_mine"}, "token"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_by_field(client, alice, changes, field):
    answer = client.post("/v1/auth/tokens", json={**NEW, **changes}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_the_list_is_ones_own_newest_first_a_page_at_a_time(client, alice, bob, make_token):
    for person, name in ((alice, "First"), (bob, "Bobs"), (alice, "Second")):
        make_token(person, "read", name=name)

    first = client.get("/v1/auth/tokens?limit=1", headers=alice.headers).json
    rest = client.get(f"/v1/auth/tokens?cursor={first['next_cursor']}", headers=alice.headers).json

    assert [token["name"] for token in first["items"] + rest["items"]] == ["Second", "First"]
    assert rest["next_cursor"] is None


def test_a_revoked_token_is_out_at_once_and_stays_in_the_list(client, alice):
    made = client.post("/v1/auth/tokens", json=NEW, headers=alice.headers).json
    other = client.post("/v1/auth/tokens", json=NEW, headers=alice.headers).json

    answers = [client.delete(f"/v1/auth/tokens/{made['id']}", headers=alice.headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    refused = client.get("/v1/runs", headers=bearer(made["token"]))
    assert (refused.status_code, refused.json) == (401, NOT_GOOD)
    assert client.get("/v1/runs", headers=bearer(other["token"])).status_code == 200
    listed = client.get("/v1/auth/tokens", headers=alice.headers).json["items"]
    assert [token["revoked_at"] is None for token in listed] == [True, False]


def test_anothers_token_can_be_neither_revoked_nor_used_for_oneself(client, alice, bob, make_run):
    make_run(alice, id="manual_alices")
    made = client.post("/v1/auth/tokens", json=NEW, headers=alice.headers).json

    assert client.delete(f"/v1/auth/tokens/{made['id']}", headers=bob.headers).status_code == 404
    assert client.get("/v1/auth/tokens", headers=bob.headers).json["items"] == []
    seen = client.get("/v1/runs", headers=bearer(made["token"])).json["items"]
    assert [run["id"] for run in seen] == ["manual_alices"]


# Who gets in


def test_an_expired_token_is_refused(client, alice, make_token, owner):
    headers = make_token(alice, "read", expires_at=datetime.now(UTC) + timedelta(hours=1))
    before = client.get("/v1/runs", headers=headers)
    owner.execute("UPDATE api_tokens SET expires_at = now()")

    after = client.get("/v1/runs", headers=headers)

    assert (before.status_code, after.status_code, after.json) == (200, 401, NOT_GOOD)


def test_no_token_of_a_deactivated_account_is_good(client, alice, make_token, owner):
    headers = make_token(alice, "read")
    before = client.get("/v1/runs", headers=headers)
    owner.execute("UPDATE users SET is_active = false")

    after = client.get("/v1/runs", headers=headers)

    assert (before.status_code, after.status_code, after.json) == (200, 401, NOT_GOOD)


def test_a_malformed_token_is_refused(client, alice, make_token):
    token = make_token(alice, *SCOPES)["Authorization"].removeprefix("Bearer ")
    hashed = hashlib.sha256(token.encode()).hexdigest()
    malformed = ["fit_", "fit_x", "fit_é", token[:-1], token + "x", token.upper(), token[4:], "fit_" + token, hashed]
    malformed += [token.replace(".", ""), "fit_" + "9" * 18 + ".x", "fit_" + "9" * 30 + ".x", "fit_٤.x"]
    malformed += [f"fit_{hashed}", "fit_" + "x" * 50_000, "fit_' OR '1'='1", f"{token} {token}"]

    answers = [client.get("/v1/runs", headers=bearer(one)) for one in malformed]

    assert [answer.status_code for answer in answers] == [401] * len(malformed)
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert client.post("/v1/auth/refresh", headers=bearer(token)).status_code == 401


def test_a_token_that_names_another_user_is_refused(client, alice, bob, make_token):
    secret = make_token(alice, *SCOPES)["Authorization"].partition(".")[2]

    assert client.get("/v1/runs", headers=bearer(f"fit_{alice.user_id}.{secret}")).status_code == 200
    assert client.get("/v1/runs", headers=bearer(f"fit_{bob.user_id}.{secret}")).status_code == 401


def test_a_token_of_an_earlier_release_that_names_no_user_stays_valid(client, alice, make_token, owner):
    make_token(alice, "read")
    token = "fit_" + "a" * 43
    owner.execute("UPDATE api_tokens SET token_hash = %s", [hashlib.sha256(token.encode()).hexdigest()])

    assert client.get("/v1/auth/me", headers=bearer(token)).json["user_id"] == alice.user_id


def test_what_a_token_changes_is_its_owners_doing(client, alice, make_token):
    headers = make_token(alice, "write", "read")
    run = client.post("/v1/runs", json=RUN, headers=headers).json

    client.patch(f"/v1/runs/{run['id']}", json={"distance": 6}, headers=headers)

    history = client.get(f"/v1/runs/{run['id']}/history", headers=headers).json["items"]
    assert [version["changed_by"] for version in history] == ["alice", "alice"]


# Scopes


def needed(method: str, rule: str) -> str | None:
    """Return the scope that an address asks for, as the README says it."""
    if (method, rule) in SESSIONS_ONLY:
        return None
    if rule.startswith(("/v1/jobs", "/v1/imports")):
        return "import"
    if method in {"GET", "HEAD"}:
        return "read"
    return "import" if rule.endswith(("/upload-csv", "/sync", "/import", "/imports")) else "write"


def test_a_scope_too_small_is_refused_on_every_address_and_the_right_one_is_enough(app, client, alice, make_token):
    whole = make_token(alice, *SCOPES)
    single = {scope: make_token(alice, scope) for scope in SCOPES}
    without = {scope: make_token(alice, *(one for one in SCOPES if one != scope)) for scope in SCOPES}
    wrong = []
    seen = set()

    for method, rule, path in addresses(app):
        scope = needed(method, rule)
        seen.add(scope)
        refused = client.open(path, method=method, headers=whole if scope is None else without[scope])
        challenge = 'Bearer error="insufficient_scope"' + (f', scope="{scope}"' if scope else "")
        if (refused.status_code, refused.headers.get("WWW-Authenticate")) != (403, challenge):
            wrong.append((method, rule, refused.status_code))
        if method != "HEAD" and list(refused.json) != ["detail"]:
            wrong.append((method, rule, refused.json))
        if scope and client.open(path, method=method, headers=single[scope], buffered=True).status_code in {401, 403}:
            wrong.append((method, rule, "refused in spite of its scope"))

    assert wrong == []
    assert seen == {*SCOPES, None}


def test_a_scope_too_small_changes_nothing(client, alice, make_run, make_token):
    run = make_run(alice)

    client.delete(f"/v1/runs/{run.id}", headers=make_token(alice, "read", "import"))

    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["version"] == 1


def test_the_description_names_each_scope(client):
    paths = client.get("/v1/openapi.json").json["paths"]

    assert paths["/v1/runs"]["get"]["security"] == [{"bearer": ["read"]}]
    assert paths["/v1/runs"]["post"]["security"] == [{"bearer": ["write"]}]
    assert paths["/v1/mmf/upload-csv"]["post"]["security"] == [{"bearer": ["import"]}]
    assert paths["/v1/auth/tokens"]["post"]["security"] == [{"bearer": []}]
    assert paths["/v1/exercises"]["get"]["security"] == [{}, {"bearer": ["read"]}]


# What it costs


def test_a_request_by_a_token_asks_once_whose_it_is_and_notes_its_use_once_a_minute(
    client, alice, make_token, owner, statements
):
    headers = make_token(alice, "read")

    def statements_of_a_request() -> int:
        statements.clear()
        assert client.get("/v1/auth/me", headers=headers).status_code == 200
        return len(statements)

    def last_used() -> datetime:
        return owner.execute("SELECT last_used_at FROM api_tokens").fetchone()[0]

    # Whose it is, its use, the limit, the account; then all of them but the use.
    assert statements_of_a_request() == 4
    first = last_used()
    assert statements_of_a_request() == 3
    assert last_used() == first
    owner.execute("UPDATE api_tokens SET last_used_at = last_used_at - interval '1 minute'")
    assert statements_of_a_request() == 4
    assert last_used() > first


def test_a_request_of_a_session_runs_no_statement_for_tokens(client, alice, statements):
    statements.clear()

    client.get("/v1/auth/me", headers=alice.headers)

    assert len(statements) == 2


@pytest.fixture
def strict_client(settings) -> Iterator[FlaskClient]:
    strict = dataclasses.replace(settings, rate_limit_token="2 per minute;100 per hour")
    yield create_app(strict).test_client()
    pool.close_pool()


def test_requests_are_limited_per_token_and_only_those_by_tokens(strict_client, alice, bob, make_token):
    limited, other, strangers = make_token(alice, "read"), make_token(alice, "read"), make_token(bob, "read")

    answers = [strict_client.get("/v1/runs", headers=limited) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    spared = [strict_client.get("/v1/runs", headers=headers) for headers in (other, strangers, alice.headers)]
    assert [answer.status_code for answer in spared] == [200, 200, 200]


def test_a_tokens_limit_ends_with_its_window(strict_client, alice, make_token, owner):
    headers = make_token(alice, "read")
    before = [strict_client.get("/v1/runs", headers=headers).status_code for _ in range(3)]
    owner.execute("UPDATE rate_limits SET expires_at = now()")

    assert (before, strict_client.get("/v1/runs", headers=headers).status_code) == ([200, 200, 429], 200)
