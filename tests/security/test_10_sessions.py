"""Sessions: a stolen access token alone takes nothing that lasts, and its owner sees and ends it.

Before: an access token of 15 minutes was enough to delete the account, to make a token without an end, and to export
everything; nobody saw the thief's session, and a session that was used lasted for ever.
"""

import dataclasses
from functools import partial

import pytest

from fitness.accounts.confirmation import RECENTLY
from fitness.accounts.security_log import device_of
from fitness.db.security_events import MOST_FAILURES
from tests.cli.conftest import fitness

__all__ = ["fitness"]

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
TOKEN = {"name": "Watch", "scopes": ["read"]}
NEEDED = "confirmation_needed"


@pytest.fixture
def settings(settings):
    return dataclasses.replace(settings, rate_limit_login="1000 per minute", rate_limit_signup="1000 per minute")


@pytest.fixture
def ada(client):
    """The headers of somebody with a password."""
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    return bearer(client.post("/v1/auth/signup", json=account).json["access_token"])


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def log_in(client, agent=FIREFOX, password=PASSWORD):
    body = {"username": "ada", "password": password}
    return client.post("/v1/auth/login", json=body, headers={"User-Agent": agent}).json


def let_time_pass(owner):
    """Let the logins and confirmations so far have been longer ago than a recent one."""
    owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - %s", [RECENTLY])


def sessions_of(client, headers):
    return client.get("/v1/auth/sessions", headers=headers).json["items"]


def me(client, headers):
    return client.get("/v1/users/me", headers=headers).status_code


def code_of(answer):
    return answer.status_code, (answer.json or {}).get("code")


# What a stolen access token takes

THEFTS = [
    ("POST", "/v1/auth/tokens", TOKEN, 201),
    ("GET", "/v1/users/me/export", None, 200),
    ("DELETE", "/v1/users/me", {"confirmation": "delete ada@example.com"}, 204),
    ("DELETE", "/v1/auth/me", {"confirmation": "delete ada@example.com"}, 204),
    ("POST", "/v1/auth/deactivate", {}, 204),
    ("DELETE", "/v1/auth/google", None, 404),
]


@pytest.mark.parametrize(("method", "path", "body", "good"), THEFTS)
def test_a_stolen_access_token_needs_the_password_or_a_recent_login(client, owner, ada, method, path, body, good):
    def attempt():
        headers = {**ada, "Accept": "application/problem+json"}
        return client.open(path, method=method, json=body, headers=headers, buffered=True)

    let_time_pass(owner)
    assert code_of(attempt()) == (403, NEEDED)

    wrong = client.post("/v1/auth/confirm", json={"current_password": OTHER}, headers=ada)
    assert wrong.status_code == 422
    assert code_of(attempt()) == (403, NEEDED)

    assert client.post("/v1/auth/confirm", json={"current_password": PASSWORD}, headers=ada).status_code == 204
    assert attempt().status_code == good


@pytest.mark.parametrize(("method", "path", "body", "good"), THEFTS)
def test_the_owners_login_elsewhere_helps_no_thief(client, owner, ada, method, path, body, good):
    let_time_pass(owner)
    log_in(client)

    assert client.open(path, method=method, json=body, headers=ada).status_code == 403


def test_a_refresh_is_no_login(client, owner, ada):
    tokens = log_in(client)
    let_time_pass(owner)
    refreshed = client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json

    answer = client.post("/v1/auth/tokens", json=TOKEN, headers=bearer(refreshed["access_token"]))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/auth/email", {"email": "thief@example.com"}),
        ("PUT", "/v1/auth/password", {"new_password": OTHER}),
        ("POST", "/v1/auth/password", {"new_password": OTHER}),
        ("POST", "/v1/auth/tokens", TOKEN),
        ("POST", "/v1/auth/deactivate", {}),
    ],
)
def test_an_account_of_google_needs_a_recent_login(client, owner, alice, method, path, body):
    let_time_pass(owner)

    answer = client.open(path, method=method, json=body, headers=alice.headers)

    assert answer.status_code == 403
    owner.execute("UPDATE sessions SET confirmed_at = now()")
    assert client.open(path, method=method, json=body, headers=alice.headers).status_code < 300


def test_a_personal_access_token_confirms_nothing(client, alice, make_token):
    headers = make_token(alice, "read", "write", "import")
    paths = [("GET", "/v1/auth/sessions"), ("DELETE", "/v1/auth/sessions"), ("GET", "/v1/auth/security-log")]
    paths += [("POST", "/v1/auth/confirm"), ("DELETE", "/v1/auth/sessions/1"), ("DELETE", "/v1/users/me")]

    assert {client.open(path, method=method, headers=headers).status_code for method, path in paths} == {403}


