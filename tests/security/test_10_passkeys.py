"""Passkeys: only the device that made one lets its owner in, at this server, with a challenge that is used once.

Before: there were none; who had a password or Google's word was in, and phishing pages could ask for both. The device
is a software authenticator, which each attack changes.
"""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from fitness.accounts import passkeys
from fitness.accounts.confirmation import RECENTLY
from fitness.accounts.passkeys import site_of
from tests.google_browser import enter
from tests.standins.authenticator import PRESENT, Authenticator, decoded, encoded

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD = "a long pass phrase"
TOKEN = {"name": "Watch", "scopes": ["read"]}


@pytest.fixture
def settings(settings, google):
    often = "1000 per minute"
    limits = {"rate_limit_login": often, "rate_limit_login_total": often, "rate_limit_signup": often}
    return dataclasses.replace(settings, **limits, **google.settings)


@pytest.fixture
def device():
    return Authenticator()


@pytest.fixture
def ada(client):
    """The headers of somebody with a password."""
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    return bearer(client.post("/v1/auth/signup", json=account).json)


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def options(client, path, headers=None, body=None):
    answer = client.post(f"/v1/auth/{path}", json=body or {}, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json["public_key"]


def add(client, headers, device, name="Phone"):
    body = {"name": name, "passkey": device.make(options(client, "passkeys/options", headers))}
    return client.post("/v1/auth/passkeys", json=body, headers=headers)


def log_in(client, device, **changes):
    """Log in without saying who it is; a passkey on the device does."""
    return send(client, device.sign(options(client, "passkeys/login/options")) | changes)


def send(client, answer, **more):
    return client.post("/v1/auth/passkeys/login", json={"passkey": answer, **more})


def me(client, tokens):
    return client.get("/v1/auth/me", headers=bearer(tokens)).json["email"]


def log_of(client, headers):
    items = client.get("/v1/auth/security-log", headers=headers).json["items"]
    return [(item["event"], item["detail"]) for item in items]


def changed(answer, part, change):
    """Return an answer with another part of its response."""
    return {**answer, "response": {**answer["response"], part: change(answer["response"][part])}}


def let_time_pass(owner):
    owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - %s", [RECENTLY])


# Adding, naming, removing


def test_a_passkey_is_added_named_listed_and_removed(client, ada, device):
    added = add(client, ada, device)
    path = f"/v1/auth/passkeys/{added.json['id']}"
    renamed = client.patch(path, json={"name": "Old phone"}, headers=ada)
    used = log_in(client, device)
    (listed,) = client.get("/v1/auth/passkeys", headers=ada).json["items"]
    protection = client.get("/v1/auth/protection", headers=ada).json
    removed = client.delete(path, headers=ada)

    assert (added.status_code, added.json["name"], added.json["last_used_at"]) == (201, "Phone", None)
    assert (renamed.status_code, renamed.json["name"], used.status_code) == (200, "Old phone", 200)
    assert listed == {**renamed.json, "last_used_at": listed["last_used_at"]} and listed["last_used_at"]
    assert (protection["passkeys"], removed.status_code) == (1, 204)
    assert log_in(client, device).status_code == 401
    assert [event for event, _ in log_of(client, ada)] == [
        *("login_failed", "passkey_removed", "login", "passkey_added", "signed_up")
    ]


def test_one_device_adds_one_passkey_and_an_account_has_twenty_at_most(client, ada, device, owner):
    body = {"name": "Phone", "passkey": device.make(options(client, "passkeys/options", ada))}
    assert client.post("/v1/auth/passkeys", json=body, headers=ada).status_code == 201
    (excluded,) = options(client, "passkeys/options", ada)["excludeCredentials"]
    assert excluded["id"] == body["passkey"]["id"]
    owner.execute(
        "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, name)"
        " SELECT user_id, n::text::bytea, 'x', 0, 'x' FROM users, generate_series(2, 20) AS n"
    )

    assert client.post("/v1/auth/passkeys/options", headers=ada).status_code == 409


def test_adding_and_removing_need_a_recent_login(client, ada, device, owner):
    made = device.make(options(client, "passkeys/options", ada))
    let_time_pass(owner)
    late = client.post("/v1/auth/passkeys", json={"name": "Phone", "passkey": made}, headers=ada)
    begun = client.post("/v1/auth/passkeys/options", headers=ada)
    owner.execute("UPDATE sessions SET confirmed_at = now()")
    passkey_id = add(client, ada, Authenticator()).json["id"]
    let_time_pass(owner)
    removed = client.delete(f"/v1/auth/passkeys/{passkey_id}", headers=ada)

    assert [answer.status_code for answer in (late, begun, removed)] == [403] * 3


def test_a_session_does_not_add_what_another_began(client, ada, device, bob):
    made = device.make(options(client, "passkeys/options", ada))
    other = bearer(client.post("/v1/auth/login", json={"username": "ada", "password": PASSWORD}).json)

    for headers in (bob.headers, other):
        answer = client.post("/v1/auth/passkeys", json={"name": "Mine", "passkey": made}, headers=headers)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["passkey"])
    assert client.post("/v1/auth/passkeys", json={"name": "Mine", "passkey": made}, headers=ada).status_code == 201


