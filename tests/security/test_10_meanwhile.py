"""What the owner does in the middle of somebody else's request, or of another request of their own.

Before: who had sent a login or another password just before the owner changed theirs was in afterwards, and a second
factor could be switched on with a secret that no telephone had.
"""

import dataclasses
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import bcrypt
import pytest
from pyotp.totp import TOTP

from tests import google_browser
from tests.connecting import say_yes, with_strava
from tests.standins.authenticator import Authenticator
from tests.standins.hevy import HevyStandIn

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
GONE = "What you have logged in with was changed or removed in the meantime"
TOKEN = {"name": "Watch", "scopes": ["read"]}

pytestmark = pytest.mark.usefixtures("quick_hashes")


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def log_in(client, password=PASSWORD, **more):
    return client.post("/v1/auth/login", json={"username": "ada", "password": password, **more})


@pytest.fixture
def hevy():
    with HevyStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def settings(settings, google, strava, hevy):
    return dataclasses.replace(with_strava(settings, strava), **google.settings, hevy_api_url=hevy.url)


@pytest.fixture
def ada(client):
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    return bearer(client.post("/v1/auth/signup", json=account).json)


@contextmanager
def after(monkeypatch, where, act):
    """Let something happen once, in a request of its own, right after a step of another request."""
    with monkeypatch.context() as patched, ThreadPoolExecutor(1) as other:
        module, name = where.rsplit(".", 1)
        step = getattr(__import__(module, fromlist=[name]), name)

        def with_more(*given, **named):
            result = step(*given, **named)
            patched.undo()
            act(other)
            return result

        patched.setattr(where, with_more)
        yield


def change_password(client, headers):
    answer = client.put(
        "/v1/auth/password", json={"current_password": PASSWORD, "new_password": OTHER}, headers=headers
    )
    assert answer.status_code == 200


def test_a_login_with_the_former_password_does_not_outlive_it(app, client, ada, monkeypatch):
    def act(other):
        other.submit(change_password, app.test_client(), ada).result()

    with after(monkeypatch, "fitness.accounts.second_factor.check", act):
        late = log_in(client)

    assert (late.status_code, late.json) == (401, {"detail": GONE})
    assert len(client.get("/v1/auth/sessions", headers=ada).json["items"]) == 1
    assert log_in(client, OTHER).status_code == 200


def test_two_logins_at_once_renew_an_earlier_hash(app, client, ada, owner, monkeypatch):
    """Before: one of them was refused, as if the password had changed."""
    earlier = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    owner.execute("UPDATE users SET hashed_password = %s", [earlier])

    def act(other):
        assert other.submit(log_in, app.test_client()).result().status_code == 200

    with after(monkeypatch, "fitness.accounts.second_factor.check", act):
        late = log_in(client)

    assert late.status_code == 200


def test_a_login_with_a_passkey_does_not_outlive_it(app, client, ada, monkeypatch):
    device, path = Authenticator(), "/v1/auth/passkeys"
    made = device.make(client.post(f"{path}/options", json={}, headers=ada).json["public_key"])
    added = client.post(path, json={"name": "Phone", "passkey": made}, headers=ada).json
    signed = device.sign(client.post(f"{path}/login/options", json={}).json["public_key"])

    def act(other):
        assert other.submit(app.test_client().delete, f"{path}/{added['id']}", headers=ada).result().status_code == 204

    with after(monkeypatch, "fitness.accounts.passkeys._verify", act):
        late = client.post(f"{path}/login", json={"passkey": signed})

    assert (late.status_code, late.json) == (401, {"detail": GONE})


@pytest.fixture
def link_token(client, google, ada):
    """What links the Google account with the address of ada's to her account."""
    google.person["email"] = "ada@example.com"
    return google_browser.log_in(client).json


def unlink(client, headers):
    assert client.delete("/v1/auth/google", headers=headers).status_code == 204


