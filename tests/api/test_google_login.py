"""Logging in with Google: whose word is believed, in which browser, and that nobody's account is taken over."""

import dataclasses
import threading
from urllib.parse import parse_qs, urlsplit

import bcrypt
import pytest
from itsdangerous import TimestampSigner

from fitness.accounts import passwords
from fitness.db import connection, users
from tests.google_browser import begin_login, enter, fragment, log_in, say_yes
from tests.standins.google import BAD_GATEWAY, TOKEN, refusal
from tests.standins.server import Fault

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD = "a long pass phrase"
EMAIL = "athlete@example.com"
DASHBOARD = "http://localhost:8000/dashboard"
JSON = {"Accept": "application/json"}


@pytest.fixture
def settings(settings, google):
    return dataclasses.replace(settings, **google.settings, rate_limit_login_total="1000 per minute")


@pytest.fixture
def athlete(app):
    """The number of an account with the e-mail address that Google tells, and a password."""
    with connection.system_transaction():
        return users.create_user(
            email="Athlete@Example.com", name="A", hashed_password=passwords.hash_password(PASSWORD)
        ).user_id


def me(client, tokens):
    return client.get("/v1/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


def link(client, body, headers=None):
    return client.post("/v1/auth/google/link", json=body, headers=headers)


def accounts(owner):
    return owner.execute("SELECT email, google_id FROM users ORDER BY user_id").fetchall()


def sessions(owner):
    return owner.execute("SELECT count(*) FROM refresh_tokens").fetchone()[0]


# Coming in


def test_who_is_new_gets_an_account_and_a_session_and_comes_back_to_it(client, google, owner):
    first = log_in(client)
    google.person["email"] = "moved@example.com"
    again = log_in(client)

    assert (first.status_code, again.status_code) == (200, 200)
    assert set(first.json) == {"access_token", "refresh_token", "token_type", "expires_in"}
    account = me(client, first.json).json
    assert (account["email"], account["name"]) == (EMAIL, "Test Athlete")
    assert account["profile_image_url"] == google.person["picture"]
    assert me(client, again.json).json["user_id"] == account["user_id"]
    assert accounts(owner) == [(EMAIL, google.person["sub"])]
    assert owner.execute("SELECT hashed_password FROM users").fetchone() == (None,)


def exchange(client, code, query=""):
    return client.post(f"/v1/auth/google/session{query}", json={"code": code})


def test_a_browser_comes_back_to_the_dashboard_with_a_code_and_no_token(client, google, owner):
    answer = log_in(client, accept="text/html,application/xhtml+xml,*/*;q=0.8")

    address = urlsplit(answer.headers["Location"])
    assert (answer.status_code, answer.data) == (302, b"")
    assert (f"{address.scheme}://{address.netloc}{address.path}", address.query) == (DASHBOARD, "")
    assert list(fragment(answer)) == ["login_code"]
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert sessions(owner) == 0


def test_the_code_is_exchanged_for_a_session_once(client, google, owner):
    code = enter(client)
    tokens = exchange(client, code)
    again = exchange(client, code)

    assert (tokens.status_code, tokens.headers["Cache-Control"]) == (200, "no-store")
    assert me(client, tokens.json).json["email"] == EMAIL
    assert client.post("/v1/auth/refresh", json={"refresh_token": tokens.json["refresh_token"]}).status_code == 200
    assert client.get_cookie("fitness_login") is None
    assert (again.status_code, list(again.json["errors"])) == (422, ["code"])
    assert sessions(owner) == 2


def test_the_session_of_a_code_may_stay_in_the_cookie(client, google):
    tokens = exchange(client, enter(client), "?cookie=true")

    assert tokens.json["refresh_token"] is None
    assert client.post("/v1/auth/refresh").status_code == 200


def test_the_code_is_good_only_in_the_browser_that_started_the_login(app, client, google):
    code = enter(client)
    other = app.test_client()
    begin_login(other)

    tried = [exchange(app.test_client(), code), exchange(other, code)]

    assert [(answer.status_code, list(answer.json["errors"])) for answer in tried] == [(422, ["code"])] * 2
    assert exchange(client, code).status_code == 200


def test_the_code_lasts_a_minute_and_is_then_forgotten(client, google, owner):
    code = enter(client)
    (left,) = owner.execute("SELECT extract(epoch FROM expires_at - now()) FROM login_steps").fetchone()
    assert 50 < left <= 60
    owner.execute("UPDATE login_steps SET expires_at = now() - interval '1 second'")

    assert exchange(client, code).status_code == 422
    enter(client)
    assert owner.execute("SELECT count(*) FROM login_steps").fetchone() == (1,)


def test_what_is_kept_of_a_code_is_of_no_use_to_who_reads_it(client, google, owner):
    code = enter(client)
    (kept,) = owner.execute("SELECT step_hash, browser_hash FROM login_steps").fetchall()

    assert code not in kept
    assert client.get_cookie("fitness_login").value not in kept
    assert [exchange(client, digest).status_code for digest in kept] == [422, 422]


@pytest.mark.parametrize("end", ["is_active = false", "google_id = NULL"])
def test_a_code_of_an_account_that_was_closed_meanwhile_lets_nobody_in(client, google, owner, end):
    code = enter(client)
    owner.execute(f"UPDATE users SET {end}")

    assert exchange(client, code).status_code == 401
    assert sessions(owner) == 0


@pytest.mark.parametrize("base", ["http://localhost:8000", "https://log.example.com"])
def test_the_way_out_is_bound_to_the_browser_and_protected(app, client, google, monkeypatch, base):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], public_api_base_url=base))

    answer = client.get("/v1/auth/google/login")

    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{base}/v1/auth/google/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) > 40 and len(asked["nonce"][0]) > 40
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=600" in cookie
    assert ("Secure" in cookie) == base.startswith("https")
    assert asked["state"][0] not in cookie and asked["nonce"][0] not in cookie