@pytest.mark.parametrize(
    "change",
    [{"origin": "https://fitness.example"}, {"host": "fitness.example"}, {"flags": PRESENT}, {"flags": 0}],
    ids=["another origin", "another host", "nobody verified", "nobody present"],
)
def test_a_passkey_that_is_not_made_as_asked_for_is_not_added(client, ada, change):
    answer = add(client, ada, Authenticator(**change))

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["passkey"])


def test_the_last_way_to_log_in_stays(client, alice, device, owner):
    """Alice has no password, as people who log in with Google."""
    first, second = (add(client, alice.headers, one).json["id"] for one in (device, Authenticator()))

    def remove(passkey_id):
        return client.delete(f"/v1/auth/passkeys/{passkey_id}", headers=alice.headers)

    assert [remove(second).status_code, remove(first).status_code] == [204, 409]
    assert remove(first).json == {"detail": "You could not log in any more: set a password first"}
    assert log_in(client, device).status_code == 200
    owner.execute("UPDATE users SET google_id = '1' WHERE user_id = %s", [alice.user_id])
    assert client.delete("/v1/auth/google", headers=alice.headers).status_code == 204


def test_of_the_last_two_ways_that_are_removed_at_once_one_stays(app, client, alice, device):
    ids = [add(client, alice.headers, one).json["id"] for one in (device, Authenticator())]

    def remove(passkey_id):
        return app.test_client().delete(f"/v1/auth/passkeys/{passkey_id}", headers=alice.headers).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(remove, ids)) == [204, 409]


# Logging in


def test_a_passkey_logs_in_without_a_name_or_after_an_e_mail_address(client, ada, bob, device, owner):
    add(client, ada, device)
    tokens = log_in(client, device)
    named = options(client, "passkeys/login/options", body={"email": "ADA@example.com"})
    after = send(client, device.sign(named), email="ada@example.com")

    assert [me(client, answer.json) for answer in (tokens, after)] == ["ada@example.com"] * 2
    assert ("login", "passkey Phone") in log_of(client, ada)
    asked = options(client, "passkeys/login/options")
    assert (asked["allowCredentials"], asked["userVerification"], asked["rpId"]) == ([], "required", "localhost")
    (handle,) = owner.execute("SELECT passkey_handle FROM users WHERE username = 'ada'").fetchone()
    assert decoded(device.passkeys[0].handle) == handle.bytes


