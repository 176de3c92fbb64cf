"""`fitness db`: check, psql, backup and restore, and settings or databases that are not there."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.cli.commands import Fitness, row
from tests.server.servers import place

__all__ = ["place"]


def test_check_says_whether_the_schema_is_the_newest(fitness: Fitness, empty_database_url: str) -> None:
    before = fitness("db", "check", DATABASE_URL=empty_database_url)
    upgraded = fitness("db", "upgrade", DATABASE_URL=empty_database_url)
    after = fitness("db", "check", DATABASE_URL=empty_database_url)

    assert before.returncode == 1
    assert "fitness db upgrade" in before.stderr
    assert upgraded.returncode == after.returncode == 0
    assert after.stdout == f"No new upgrade operations detected.\n{upgraded.stdout}"


def test_a_schema_of_a_later_release_is_left_alone(fitness: Fitness, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("check", "upgrade"):
        said = fitness("db", command, DATABASE_URL=database_url)
        assert said.returncode == 1
        assert "The schema is at 9999, of a later release" in said.stderr


def test_the_embedded_database_runs_for_the_time_of_a_command(fitness: Fitness, place: Path) -> None:
    embedded = {"DATABASE_URL": "", "FITNESS_DATA_DIR": str(place / "data")}
    said = fitness("db", "psql", "--", "-Atc", "SELECT current_user", **embedded)
    assert (said.returncode, said.stdout) == (0, "fitness\n")
    assert said.stderr == f"There is no database in {place / 'data'}: a new one begins.\n"
    asked = fitness("db", "url", **embedded)
    assert (asked.stdout.startswith("postgresql://fitness@/fitness?host="), asked.stderr) == (True, "")
    cluster = f"postgres{os.environ.get('POSTGRES_VERSION') or 18}"
    assert not (place / "data" / cluster / "postmaster.pid").exists()


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

    assert restored.returncode == 0
    assert restored.stderr == "A backup is a program that PostgreSQL runs: restore only those that you trust.\n"
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
    assert refused.stderr == "Error: The database has 1 accounts; use --replace to delete their data.\n"
    assert row(owner, "SELECT name FROM users") == "Changed since"
    assert fitness("db", "restore", "--replace", file, DATABASE_URL=database_url).returncode == 0
    assert row(owner, "SELECT name FROM users") == "Alice"


def test_a_restore_and_a_command_begin_a_new_epoch_for_everybody(
    fitness: Fitness, tmp_path: Path, database_url: str, owner: psycopg.Connection, alice, bob, make_run
) -> None:
    epochs = "SELECT array_agg(coalesce(c.epoch, 0)) FROM users AS u LEFT JOIN change_counters AS c USING (user_id)"
    make_run(alice)
    file = tmp_path / "fitness.dump"
    fitness("db", "backup", file, DATABASE_URL=database_url)
    seen: list[Any] = [row(owner, epochs)]

    for command in (("restore", file, "--replace"), ("restore", file, "--replace"), ("restored",)):
        assert fitness("db", *command, DATABASE_URL=database_url).returncode == 0
        seen.append(row(owner, epochs))

    assert seen[0] == [0, 0]
    assert len({epoch for both in seen for epoch in both}) == 4


PASSWORD = "a long pass phrase"
OPTIONS = {(): (401, 200), ("--keep-sessions",): (200, 200), ("--revoke-tokens",): (401, 401)}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("command", [("restore", "--replace"), ("restored",)])
def test_what_was_ended_after_a_backup_does_not_work_again(
    fitness: Fitness, tmp_path: Path, database_url: str, client: FlaskClient, command, options
) -> None:
    """Before: sessions that were ended since, also those of a thief, went on."""
    account = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
    session = client.post("/v1/auth/signup", json=account).json
    assert session
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    made = client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=headers).json
    assert made
    assert fitness("user", "invite", DATABASE_URL=database_url).returncode == 0
    file = tmp_path / "fitness.dump"
    fitness("db", "backup", file, DATABASE_URL=database_url)

    files = [file] if command[0] == "restore" else []
    said = fitness("db", *command, *files, *options, DATABASE_URL=database_url)

    kept, token_kept = OPTIONS[options]
    assert said.returncode == 0
    assert ("All sessions have ended." in said.stdout) is (kept == 401)
    assert ("Personal access tokens that work, also those revoked since: 1." in said.stdout) is (token_kept == 200)
    refreshed = client.post("/v1/auth/refresh", json={"refresh_token": session["refresh_token"]})
    by_token = client.get("/v1/runs", headers={"Authorization": f"Bearer {made['token']}"})
    answers = [client.get("/v1/auth/me", headers=headers), refreshed, by_token]
    assert [answer.status_code for answer in answers] == [kept, kept, token_kept]
    with psycopg.connect(database_url) as connection:
        assert row(connection, "SELECT count(*) FROM invitations") == (kept == 200)
    again = {"username": "ada", "password": PASSWORD}
    assert client.post("/v1/auth/login", json=again).status_code == 200


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


def test_distributing_without_citus_says_what_is_missing_and_changes_nothing(
    fitness: Fitness, database_url: str, owner: psycopg.Connection
) -> None:
    plan = fitness("db", "distribute", "--dry-run", DATABASE_URL=database_url)
    refused = fitness("db", "distribute", DATABASE_URL=database_url)

    assert plan.returncode == refused.returncode == 1
    assert plan.stderr == refused.stderr
    assert refused.stderr.startswith("Error: The extension Citus is missing: CREATE EXTENSION citus")
    assert "create_distributed_table('runs', 'user_id', colocate_with => 'changesets');" in plan.stdout
    assert refused.stdout == ""
    keys = row(owner, "SELECT count(*) FROM pg_constraint WHERE confrelid = 'users'::regclass")
    assert plan.stdout.count("ADD CONSTRAINT") == keys


def test_what_is_not_migrated_is_not_distributed(fitness: Fitness, empty_database_url: str) -> None:
    for arguments in ((), ("--dry-run",)):
        refused = fitness("db", "distribute", *arguments, DATABASE_URL=empty_database_url)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "There is no schema yet" in refused.stderr
        assert "fitness db upgrade" in refused.stderr
