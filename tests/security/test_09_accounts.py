"""Accounts: easy passwords, cut passwords, addresses that look alike, sign-up by anybody.

Before: `password` and one's own address were accepted as passwords, nothing above 72 bytes was, a password typed on
another keyboard (NFD) was wrong, and `аda@example.com` with a Cyrillic letter was another account.
"""

import dataclasses
import unicodedata

import bcrypt
import psycopg
import pytest

from fitness.accounts import passwords
from fitness.db import migrate
from tests.cli.commands import Fitness
from tests.cli.conftest import fitness

__all__ = ["fitness"]

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
ADA = {"email": "ada.lovelace@example.com", "username": "countess", "name": "Ada Byron", "password": PASSWORD}
LONG = {
    "Latin": "Große Sätze: über Äcker, ölige Straßen und schöne Hügel läuft sie",
    "Chinese": "每天早上我沿着河边跑步二十公里然后喝一杯热茶再去办公室上班写程序直到太阳落山为止"
    "晚上继续读书学习新的知识与朋友分享快乐人生哲理",
    "Arabic": "كل صباح أركض على ضفة النهر عشرين كيلومترا ثم أشرب كوبا من الشاي ال",
    "emoji": "🏃🌧🥾⛰🌲🦌🌄☕🍞🧀🍎🚲🛶🏊🎿⛷🥇🏅⏱📈📉🗺🧭🎽👟🧦🧢🕶💧🍌🥜🍫🔋🎧🎵🐕🌉🏙🚦🚏🌃🌙"
    "⭐🔭🛌💤⏰🚴🏔🌊🍂🎯🧗🥵🥶🪵🪨🐝🐌🦋🐿🦔🦡🦅",
}


@pytest.fixture
def settings(settings):
    return dataclasses.replace(settings, rate_limit_login="1000 per minute", rate_limit_signup="1000 per minute")


def sign_up(client, **fields):
    return client.post("/v1/auth/signup", json={**ADA, **fields})


def log_in(client, password=PASSWORD, **name):
    return client.post("/v1/auth/login", json={**(name or {"username": "countess"}), "password": password})


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        *("password", "12345678", "qwertyuiop", "P@ssw0rd", "letmein123", "iloveyou", "aaaaaaaaaa", "abcabcabcabc"),
        *("ada.lovelace@example.com", "Ada.Lovelace@Example.com", "countess", "ada lovelace", "Ada Byron", "countess1"),
    ],
)
def test_a_password_that_is_common_or_ones_own_name_or_address_is_refused(client, owner, password):
    answer = sign_up(client, password=password)

    assert (answer.status_code, answer.json["errors"]) == (422, {"password": [passwords.TOO_EASY]})
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_the_longest_address_is_no_password_either(client):
    email = f"{'ada.countess.of.lovelace.' * 2}x@a.long.subdomain.of.the.mathematical.society.example.com"

    assert sign_up(client, email=email, password=email).status_code == 422


def test_an_easy_password_is_refused_when_it_is_changed(client):
    headers = {"Authorization": f"Bearer {sign_up(client).json['access_token']}"}
    body = {"current_password": PASSWORD, "new_password": "countess1"}

    answer = client.put("/v1/auth/password", json=body, headers=headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {"new_password": [passwords.TOO_EASY]})
    assert log_in(client).status_code == 200


@pytest.mark.parametrize("script", LONG)
def test_64_characters_of_any_script_count_to_the_last_one(client, script):
    password = LONG[script]
    assert len(password) > 60

    assert sign_up(client, password=password).status_code == 201
    assert log_in(client, password).status_code == 200
    assert log_in(client, password[:-1]).status_code == 401
    assert log_in(client, password[:-1] + "x").status_code == 401


