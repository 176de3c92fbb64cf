"""Second factor: a password that somebody else knows is not enough.

Before: who knew the password was in. The codes are those that an app would show at a time that the tests choose.
"""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.fernet import Fernet
from pyotp.totp import TOTP

from fitness.accounts.confirmation import RECENTLY
from fitness.connections.encryption import Cipher
from fitness.db import connection, second_factors
from tests.cli.commands import Fitness
from tests.cli.conftest import fitness
from tests.google_browser import enter
from tests.google_browser import log_in as log_in_by_google

__all__ = ["fitness"]

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
STEP = 30


@pytest.fixture
def settings(settings, google):
    limits = {"rate_limit_login": "1000 per minute", "rate_limit_signup": "1000 per minute"}
    return dataclasses.replace(settings, **limits, **google.settings)


@pytest.fixture
def ada(client):
    """The headers of somebody with a password."""
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    return bearer(client.post("/v1/auth/signup", json=account).json["access_token"])


class App:
    """An app on a telephone, which shows the code of a step from now."""

    def __init__(self, secret):
        self.totp = TOTP(secret)
        self.recovery_codes = []

    def code(self, steps=0):
        return self.totp.generate_otp(int(time.time()) // STEP + steps)


@pytest.fixture
def app_of(client, ada, owner):
    """Set a second factor up: the app, and the recovery codes. The code that switched it on counts as used long ago."""
    begun = client.post("/v1/auth/second-factor", headers=ada).json
    app = App(begun["secret"])
    confirmed = client.post("/v1/auth/second-factor/confirm", json={"second_factor": app.code()}, headers=ada)
    owner.execute("UPDATE second_factors SET last_step = 0")
    app.recovery_codes = confirmed.json["recovery_codes"]
    return app


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def log_in(client, code=None, password=PASSWORD):
    body = {"username": "ada", "password": password, **({"second_factor": code} if code else {})}
    return client.post("/v1/auth/login", json=body, headers={"Accept": "application/problem+json"})


def wrong(app):
    """Return a code that is not right now."""
    right = {app.code(steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


def protection(client, headers):
    return client.get("/v1/auth/protection", headers=headers).json


# Setting it up


def test_an_app_reads_the_secret_and_nothing_is_on_before_its_first_code(client, ada, owner):
    begun = client.post("/v1/auth/second-factor", headers=ada)
    address = urlsplit(begun.json["uri"])

    assert (begun.status_code, address.scheme, address.netloc) == (201, "otpauth", "totp")
    assert dict(parse_qsl(address.query)) == {"secret": begun.json["secret"], "issuer": "fitness"}
    assert protection(client, ada)["second_factor"] is False
    assert log_in(client).status_code == 200
    (stored,) = owner.execute("SELECT f::text FROM second_factors AS f").fetchone()
    assert begun.json["secret"] not in stored

    refused = client.post("/v1/auth/second-factor/confirm", json={"second_factor": "12345"}, headers=ada)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["second_factor"])
    assert log_in(client).status_code == 200


def test_it_is_on_with_recovery_codes_that_are_shown_once(client, ada, owner, app_of):
    assert protection(client, ada) == {
        "has_password": True,
        "has_google": False,
        "passkeys": 0,
        "email_verified": False,
        "second_factor": True,
        "recovery_codes_left": 10,
    }
    assert len(set(app_of.recovery_codes)) == 10
    stored = str(owner.execute("SELECT c::text FROM recovery_codes AS c").fetchall())
    assert not any(part in stored for code in app_of.recovery_codes for part in (code, code.replace("-", "")))
    assert client.post("/v1/auth/second-factor", headers=ada).status_code == 409


@pytest.mark.parametrize("path", ["/v1/auth/second-factor", "/v1/auth/second-factor/recovery-codes"])
def test_a_stolen_access_token_sets_nothing_up(client, ada, owner, app_of, path):
    owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - %s", [RECENTLY])

    assert client.post(path, headers=ada).status_code == 403


# Logging in


def test_the_right_password_alone_is_not_enough(client, app_of, owner):
    missing, guessed = log_in(client), log_in(client, wrong(app_of))

    assert (missing.status_code, missing.json["code"]) == (401, "second_factor_needed")
    assert (guessed.status_code, guessed.json["code"]) == (401, "unauthorized")
    assert log_in(client, password=OTHER).json["code"] == "unauthorized"
    assert owner.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    assert log_in(client, app_of.code()).status_code == 200


def test_a_code_cannot_be_used_twice_nor_one_of_before_it(client, app_of):
    code, before = app_of.code(), app_of.code(-1)

    assert [log_in(client, one).status_code for one in (code, code, before)] == [200, 401, 401]


def test_a_code_of_a_clock_half_a_minute_off_is_right_and_one_further_off_is_wrong(client, owner, app_of):
    statuses = {}
    for steps in (-3, -1, 0, 3):
        owner.execute("UPDATE second_factors SET last_step = 0")
        statuses[steps] = log_in(client, app_of.code(steps)).status_code

    assert statuses == {-3: 401, -1: 200, 0: 200, 3: 401}


def test_a_recovery_code_works_once_however_it_is_typed(client, ada, app_of):
    first, second, *_ = app_of.recovery_codes

    assert [log_in(client, code).status_code for code in (first, first)] == [200, 401]
    assert log_in(client, second.upper().replace("-", " ")).status_code == 200
    assert protection(client, ada)["recovery_codes_left"] == 8


def test_new_recovery_codes_replace_the_others(client, ada, app_of):
    made = client.post("/v1/auth/second-factor/recovery-codes", headers=ada).json["recovery_codes"]

    assert log_in(client, app_of.recovery_codes[0]).status_code == 401
    assert log_in(client, made[0]).status_code == 200


def test_guesses_at_codes_are_limited(client, ada, app_of):
    guess = wrong(app_of)

    assert [log_in(client, guess).status_code for _ in range(5)].count(401) >= 4
    refused = log_in(client, app_of.code())
    assert refused.status_code == 429


def test_two_logins_with_one_code_at_once_are_one(app, client, app_of):
    code = app_of.code()
    with ThreadPoolExecutor(3) as threads:
        statuses = sorted(threads.map(lambda _: log_in(app.test_client(), code).status_code, range(3)))

    assert statuses == [200, 401, 401]


def test_the_log_says_what_happened(client, ada, app_of):
    log_in(client, wrong(app_of))
    log_in(client, app_of.recovery_codes[0])

    items = client.get("/v1/auth/security-log", headers=ada).json["items"]
    assert [(item["event"], item["detail"]) for item in items] == [
        ("login", None),
        ("recovery_code_used", None),
        ("login_failed", "second factor"),
        ("recovery_codes_made", None),
        ("second_factor_on", None),
        ("signed_up", None),
    ]


# What is dangerous


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/auth/password", {"new_password": OTHER, "current_password": PASSWORD}),
        ("PUT", "/v1/auth/email", {"email": "thief@example.com", "current_password": PASSWORD}),
        ("DELETE", "/v1/users/me", {"current_password": PASSWORD}),
        ("POST", "/v1/auth/tokens", {"name": "Watch", "scopes": ["read"]}),
    ],
)
def test_password_and_session_of_another_need_a_code_too(client, ada, owner, app_of, method, path, body):
    def attempt():
        return client.open(path, method=method, json=body, headers=ada).status_code

    def confirm(**code):
        return client.post("/v1/auth/confirm", json={"current_password": PASSWORD, **code}, headers=ada)

    owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - %s", [RECENTLY])
    refused = [confirm(), confirm(second_factor=wrong(app_of))]
    assert [(answer.status_code, list(answer.json["errors"])) for answer in refused] == [(422, ["second_factor"])] * 2
    assert attempt() == 403

    assert confirm(second_factor=app_of.code()).status_code == 204
    assert attempt() in {200, 201, 204}


