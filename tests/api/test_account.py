"""What only the owner of an account may do: another password, another e-mail address, and leaving for good."""

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import bcrypt
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql

from fitness.config import Settings

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
WRONG = {"detail": "The current password is incorrect", "errors": {"current_password": ["Incorrect password"]}}
# Each call that asks for the password once more, with what else it takes, and its answer when all is well.
CALLS = [
    ("PUT", "/v1/auth/password", {"new_password": OTHER}, 200),
    ("PUT", "/v1/auth/email", {"email": "ada@example.org"}, 200),
    ("POST", "/v1/auth/deactivate", {}, 204),
    ("DELETE", "/v1/auth/me", {}, 204),
    ("DELETE", "/v1/users/me", {}, 204),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, rate_limit_login="5 per minute", rate_limit_signup="1000 per minute")


@pytest.fixture
def ada(client: FlaskClient) -> dict[str, str]:
    """The headers of somebody with a password."""
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    answer = client.post("/v1/auth/signup", json=account)
    assert answer.json is not None
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., Any]:
    def post(password: str = PASSWORD, login: str = "ada") -> Any:
        return client.post("/v1/auth/login", json={"username": login, "password": password})

    return post


@pytest.fixture
def account(owner: psycopg.Connection) -> Callable[[], Any]:
    """Return all that is stored of Ada herself."""

    def read() -> Any:
        query = "SELECT email, hashed_password, is_active, updated_at FROM users WHERE username = 'ada'"
        return owner.execute(query).fetchone()

    return read


def me(client: FlaskClient, headers: dict[str, str]) -> int:
    return client.get("/v1/auth/me", headers=headers).status_code


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# The password once more


@pytest.mark.parametrize(("method", "path", "body", "good"), CALLS)
def test_without_the_current_password_nothing_changes_and_with_it_all_is_done(
    client, ada, account, method, path, body, good
):
    before = account()

    wrong = client.open(path, method=method, json={**body, "current_password": OTHER}, headers=ada)
    nothing = {**body, "current_password": None} if "deactivate" in path else body  # a recent login is enough there
    missing = client.open(path, method=method, json=nothing, headers=ada)

    assert (wrong.status_code, wrong.json) == (422, WRONG)
    assert (missing.status_code, list(missing.json["errors"])) == (422, ["current_password"])
    assert account() == before
    right = client.open(path, method=method, json={**body, "current_password": PASSWORD}, headers=ada)
    assert right.status_code == good
    assert account() != before


@pytest.mark.parametrize(("method", "path", "body", "good"), CALLS)
def test_guesses_at_the_password_are_limited_as_logins_are(client, ada, log_in, method, path, body, good):
    log_in(OTHER)
    guesses = [
        client.open(path, method=method, json={**body, "current_password": f"{number} wrong"}, headers=ada)
        for number in range(5)
    ]

    refused = client.open(path, method=method, json={**body, "current_password": PASSWORD}, headers=ada)

    assert [answer.status_code for answer in guesses] == [422] * 5
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert me(client, ada) == 200


def test_an_account_without_a_password_has_none_that_is_right(client, alice):
    answers = [
        client.open(path, method=method, json={**body, "current_password": password}, headers=alice.headers)
        for method, path, body, _ in CALLS[:2]
        for password in ("", "nobody")
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(422, WRONG)] * 4


def test_no_connection_is_held_while_a_password_is_hashed(app: Flask, owner, ada, monkeypatch, open_transactions):
    checkpw, held = bcrypt.checkpw, []

    def note(*args: Any) -> bool:
        held.append(open_transactions())
        return checkpw(*args)

    monkeypatch.setattr(bcrypt, "checkpw", note)
    for method, path, body, good in CALLS[:4]:
        json = {"current_password": PASSWORD, **body, **({"new_password": PASSWORD} if "password" in path else {})}
        answer = app.test_client().open(path, method=method, json=json, headers=ada)
        if "deactivate" in path:
            owner.execute("UPDATE users SET is_active = true")
            owner.execute("UPDATE refresh_tokens SET revoked_at = NULL")
        assert answer.status_code == good

    assert held == [0] * 4


# Password and e-mail address


def test_another_password_ends_all_sessions_but_this_one_and_leaves_tokens(client, ada, log_in, owner):
    other = log_in().json
    token = client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=ada).json["token"]

    client.put("/v1/auth/password", json={"current_password": PASSWORD, "new_password": OTHER}, headers=ada)

    assert [me(client, headers) for headers in (ada, bearer(token), bearer(other["access_token"]))] == [200, 200, 401]
    assert client.post("/v1/auth/refresh", json={"refresh_token": other["refresh_token"]}).status_code == 401
    assert (log_in().status_code, log_in(OTHER).status_code) == (401, 200)


@pytest.mark.parametrize("password", ["short", "x" * 73, "é" * 37, "a null\0byte", None, 12345678])
def test_a_password_that_does_not_do_is_refused(client, ada, password):
    body = {"current_password": PASSWORD, "new_password": password}

    answer = client.put("/v1/auth/password", json=body, headers=ada)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["new_password"])


def test_another_email_address_is_the_one_to_log_in_by(client, ada, log_in):
    body = {"current_password": PASSWORD, "email": "Ada@example.org"}

    answer = client.put("/v1/auth/email", json=body, headers=ada)

    assert (answer.status_code, answer.json["email"]) == (200, "Ada@example.org")
    assert log_in(login="ada@example.org").status_code == 200
    assert log_in(login="ada@example.com").status_code == 401