@pytest.mark.parametrize("as_json", [True, False])
def test_a_google_login_does_not_outlive_the_link(app, client, google, owner, ada, link_token, monkeypatch, as_json):
    client.post("/v1/auth/google/link", json=link_token, headers=ada)
    before = owner.execute("SELECT count(*) FROM sessions").fetchone()

    def act(other):
        other.submit(unlink, app.test_client(), ada).result()

    with after(monkeypatch, "fitness.accounts.second_factor." + ("check_code" if as_json else "check"), act):
        if as_json:
            late = google_browser.log_in(client)
        else:
            late = client.post("/v1/auth/google/session", json={"code": google_browser.enter(client)})

    assert (late.status_code, late.json) == (401, {"detail": GONE})
    assert owner.execute("SELECT count(*) FROM sessions").fetchone() == before


def test_a_link_by_the_former_password_is_not_made(app, client, owner, ada, link_token, monkeypatch):
    def act(other):
        other.submit(change_password, app.test_client(), ada).result()

    with after(monkeypatch, "fitness.accounts.second_factor.check", act):
        late = client.post("/v1/auth/google/link", json={**link_token, "password": PASSWORD})

    assert (late.status_code, late.json) == (401, {"detail": GONE})
    assert owner.execute("SELECT google_id FROM users").fetchone() == (None,)


@pytest.mark.parametrize(
    ("step", "method", "path", "body"),
    [
        ("account.confirm_owner", "PUT", "password", {"current_password": PASSWORD, "new_password": OTHER}),
        ("account.confirm_owner", "PUT", "email", {"current_password": PASSWORD, "email": "eve@example.com"}),
        ("api_tokens.refuse_unless_recent", "POST", "tokens", TOKEN),
    ],
)
def test_a_session_that_was_ended_stores_no_way_in(app, client, owner, ada, monkeypatch, step, method, path, body):
    thief = bearer(log_in(client).json)

    def act(other):
        ended = other.submit(app.test_client().delete, "/v1/auth/sessions", headers=ada).result()
        assert ended.json == {"ended_sessions": 1}

    with after(monkeypatch, f"fitness.api.{step}", act):
        late = client.open(f"/v1/auth/{path}", method=method, json=body, headers=thief)

    assert (late.status_code, late.json) == (401, {"detail": "The session has ended"})
    assert client.get("/v1/auth/me", headers=ada).json["email"] == "ada@example.com"
    assert log_in(client).status_code == 200
    assert owner.execute("SELECT count(*) FROM api_tokens").fetchone() == (0,)


def end_others(app, ada):
    """Return an act that ends all other sessions than this one."""

    def act(other):
        assert other.submit(app.test_client().delete, "/v1/auth/sessions", headers=ada).result().status_code == 200

    return act


def test_an_ended_session_links_no_google_account(app, client, owner, ada, link_token, monkeypatch):
    thief = bearer(log_in(client).json)

    with after(monkeypatch, "fitness.accounts.google_login._read_link", end_others(app, ada)):
        late = client.post("/v1/auth/google/link", json=link_token, headers=thief)

    assert (late.status_code, late.json) == (401, {"detail": "The session has ended"})
    assert owner.execute("SELECT google_id FROM users").fetchone() == (None,)


@pytest.mark.parametrize(
    ("step", "method", "path", "is_on"),
    [
        ("api.second_factor.refuse_unless_recent", "POST", "", False),
        ("accounts.second_factor.limit_attempts", "POST", "/confirm", False),
        ("accounts.second_factor.check_in_session", "DELETE", "", True),
        ("api.second_factor.refuse_unless_recent", "POST", "/recovery-codes", True),
    ],
)
def test_an_ended_session_changes_no_second_factor(app, client, owner, ada, monkeypatch, step, method, path, is_on):
    """Before: whoever confirmed one in that moment had locked the owner out."""
    thief, factor = bearer(log_in(client).json), "/v1/auth/second-factor"
    totp = TOTP(client.post(factor, headers=ada).json["secret"])
    if is_on:
        client.post(f"{factor}/confirm", json={"second_factor": totp.now()}, headers=ada)
    owner.execute("UPDATE second_factors SET last_step = 0")
    protection = "SELECT secret, confirmed_at, code_hash FROM second_factors LEFT JOIN recovery_codes USING (user_id)"
    before = owner.execute(protection).fetchall()
    body = None if path == "/recovery-codes" else {"second_factor": totp.now()}

    with after(monkeypatch, f"fitness.{step}", end_others(app, ada)):
        late = client.open(factor + path, method=method, json=body, headers=thief)

    assert (late.status_code, late.json) == (401, {"detail": "The session has ended"})
    assert sorted(owner.execute(protection).fetchall()) == sorted(before)