def test_it_is_switched_off_with_a_code(client, ada, owner, app_of):
    def switch_off(code):
        return client.delete("/v1/auth/second-factor", json={"second_factor": code}, headers=ada)

    assert switch_off(wrong(app_of)).status_code == 422
    assert switch_off(app_of.code()).status_code == 204
    assert switch_off(app_of.code()).status_code == 409

    assert log_in(client).status_code == 200
    assert owner.execute("SELECT count(*) FROM recovery_codes").fetchone() == (0,)


def test_the_operator_removes_what_is_lost(client, app_of, fitness: Fitness, database_url):
    done = fitness("user", "recover", "ada", DATABASE_URL=database_url)
    again = fitness("user", "recover", "ada", DATABASE_URL=database_url)

    assert (done.returncode, done.stdout) == (0, "Removed the second factor of ada.\n")
    assert (again.returncode, again.stderr) == (1, "Error: ada has no second factor.\n")
    assert log_in(client).status_code == 200


def test_a_login_by_google_needs_it_too(client, owner, google, app_of):
    """Linked or not: Google's word alone opens no account with a second factor."""
    owner.execute("UPDATE users SET google_id = %s", [google.person["sub"]])
    accept = {"Accept": "application/problem+json"}

    code = enter(client)
    first = client.post("/v1/auth/google/session", json={"code": code}, headers=accept)
    assert (first.status_code, first.json["code"]) == (401, "second_factor_needed")

    body = {"code": code, "second_factor": app_of.code()}
    assert client.post("/v1/auth/google/session", json=body).status_code == 200
    assert client.post("/v1/auth/google/session", json=body).status_code == 422
    assert log_in_by_google(client).status_code == 401


def test_the_secret_is_encrypted_with_another_key_on_rotation(app, client, owner, app_of, monkeypatch):
    new = Fernet.generate_key().decode()
    keys = (new, *app.config["SETTINGS"].encryption_keys)
    with connection.system_transaction():
        assert [second_factors.rewrite_secrets(one, Cipher(keys).rotate) for one in second_factors.list_owners()] == [1]

    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], encryption_keys=(new,)))
    assert log_in(client, app_of.code()).status_code == 200
