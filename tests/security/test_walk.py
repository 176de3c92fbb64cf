"""Every address of the API, asked by whoever has no right to it any more or never had.

Records of others are in tests/api/test_strangers.py, scopes that are too small in tests/api/test_api_tokens.py.
"""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from fitness.accounts import sessions
from tests.routes import LOGIN_OPTIONAL, addresses


@pytest.fixture
def tokens(app, alice):
    """A session of alice's of this test alone."""
    with app.app_context():
        return sessions.start_session(alice.user_id)


def nobody(tokens, **_):
    return None


def no_token_at_all(tokens, **_):
    return "rubbish"


def a_refresh_token(tokens, **_):
    return tokens.refresh_token


def an_expired_token(tokens, settings, **_):
    return signed(tokens, settings.jwt_secret_key, exp=datetime.now(UTC) - timedelta(minutes=1))


def a_token_of_another_server(tokens, settings, **_):
    return signed(tokens, settings.jwt_secret_key, aud="https://elsewhere.example.com")


def a_token_signed_by_somebody_else(tokens, **_):
    return signed(tokens, "a secret of somebody else, and a long one")


def a_session_that_was_ended(tokens, client, **_):
    client.post("/v1/auth/logout", headers={"Authorization": f"Bearer {tokens.access_token}"})
    return tokens.access_token


def a_deactivated_account(tokens, owner, **_):
    owner.execute("UPDATE users SET is_active = false")
    return tokens.access_token


def a_deleted_account(tokens, owner, **_):
    owner.execute("DELETE FROM users")
    return tokens.access_token


def a_personal_token_that_has_expired(tokens, alice, make_token, **_):
    return personal(make_token(alice, "read", expires_at=datetime.now(UTC) - timedelta(minutes=1)))


def a_personal_token_of_a_deactivated_account(tokens, owner, alice, make_token, **_):
    token = personal(make_token(alice, "read", "write", "import"))
    owner.execute("UPDATE users SET is_active = false")
    return token


def a_personal_token_of_a_deleted_account(tokens, owner, alice, make_token, **_):
    token = personal(make_token(alice, "read", "write", "import"))
    owner.execute("DELETE FROM users")
    return token


def personal(headers):
    return headers["Authorization"].removeprefix("Bearer ")


def signed(tokens, secret, **changes):
    """Return the access token with other claims, or another signature."""
    claims = jwt.decode(tokens.access_token, options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, secret, algorithm="HS256")


@pytest.mark.parametrize(
    "role",
    [
        nobody,
        no_token_at_all,
        a_refresh_token,
        an_expired_token,
        a_token_of_another_server,
        a_token_signed_by_somebody_else,
        a_session_that_was_ended,
        a_deactivated_account,
        a_deleted_account,
        a_personal_token_that_has_expired,
        a_personal_token_of_a_deactivated_account,
        a_personal_token_of_a_deleted_account,
    ],
    ids=lambda role: role.__name__.replace("_", " "),
)
def test_every_address_but_the_public_answers_401(app, client, owner, settings, alice, tokens, make_token, role):
    token = role(tokens, client=client, owner=owner, settings=settings, alice=alice, make_token=make_token)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    known = {(method, rule): path for method, rule, path in addresses(app)}

    statuses = {at: client.open(path, method=at[0], headers=headers).status_code for at, path in known.items()}

    assert len(statuses) > 200
    # A header that is sent has to be right.
    assert {at for at, status in statuses.items() if status != 401} == (LOGIN_OPTIONAL if token is None else set())


ASKED = [
    {},
    {"headers": {"If-None-Match": "*"}},
    {"headers": {"Range": "bytes=0-1", "X-Log-Position": "0/1", "Prefer": "respond-async"}},
    *({"query_string": query} for query in ("as_of=2020-01-01T00:00:00Z", "as_of=2999-01-01T00:00:00Z", "limit=0")),
    *({"query_string": query} for query in ("cursor=x", "after=x", "time_zone=Nowhere")),
]


def test_an_ended_session_gets_one_answer_to_whatever_it_asks(app, client, alice, make_run, tokens):
    """The check of a session travels with what it is to see: no row, tag, place or error of that shows."""
    run, token = make_run(alice), a_session_that_was_ended(tokens, client)
    known = client.get("/v1/runs", headers=alice.headers).headers["ETag"]
    paths = {path for method, rule, path in addresses(app) if method == "GET"} | {f"/v1/runs/{run.id}"}
    asked = [*ASKED, {"headers": {"If-None-Match": known}}]

    def ask(path, *, headers=None, query_string=None):
        headers = {**(headers or {}), "Authorization": f"Bearer {token}"}
        return client.get(path, headers=headers, query_string=query_string)

    answers = {
        (answer.status_code, answer.text, answer.headers.get("ETag"), answer.headers.get("Location"))
        for path in paths
        for one in asked
        for answer in [ask(path, **one)]
    }

    assert len(paths) > 80
    assert answers == {(401, '{"detail":"The session has ended"}', None, None)}