def test_what_is_kept_of_a_login_is_of_no_use_to_who_reads_it(client, google, owner):
    asked = parse_qs(urlsplit(begin_login(client)).query)
    (kept,) = owner.execute("SELECT step_hash, browser_hash, content ->> 'code_verifier' FROM login_steps").fetchall()

    assert asked["state"][0] not in kept
    assert client.get_cookie("fitness_login").value not in kept
    assert kept[2].startswith("gAAAA")


def test_two_first_logins_at_the_same_moment_make_one_account(app, google, owner):
    together = threading.Barrier(2)

    def wait(request, make):
        together.wait(timeout=20)
        return make()

    google.fail(Fault(wait, on=TOKEN), Fault(wait, on=TOKEN))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(log_in(app.test_client()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(accounts(owner)) == 1


# States


def forged(client, other):
    return say_yes(begin_login(client)).replace("state=", "state=x")


def reused(client, other):
    back = say_yes(begin_login(client))
    assert client.get(back, headers=JSON).status_code == 200
    return back


def someone_elses(client, other):
    begin_login(client)
    return say_yes(begin_login(other))


def without_cookie(client, other):
    back = say_yes(begin_login(client))
    client.delete_cookie("fitness_login")
    return back


@pytest.mark.parametrize("way", [forged, reused, someone_elses, without_cookie])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_state_that_is_forged_reused_or_someone_elses_lets_nobody_in(app, client, google, owner, way, accept):
    back = way(client, app.test_client())
    before = sessions(owner)
    asked = len(google.asked(TOKEN))

    answer = client.get(back, headers={"Accept": accept})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["state"]
    assert (sessions(owner), len(google.asked(TOKEN))) == (before, asked)


def test_a_state_that_another_browser_tried_is_still_good_where_it_began(app, client, google):
    back = say_yes(begin_login(client))

    stolen = app.test_client().get(back, headers=JSON)

    assert stolen.status_code == 422
    assert client.get(back, headers=JSON).status_code == 200


def test_a_state_that_is_too_old_lets_nobody_in_and_is_forgotten(client, google, owner):
    back = say_yes(begin_login(client))
    owner.execute("UPDATE login_steps SET expires_at = now() - interval '1 second'")

    assert client.get(back, headers=JSON).status_code == 422
    begin_login(client)
    assert owner.execute("SELECT count(*) FROM login_steps").fetchone() == (1,)


# Google's word


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another"},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"claims": {"aud": "9876543210-xyz.apps.googleusercontent.com"}},
        {"claims": {"iss": "https://accounts.example.com"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"exp": 1762089600}},
        {"claims": {"email_verified": False}},
        {"claims": {"email_verified": ...}},
        {"granted": ""},
    ],
    ids=str,
)
def test_a_word_of_google_that_does_not_hold_lets_nobody_in(client, google, owner, wrong):
    for name, value in wrong.items():
        setattr(google, name, value)

    answer, page = log_in(client), log_in(client, accept="text/html")

    assert (answer.status_code, list(answer.json)) == (401, ["detail"])
    assert page.status_code == 302
    assert page.headers["Location"].startswith(f"{DASHBOARD}?login_error=")
    assert (accounts(owner), sessions(owner)) == ([], 0)