@pytest.mark.parametrize(
    ("step", "method", "path"),
    [
        ("passkeys.refuse_unless_recent", "DELETE", "passkeys/{}"),
        ("google_login.refuse_unless_recent", "DELETE", "google"),
        ("account.confirm_owner", "POST", "deactivate"),
        ("account.confirm_owner", "DELETE", "me"),
    ],
)
def test_an_ended_session_takes_nothing_away(app, client, owner, ada, link_token, monkeypatch, step, method, path):
    thief, device, passkeys = bearer(log_in(client).json), Authenticator(), "/v1/auth/passkeys"
    client.post("/v1/auth/google/link", json=link_token, headers=ada)
    made = device.make(client.post(f"{passkeys}/options", json={}, headers=ada).json["public_key"])
    added = client.post(passkeys, json={"name": "Phone", "passkey": made}, headers=ada).json["id"]
    body = {"current_password": PASSWORD} if step.startswith("account") else None

    with after(monkeypatch, f"fitness.api.{step}", end_others(app, ada)):
        late = client.open(f"/v1/auth/{path.format(added)}", method=method, json=body, headers=thief)

    assert (late.status_code, late.json) == (401, {"detail": "The session has ended"})
    kept = "SELECT is_active, google_id IS NOT NULL, p.name FROM users LEFT JOIN passkeys AS p USING (user_id)"
    assert owner.execute(kept).fetchall() == [(True, True, "Phone")]


@pytest.mark.parametrize("provider", ["strava", "google"])
def test_an_ended_session_connects_nobody(app, client, owner, ada, strava, monkeypatch, provider):
    """Before: whoever had a session for a moment had ten minutes to connect the account with their own calendar."""
    thief = bearer(log_in(client).json)

    def back():
        return say_yes(client.get(f"/v1/oauth/{provider}/authorize-url", headers=thief).json["url"])

    returns = [back(), back()]
    with after(monkeypatch, "fitness.connections.clients.oauth_client", end_others(app, ada)):
        late = [client.get(path).location for path in returns]

    assert [parse_qs(urlsplit(path).query) for path in late] == [{"connection_error": ["The session has ended"]}] * 2
    assert owner.execute("SELECT count(*) FROM oauth_credentials").fetchone() == (0,)


def test_an_ended_session_stores_no_key(app, client, owner, ada, hevy, monkeypatch):
    thief = bearer(log_in(client).json)

    with after(monkeypatch, "fitness.connections.oauth.Hevy", end_others(app, ada)):
        late = client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=thief)

    assert (late.status_code, late.json) == (401, {"detail": "The session has ended"})
    assert owner.execute("SELECT count(*) FROM oauth_credentials").fetchone() == (0,)


def test_of_two_sessions_that_end_each_other_one_stays(app, client, owner, ada, monkeypatch):
    other_one, again = bearer(log_in(client).json), []

    def act(other):
        again.append(other.submit(app.test_client().delete, "/v1/auth/sessions", headers=other_one))
        begun_or_waiting(owner, again[0])

    with after(monkeypatch, "fitness.db.refresh_tokens.revoke_other_families", act):
        first = client.delete("/v1/auth/sessions", headers=ada)

    assert (first.json, again[0].result().status_code) == ({"ended_sessions": 1}, 401)
    assert client.get("/v1/auth/me", headers=ada).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "sessions", None),
        ("DELETE", "sessions/{}", None),
        ("PUT", "password", {"current_password": PASSWORD, "new_password": OTHER}),
        ("POST", "deactivate", {"current_password": PASSWORD}),
    ],
)
def test_a_session_is_not_refreshed_beside_its_end(app, client, owner, ada, monkeypatch, method, path, body):
    """Before: the token of a refresh that was under way lived on, and so did the session."""
    thief, ends = log_in(client).json, []
    (number,) = owner.execute("SELECT max(id) FROM sessions").fetchone()

    def act(other):
        there = f"/v1/auth/{path.format(number)}"
        ends.append(other.submit(app.test_client().open, there, method=method, json=body, headers=ada))
        begun_or_waiting(owner, ends[0])

    with after(monkeypatch, "fitness.db.refresh_tokens.use_refresh_token", act):
        late = client.post("/v1/auth/refresh", json={"refresh_token": thief["refresh_token"]})

    assert ends[0].result().status_code < 300
    assert late.status_code == 200
    owner.execute("UPDATE users SET is_active = true")
    assert client.get("/v1/auth/me", headers=bearer(late.json)).status_code == 401
    assert client.post("/v1/auth/refresh", json={"refresh_token": late.json["refresh_token"]}).status_code == 401


