"""Health: whether the process answers, and whether its database does with the right schema."""

import dataclasses
from importlib.metadata import version

import pytest

from fitness.app import create_app
from fitness.db import migrate, pool

PREFIXES = ["", "/v1", "/api"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_health_answers_without_a_login(client, prefix):
    answer = client.get(f"{prefix}/health")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "database": "ok",
        "environment": "dev",
        "version": version("fitness"),
        "sign_up": "open",
        "sends_mail": False,
        "google_login": False,
        "passkey_origin": "http://localhost:8000",
    }


def test_health_says_that_a_server_is_the_real_one(client, app, settings, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, env="prod"))

    assert client.get("/health").json["environment"] == "prod"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_database_is_well_at_the_newest_schema(client, prefix):
    answer = client.get(f"{prefix}/health/db")

    assert (answer.status_code, answer.json) == (
        200,
        {"status": "ok", "revision": migrate.head(), "head": migrate.head()},
    )


@pytest.mark.parametrize(("target", "found"), [("0001", "The schema is at 0001"), ("base", "There is no schema yet")])
def test_an_older_schema_is_a_503_that_says_what_to_do(client, database_url, target, found):
    migrate.downgrade(database_url, target)

    answer = client.get("/health/db")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json == {"detail": f"{found}, the newest is {migrate.head()}: run fitness db upgrade"}
    assert client.get("/health").status_code == 200


def test_a_database_without_any_table_is_a_503(settings, empty_database_url):
    client = create_app(dataclasses.replace(settings, database_url=empty_database_url)).test_client()

    answer = client.get("/health/db")
    pool.close_pool()

    assert answer.status_code == 503
    assert "There is no schema yet" in answer.text


def test_a_database_out_of_reach_is_a_503_while_the_process_is_well(settings):
    nowhere = dataclasses.replace(
        settings, database_url="postgresql://fitness@/log?host=/nowhere", db_pool_timeout_seconds=1
    )
    client = create_app(nowhere).test_client()

    answer = client.get("/health/db")
    process = client.get("/health")
    pool.close_pool()

    assert (answer.status_code, answer.json) == (503, {"detail": "The database is busy or cannot be reached"})
    assert answer.headers["Retry-After"] == "2"
    assert process.status_code == 200
    assert process.json is not None
    assert process.json["database"] == "unreachable"