def test_a_browser_keeps_the_session_in_its_cookie(client, ada, device):
    add(client, ada, device)
    answer = device.sign(options(client, "passkeys/login/options"))
    tokens = client.post("/v1/auth/passkeys/login?cookie=true", json={"passkey": answer})

    assert (tokens.status_code, tokens.json["refresh_token"]) == (200, None)
    assert client.post("/v1/auth/refresh").status_code == 200


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_the_options_do_not_say_whether_an_address_has_an_account(client, ada, email):
    """Neither has a passkey."""
    first, again = (options(client, "passkeys/login/options", body={"email": email}) for _ in range(2))

    (named,) = first["allowCredentials"]
    assert len(decoded(named["id"])) == 32
    assert again["allowCredentials"] == [named]


ATTACKS = {
    "another origin": {"origin": "https://fitness.example"},
    "another host": {"host": "fitness.example"},
    "another port": {"origin": "http://localhost:9000"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": 0},
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_a_phishing_page_gets_signed_lets_nobody_in(client, ada, device, attack):
    add(client, ada, device)
    answer = log_in(client, dataclasses.replace(device, **attack))

    assert answer.status_code == 401
    assert log_of(client, ada)[0] == ("login_failed", "passkey")


@pytest.mark.parametrize("part", ["signature", "authenticatorData"])
def test_a_changed_answer_lets_nobody_in(client, ada, device, part):
    add(client, ada, device)
    signed = device.sign(options(client, "passkeys/login/options"))

    def tamper(text):
        data = bytearray(decoded(text))
        data[-1] ^= 1
        return encoded(bytes(data))

    assert send(client, changed(signed, part, tamper)).status_code == 401


def test_a_challenge_works_once_and_only_in_the_browser_that_asked(app, client, ada, device):
    add(client, ada, device)
    signed = device.sign(options(client, "passkeys/login/options"))
    other = app.test_client()
    options(other, "passkeys/login/options")

    statuses = [send(browser, signed).status_code for browser in (app.test_client(), other, client, client)]

    assert statuses == [422, 422, 200, 422]


def test_a_challenge_lasts_five_minutes(client, ada, device, owner):
    add(client, ada, device)
    signed = device.sign(options(client, "passkeys/login/options"))
    owner.execute("UPDATE login_steps SET expires_at = expires_at - interval '5 minutes'")

    assert send(client, signed).status_code == 422


def test_a_challenge_of_ones_own_making_is_refused(client, ada, device):
    add(client, ada, device)
    asked = options(client, "passkeys/login/options")

    assert send(client, device.sign({**asked, "challenge": encoded(b"of my own making")})).status_code == 422


def test_the_challenge_of_a_confirmation_logs_nobody_in(client, ada, device):
    add(client, ada, device)

    assert send(client, device.sign(options(client, "confirm/options", ada))).status_code == 422


def test_a_passkey_of_another_account_is_refused(client, ada, bob, device):
    """Bob's passkey signs for Ada: by her handle, her address, or under the id of her passkey."""
    add(client, ada, device)
    bobs = Authenticator()
    add(client, bob.headers, bobs)
    (own,), (hers,) = bobs.passkeys, device.passkeys

    def forged(**changes):
        return bobs.sign(options(client, "passkeys/login/options"), dataclasses.replace(own, **changes))

    by_address = bobs.sign(options(client, "passkeys/login/options", body={"email": "ada@example.com"}), own)
    answers = [
        send(client, forged(handle=hers.handle)),
        send(client, forged(handle=hers.handle, id=hers.id)),
        send(client, by_address, email="ada@example.com"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 3
    assert me(client, send(client, forged()).json) == bob.email


def test_the_same_passkey_of_two_accounts_lets_each_into_its_own(client, ada, bob, device):
    """Who registers the id of somebody else's passkey gains nothing by it, and locks nobody out."""
    add(client, ada, device)
    copy = Authenticator()
    copied = copy.make(options(client, "passkeys/options", bob.headers))
    hers = device.passkeys[0].id
    under_her_id = changed(
        {**copied, "id": encoded(hers), "rawId": encoded(hers)},
        "attestationObject",
        lambda text: encoded(decoded(text).replace(copy.passkeys[0].id, hers)),
    )
    answer = client.post("/v1/auth/passkeys", json={"name": "Hers", "passkey": under_her_id}, headers=bob.headers)
    copy.passkeys[0].id = hers

    assert answer.status_code == 201
    assert [me(client, log_in(client, one).json) for one in (device, copy)] == ["ada@example.com", bob.email]


def test_a_count_that_does_not_grow_is_a_copy_and_is_noted(client, ada, device):
    add(client, ada, device)
    copy = dataclasses.replace(device)
    assert log_in(client, device).status_code == 200

    for _ in range(2):
        refused = log_in(client, copy)
        assert (refused.status_code, refused.json["detail"]) == (401, passkeys.COPIED)
        assert log_of(client, ada)[0] == ("passkey_copied", "Phone")
        copy.count = 0
    assert log_in(client, device).status_code == 200


def test_a_device_that_does_not_count_logs_in_again_and_again(client, ada):
    device = Authenticator(counts=False)
    add(client, ada, device)

    assert [log_in(client, device).status_code for _ in range(3)] == [200] * 3


def test_a_deactivated_account_is_out(client, ada, device):
    add(client, ada, device)
    assert client.post("/v1/auth/deactivate", json={}, headers=ada).status_code == 204

    assert log_in(client, device).status_code == 401


BROKEN = {
    "nothing": {},
    "no object": {"response": "x"},
    "no JSON": {"response": {"clientDataJSON": encoded(b"{")}},
    "deep JSON": {"response": {"clientDataJSON": encoded(b"[" * 100_000)}},
    "a number": {"response": {"clientDataJSON": encoded(b'{"type": "", "origin": "", "challenge": 1}')}},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("path", ["passkeys/login", "passkeys", "confirm"])
def test_what_no_browser_answers_is_refused(client, ada, path, broken):
    body = {"passkey": broken, **({"name": "X"} if path == "passkeys" else {})}

    answer = client.post(f"/v1/auth/{path}", json=body, headers=ada)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["passkey"])


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", ["", "A", "%%%", "AAAA", None, 7])
def test_parts_that_no_browser_answers_are_refused(client, ada, device, part, value):
    add(client, ada, device)
    signed = changed(device.sign(options(client, "passkeys/login/options")), part, lambda _: value)

    answer = send(client, signed)

    assert answer.status_code in {401, 422}


# As a second factor


def test_a_passkey_does_as_the_second_factor(client, ada, device, google, owner):
    add(client, ada, device)
    owner.execute("INSERT INTO second_factors (user_id, secret, confirmed_at) SELECT user_id, 'x', now() FROM users")
    login = {"username": "ada", "password": PASSWORD}

    def signed(one=device):
        return one.sign(options(client, "passkeys/login/options"), one.passkeys[0])

    assert client.post("/v1/auth/login", json=login).status_code == 401
    assert client.post("/v1/auth/login", json={**login, "password": "x", "passkey": signed()}).status_code == 401
    assert client.post("/v1/auth/login", json={**login, "passkey": signed()}).status_code == 200
    owner.execute("UPDATE users SET google_id = %s", [google.person["sub"]])
    code = enter(client)
    assert client.post("/v1/auth/google/session", json={"code": code}).status_code == 401
    body = {"code": code, "passkey": signed()}
    assert client.post("/v1/auth/google/session", json=body).status_code == 200


def test_the_passkey_of_another_is_no_second_factor(client, ada, bob, owner):
    bobs = Authenticator()
    add(client, bob.headers, bobs)
    owner.execute("INSERT INTO second_factors (user_id, secret, confirmed_at) SELECT user_id, 'x', now() FROM users")
    body = {"username": "ada", "password": PASSWORD}

    signed = bobs.sign(options(client, "passkeys/login/options"))

    assert client.post("/v1/auth/login", json={**body, "passkey": signed}).status_code == 401


# What is dangerous


def test_a_passkey_confirms_what_is_dangerous(client, ada, device, owner):
    add(client, ada, device)
    owner.execute("INSERT INTO second_factors (user_id, secret, confirmed_at) SELECT user_id, 'x', now() FROM users")
    let_time_pass(owner)
    assert client.post("/v1/auth/tokens", json=TOKEN, headers=ada).status_code == 403

    signed = device.sign(options(client, "confirm/options", ada))
    assert client.post("/v1/auth/confirm", json={"passkey": signed}, headers=ada).status_code == 204

    assert client.post("/v1/auth/tokens", json=TOKEN, headers=ada).status_code == 201
    assert ("confirmed", "passkey Phone") in log_of(client, ada)


def test_an_account_of_passkeys_alone_is_deactivated_after_a_confirmation(client, alice, device, owner):
    add(client, alice.headers, device)
    let_time_pass(owner)
    refused = client.post("/v1/auth/deactivate", json={}, headers=alice.headers)
    signed = device.sign(options(client, "confirm/options", alice.headers))
    client.post("/v1/auth/confirm", json={"passkey": signed}, headers=alice.headers)

    assert refused.status_code == 403
    assert client.post("/v1/auth/deactivate", json={}, headers=alice.headers).status_code == 204


def test_only_ones_own_passkey_confirms_and_only_the_session_that_asked(client, ada, bob, device, owner):
    add(client, ada, device)
    bobs = Authenticator()
    add(client, bob.headers, bobs)
    other = bearer(client.post("/v1/auth/login", json={"username": "ada", "password": PASSWORD}).json)
    let_time_pass(owner)

    def confirm(signed, headers):
        return client.post("/v1/auth/confirm", json={"passkey": signed}, headers=headers).status_code

    asked = options(client, "confirm/options", ada)
    assert confirm(bobs.sign(asked, bobs.passkeys[0]), ada) == 422
    signed = device.sign(options(client, "confirm/options", ada))
    assert [confirm(signed, headers) for headers in (other, ada, ada)] == [422, 204, 422]
    unverified = dataclasses.replace(device, flags=PRESENT, count=100)
    assert confirm(unverified.sign(options(client, "confirm/options", ada)), ada) == 422
    assert log_of(client, ada)[0] == ("confirmation_failed", "passkey")


# Where they work, and what is kept


def test_what_is_kept_is_of_no_use_to_who_reads_it(client, ada, device, owner):
    add(client, ada, device)
    asked = options(client, "passkeys/login/options")
    kept = owner.execute("SELECT s::text FROM login_steps AS s").fetchall()
    (secret,) = {client.get_cookie("fitness_login").value}

    assert not any(asked["challenge"] in row or secret in row for (row,) in kept)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://Log.Mine.net", "https://log.mine.net"),
        ("https://log.mine.net:443/fitness", "https://log.mine.net"),
        ("https://log.mine.net:8443", "https://log.mine.net:8443"),
        ("http://log.mine.net", None),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
    ],
)
def test_passkeys_work_where_browsers_offer_them(settings, address, origin):
    site = site_of(dataclasses.replace(settings, public_api_base_url=address))

    assert (site and site.origin) == origin


def test_where_passkeys_do_not_work_the_server_says_so(app, client, ada, monkeypatch):
    bare = dataclasses.replace(app.config["SETTINGS"], public_api_base_url="http://127.0.0.1:8000")
    assert client.get("/v1/health").json["passkey_origin"] == "http://localhost:8000"
    monkeypatch.setitem(app.config, "SETTINGS", bare)

    assert client.get("/v1/health").json["passkey_origin"] is None
    answers = [client.post(f"/v1/auth/passkeys/{path}options", json={}, headers=ada) for path in ("", "login/")]
    assert [answer.status_code for answer in answers] == [409] * 2