@pytest.mark.parametrize(("stored", "typed"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_password_is_the_same_on_every_keyboard(client, stored, typed):
    password = "Müde Füße, schöne Grüße"

    sign_up(client, password=unicodedata.normalize(stored, password))

    assert log_in(client, unicodedata.normalize(typed, password)).status_code == 200


def test_an_earlier_hash_is_good_and_becomes_a_new_one_at_the_next_login(client, owner):
    sign_up(client)
    earlier = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    owner.execute("UPDATE users SET hashed_password = %s", [earlier])

    wrong = [log_in(client, password).status_code for password in (OTHER, PASSWORD + "\0", PASSWORD + "x" * 72)]
    assert (wrong, hash_of(owner)) == ([401] * 3, earlier)

    assert log_in(client).status_code == 200
    renewed = hash_of(owner)
    assert renewed.startswith("hmac-sha256$2b$")
    assert log_in(client).status_code == 200
    assert hash_of(owner) == renewed


def hash_of(owner):
    (hashed,) = owner.execute("SELECT hashed_password FROM users").fetchone()
    return hashed


# Addresses and usernames


@pytest.mark.parametrize(
    "variant",
    [
        "ADA.lovelace@example.com",
        "ａｄａ.lovelace@example.com",
        "ada\u200b.lovelace@example.com",
        "ada.lovelace@exam\u00adple.com",
        "ada.lovelace@ex\u0430mple.com",
        "\u0430d\u0430.lovelace@example.com",
        "ad\u03b1.l\u03bfvelace@example.com",
        "ada.lovelace@ex\u0410MPLE.com",
        "ada.love\ufeffl\u0430ce@example.com",
    ],
)
def test_an_address_that_looks_like_anothers_is_that_account(client, owner, variant):
    sign_up(client)

    taken = sign_up(client, email=variant, username="other")

    assert (taken.status_code, taken.json) == (409, {"detail": "This e-mail address is already taken"})
    assert log_in(client, email=variant).status_code == 200


def test_an_address_is_kept_in_plain_characters(client, owner):
    sign_up(client, email="ａｄａ\u200b@ｅxample.com", username="ｃountess")

    assert owner.execute("SELECT email, username FROM users").fetchone() == ("ada@example.com", "countess")


def test_addresses_of_other_scripts_are_addresses(client):
    first = sign_up(client, email="почта@пример.рф", username="first")
    second = sign_up(client, email="jürgen@example.com", username="second")
    third = sign_up(client, email="jurgen@example.com", username="third")

    assert [answer.status_code for answer in (first, second, third)] == [201] * 3
    assert log_in(client, email="почта@пример.рф").status_code == 200


@pytest.mark.parametrize("email", ['"\x1b[2J"@example.com', '"a b"@example.com', "ada\n@example.com"])
def test_an_address_steers_no_terminal(client, email):
    answer = sign_up(client, email=email)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["email"])


# Who may sign up


@pytest.fixture
def sign_up_is(app, monkeypatch):
    def set_mode(mode):
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], sign_up=mode))

    return set_mode


def test_closed_is_closed_by_any_way(client, sign_up_is, owner):
    sign_up_is("closed")

    refused = sign_up(client)

    assert (refused.status_code, refused.json) == (403, {"detail": "Sign-up is closed on this server"})
    assert client.get("/v1/health").json["sign_up"] == "closed"
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_an_invitation_makes_one_account_within_its_time(client, sign_up_is, owner, fitness: Fitness, database_url):
    printed = fitness("user", "invite", "--days", 3, DATABASE_URL=database_url)
    link, _, code = printed.stdout.strip().partition("#invitation=")
    assert (printed.returncode, link) == (0, "http://localhost:8000/dashboard")
    assert code in printed.stderr
    (kept,) = owner.execute("SELECT i::text FROM invitations AS i").fetchone()
    assert code not in kept
    sign_up_is("invitation")

    missing, wrong = sign_up(client), sign_up(client, invitation="inv_x")
    easy = sign_up(client, invitation=code, password="password")
    assert [list(answer.json["errors"]) for answer in (missing, wrong, easy)] == [
        ["invitation"],
        ["invitation"],
        ["password"],
    ]
    assert sign_up(client, invitation=code).status_code == 201
    again = sign_up(client, invitation=code, email="grace@example.com", username="grace")
    assert (again.status_code, list(again.json["errors"])) == (422, ["invitation"])


def test_an_expired_invitation_is_no_more(client, sign_up_is, owner):
    owner.execute("INSERT INTO invitations VALUES (encode(sha256('inv_x'), 'hex'), now() - interval '1 second')")
    sign_up_is("invitation")

    assert sign_up(client, invitation="inv_x").status_code == 422


def test_a_taken_address_does_not_use_up_the_invitation(client, sign_up_is, owner):
    sign_up(client)
    owner.execute("INSERT INTO invitations VALUES (encode(sha256('inv_x'), 'hex'), now() + interval '1 day')")
    sign_up_is("invitation")

    assert sign_up(client, invitation="inv_x").status_code == 409
    assert sign_up(client, invitation="inv_x", email="grace@example.com", username="grace").status_code == 201


# The operator helps


def test_the_operator_sets_a_forgotten_password_and_all_sessions_end(client, fitness: Fitness, database_url):
    headers = {"Authorization": f"Bearer {sign_up(client).json['access_token']}"}
    command = ("user", "password", "countess", "--password-stdin")

    easy = fitness(*command, given="countess\n", DATABASE_URL=database_url)
    done = fitness(*command, given=f"{OTHER}\n", DATABASE_URL=database_url)

    assert (easy.returncode, easy.stderr) == (1, f"Error: {passwords.TOO_EASY}\n")
    assert (done.returncode, done.stdout) == (0, "Changed the password of countess; all sessions have ended.\n")
    assert client.get("/v1/users/me", headers=headers).status_code == 401
    assert [log_in(client, password).status_code for password in (PASSWORD, OTHER)] == [401, 200]


# Accounts of before


def test_accounts_whose_addresses_look_alike_are_named_before_an_upgrade(empty_database_url):
    migrate.upgrade(empty_database_url, "0030")
    with psycopg.connect(empty_database_url, autocommit=True) as before:
        before.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'A'), ('\u0430da@example.com', 'B')")

        with pytest.raises(RuntimeError, match=r"look alike, .*: 1, 2"):
            migrate.upgrade(empty_database_url)
        before.execute("UPDATE users SET email = 'b@example.com' WHERE name = 'B'")
        migrate.upgrade(empty_database_url)
