"""A database that takes no changes, as a hosted one with a full disk: all that reads goes on."""

import pytest

from tests.routes import addresses

WRITES = {
    "/v1/oauth/<provider>/authorize",  # a state to come back with
    "/v1/oauth/<provider>/authorize-url",
}
"""Addresses whose GET stores something."""


@pytest.fixture
def read_only(owner, alice, make_run, make_token):
    """Let the database take no changes any more."""
    make_run(alice)
    token = make_token(alice, "read", "write")
    (name,) = owner.execute("SELECT current_database()").fetchone()
    owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [name]
    )
    return token


def test_a_token_reads_from_it(client, owner, read_only):
    answers = [client.get("/v1/runs", headers=read_only) for _ in range(2)]

    assert [(answer.status_code, len(answer.json["items"])) for answer in answers] == [(200, 1)] * 2
    assert owner.execute("SELECT last_used_at FROM api_tokens").fetchone() == (None,)


def test_a_token_changes_nothing_in_it(client, read_only):
    answer = client.post("/v1/shoes", json={"name": "New"}, headers=read_only)

    assert (answer.status_code, answer.json["detail"]) == (503, "The database takes no changes now: nothing was stored")


@pytest.mark.parametrize("by_session", [True, False])
def test_all_data_can_be_exported_from_it(client, alice, read_only, by_session, caplog):
    answer = client.get("/v1/users/me/export", headers=alice.headers if by_session else read_only)

    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    assert ("its security log takes no changes now" in caplog.text) is by_session
    answer.close()


def test_an_export_still_needs_a_recent_login(client, owner, alice, read_only):
    owner.execute("SET default_transaction_read_only = off")
    owner.execute("UPDATE sessions SET confirmed_at = now() - interval '1 hour'")

    assert client.get("/v1/users/me/export", headers=alice.headers).status_code == 403


def test_every_address_that_reads_answers_from_it(app, client, alice, read_only):
    answers = {
        rule: client.get(path.replace("/oauth/x/", "/oauth/strava/"), headers=headers, buffered=True).status_code
        for headers in (alice.headers, read_only)
        for method, rule, path in addresses(app)
        if method == "GET" and rule not in WRITES
    }

    assert len(answers) > 80
    assert {rule for rule, status in answers.items() if status >= 500} == set()


def test_a_full_disk_is_said_and_reading_goes_on(client, owner, alice, make_run):
    """Before: "The database is busy or cannot be reached", as if trying again would help."""
    make_run(alice)
    owner.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
    """)
    owner.execute("CREATE TRIGGER full_disk BEFORE INSERT ON shoes FOR EACH STATEMENT EXECUTE FUNCTION full_disk()")

    answer = client.post("/v1/shoes", json={"name": "New"}, headers=alice.headers)

    assert (answer.status_code, answer.json) == (503, {"detail": "The disk of the database is full"})
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 1