def test_guesses_at_a_confirmation_are_limited_as_logins_are(app, client, ada, monkeypatch):
    few = dataclasses.replace(app.config["SETTINGS"], rate_limit_login="3 per minute")
    monkeypatch.setitem(app.config, "SETTINGS", few)

    guesses = [client.post("/v1/auth/confirm", json={"current_password": OTHER}, headers=ada) for _ in range(4)]

    assert [guess.status_code for guess in guesses] == [422, 422, 422, 429]


# A first password


def test_an_account_of_google_gets_its_first_password_once(client, alice):
    def set_first(password):
        return client.post("/v1/auth/password", json={"new_password": password}, headers=alice.headers)

    assert set_first("alice1234").status_code == 422
    assert (set_first(PASSWORD).status_code, set_first(OTHER).status_code) == (200, 409)
    assert client.post("/v1/auth/login", json={"username": "alice", "password": PASSWORD}).status_code == 200


# Sessions


def test_sessions_are_listed_with_device_address_and_use(client, ada):
    tokens = log_in(client)

    newest, first = sessions_of(client, bearer(tokens["access_token"]))

    assert (newest["device"], newest["address"], newest["current"]) == ("Firefox on Windows", "127.0.0.1", True)
    assert (first["device"], first["current"]) == ("Werkzeug", False)
    assert newest["created_at"] == newest["last_used_at"] < newest["expires_at"] < newest["ends_at"]
    assert not any(str(token) in str(newest) for token in tokens.values())


def test_a_refresh_says_where_a_session_is_used_now(client, ada):
    tokens = log_in(client)

    body = {"refresh_token": tokens["refresh_token"]}
    client.post("/v1/auth/refresh", json=body, environ_base={"REMOTE_ADDR": "203.0.113.7"}, headers={"User-Agent": "x"})

    newest, first = sessions_of(client, ada)
    assert (newest["address"], newest["device"], first["address"]) == ("203.0.113.7", "x", "127.0.0.1")
    assert newest["last_used_at"] > newest["created_at"]


def test_a_session_that_two_tabs_refreshed_at_once_is_one(client, ada):
    body = {"refresh_token": log_in(client)["refresh_token"]}
    for _ in range(2):
        assert client.post("/v1/auth/refresh", json=body).status_code == 200

    assert len(sessions_of(client, ada)) == 2


def test_sessions_are_paged(client, ada):
    for _ in range(3):
        log_in(client)

    page = client.get("/v1/auth/sessions?limit=3", headers=ada).json
    rest = client.get(f"/v1/auth/sessions?limit=3&cursor={page['next_cursor']}", headers=ada).json

    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)


def test_one_session_is_ended_at_once(client, ada):
    tokens = log_in(client)
    stolen = bearer(tokens["access_token"])

    answer = client.delete(f"/v1/auth/sessions/{sessions_of(client, ada)[0]['id']}", headers=ada)

    assert answer.status_code == 204
    assert (me(client, stolen), me(client, ada)) == (401, 200)
    assert client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401
    assert [session["current"] for session in sessions_of(client, ada)] == [True]


def test_all_others_are_ended_at_once(client, ada):
    stolen = [bearer(log_in(client)["access_token"]) for _ in range(2)]

    answer = client.delete("/v1/auth/sessions", headers=ada)

    assert (answer.status_code, answer.json) == (200, {"ended_sessions": 2})
    assert [me(client, headers) for headers in (ada, *stolen)] == [200, 401, 401]
    assert len(sessions_of(client, ada)) == 1


def test_a_session_that_is_always_used_ends_too(client, owner, ada):
    """The last day of a session is 365 days after its login, however often it is refreshed."""
    tokens = log_in(client)
    owner.execute("UPDATE sessions SET ends_at = now() + interval '1 minute'")

    refreshed = client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json

    (newest, *_) = sessions_of(client, bearer(refreshed["access_token"]))
    assert newest["expires_at"] == newest["ends_at"]
    owner.execute("UPDATE refresh_tokens SET expires_at = expires_at - interval '1 minute'")
    assert client.post("/v1/auth/refresh", json={"refresh_token": refreshed["refresh_token"]}).status_code == 401


def test_a_session_has_the_longest_time_of_the_settings(client, owner, ada):
    assert owner.execute("SELECT DISTINCT ends_at - created_at > '364 days' FROM sessions").fetchall() == [(True,)]


def test_another_password_says_what_ended_and_which_tokens_stay(client, ada):
    log_in(client)
    token = client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json["token"]
    body = {"current_password": PASSWORD, "new_password": OTHER}

    answer = client.put("/v1/auth/password", json=body, headers=ada)

    assert (answer.status_code, answer.json) == (200, {"ended_sessions": 1, "active_tokens": 1})
    assert me(client, bearer(token)) == 200


