"""The `fitness` command, run as a process of its own against real databases and a real server."""

import dataclasses
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from fitness.config import ROOT, Settings
from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db import oauth_credentials
from fitness.db.connection import transaction
from tests.standins.server import Fault
from tests.standins.strava import API, StravaStandIn, make_activity, refusal

EXPORT = ROOT / "tests" / "data" / "mapmyfitness.csv"
PASSWORD = "a long pass phrase"
Fitness = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fitness(tmp_path: Path) -> Fitness:
    """Run the command with arguments, standard input and settings; a wide terminal keeps its tables in one piece."""

    def fitness(*arguments: object, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        settings = {"FITNESS_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "fitness.cli", *map(str, arguments)],
            env={**os.environ, **settings, **environ},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return fitness


@pytest.fixture
def settings(settings: Settings, strava: StravaStandIn) -> Settings:
    addresses = {f"strava_{name}": address for name, address in strava.addresses.items()}
    application = {"strava_client_id": strava.client_id, "strava_client_secret": strava.client_secret}
    return dataclasses.replace(settings, **addresses, **application)


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """Serve the test's app on a port of its own; the URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def counts(output: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"│ (\w+) +│ (\d+) +│", output)}


def row(connection: psycopg.Connection, query: str) -> object:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found[0]


def test_an_account_of_the_operators_making_logs_in_until_deactivated(
    fitness: Fitness, database_url: str, client: FlaskClient
) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD}

    made = fitness(
        *("user", "create", "ada@example.com", "--username", "ada", "--password-stdin"),
        given=f"{PASSWORD}\n",
        DATABASE_URL=database_url,
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert client.post("/v1/auth/login", json=login).status_code == 200
    assert "ada@example.com" in fitness("user", "list", DATABASE_URL=database_url).stdout

    assert fitness("user", "deactivate", "ada", DATABASE_URL=database_url).returncode == 0
    assert client.post("/v1/auth/login", json=login).status_code == 401
    assert fitness("user", "activate", "ada", DATABASE_URL=database_url).returncode == 0
    assert client.post("/v1/auth/login", json=login).status_code == 200


def test_an_account_that_cannot_be_is_refused_in_words(fitness: Fitness, database_url: str, alice) -> None:
    create = ("user", "create", "--name", "Ada", "--password-stdin")

    wrong = fitness(*create, "ada", given="short\n", DATABASE_URL=database_url)
    taken = fitness(*create, alice.email, given=f"{PASSWORD}\n", DATABASE_URL=database_url)
    nobody = fitness("user", "deactivate", "nobody", DATABASE_URL=database_url)

    assert wrong.returncode == 2
    assert "email: Not a valid email address." in wrong.stderr
    assert "password: Shorter than minimum length 8." in wrong.stderr
    assert (taken.returncode, taken.stderr) == (1, "Error: This e-mail address is already taken\n")
    assert (nobody.returncode, nobody.stderr) == (1, "Error: There is no account nobody.\n")


def test_the_demonstration_has_something_to_look_at(
    fitness: Fitness, database_url: str, owner: psycopg.Connection
) -> None:
    assert fitness("demo", DATABASE_URL=database_url).returncode == 0
    assert row(owner, "SELECT count(*) > 500 FROM runs") is True
    assert row(owner, "SELECT count(*) > 10 FROM runs_history WHERE change_type = 'edit'") is True


def test_check_says_whether_the_schema_is_the_newest(fitness: Fitness, empty_database_url: str) -> None:
    before = fitness("db", "check", DATABASE_URL=empty_database_url)
    upgraded = fitness("db", "upgrade", DATABASE_URL=empty_database_url)
    after = fitness("db", "check", DATABASE_URL=empty_database_url)

    assert before.returncode == 1
    assert "fitness db upgrade" in before.stderr
    assert upgraded.returncode == after.returncode == 0
    assert after.stdout == f"No new upgrade operations detected.\n{upgraded.stdout}"


def test_the_embedded_database_runs_for_the_time_of_a_command(fitness: Fitness, tmp_path: Path) -> None:
    said = fitness("db", "psql", "--", "-Atc", "SELECT current_user", DATABASE_URL="")
    assert (said.returncode, said.stdout) == (0, "fitness\n")
    url = fitness("db", "url", DATABASE_URL="").stdout
    assert url.startswith("postgresql://fitness@/fitness?host=")
    cluster = f"postgres{os.environ.get('POSTGRES_VERSION') or 18}"
    assert not (tmp_path / "data" / cluster / "postmaster.pid").exists()


def test_psql_hands_on_its_exit_code(fitness: Fitness, database_url: str) -> None:
    assert fitness("db", "psql", "--", "-c", "SELECT 1/0", DATABASE_URL=database_url).returncode == 1


def test_a_password_is_not_among_the_arguments_of_psql(fitness: Fitness, database_url: str) -> None:
    url = database_url.replace("@", ":pAss-w0rd@", 1)
    said = fitness("db", "psql", "--", "-Atc", r"\! tr '\0' ' ' </proc/$PPID/cmdline", DATABASE_URL=url)
    assert "psql -Atc" in said.stdout
    assert "pAss-w0rd" not in said.stdout


def test_a_backup_is_private_and_restores_everything_elsewhere(
    fitness: Fitness,
    tmp_path: Path,
    database_url: str,
    empty_database_url: str,
    alice,
    make_run: Callable[..., object],
) -> None:
    make_run(alice, distance=6.2)
    file = tmp_path / "fitness.dump"

    assert fitness("db", "backup", file, DATABASE_URL=database_url).returncode == 0
    restored = fitness("db", "restore", file, DATABASE_URL=empty_database_url)

    assert (restored.returncode, restored.stderr) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert fitness("db", "check", DATABASE_URL=empty_database_url).returncode == 0
    with psycopg.connect(empty_database_url) as connection:
        assert row(connection, "SELECT email FROM users") == alice.email
        connection.execute("SET LOCAL ROLE fitness_app")
        assert row(connection, "SELECT count(*) FROM runs") == 0
        connection.execute(f"SET LOCAL fitness.user_id = '{alice.user_id}'".encode())
        assert row(connection, "SELECT distance FROM runs") == 6.2


def test_a_restore_spares_data_unless_told_and_all_of_it_when_it_fails(
    fitness: Fitness, tmp_path: Path, database_url: str, owner: psycopg.Connection, alice
) -> None:
    file, damaged = tmp_path / "fitness.dump", tmp_path / "damaged.dump"
    fitness("db", "backup", file, DATABASE_URL=database_url)
    damaged.write_bytes(file.read_bytes()[:-2000])
    owner.execute("UPDATE users SET name = 'Changed since'")

    refused = fitness("db", "restore", file, DATABASE_URL=database_url)
    failed = fitness("db", "restore", "--replace", damaged, DATABASE_URL=database_url)

    assert refused.returncode == failed.returncode == 1
    assert refused.stderr == "Error: The database has 1 accounts; --replace throws their data away.\n"
    assert row(owner, "SELECT name FROM users") == "Changed since"
    assert fitness("db", "restore", "--replace", file, DATABASE_URL=database_url).returncode == 0
    assert row(owner, "SELECT name FROM users") == "Alice"


def test_a_backup_that_fails_leaves_no_file(fitness: Fitness, tmp_path: Path, database_url: str) -> None:
    failed = fitness("db", "backup", tmp_path / "fitness.dump", DATABASE_URL=re.sub(r"/\w+\?", "/none?", database_url))
    assert failed.returncode == 1
    assert not any(path.is_file() for path in tmp_path.iterdir())


def test_everything_that_is_wrong_with_the_settings_is_said_at_once(fitness: Fitness) -> None:
    refused = fitness("db", "url", PORT="zero", DATABASE_URL="mysql://x", RATE_LIMIT_LOGIN="often")
    assert refused.returncode == 2
    assert all(name in refused.stderr for name in ("PORT", "DATABASE_URL", "RATE_LIMIT_LOGIN"))
    assert "Traceback" not in refused.stderr


def test_a_database_out_of_reach_is_no_traceback(fitness: Fitness) -> None:
    for command in (("db", "upgrade"), ("db", "check"), ("user", "list")):
        refused = fitness(*command, DATABASE_URL="postgresql://fitness@127.0.0.1:1/fitness")
        assert refused.returncode == 1
        assert "Connection refused" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_an_import_says_what_it_did(fitness: Fitness, server: str, owner: psycopg.Connection, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    command = ("import", "mmf", EXPORT, "--url", server, "--timezone", "Europe/London")

    rehearsed = fitness(*command, "--dry-run", FITNESS_TOKEN=token)
    assert "This would happen" in rehearsed.stdout
    assert row(owner, "SELECT count(*) FROM runs") == 0

    imported = fitness(*command, FITNESS_TOKEN=token)
    found = counts(imported.stdout)
    assert found == counts(rehearsed.stdout)
    assert row(owner, "SELECT count(*) FROM runs") == found["created"] > 0
    assert found["found"] == found["created"] + found["skipped"] + found["failed"]
    assert imported.returncode == (1 if found["failed"] else 0)
    assert "mapmyfitness.csv" in imported.stderr

    again = counts(fitness(*command, FITNESS_TOKEN=token).stdout)
    assert (again["created"], again["unchanged"]) == (0, found["created"])


def test_a_plan_can_be_imported(fitness: Fitness, server: str, owner: psycopg.Connection, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")

    imported = fitness(
        "import", "plan", EXPORT.with_name("trainingpeaks_plan.csv"), "--url", server, FITNESS_TOKEN=token
    )

    assert imported.returncode == 0, imported.stderr
    assert row(owner, "SELECT count(*) FROM planned_workouts") == counts(imported.stdout)["created"] == 9


def test_rows_that_cannot_be_read_are_listed_and_leave_with_1(
    fitness: Fitness, server: str, tmp_path: Path, alice
) -> None:
    heading, first, *_ = EXPORT.read_text().splitlines()
    file = tmp_path / "export.csv"
    file.write_text("\n".join([heading, first, "no,run,at,all"]))

    token = alice.headers["Authorization"].removeprefix("Bearer ")
    imported = fitness("import", "mmf", file, "--url", server, FITNESS_TOKEN=token)

    assert imported.returncode == 1
    assert counts(imported.stdout)["created"] == counts(imported.stdout)["failed"] == 1
    assert "│ 3 " in imported.stdout


def test_an_import_logs_in_by_password(fitness: Fitness, server: str, database_url: str) -> None:
    create = ("user", "create", "ada@example.com", "--name", "Ada", "--password-stdin")
    fitness(*create, given=f"{PASSWORD}\n", DATABASE_URL=database_url)
    command = ("import", "mmf", EXPORT, "--url", server, "--dry-run")

    imported = fitness(*command, FITNESS_EMAIL="ada@example.com", FITNESS_PASSWORD=PASSWORD)
    refused = fitness(*command, FITNESS_EMAIL="ada@example.com", FITNESS_PASSWORD="wrong")

    assert counts(imported.stdout)["created"] > 0
    assert refused.returncode == 2
    assert "Wrong e-mail address, username or password" in refused.stderr


def test_an_archive_goes_into_an_empty_account_by_a_token_that_may_import(
    fitness: Fitness, server: str, tmp_path: Path, client: FlaskClient, owner, alice, bob, make_run, make_token
) -> None:
    make_run(alice, id="manual_alices")
    content = client.get("/v1/users/me/export", headers=alice.headers, buffered=True).data
    file = tmp_path / "fitness.zip"
    file.write_bytes(content)
    token = make_token(bob, "import")["Authorization"].removeprefix("Bearer ")
    command = ("import", "archive", file, "--url", server)
    of_bob = f"SELECT count(*) FROM runs WHERE user_id = {bob.user_id}"

    rehearsed = fitness(*command, "--dry-run", FITNESS_TOKEN=token)
    assert (rehearsed.returncode, counts(rehearsed.stdout)["runs"], row(owner, of_bob)) == (0, 1, 0)

    imported = fitness(*command, FITNESS_TOKEN=token)
    assert (imported.returncode, counts(imported.stdout)["runs"], row(owner, of_bob)) == (0, 1, 1)

    again = fitness(*command, FITNESS_TOKEN=token)
    assert (again.returncode, "has data already" in again.stderr) == (2, True)


def test_an_import_that_cannot_be_leaves_with_2(fitness: Fitness, server: str, tmp_path: Path, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    pdf = tmp_path / "export.csv"
    pdf.write_bytes(b"%PDF-1.7\n")

    for arguments, why in (
        ((pdf, "--url", server), "file: "),
        ((EXPORT, "--url", server, "--timezone", "Mars/Olympus"), "timezone: "),
        ((EXPORT, "--url", "http://127.0.0.1:1"), "does not answer"),
        ((EXPORT, "--url", "nonsense"), "does not answer"),
        ((tmp_path / "none.csv", "--url", server), "does not exist"),
    ):
        refused = fitness("import", "mmf", *arguments, FITNESS_TOKEN=token)
        assert refused.returncode == 2, refused.stderr
        assert why in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_sync_says_what_it_did_and_how_it_ended(
    fitness: Fitness, server: str, strava: StravaStandIn, client: FlaskClient, owner: psycopg.Connection, alice
) -> None:
    def sync(*options: str) -> subprocess.CompletedProcess[str]:
        token = alice.headers["Authorization"].removeprefix("Bearer ")
        return fitness("sync", "strava", "--url", server, *options, FITNESS_TOKEN=token)

    strava.add(*(make_activity(number) for number in range(3)))
    unconnected = sync()
    asked = (client.get("/v1/oauth/strava/authorize-url", headers=alice.headers).json or {})["url"]
    client.get(f"/v1/oauth/strava/callback?{httpx.URL(httpx.get(asked).headers['Location']).query.decode()}")
    rehearsed, synced = sync("--dry-run"), sync()
    strava.add(make_activity(3, distance=-5.0))
    unreadable = sync("--full-sync")
    strava.limits = (1, 1)
    stopped = sync("--full-sync")

    assert (unconnected.returncode, rehearsed.returncode, synced.returncode) == (2, 0, 0)
    assert "Strava is not connected" in unconnected.stderr
    assert counts(rehearsed.stdout) == counts(synced.stdout)
    assert counts(synced.stdout)["created"] == row(owner, "SELECT count(*) FROM runs") == 3
    assert (unreadable.returncode, counts(unreadable.stdout)["failed"]) == (1, 1)
    assert "distance" in unreadable.stdout
    assert stopped.returncode == 3
    assert "again at" in stopped.stderr


OLD_KEY, NEW_KEY, ANOTHER_KEY = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = "SELECT client_secret, access_token, refresh_token FROM oauth_credentials ORDER BY user_id"


@pytest.fixture
def entrusted(owner: psycopg.Connection, alice, bob) -> Callable[[], list[tuple[str | None, ...]]]:
    """Alice's tokens and Bob's key, encrypted with the old key; return them as they are stored."""
    encrypt = Cipher([OLD_KEY]).encrypt
    with transaction(alice.user_id):
        oauth_credentials.save_credentials(
            "strava",
            client_id="12345",
            client_secret=encrypt("client secret"),
            access_token=encrypt("access token"),
            refresh_token=encrypt("refresh token"),
        )
    with transaction(bob.user_id):
        oauth_credentials.save_credentials("hevy", access_token=encrypt("key"))
    return lambda: owner.execute(SECRETS).fetchall()


def opened(key: str, rows: list[tuple[str | None, ...]]) -> list[list[str | None]]:
    return [[secret and Cipher([key]).decrypt(secret) for secret in row] for row in rows]


def test_secrets_are_rotated_to_the_first_key_and_open_with_it_alone(
    fitness: Fitness, database_url: str, entrusted: Callable[[], list[tuple[str | None, ...]]]
) -> None:
    rotated = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW_KEY},{OLD_KEY}")

    assert (rotated.returncode, rotated.stderr) == (0, "")
    assert rotated.stdout == "4 secrets are encrypted with the first key now.\n"
    assert opened(NEW_KEY, entrusted()) == [["client secret", "access token", "refresh token"], [None, "key", None]]
    with pytest.raises(Undecipherable):
        opened(OLD_KEY, entrusted())
    assert fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW_KEY).returncode == 0


def test_when_the_key_of_one_secret_is_missing_none_is_rotated(
    fitness: Fitness,
    database_url: str,
    owner: psycopg.Connection,
    entrusted: Callable[[], list[tuple[str | None, ...]]],
) -> None:
    owner.execute(
        "UPDATE oauth_credentials SET access_token = %s WHERE provider = 'hevy'", [Cipher([ANOTHER_KEY]).encrypt("key")]
    )
    before = entrusted()

    refused = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW_KEY},{OLD_KEY}")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: A stored secret was encrypted with a key that ENCRYPTION_KEYS no longer holds; nothing was changed.\n"
    )
    assert entrusted() == before


def test_without_secrets_there_is_nothing_to_rotate(fitness: Fitness, database_url: str) -> None:
    rotated = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW_KEY)
    assert (rotated.returncode, rotated.stdout) == (0, "0 secrets are encrypted with the first key now.\n")


@pytest.fixture
def webhook(fitness: Fitness, settings: Settings, strava: StravaStandIn, server: str, database_url: str) -> Fitness:
    """Run `fitness webhook` beside a server that Strava reaches, with an application there."""

    def webhook(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        given = {
            "DATABASE_URL": database_url,
            "PUBLIC_API_BASE_URL": server,
            "JWT_SECRET_KEY": settings.jwt_secret_key,
            "STRAVA_CLIENT_ID": strava.client_id,
            "STRAVA_CLIENT_SECRET": strava.client_secret,
            "STRAVA_API_URL": strava.addresses["api_url"],
        }
        return fitness("webhook", *arguments, **given | environ)

    return webhook


SUBSCRIBED = "SELECT array_agg(subscription_id) FROM webhook_subscriptions WHERE provider = 'strava'"


def test_a_webhook_is_made_confirmed_and_given_back(
    webhook: Fitness, strava: StravaStandIn, server: str, owner: psycopg.Connection
) -> None:
    made = webhook("create")

    [number] = strava.subscriptions
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == f"Strava tells {server}/v1/strava/webhook (subscription {number}).\n"
    assert strava.subscriptions[number]["callback_url"] == f"{server}/v1/strava/webhook"
    assert row(owner, SUBSCRIBED) == [number]

    again = webhook("create")

    assert again.returncode == 1
    assert again.stderr == "Error: Strava does not set up the webhook: already exists\n"
    assert row(owner, SUBSCRIBED) == [number]

    ended = webhook("delete")

    assert (ended.returncode, ended.stdout) == (0, "Strava tells nothing any more.\n")
    assert strava.subscriptions == {}
    assert row(owner, SUBSCRIBED) is None
    assert webhook("delete").returncode == 0


def test_a_webhook_that_strava_cannot_confirm_is_not_made(
    webhook: Fitness, strava: StravaStandIn, owner: psycopg.Connection
) -> None:
    refused = webhook("create", JWT_SECRET_KEY="another secret than that of the server")

    assert refused.returncode == 1
    assert refused.stderr == "Error: Strava does not set up the webhook: callback url not verifiable\n"
    assert strava.subscriptions == {}
    assert row(owner, SUBSCRIBED) is None


def test_without_an_application_there_is_no_webhook(webhook: Fitness, strava: StravaStandIn) -> None:
    for command in ("create", "delete"):
        none = webhook(command, STRAVA_CLIENT_ID="", STRAVA_CLIENT_SECRET="")
        assert (none.returncode, none.stderr) == (
            1,
            "Error: This server has no application at Strava: its operator must set one up\n",
        )
        wrong = webhook(command, STRAVA_CLIENT_SECRET="wrong")
        assert wrong.returncode == 1
        assert wrong.stderr.startswith("Error: Strava does not accept the application: ")
    strava.fail(Fault(refusal(500, "", "", ""), on=f"{API}/push_subscriptions"))
    assert webhook("create").stderr == "Error: Strava answered 500\n"
