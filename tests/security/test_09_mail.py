"""Forgotten passwords and addresses of others: a code that is sent by mail decides.

Before: a forgotten password was final, and who signed up with somebody else's address kept it from its owner. The mail
server is a real one on loopback.
"""

import dataclasses
import socket
import ssl
from concurrent.futures import wait

import pytest

from fitness.accounts import by_mail, mail
from fitness.config import ConfigError, load_settings
from tests.security.test_10_meanwhile import after
from tests.standins.mail import mail_server

pytestmark = pytest.mark.usefixtures("quick_hashes")

PASSWORD, OTHER = "a long pass phrase", "quite another pass phrase"
ADA = {"email": "ada@example.com", "username": "ada", "name": "Ada", "password": PASSWORD}
TOKEN = {"name": "Watch", "scopes": ["read"]}


@pytest.fixture
def inbox():
    with mail_server() as inbox:
        yield inbox


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def settings(settings, inbox):
    limits = {"rate_limit_login": "1000 per minute", "rate_limit_signup": "1000 per minute"}
    return dataclasses.replace(settings, **limits, **inbox.settings)


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """Wait until all mails of the requests so far are sent, or have failed."""
    sending = []
    submit = mail._thread.submit

    def note(*args):
        sending.append(submit(*args))
        return sending[-1]

    monkeypatch.setattr(mail._thread, "submit", note)

    def until_sent():
        wait(sending, timeout=20)

    yield until_sent
    until_sent()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def ada(client, sent, inbox):
    """The headers of somebody who has just signed up."""
    answer = client.post("/v1/auth/signup", json=ADA)
    sent()
    return bearer(answer.json["access_token"])


def log_in(client, password=PASSWORD):
    return client.post("/v1/auth/login", json={"username": "ada", "password": password}).status_code


def forget(client, email="ada@example.com"):
    return client.post("/v1/auth/password/forgotten", json={"email": email})


def reset(client, code, password=OTHER, **more):
    return client.post("/v1/auth/password/reset", json={"code": code, "new_password": password, **more})


def verified(owner):
    return owner.execute("SELECT email_verified_at IS NOT NULL FROM users").fetchone()[0]


# A forgotten password


def test_a_forgotten_password_is_set_by_a_mail_once(client, ada, inbox, sent):
    forget(client)
    sent()
    (recipients, message), code = inbox.mails[-1], inbox.codes()[-1]
    assert (recipients, message["From"], message["To"]) == (["ada@example.com"], "log@mine.net", "ada@example.com")
    assert f"http://localhost:8000/dashboard#reset_code={code}" in message.get_content()

    easy = reset(client, code, "ada@example.com")
    done, again = reset(client, code), reset(client, code, PASSWORD)

    assert (easy.status_code, list(easy.json["errors"])) == (422, ["new_password"])
    assert (done.status_code, again.status_code) == (204, 422)
    assert again.json["errors"] == {"code": [by_mail.NOT_VALID]}
    assert client.get("/v1/users/me", headers=ada).status_code == 401
    assert (log_in(client), log_in(client, OTHER)) == (401, 200)


def test_a_code_is_stored_as_its_digest_and_for_an_hour(client, ada, owner, inbox, sent):
    forget(client)
    sent()
    code = inbox.codes()[-1]

    kept = owner.execute("SELECT c::text FROM mail_codes AS c WHERE purpose = 'reset'").fetchall()
    assert len(kept) == 1 and code not in kept[0][0]
    owner.execute("UPDATE mail_codes SET expires_at = expires_at - interval '1 hour'")
    assert reset(client, code).status_code == 422


def test_only_the_newest_code_works_and_for_its_purpose_alone(client, ada, inbox, sent):
    for _ in range(2):
        forget(client)
    sent()
    verification, first, second = inbox.codes()

    assert [reset(client, code).status_code for code in ("", "x", verification, first)] == [422] * 4
    assert client.post("/v1/auth/email/verify", json={"code": second}).status_code == 422
    assert reset(client, second).status_code == 204


def test_no_answer_says_whether_an_address_has_an_account(client, ada, inbox, sent):
    known, unknown = forget(client), forget(client, "nobody@example.com")
    sent()

    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (204, b"")
    assert [recipients for recipients, _ in inbox.mails] == [["ada@example.com"]] * 2


def test_a_deactivated_account_gets_no_code(client, ada, owner, inbox, sent):
    owner.execute("UPDATE users SET is_active = false")

    assert forget(client).status_code == 204
    sent()
    assert len(inbox.mails) == 1