def test_another_password_ends_tokens_when_asked_to(client, ada):
    token = client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json["token"]
    body = {"current_password": PASSWORD, "new_password": OTHER, "revoke_tokens": True}

    answer = client.put("/v1/auth/password", json=body, headers=ada)

    assert answer.json == {"ended_sessions": 0, "active_tokens": 0}
    assert me(client, bearer(token)) == 401


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("\x1b[2J<script>", None),
        ("", None),
    ],
)
def test_a_device_is_named_in_plain_words(agent, device):
    assert device_of(agent) == device


# An account that is deactivated


def deactivate_by_hand(fitness, client, ada):
    assert client.post("/v1/auth/deactivate", json={"current_password": PASSWORD}, headers=ada).status_code == 204


def deactivate_by_command(fitness, client, ada):
    assert fitness("user", "deactivate", "ada").returncode == 0


@pytest.mark.parametrize(
    ("deactivate", "how"), [(deactivate_by_hand, None), (deactivate_by_command, "by the operator")]
)
def test_what_a_deactivation_ended_stays_ended_when_the_account_is_back(
    fitness, client, database_url, ada, deactivate, how
):
    """Before: sessions and tokens of before worked again, those of a thief as well."""
    on_database = partial(fitness, DATABASE_URL=database_url)
    tokens = log_in(client)
    token = client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json["token"]

    deactivate(on_database, client, ada)
    assert on_database("user", "activate", "ada").returncode == 0

    former = [ada, bearer(tokens["access_token"]), bearer(token)]
    assert [client.get("/v1/runs", headers=headers).status_code for headers in former] == [401] * 3
    assert client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401
    again = bearer(log_in(client)["access_token"])
    assert log_of(client, again)[:3] == [
        ("login", None),
        ("account_activated", "by the operator"),
        ("account_deactivated", how),
    ]
    assert [bool(one["revoked_at"]) for one in client.get("/v1/auth/tokens", headers=again).json["items"]] == [True]


# The security log


def log_of(client, headers):
    items = client.get("/v1/auth/security-log", headers=headers).json["items"]
    return [(item["event"], item["detail"]) for item in items]


def test_the_log_has_logins_failures_and_changes_of_rights(client, ada):
    assert client.post("/v1/auth/login", json={"email": "ada@example.com", "password": OTHER}).status_code == 401
    log_in(client)
    token = client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json
    client.delete(f"/v1/auth/tokens/{token['id']}", headers=ada)
    client.put("/v1/auth/email", json={"current_password": PASSWORD, "email": "ada@example.org"}, headers=ada)
    client.put("/v1/auth/password", json={"current_password": PASSWORD, "new_password": OTHER}, headers=ada)
    client.post("/v1/auth/confirm", json={"current_password": PASSWORD}, headers=ada)
    client.delete("/v1/auth/sessions", headers=ada)
    client.get("/v1/users/me/export", headers=ada, buffered=True)

    assert log_of(client, ada) == [
        ("data_exported", None),
        ("other_sessions_ended", None),
        ("confirmation_failed", None),
        ("password_changed", None),
        ("email_changed", "ada@example.org"),
        ("token_revoked", "Watch"),
        ("token_created", "Watch"),
        ("login", None),
        ("login_failed", None),
        ("signed_up", None),
    ]
    (login,) = [
        item for item in client.get("/v1/auth/security-log", headers=ada).json["items"] if item["event"] == "login"
    ]
    assert (login["device"], login["address"]) == ("Firefox on Windows", "127.0.0.1")


def test_the_log_is_paged_and_ones_own(client, ada, bob):
    log_in(client)
    page = client.get("/v1/auth/security-log?limit=1", headers=ada).json
    rest = client.get(f"/v1/auth/security-log?limit=1&cursor={page['next_cursor']}", headers=ada).json

    assert [item["event"] for item in (*page["items"], *rest["items"])] == ["login", "signed_up"]
    assert log_of(client, bob.headers) == [("login", None)]


def test_the_log_is_kept_for_a_year_and_an_attacker_cannot_fill_it(client, owner, ada):
    owner.execute("UPDATE security_events SET created_at = now() - interval '366 days'")
    (user_id,) = owner.execute("SELECT user_id FROM users").fetchone()
    owner.execute(
        "INSERT INTO security_events (user_id, event) SELECT %s, 'login_failed' FROM generate_series(1, %s)",
        [user_id, MOST_FAILURES],
    )

    log_in(client)
    client.post("/v1/auth/login", json={"username": "ada", "password": OTHER})

    counted = dict(owner.execute("SELECT event, count(*) FROM security_events GROUP BY event").fetchall())
    assert counted == {"login": 1, "login_failed": MOST_FAILURES}