def test_an_id_token_of_another_login_lets_nobody_in(app, client, google, owner):
    log_in(app.test_client())
    stolen = google.sign("nonce of another login")
    google.sign = lambda nonce: stolen

    assert log_in(client).status_code == 401
    assert sessions(owner) == 1


@pytest.mark.parametrize(
    ("answer", "status"), [(BAD_GATEWAY, 502), (refusal("invalid_client"), 503), (refusal("invalid_grant"), 409)]
)
def test_a_failure_of_google_is_told_as_such(client, google, owner, answer, status):
    google.fail(*[Fault(answer, on=TOKEN)] * 2)

    assert log_in(client).status_code == status
    assert "?login_error=" in log_in(client, accept="text/html").headers["Location"]
    assert accounts(owner) == []


def test_logins_are_limited_by_network(app, client, google, monkeypatch):
    few = dataclasses.replace(app.config["SETTINGS"], rate_limit_login_total="2 per minute")
    monkeypatch.setitem(app.config, "SETTINGS", few)

    assert [client.get("/v1/auth/google/login").status_code for _ in range(3)] == [302, 302, 429]


# Linking


def test_an_account_of_the_same_address_is_opened_by_its_password_alone(client, google, owner, athlete):
    answer = log_in(client)
    assert (answer.status_code, list(answer.json)) == (202, ["link_token"])
    assert sessions(owner) == 0
    wrong = link(client, {**answer.json, "password": "a wrong pass phrase"})
    nothing = link(client, answer.json)
    assert (wrong.status_code, nothing.status_code) == (401, 401)
    assert accounts(owner) == [("Athlete@Example.com", None)]

    linked = link(client, {**answer.json, "password": PASSWORD})

    assert linked.status_code == 200
    assert me(client, linked.json).json["user_id"] == athlete
    assert me(client, log_in(client).json).json["user_id"] == athlete
    assert client.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}).status_code == 200


def test_a_browser_is_told_of_the_link_in_the_fragment(client, google, athlete):
    answer = log_in(client, accept="text/html")

    assert answer.headers["Location"].startswith(f"{DASHBOARD}#link_token=")
    linked = client.post("/v1/auth/google/link?cookie=true", json={**fragment(answer), "password": PASSWORD})
    assert (linked.status_code, linked.json["refresh_token"]) == (200, None)
    assert client.post("/v1/auth/refresh").status_code == 200


def test_an_account_of_the_same_address_is_opened_by_its_own_session_and_no_other(client, google, alice, bob, owner):
    google.person["email"] = "ALICE@example.com"
    token = log_in(client).json

    assert link(client, token, bob.headers).status_code == 403
    assert link(client, token, {"Authorization": "Bearer nonsense"}).status_code == 401
    linked = link(client, token, alice.headers)

    assert linked.status_code == 200
    assert me(client, linked.json).json["user_id"] == alice.user_id
    assert accounts(owner) == [("alice@example.com", google.person["sub"]), ("bob@example.com", None)]


