"""Signing up, logging in and out, sessions and their ends, limits, and one's own account."""

import dataclasses
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql

from fitness.accounts import sessions
from fitness.accounts.sessions import Tokens
from fitness.app import create_app
from fitness.config import Settings
from fitness.db import connection, users

PASSWORD = "a long pass phrase"
ADA = {"email": "Ada@example.com", "name": "Ada Lovelace", "password": PASSWORD, "birth_year": 1992, "birth_month": 8}
WRONG_LOGIN = {"detail": "Wrong e-mail address, username or password"}


pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limits in the way, but for the tests of the limits."""
    return dataclasses.replace(settings, rate_limit_login="1000 per minute", rate_limit_signup="1000 per minute")


@pytest.fixture
def sign_up(client: FlaskClient) -> Callable[..., Any]:
    def post(**fields: Any) -> Any:
        return client.post("/v1/auth/signup", json={**ADA, **fields})

    return post


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., Any]:
    def post(password: str = PASSWORD, **name: str) -> Any:
        return client.post("/v1/auth/login", json={**name, "password": password})

    return post


@pytest.fixture
def session(app: Flask, alice) -> Tokens:
    """A session of alice's, made without her password."""
    with app.app_context():
        return sessions.start_session(alice.user_id)


@pytest.fixture
def me(client: FlaskClient) -> Callable[[str], int]:
    """Return the status that reading one's account with this access token answers."""

    def get(access_token: str) -> int:
        return client.get("/v1/auth/me", headers=bearer(access_token)).status_code

    return get


@pytest.fixture
def refresh(client: FlaskClient) -> Callable[[str], Any]:
    def post(refresh_token: str) -> Any:
        return client.post("/v1/auth/refresh", json={"refresh_token": refresh_token})

    return post


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# Signing up


def test_a_new_account_is_logged_in_at_once(sign_up, client):
    answer = sign_up()

    assert answer.status_code == 201
    me = client.get("/v1/auth/me", headers=bearer(answer.json["access_token"]))
    assert me.status_code == 200
    assert me.json == answer.json["user"]
    assert (me.json["email"], me.json["name"], me.json["username"]) == ("Ada@example.com", "Ada Lovelace", None)
    assert (me.json["birth_year"], me.json["birth_month"]) == (1992, 8)
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)


def test_a_username_does_instead_of_a_name(client):
    body = {"email": "ada@example.com", "username": "ada_l", "password": PASSWORD}

    answer = client.post("/v1/auth/signup", json=body)

    assert answer.status_code == 201
    assert (answer.json["user"]["username"], answer.json["user"]["name"]) == ("ada_l", "ada_l")


def test_the_first_refresh_token_works(sign_up, refresh, me):
    tokens = refresh(sign_up().json["refresh_token"])

    assert tokens.status_code == 200
    assert me(tokens.json["access_token"]) == 200


@pytest.mark.parametrize(
    ("taken", "detail"),
    [
        ({"email": "aDA@EXAMPLE.com", "username": "other"}, "This e-mail address is already taken"),
        ({"email": "other@example.com", "username": "ALICE"}, "This username is already taken"),
    ],
)
def test_what_is_taken_is_taken_in_any_letter_case(sign_up, make_person, taken, detail):
    make_person("alice")
    make_person("ada")

    answer = sign_up(**taken)

    assert (answer.status_code, answer.json) == (409, {"detail": detail})


def test_of_many_sign_ups_with_one_address_at_once_one_succeeds(app, owner):
    def post(number: int) -> int:
        email = ADA["email"].upper() if number % 2 else ADA["email"]
        return app.test_client().post("/v1/auth/signup", json={**ADA, "email": email}).status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(threads.map(post, range(20)))

    assert statuses == [201] + [409] * 19
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (1,)