def test_who_logs_out_in_one_tab_is_out_in_the_one_that_refreshes(app, client, owner, ada, monkeypatch):
    tab, ends = log_in(client).json, []

    def act(other):
        ends.append(other.submit(app.test_client().post, "/v1/auth/logout", headers=bearer(tab)))
        begun_or_waiting(owner, ends[0])

    with after(monkeypatch, "fitness.db.refresh_tokens.use_refresh_token", act):
        late = client.post("/v1/auth/refresh", json={"refresh_token": tab["refresh_token"]})

    assert (ends[0].result().status_code, late.status_code) == (204, 200)
    assert client.get("/v1/auth/me", headers=bearer(late.json)).status_code == 401


def begun_or_waiting(owner, request: Future):
    """Return when a request is answered, or waits for a lock."""
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not request.done() and owner.execute(waits).fetchone() is None:
        pass


def test_the_secret_that_is_switched_on_is_the_one_of_the_code(app, client, owner, ada, monkeypatch):
    path, again = "/v1/auth/second-factor", []
    totp = TOTP(client.post(path, headers=ada).json["secret"])

    def act(other):
        again.append(other.submit(app.test_client().post, path, headers=ada))
        begun_or_waiting(owner, again[0])

    with after(monkeypatch, "fitness.db.second_factors.get_second_factor", act):
        confirmed = client.post(f"{path}/confirm", json={"second_factor": totp.now()}, headers=ada)
    owner.execute("UPDATE second_factors SET last_step = 0")

    assert (confirmed.status_code, again[0].result().status_code) == (200, 409)
    assert log_in(client, second_factor=totp.now()).status_code == 200


def test_of_two_requests_for_recovery_codes_one_has_those_that_work(app, client, owner, ada, monkeypatch):
    path, again = "/v1/auth/second-factor", []
    totp = TOTP(client.post(path, headers=ada).json["secret"])
    client.post(f"{path}/confirm", json={"second_factor": totp.now()}, headers=ada)

    def act(other):
        again.append(other.submit(app.test_client().post, f"{path}/recovery-codes", headers=ada))
        begun_or_waiting(owner, again[0])

    with after(monkeypatch, "fitness.db.second_factors.replace_recovery_codes", act):
        first = client.post(f"{path}/recovery-codes", headers=ada)

    assert (first.status_code, again[0].result().status_code) == (200, 200)
    assert owner.execute("SELECT count(*) FROM recovery_codes").fetchone() == (10,)


def test_of_two_changes_of_one_password_one_is_made(app, client, ada, monkeypatch):
    def act(other):
        other.submit(change_password, app.test_client(), ada).result()

    with after(monkeypatch, "fitness.api.account.confirm_owner", act):
        body = {"current_password": PASSWORD, "new_password": "entirely other words"}
        late = client.put("/v1/auth/password", json=body, headers=ada)

    assert (late.status_code, late.json) == (409, {"detail": "The password was changed meanwhile"})
    assert log_in(client, OTHER).status_code == 200


def test_how_long_a_step_of_a_login_lasts_is_measured_by_one_clock(client, owner):
    """Before: the clock of the server said when it ends, that of the database whether it has ended."""
    owner.execute("ALTER TABLE login_steps ADD COLUMN made_at timestamptz DEFAULT now()")

    client.post("/v1/auth/passkeys/login/options", json={})

    assert owner.execute("SELECT expires_at - made_at FROM login_steps").fetchone() == (timedelta(minutes=5),)