def test_anothers_email_address_is_a_conflict(client, ada, alice, account):
    before = account()

    answer = client.put(
        "/v1/auth/email", json={"current_password": PASSWORD, "email": "ALICE@example.com"}, headers=ada
    )

    assert (answer.status_code, answer.json) == (409, {"detail": "This e-mail address is already taken"})
    assert account() == before


# Leaving


def test_a_deactivated_account_is_out_at_once_and_nothing_is_deleted(client, ada, log_in, owner):
    token = client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=ada).json["token"]
    client.post("/v1/shoes", json={"name": "Ghost"}, headers=ada)

    client.post("/v1/auth/deactivate", json={"current_password": PASSWORD}, headers=ada)

    assert [me(client, headers) for headers in (ada, bearer(token))] == [401, 401]
    assert log_in().status_code == 401
    assert owner.execute("SELECT count(*) FROM shoes").fetchone() == (1,)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"confirmation": "yes"},
        {"confirmation": "delete alice@example.com"},
        {"confirmation": "ada@example.com"},
        {"confirmation": "delete ada@example.com", "current_password": PASSWORD},
    ],
)
def test_without_a_confirmation_nothing_is_deleted(client, ada, alice, account, body):
    before = account()

    answer = client.delete("/v1/users/me", json=body, headers=ada)

    assert (answer.status_code, len(answer.json["errors"])) == (422, 1)
    assert account() == before


def rows(owner: psycopg.Connection, user_id: int) -> dict[str, int]:
    """Return how many rows of a user each table has that holds any user's."""
    tables = owner.execute(
        """
        SELECT c.relname
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        """
    ).fetchall()
    counts = {}
    for (table,) in tables:
        counted = owner.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE user_id = %s").format(sql.Identifier(table)), [user_id]
        ).fetchone()
        assert counted is not None
        counts[table] = counted[0]
    return counts


def test_deleting_an_account_leaves_no_row_of_it_in_any_table_and_all_of_everybody_elses(
    client, full, bob, owner, make_run
):
    make_run(bob)
    content = client.get("/v1/users/me/export", headers=full.headers, buffered=True).data
    owner.execute(
        """
        INSERT INTO oauth_credentials (user_id, provider, access_token) VALUES (%(id)s, 'hevy', 'x');
        INSERT INTO oauth_states (user_id, state_hash, provider, expires_at) VALUES (%(id)s, 'x', 'strava', now());
        INSERT INTO sync_metadata (user_id, provider) VALUES (%(id)s, 'hevy');
        INSERT INTO provider_events (user_id, provider, object_id) VALUES (%(id)s, 'strava', '1');
        INSERT INTO runs_without_points (user_id, run_id)
        SELECT user_id, min(id) FROM runs WHERE user_id = %(id)s GROUP BY user_id;
        INSERT INTO workouts_without_points (user_id, workout_id)
        SELECT user_id, id FROM workouts WHERE user_id = %(id)s LIMIT 1;
        INSERT INTO idempotency_keys (user_id, key, request) VALUES (%(id)s, 'k', '');
        INSERT INTO oauth_applications (user_id, provider, client_id, client_secret)
        VALUES (%(id)s, 'strava', '1', 'x');
        INSERT INTO workout_selections (user_id, workout_id)
        SELECT user_id, min(id) FROM planned_workouts WHERE user_id = %(id)s GROUP BY user_id;
        INSERT INTO plan_links (user_id, planned_workout_id, run_id)
        SELECT user_id, min(p.id), min(r.id) FROM planned_workouts AS p JOIN runs AS r USING (user_id)
        WHERE user_id = %(id)s GROUP BY user_id;
        INSERT INTO second_factors (user_id, secret) VALUES (%(id)s, 'x');
        INSERT INTO recovery_codes (user_id, code_hash) VALUES (%(id)s, 'x');
        INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, name)
        VALUES (%(id)s, 'x', 'x', 0, 'x');
        INSERT INTO mail_codes (user_id, code_hash, purpose, email, expires_at)
        VALUES (%(id)s, 'x', 'verify', '', now());
        INSERT INTO jobs (user_id, path) VALUES (%(id)s, '/v1/hevy/sync');
        INSERT INTO job_parts (user_id, job_id, part, content)
        SELECT user_id, job_id, 0, '' FROM jobs WHERE user_id = %(id)s;
        INSERT INTO drop_files (user_id, import_id, number, name, size)
        SELECT user_id, import_id, 1, 'a.csv', 1 FROM drops WHERE user_id = %(id)s;
        INSERT INTO drop_pieces (user_id, import_id, number, first_byte, size, content)
        SELECT user_id, import_id, number, 0, 1, 'a' FROM drop_files WHERE user_id = %(id)s;
        """.replace("%(id)s", str(full.user_id)).encode()
    )
    client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=full.headers)
    before, bobs = rows(owner, full.user_id), rows(owner, bob.user_id)

    answer = client.delete("/v1/users/me", json={"confirmation": f"Delete {full.email}"}, headers=full.headers)

    assert [table for table, count in before.items() if count == 0] == []
    assert answer.status_code == 204
    assert {table: count for table, count in rows(owner, full.user_id).items() if count} == {}
    assert rows(owner, bob.user_id) == bobs
    assert me(client, full.headers) == 401
    # The address is free again, and the archive has it all.
    account = {"email": full.email, "name": "Ada", "password": PASSWORD}
    headers = bearer(client.post("/v1/auth/signup", json=account).json["access_token"])
    data = {"file": (io.BytesIO(content), "fitness.zip")}
    assert client.post("/v1/users/me/import", data=data, headers=headers).status_code == 200