def test_a_look_alike_address_gets_no_mail_of_another(client, ada, inbox, sent):
    """The mail goes to the address of the account, not to the one that was asked for."""
    forget(client, "\u0430da@example.com")
    sent()

    assert [recipients for recipients, _ in inbox.mails] == [["ada@example.com"]] * 2


def test_mails_are_limited(app, client, ada, inbox, sent, monkeypatch):
    few = dataclasses.replace(app.config["SETTINGS"], rate_limit_signup="3 per hour")
    monkeypatch.setitem(app.config, "SETTINGS", few)

    assert [forget(client).status_code for _ in range(4)] == [204, 204, 204, 429]


def from_address(address):
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def test_mails_to_one_account_are_counted_however_it_is_spelt(app, client, ada, inbox, sent, monkeypatch):
    """Before: each spelling of an address had a limit of its own, and so had each address of a network."""
    few = dataclasses.replace(app.config["SETTINGS"], rate_limit_signup="3 per hour")
    monkeypatch.setitem(app.config, "SETTINGS", few)
    spelt = ["ada@example.com", "ADA@example.com", "ａda@example.com", "Ada@Example.com"]

    asked = [
        client.post("/v1/auth/password/forgotten", json={"email": email}, **from_address(f"192.0.{number}.1"))
        for number, email in enumerate(spelt)
    ]

    assert [answer.status_code for answer in asked] == [204, 204, 204, 429]


@pytest.mark.parametrize(
    ("path", "body", "allowed"),
    [("password/forgotten", {"email": "{}@example.com"}, 204), ("email/verify", {"code": "x{}"}, 422)],
)
def test_mails_and_codes_are_limited_by_network(app, client, inbox, sent, monkeypatch, path, body, allowed):
    few = {"rate_limit_signup": "3 per hour", "rate_limit_login": "3 per minute"}
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **few))

    asked = [
        client.post(
            f"/v1/auth/{path}",
            json={name: text.format(number) for name, text in body.items()},
            **from_address(f"2001:db8::{number + 1}"),
        )
        for number in range(4)
    ]

    assert [answer.status_code for answer in asked] == [*[allowed] * 3, 429]


@pytest.mark.parametrize(
    ("step", "path", "more"),
    [
        ("fitness.db.mail_codes.get_addressee_of_code", "email/verify", {}),
        ("fitness.accounts.passwords.hash_new_password", "password/reset", {"new_password": OTHER}),
    ],
)
def test_a_code_does_not_outlive_its_address(app, client, ada, owner, inbox, sent, monkeypatch, step, path, more):
    """Before: an address was verified whose mails nobody had read, and the former one set a password."""
    forget(client)
    sent()
    code = inbox.codes()[-1 if more else 0]
    body = {"email": "eve@example.com", "current_password": PASSWORD}

    def act(other):
        changed = other.submit(app.test_client().put, "/v1/auth/email", json=body, headers=ada).result()
        assert changed.status_code == 200

    with after(monkeypatch, step, act):
        late = client.post(f"/v1/auth/{path}", json={"code": code, **more})

    assert (late.status_code, late.json["errors"]) == (422, {"code": [by_mail.NOT_VALID]})
    assert (log_in(client), verified(owner)) == (200, False)


def test_tokens_stay_unless_they_shall_end(client, ada, owner, inbox, sent):
    owner.execute("UPDATE users SET email_verified_at = now()")
    tokens = [client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json["token"] for _ in range(2)]
    forget(client)
    sent()
    reset(client, inbox.codes()[-1])
    assert client.get("/v1/runs", headers=bearer(tokens[0])).status_code == 200

    forget(client)
    sent()
    reset(client, inbox.codes()[-1], PASSWORD, revoke_tokens=True)
    assert client.get("/v1/runs", headers=bearer(tokens[0])).status_code == 401


# Somebody else's address


def test_who_reads_the_mail_gets_an_account_that_somebody_else_has_made(client, owner, ada, inbox, sent):
    token = client.post("/v1/auth/tokens", json=TOKEN, headers=ada).json["token"]
    owner.execute(
        "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, name)"
        " SELECT user_id, 'x', 'x', 0, 'Theirs' FROM users"
    )

    forget(client)
    sent()
    reset(client, inbox.codes()[-1])

    assert [client.get("/v1/runs", headers=headers).status_code for headers in (ada, bearer(token))] == [401, 401]
    assert (log_in(client), log_in(client, OTHER)) == (401, 200)
    assert verified(owner)
    assert owner.execute("SELECT count(*) FROM passkeys").fetchone() == (0,)


