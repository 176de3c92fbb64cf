"""Signing up."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from tests.accounts.signing_in import ADA, PASSWORD, bearer

pytestmark = pytest.mark.usefixtures("quick_hashes")


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
    ("password", "one sentence after the other, and so on; " * 4),
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
    ("username", "operator"),
    ("username", "Operator"),
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

    assert (answer.status_code, answer.json["errors"]) == (422, {"name": ["Send a name or a username"]})
    assert nothing.status_code == 422
    assert {"email", "password"} <= set(nothing.json["errors"])


@pytest.mark.parametrize("password", ["seven dozen letters or so: " * 4, "Über Stock und Stein 🏃 " * 5])
def test_a_password_of_more_than_72_bytes_counts_to_its_last_byte(sign_up, log_in, password):
    assert sign_up(password=password).status_code == 201

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