NONSENSE = [
    ("email", "ada"),
    ("email", "ada@"),
    ("email", 7),
    ("email", None),
    ("email", "a" * 250 + "@example.com"),
    ("email", "ada\u0000@example.com"),
    ("password", "short"),
    ("password", "a" * 73),
    ("password", "ü" * 37),
    ("password", "null byte \u0000 inside"),
    ("password", None),
    ("password", 12345678),
    ("name", ""),
    ("name", "   "),
    ("name", "n" * 10_000),
    ("name", "null\u0000byte"),
    ("username", "ab"),
    ("username", "a" * 51),
    ("username", "ada lovelace"),
    ("username", "ada@example.com"),
    ("username", "ada\nl"),
    ("birth_year", 1899),
    ("birth_year", "1992"),
    ("birth_year", 10**18),
    ("birth_month", 13),
    ("birth_month", 0),
    ("birth_month", 1.5),
    ("time_zone", "Mars/Olympus"),
    ("is_admin", True),
    ("user_id", 1),
    ("hashed_password", "x"),
]


def test_a_sign_up_that_makes_no_sense_is_refused_by_field(sign_up, owner):
    answers = [(field, sign_up(**{field: value})) for field, value in NONSENSE]

    wrong = [(f, a.status_code, a.json) for f, a in answers if a.status_code != 422 or list(a.json["errors"]) != [f]]
    assert wrong == []
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_a_sign_up_needs_address_password_and_a_name(client):
    answer = client.post("/v1/auth/signup", json={"email": "ada@example.com", "password": PASSWORD})
    nothing = client.post("/v1/auth/signup", json={})

    assert (answer.status_code, answer.json["errors"]) == (422, {"name": ["Say a name or a username"]})
    assert nothing.status_code == 422
    assert {"email", "password"} <= set(nothing.json["errors"])


@pytest.mark.parametrize("password", ["p" * 72, "🏃" * 18])
def test_a_password_of_72_bytes_counts_to_its_last_byte(sign_up, log_in, password):
    sign_up(password=password)

    assert log_in(password, email="ada@example.com").status_code == 200
    assert log_in(password[:-1] + "x", email="ada@example.com").status_code == 401
    assert log_in(password + "x", email="ada@example.com").status_code == 401


def test_neither_password_nor_tokens_are_anywhere_in_the_database(sign_up, refresh, client, owner):
    first = sign_up().json
    second = refresh(first["refresh_token"]).json
    client.post("/v1/auth/logout", headers=bearer(second["access_token"]))

    tables = [
        name
        for (name,) in owner.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg|sql)_'")
    ]
    content = "\n".join(
        row
        for table in tables
        for (row,) in owner.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
    )
    kept = [
        secret
        for tokens in (first, second)
        for token in (tokens["access_token"], tokens["refresh_token"])
        for secret in (token, token.rpartition(".")[2])
    ]
    assert "Ada@example.com" in content
    assert [secret for secret in [PASSWORD, *kept] if secret in content] == []


# Logging in


@pytest.mark.parametrize(
    "name", [{"email": "ADA@example.COM"}, {"username": "Ada_L"}, {"email": "ada_l"}, {"username": "ada@example.com"}]
)
def test_login_takes_address_or_username_in_any_letter_case(sign_up, log_in, me, name):
    sign_up(username="ada_l")

    tokens = log_in(**name)

    assert tokens.status_code == 200
    assert me(tokens.json["access_token"]) == 200


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(sign_up, log_in):
    sign_up()

    wrong = log_in("another pass phrase", email="ada@example.com")
    unknown = log_in("another pass phrase", email="nobody@example.com")

    def headers(answer: Any) -> dict[str, str]:
        return {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}

    assert (wrong.status_code, wrong.json) == (401, WRONG_LOGIN)
    assert (unknown.status_code, unknown.data) == (wrong.status_code, wrong.data)
    assert headers(unknown) == headers(wrong)
    assert headers(wrong)["WWW-Authenticate"] == "Bearer"


def test_an_account_without_a_password_cannot_log_in_with_one(make_person, log_in):
    make_person("ada")

    assert [log_in(password, username="ada").status_code for password in ("", "None", "nobody")] == [401] * 3