def test_an_address_is_verified_by_the_mail_of_the_sign_up(client, owner, ada, inbox):
    (code,) = inbox.codes()
    assert not verified(owner)

    answers = [client.post("/v1/auth/email/verify", json={"code": code}).status_code for _ in range(2)]

    assert answers == [204, 422]
    assert verified(owner)


def test_another_address_is_not_verified_and_the_former_one_gets_a_notice(client, owner, ada, inbox, sent):
    (code,) = inbox.codes()
    owner.execute("UPDATE users SET email_verified_at = now()")
    body = {"current_password": PASSWORD, "email": "ada@example.org"}

    assert client.put("/v1/auth/email", json=body, headers=ada).status_code == 200
    sent()

    assert not verified(owner)
    assert [recipients for recipients, _ in inbox.mails[1:]] == [["ada@example.com"], ["ada@example.org"]]
    assert "ada@example.org" in inbox.mails[1][1].get_content()
    # A code for the former address verifies nothing.
    assert client.post("/v1/auth/email/verify", json={"code": code}).status_code == 422
    assert client.post("/v1/auth/email/verify", json={"code": inbox.codes()[-1]}).status_code == 204


def test_another_code_can_be_asked_for_until_it_is_verified(client, ada, inbox, sent):
    assert client.post("/v1/auth/email/verification", headers=ada).status_code == 204
    sent()
    first, second = inbox.codes()
    assert [client.post("/v1/auth/email/verify", json={"code": c}).status_code for c in (first, second)] == [422, 204]

    client.post("/v1/auth/email/verification", headers=ada)
    sent()
    assert len(inbox.mails) == 2


# The mail server


def test_a_mail_server_that_fails_is_in_the_log_and_no_error(app, client, ada, sent, monkeypatch, caplog):
    gone = dataclasses.replace(app.config["SETTINGS"], smtp_port=free_port())
    monkeypatch.setitem(app.config, "SETTINGS", gone)

    answers = [
        forget(client),
        client.post("/v1/auth/signup", json={**ADA, "email": "b@example.com", "username": "b_2"}),
    ]
    sent()

    assert [answer.status_code for answer in answers] == [204, 201]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "mail not sent: ConnectionRefusedError"
    ] * 2


def test_no_connection_to_the_database_is_held_while_mail_is_sent(client, ada, inbox, sent, open_transactions):
    held = []
    take = inbox.handle_DATA

    async def note(*args):
        held.append(open_transactions())
        return await take(*args)

    inbox.handle_DATA = note
    forget(client)
    sent()

    assert held == [0]


def test_the_program_logs_in_at_the_mail_server(app, client, ada, inbox, sent, monkeypatch):
    settings = dataclasses.replace(app.config["SETTINGS"], smtp_username="log", smtp_password="pw-of-the-log")
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    forget(client)
    sent()

    assert inbox.logins == [("log", "pw-of-the-log")]
    assert "pw-of-the-log" not in repr(settings)


def test_without_encryption_at_the_server_nothing_is_sent(app, client, ada, inbox, sent, monkeypatch, caplog):
    settings = dataclasses.replace(app.config["SETTINGS"], smtp_security="starttls")
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    forget(client)
    sent()

    assert len(inbox.mails) == 1
    assert "mail not sent: SMTPNotSupportedError" in caplog.text
    assert ssl.create_default_context().check_hostname


def test_a_server_without_mail_says_so(app, client, ada, monkeypatch):
    assert client.get("/v1/health").json["sends_mail"] is True
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], smtp_host=None))

    answers = [forget(client), forget(client, "nobody@example.com")]
    answers.append(client.post("/v1/auth/email/verification", headers=ada))

    assert [answer.status_code for answer in answers] == [409] * 3
    assert client.get("/v1/health").json["sends_mail"] is False


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"SMTP_HOST": "mail.mine.net"}, "MAIL_FROM must be set with SMTP_HOST"),
        ({"SMTP_USERNAME": "log"}, "SMTP_USERNAME and SMTP_PASSWORD must be set together"),
        ({"MAIL_FROM": "log@mine.net\nBcc: x@example.com"}, "MAIL_FROM must be an e-mail address"),
    ],
)
def test_half_a_mail_server_is_refused_at_the_start(tmp_path, given, problem):
    with pytest.raises(ConfigError, match=problem):
        load_settings({"FITNESS_DATA_DIR": str(tmp_path), **given})
