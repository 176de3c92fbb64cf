"""Sessions: refreshed, ended, and the tokens that stand for them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from flask import Flask

from fitness.accounts import sessions
from fitness.accounts.sessions import Tokens
from fitness.config import Settings
from fitness.db import connection, users
from fitness.db.refresh_tokens import GRACE
from tests.accounts.signing_in import WRONG_LOGIN, bearer

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def session(app: Flask, alice) -> Tokens:
    """A session of alice's, made without her password."""
    with app.app_context():
        return sessions.start_session(alice.user_id)


def let_time_pass(owner):
    """Let the tokens used so far have been used longer ago than two tabs that refresh at once."""
    owner.execute("UPDATE refresh_tokens SET used_at = used_at - %s", [GRACE])


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


def test_a_used_refresh_token_that_comes_back_later_ends_the_whole_session(owner, refresh, me, session):
    second = refresh(session.refresh_token).json
    third = refresh(second["refresh_token"]).json
    let_time_pass(owner)

    reuse = refresh(session.refresh_token)

    assert (reuse.status_code, reuse.json) == (401, {"detail": "This refresh token is no longer valid"})
    assert refresh(third["refresh_token"]).status_code == 401
    assert {me(token) for token in (session.access_token, second["access_token"], third["access_token"])} == {401}


def test_a_stolen_token_ends_one_session_and_not_the_others(owner, refresh, me, session, alice, client):
    refresh(session.refresh_token)
    let_time_pass(owner)
    refresh(session.refresh_token)

    assert me(session.access_token) == 401
    assert client.get("/v1/auth/me", headers=alice.headers).status_code == 200


def test_two_tabs_that_refresh_at_once_stay_logged_in(app, refresh, session, me):
    def use(_: int) -> Any:
        return app.test_client().post("/v1/auth/refresh", json={"refresh_token": session.refresh_token}).json

    with ThreadPoolExecutor(5) as threads:
        tabs = list(threads.map(use, range(5)))

    assert [me(tab["access_token"]) for tab in tabs] == [200] * 5
    assert [refresh(tab["refresh_token"]).status_code for tab in tabs] == [200] * 5


def test_a_refresh_whose_answer_was_lost_can_be_sent_again(refresh, me, session):
    refresh(session.refresh_token)

    assert me(refresh(session.refresh_token).json["access_token"]) == 200


def test_a_revoked_token_is_not_good_again(client, refresh, session):
    refresh(session.refresh_token)
    client.post("/v1/auth/logout", headers=bearer(session.access_token))

    assert refresh(session.refresh_token).status_code == 401


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


def test_the_clocks_of_several_servers_may_differ_a_little(forge, me):
    """Before: a token of a server whose clock is a second ahead was refused by the others."""
    ahead = int(time.time()) + 30

    assert me(forge(nbf=ahead, iat=ahead)) == 200


def test_a_token_that_worked_expires(app, client, alice, monkeypatch):
    with app.app_context():
        token = sessions.start_session(alice.user_id).access_token
    expires_at = jwt.decode(token, options={"verify_signature": False})["exp"]
    before = client.get("/v1/auth/me", headers=bearer(token))
    monkeypatch.setattr(time, "time", lambda: expires_at + 0.1)

    after = client.get("/v1/auth/me", headers=bearer(token))

    assert before.status_code == 200
    assert (after.status_code, after.json) == (401, {"detail": "The token is invalid or has expired"})


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