def test_a_link_that_is_forged_or_too_old_links_nothing(client, google, owner, alice, athlete, monkeypatch):
    token = log_in(client).json["link_token"]
    session = client.get("/v1/oauth/google/authorize-url", headers=alice.headers).json["url"]
    state = parse_qs(urlsplit(session).query)["state"][0]
    tried = [link(client, {"link_token": bad, "password": PASSWORD}) for bad in ("", "x.y.z", token[:-1], state)]
    set_signing_clock(monkeypatch, -601)
    tried.append(link(client, {"link_token": log_in(client).json["link_token"], "password": PASSWORD}))

    assert [(answer.status_code, list(answer.json["errors"])) for answer in tried] == [(422, ["link_token"])] * 5
    assert all(google_id is None for _, google_id in accounts(owner))


def set_signing_clock(monkeypatch, ahead):
    at = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: at(signer) + ahead)


@pytest.mark.parametrize("ahead", [-590, 2, 590])
def test_a_link_is_good_if_the_clock_of_the_server_that_made_it_is_wrong(client, google, athlete, monkeypatch, ahead):
    """Before: one of a server that was two seconds ahead, or whose clock was put back since, had "expired"."""
    set_signing_clock(monkeypatch, ahead)

    assert link(client, {**log_in(client).json, "password": PASSWORD}).status_code == 200


def test_one_google_account_logs_in_to_one_account_and_one_account_has_one(client, google, owner, alice, bob):
    google.person |= {"email": alice.email}
    first = log_in(client).json
    google.person |= {"email": bob.email}
    same_google = log_in(client).json
    google.person |= {"email": alice.email, "sub": "another"}
    other_google = log_in(client).json
    assert link(client, first, alice.headers).status_code == 200

    refused = [link(client, same_google, bob.headers), link(client, other_google, alice.headers)]

    assert [answer.status_code for answer in refused] == [409, 409]
    assert [google_id is None for _, google_id in accounts(owner)] == [False, True]


def test_attempts_to_link_count_as_logins_of_the_account(app, client, google, athlete, monkeypatch):
    token = log_in(client).json
    few = dataclasses.replace(app.config["SETTINGS"], rate_limit_login="2 per minute")
    monkeypatch.setitem(app.config, "SETTINGS", few)

    tried = [link(client, {**token, "password": "wrong"}).status_code for _ in range(3)]

    assert tried == [401, 401, 429]
    assert client.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}).status_code == 429


def test_no_connection_to_the_database_is_held_while_a_password_is_checked(
    client, google, athlete, monkeypatch, open_transactions
):
    token = log_in(client).json
    held = []
    checkpw = bcrypt.checkpw

    def look(*args):
        held.append(open_transactions())
        return checkpw(*args)

    monkeypatch.setattr(bcrypt, "checkpw", look)

    assert link(client, {**token, "password": PASSWORD}).status_code == 200
    assert held == [0]


def test_a_deactivated_account_stays_out(client, google, owner, athlete):
    token = log_in(client).json
    owner.execute("UPDATE users SET is_active = false")
    assert link(client, {**token, "password": PASSWORD}).status_code == 401
    owner.execute("UPDATE users SET google_id = %s", [google.person["sub"]])

    answer, page = log_in(client), log_in(client, accept="text/html")

    assert answer.status_code == 401
    assert "?login_error=" in page.headers["Location"]
    assert sessions(owner) == 0


# Unlinking


def test_unlinking_needs_a_password_to_come_in_by(client, google, owner):
    tokens = log_in(client).json
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    locked_in = client.delete("/v1/auth/google", headers=headers)
    owner.execute("UPDATE users SET hashed_password = %s", [passwords.hash_password(PASSWORD)])
    answers = [client.delete("/v1/auth/google", headers=headers).status_code for _ in range(2)]

    assert locked_in.status_code == 409
    assert locked_in.json == {"detail": "You could not log in any more: set a password first"}
    assert answers == [204, 404]
    assert accounts(owner) == [(EMAIL, None)]
    assert log_in(client).status_code == 202


def test_unlinking_needs_a_login(client):
    assert client.delete("/v1/auth/google").status_code == 401