def test_a_login_that_makes_no_sense_is_refused(client):
    bodies = [
        {},
        {"password": PASSWORD},
        {"email": "ada@example.com"},
        {"email": "ada@example.com", "username": "ada", "password": PASSWORD},
        {"email": ["ada@example.com"], "password": PASSWORD},
        {"email": "ada@example.com", "password": {"a": 1}},
        {"email": "ada@example.com", "password": PASSWORD, "remember": True},
        [],
        None,
    ]

    answers = [client.post("/v1/auth/login", json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [422] * len(bodies)


def test_a_login_name_is_only_ever_a_name(sign_up, log_in):
    sign_up()
    names = [
        "null\u0000byte",
        "' OR 1=1 --",
        "a" * 100_000,
        "%",
        "ada@example.com'; DROP TABLE users --",
        "Ada Lovelace",
    ]

    assert [log_in(username=name).status_code for name in names] == [401] * len(names)


# Sessions


# Sessions


def test_refresh_answers_with_new_tokens_that_work(refresh, me, session):
    tokens = refresh(session.refresh_token).json

    assert tokens["refresh_token"] != session.refresh_token
    assert me(tokens["access_token"]) == 200
    assert refresh(tokens["refresh_token"]).status_code == 200


def test_a_refresh_token_may_come_in_the_header(client, session, me):
    tokens = client.post("/v1/auth/refresh", headers=bearer(session.refresh_token))

    assert tokens.status_code == 200
    assert me(tokens.json["access_token"]) == 200


def test_a_used_refresh_token_that_comes_back_ends_the_whole_session(refresh, me, session):
    second = refresh(session.refresh_token).json
    third = refresh(second["refresh_token"]).json

    reuse = refresh(session.refresh_token)

    assert (reuse.status_code, reuse.json) == (401, {"detail": "This refresh token is no longer valid"})
    assert refresh(third["refresh_token"]).status_code == 401
    assert {me(token) for token in (session.access_token, second["access_token"], third["access_token"])} == {401}


def test_a_stolen_token_ends_one_session_and_not_the_others(refresh, me, session, alice, client):
    refresh(session.refresh_token)
    refresh(session.refresh_token)

    assert me(session.access_token) == 401
    assert client.get("/v1/auth/me", headers=alice.headers).status_code == 200


def test_of_many_uses_of_a_refresh_token_at_once_one_at_most_wins(app, session, me):
    def use(_: int) -> int:
        body = {"refresh_token": session.refresh_token}
        return app.test_client().post("/v1/auth/refresh", json=body).status_code

    with ThreadPoolExecutor(10) as threads:
        statuses = sorted(threads.map(use, range(10)))

    assert statuses == [200] + [401] * 9
    assert me(session.access_token) == 401


def test_logging_out_ends_the_session_at_once(client, refresh, me, session):
    answer = client.post("/v1/auth/logout", headers=bearer(session.access_token))

    assert (answer.status_code, answer.data) == (204, b"")
    assert me(session.access_token) == 401
    assert refresh(session.refresh_token).status_code == 401


def test_logging_out_leaves_other_sessions_alone(client, alice, session):
    client.post("/v1/auth/logout", headers=bearer(session.access_token))

    assert client.get("/v1/auth/me", headers=alice.headers).status_code == 200


def test_a_deactivated_account_is_out_at_once(sign_up, log_in, refresh, me):
    tokens = sign_up().json

    with connection.system_transaction():
        users.set_active(tokens["user"]["user_id"], False)

    assert me(tokens["access_token"]) == 401
    assert refresh(tokens["refresh_token"]).status_code == 401
    login = log_in(email="ada@example.com")
    assert (login.status_code, login.json) == (401, WRONG_LOGIN)


def test_the_two_kinds_of_token_do_not_stand_in_for_each_other(refresh, me, session):
    assert me(session.refresh_token) == 401
    assert refresh(session.access_token).status_code == 401
    assert me(session.access_token) == 200


@pytest.fixture
def forge(settings: Settings, session: Tokens) -> Callable[..., str]:
    """Make a token with claims like alice's, but for the changed ones."""
    real = jwt.decode(session.access_token, options={"verify_signature": False})

    def make(key: str = settings.jwt_secret_key, algorithm: str = "HS256", **changes: Any) -> str:
        return jwt.encode({**real, **changes}, key, algorithm=algorithm)

    return make


def test_a_token_that_is_not_right_in_every_way_is_refused(forge, me):
    forgeries = [
        {"key": "k" * 40},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"exp": int(time.time()) - 1},
        {"nbf": int(time.time()) + 3600},
        {"type": "refresh"},
        {"type": "reset"},
        {"sub": "999999"},
        {"sid": "00000000-0000-0000-0000-000000000000"},
    ]

    accepted = [forgery for forgery in [*forgeries, {}] if me(forge(**forgery)) != 401]

    # Without a flaw the same forgery would work.
    assert accepted == [{}]


def test_an_expired_token_stays_expired_however_often_it_worked(app, client, alice):
    with app.app_context():
        app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(seconds=1)
        token = sessions.start_session(alice.user_id).access_token
    expires_at = jwt.decode(token, options={"verify_signature": False})["exp"]
    statuses = []

    while time.time() < expires_at + 0.1:
        statuses.append(client.get("/v1/auth/me", headers=bearer(token)).status_code)
    after = client.get("/v1/auth/me", headers=bearer(token))

    assert 200 in statuses
    assert (after.status_code, after.json) == (401, {"detail": "The token is not valid or has expired"})


def test_a_session_ends_when_its_refresh_token_expires(owner, refresh, me, session):
    owner.execute("UPDATE refresh_tokens SET expires_at = now()")

    assert refresh(session.refresh_token).status_code == 401
    assert me(session.access_token) == 401


def test_a_header_that_is_no_token_is_a_401(client, session):
    token = session.access_token
    headers = ["", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Bearer null", "Bearer a.b.c", "Bearer é"]
    headers += ["Bearer " + "x" * 50_000, f"Token {token}", token, f"Bearer {token} {token}", f"Bearer, {token}"]
    headers += [f"Bearer {token}x", f"Bearer x{token}", f"Bearer {token[:-5]}"]

    answers = [client.get("/v1/auth/me", headers={"Authorization": header}) for header in headers]

    assert [answer.status_code for answer in answers] == [401] * len(headers)
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert {tuple(answer.json) for answer in answers} == {("detail",)}


def test_without_a_header_everything_but_the_public_answers_401(app, client):
    public = {
        "/v1/auth/signup",
        "/v1/auth/login",
        "/v1/auth/refresh",
        "/v1/auth/google/login",
        "/v1/auth/google/callback",
        "/v1/auth/google/link",
        "/v1/oauth/<provider>/callback",
        "/v1/strava/webhook",
        "/v1/health",
        "/v1/health/db",
        "/v1/openapi.json",
    }
    catalog = {"", "/system", "/body-parts", "/modalities", "/<uuid:exercise_id>"}
    open_to_all = {(method, f"/v1/exercises{path}") for method in ("GET", "HEAD") for path in catalog}
    refused = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and rule.rule not in public:
            path = rule.rule.replace("<run_id>", "x").replace("<shoe_id>", "x")
            path = re.sub(r"<int:\w+>", "1", path)
            path = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", path)
            for method in (rule.methods or set()) - {"OPTIONS"}:
                refused[method, rule.rule] = client.open(path, method=method).status_code == 401

    assert len(refused) > 20
    assert {request for request, was_refused in refused.items() if not was_refused} == open_to_all


# Limits


@pytest.fixture
def strict_client(settings: Settings) -> FlaskClient:
    """A client of an application with low limits."""
    return create_app(
        dataclasses.replace(
            settings, rate_limit_login="3 per minute", rate_limit_signup="3 per hour", trusted_proxies=1
        )
    ).test_client()


def attempt(client: FlaskClient, address: str = "192.0.2.1", path: str = "login", **body: str) -> Any:
    body = {"password": "another pass phrase", **body}
    return client.post(f"/v1/auth/{path}", json=body, headers={"X-Forwarded-For": address})


def test_logins_are_limited_per_account_wherever_they_come_from(sign_up, strict_client):
    sign_up(username="ada_l")
    names = [{"email": "ada@example.com"}, {"email": "ADA@example.com"}, {"username": "ada_l"}]
    answers = [attempt(strict_client, f"192.0.2.{number}", **name) for number, name in enumerate(names)]

    refused = attempt(strict_client, "192.0.2.9", email="ada@example.com", password=PASSWORD)

    assert [answer.status_code for answer in answers] == [401] * 3
    assert (refused.status_code, refused.json) == (429, {"detail": "Too many requests"})
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_logins_are_limited_per_address_whatever_the_account(client, strict_client):
    statuses = [attempt(strict_client, email=f"{number}@example.com").status_code for number in range(4)]

    assert statuses == [401, 401, 401, 429]
    assert attempt(strict_client, "192.0.2.2", email="5@example.com").status_code == 401


def test_sign_ups_are_limited_per_address(client, strict_client):
    for number in range(3):
        attempt(strict_client, path="signup", email=f"{number}@example.com", name="Ada")

    refused = attempt(strict_client, path="signup", email="3@example.com", name="Ada")

    assert refused.status_code == 429
    assert 60 < int(refused.headers["Retry-After"]) <= 3600


def test_a_limit_ends_with_its_window(client, strict_client, owner):
    for _ in range(3):
        attempt(strict_client, email="ada@example.com")
    before = attempt(strict_client, email="ada@example.com").status_code

    owner.execute("UPDATE rate_limits SET expires_at = now()")

    assert (before, attempt(strict_client, email="ada@example.com").status_code) == (429, 401)
    assert owner.execute("SELECT max(count) FROM rate_limits").fetchone() == (1,)


def test_a_limit_holds_across_processes(client, strict_client, settings):
    for _ in range(3):
        attempt(strict_client, email="ada@example.com")
    program = """
from fitness.app import create_app
from fitness.config import load_settings
body = {"email": "ada@example.com", "password": "another pass phrase"}
print(create_app(load_settings()).test_client().post("/v1/auth/login", json=body).status_code)
"""
    environ = {**os.environ, "DATABASE_URL": settings.database_url or "", "FITNESS_DATA_DIR": str(settings.data_dir)}

    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**environ, "RATE_LIMIT_LOGIN": "3 per minute"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert other.stdout == "429\n"


def test_no_address_or_account_is_readable_among_the_limits(client, strict_client, owner):
    attempt(strict_client, email="ada@example.com")

    (keys,) = owner.execute("SELECT string_agg(key, ' ') FROM rate_limits").fetchone()
    assert "ada" not in keys
    assert "192.0.2.1" not in keys


# One's own account

PROFILE = {
    "name": "Ada King",
    "username": "countess",
    "profile_image_url": "https://example.com/ada.png",
    "birth_year": 1990,
    "birth_month": 12,
    "sex": "female",
    "time_zone": "America/New_York",
    "max_heart_rate": 186,
    "resting_heart_rate": 52,
    "lactate_threshold_heart_rate": 168,
    "units": "kilometres",
}


@pytest.mark.parametrize("path", ["/v1/auth/me", "/v1/users/me"])
def test_each_field_of_a_profile_can_be_changed_alone(client, alice, path):
    expected = client.get(path, headers=alice.headers).json

    for field, value in PROFILE.items():
        answer = client.patch(path, json={field: value}, headers=alice.headers)

        assert answer.status_code == 200
        assert answer.json["updated_at"] > expected["updated_at"]
        expected = {**expected, field: value, "updated_at": answer.json["updated_at"]}
        assert answer.json == expected
        assert client.get(path, headers=alice.headers).json == expected


def test_null_clears_a_field_and_leaves_the_others(client, alice):
    client.patch("/v1/auth/me", json=PROFILE, headers=alice.headers)
    nullable = [field for field in PROFILE if field not in {"name", "units"}]

    for number, field in enumerate(nullable, start=1):
        answer = client.patch("/v1/auth/me", json={field: None}, headers=alice.headers)

        assert answer.status_code == 200
        assert {name for name, value in answer.json.items() if value is None} == set(nullable[:number])


def test_what_makes_the_account_cannot_be_edited(client, alice):
    fields = ["user_id", "email", "password", "hashed_password", "is_active", "is_admin", "google_id"]
    before = client.get("/v1/auth/me", headers=alice.headers).json

    answers = [client.patch("/v1/auth/me", json={"name": "Ada", field: 1}, headers=alice.headers) for field in fields]

    assert [answer.status_code for answer in answers] == [422] * len(fields)
    assert [answer.json["errors"] for answer in answers] == [
        {field: ["This field cannot be edited"]} for field in fields
    ]
    assert client.get("/v1/auth/me", headers=alice.headers).json == before


def test_a_profile_that_makes_no_sense_is_refused_by_field(client, alice):
    nonsense = [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"units": None}, "units"),
        ({"units": "furlongs"}, "units"),
        ({"name": "null\u0000byte"}, "name"),
        ({"sex": "x"}, "sex"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"profile_image_url": "javascript:alert(1)"}, "profile_image_url"),
        ({"profile_image_url": "https://example.com/\u0000"}, "profile_image_url"),
        ({"profile_image_url": "https://example.com/" + "a" * 10_000}, "profile_image_url"),
        ({"max_heart_rate": 59}, "max_heart_rate"),
        ({"max_heart_rate": 251}, "max_heart_rate"),
        ({"max_heart_rate": "186"}, "max_heart_rate"),
        ({"max_heart_rate": True}, "max_heart_rate"),
        ({"resting_heart_rate": 19}, "resting_heart_rate"),
        ({"lactate_threshold_heart_rate": 251}, "lactate_threshold_heart_rate"),
        ({"resting_heart_rate": 100, "max_heart_rate": 90}, "resting_heart_rate"),
        ({"resting_heart_rate": 90, "max_heart_rate": 90}, "resting_heart_rate"),
        ({"created_at": "2025-01-01T00:00:00Z"}, "created_at"),
    ]

    answers = [(field, client.patch("/v1/auth/me", json=body, headers=alice.headers)) for body, field in nonsense]

    wrong = [(f, a.status_code, a.json) for f, a in answers if a.status_code != 422 or list(a.json["errors"]) != [f]]
    assert wrong == []


def test_heart_rates_must_fit_those_that_are_stored(client, alice):
    client.patch("/v1/auth/me", json={"max_heart_rate": 100}, headers=alice.headers)

    answer = client.patch("/v1/auth/me", json={"resting_heart_rate": 110}, headers=alice.headers)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"resting_heart_rate": ["Must be lower than the maximum heart rate"]}


def test_a_change_of_nothing_is_refused(client, alice):
    answer = client.patch("/v1/auth/me", json={}, headers=alice.headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {})


def test_anothers_username_is_a_conflict(client, alice, bob):
    answer = client.patch("/v1/auth/me", json={"username": "BOB"}, headers=alice.headers)

    assert (answer.status_code, answer.json) == (409, {"detail": "This username is already taken"})


def test_a_change_of_ones_account_leaves_everybody_elses_alone(client, alice, bob):
    before = client.get("/v1/auth/me", headers=bob.headers).json

    client.patch("/v1/auth/me", json={"name": "Ada", "birth_year": 1990}, headers=alice.headers)

    assert client.get("/v1/auth/me", headers=bob.headers).json == before
