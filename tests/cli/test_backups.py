"""Backups for timers, verified by restoring them, and the upgrade of the embedded server."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fitness.config import load_settings
from fitness.db import migrate
from fitness.server import backups
from fitness.server.postgres import database
from tests.cli.commands import Fitness, row
from tests.processes import Command
from tests.server.servers import place
from tests.server.serving import wait_for

__all__ = ["place"]

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'"


def dumps(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.dump"))


@pytest.fixture
def backup(fitness: Fitness, tmp_path: Path, database_url: str) -> Callable[[], Path]:
    def backup() -> Path:
        assert fitness("db", "backup", "--to", tmp_path, DATABASE_URL=database_url).returncode == 0
        return tmp_path / dumps(tmp_path)[-1]

    return backup


def test_a_timer_keeps_the_newest_backups(fitness: Fitness, tmp_path: Path, database_url: str) -> None:
    other = tmp_path / "of-somebody-else.dump"
    other.touch()
    made = []
    for _ in range(3):
        said = fitness("db", "backup", "--to", tmp_path, "--keep", 2, DATABASE_URL=database_url)
        assert said.returncode == 0
        made.append(re.findall(r"Wrote .*/(fitness-\S+\.dump) ", said.stdout)[0])

    assert dumps(tmp_path) == [*made[1:], other.name]
    notes = [tmp_path / f"{name}.json" for name in made[1:]]
    assert {path.name for path in tmp_path.glob("*.json")} == {path.name for path in notes}
    assert {path.stat().st_mode & 0o777 for path in [*notes, *(tmp_path / name for name in made[1:])]} == {0o600}
    assert not list(tmp_path.glob(".fitness-*"))


def test_what_a_killed_backup_has_left_goes_with_the_next_and_what_another_one_writes_stays(
    fitness: Fitness, tmp_path: Path, database_url: str, owner: psycopg.Connection, backup: Callable[[], Path]
) -> None:
    """Before: half a dump stayed for each one that was killed, for want of memory say."""
    environ = {**os.environ, "DATABASE_URL": database_url, "FITNESS_DATA_DIR": str(tmp_path / "data")}
    with psycopg.connect(database_url) as locking:
        locking.execute("LOCK TABLE bookmarks")
        killed = Command("db", "backup", "--to", tmp_path, environ=environ, out=tmp_path / "out")
        wait_for(lambda: row(owner, WAITS))
        killed.kill()
        killed.wait()
    wait_for(lambda: not row(owner, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'"))
    left = sorted(tmp_path.glob(".fitness-*"))
    for draft in left:
        os.utime(draft, (0, 0))
    with backups.temporary_file(tmp_path) as held:
        os.utime(held, (0, 0))
        backup()
        after = sorted(tmp_path.glob(".fitness-*"))

    assert (len(left), after) == (2, [held])


def test_a_backup_that_fails_deletes_none(fitness: Fitness, tmp_path: Path, backup: Callable[[], Path]) -> None:
    kept = [backup().name]
    gone = "postgresql://fitness@127.0.0.1:1/fitness"
    assert fitness("db", "backup", "--to", tmp_path, "--keep", 1, DATABASE_URL=gone).returncode == 1
    assert dumps(tmp_path) == kept


def test_a_place_that_is_not_there_is_said_in_a_sentence(fitness: Fitness, tmp_path: Path, database_url: str) -> None:
    refused = fitness("db", "backup", tmp_path / "gone" / "a.dump", DATABASE_URL=database_url)

    assert refused.returncode == 1
    assert refused.stderr == f"Error: No file can be written to {tmp_path / 'gone'}: No such file or directory\n"


def test_a_backup_needs_one_place(fitness: Fitness, tmp_path: Path) -> None:
    for arguments in ((), ("a.dump", "--to", tmp_path), ("a.dump", "--keep", 1), ("--to", tmp_path, "--keep", 0)):
        assert fitness("db", "backup", *arguments).returncode == 2


def test_a_backup_has_the_accounts_as_they_were_then(
    fitness: Fitness, backup: Callable[[], Path], owner: psycopg.Connection, alice, bob, make_run: Callable[..., object]
) -> None:
    make_run(alice)
    make_run(bob)
    file = backup()
    owner.execute("UPDATE runs SET distance = 9 WHERE user_id = %s", [bob.user_id])

    said = fitness("db", "verify", file)

    assert said.returncode == 0, said.stderr
    assert f"{file} restores, and its 2 accounts are as they were on 20" in said.stdout
    assert not list(file.parent.glob(".fitness-*"))

    notes = json.loads(backups.notes_of(file).read_text())
    notes["accounts"][str(bob.user_id)] = "another"
    backups.notes_of(file).write_text(json.dumps(notes))
    differs = fitness("db", "verify", file)
    assert differs.returncode == 1
    assert differs.stderr == f"Error: After the restore, these accounts differ: {bob.user_id}\n"


def test_a_backup_of_a_later_release_changes_nothing(
    fitness: Fitness, backup: Callable[[], Path], database_url: str
) -> None:
    """But a backup of before brings the schema back that this release knows."""

    def at(revision: str) -> Path:
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
        return backup()

    def restore(file: Path) -> tuple[int, str]:
        said = fitness("db", "restore", file, "--replace", DATABASE_URL=database_url)
        return said.returncode, said.stderr

    later, known = at("9999"), at(migrate.head())
    code, why = restore(later)
    assert (code, "The schema is at 9999, of a later release" in why) == (1, True)
    assert fitness("db", "check", DATABASE_URL=database_url).returncode == 0

    at("9999")
    assert restore(known)[0] == 0
    assert fitness("db", "check", DATABASE_URL=database_url).returncode == 0


def test_extensions_are_not_backed_up_and_outlive_a_restore(
    fitness: Fitness, backup: Callable[[], Path], database_url: str, owner: psycopg.Connection
) -> None:
    """They belong to the superuser; the dump restores where they are not."""
    with psycopg.connect(database_url.replace("fitness@", "postgres@"), autocommit=True) as superuser:
        superuser.execute("CREATE EXTENSION vector")
    owner.execute("CREATE TABLE later (of_today vector(2))")
    owner.execute("CREATE FUNCTION later() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    owner.execute("CREATE TYPE later_too AS ENUM ('a')")
    file = backup()
    owner.execute("DROP TABLE later")
    owner.execute("CREATE VIEW latest AS SELECT later()")

    restored = fitness("db", "restore", file, "--replace", DATABASE_URL=database_url)

    assert restored.returncode == 0, restored.stderr
    assert owner.execute("SELECT to_regclass('later'), to_regclass('latest')").fetchone() == ("later", None)
    assert owner.execute("SELECT extname FROM pg_extension WHERE extname = 'vector'").rowcount == 1
    owner.execute("DROP TABLE later")
    assert fitness("db", "verify", backup()).returncode == 0


def test_a_backup_that_is_damaged_or_has_no_notes_is_refused(fitness: Fitness, backup: Callable[[], Path]) -> None:
    file = backup()
    whole = file.read_bytes()
    for broken in (whole[:-1], whole[:500] + b"?" + whole[501:], b""):
        file.write_bytes(broken)
        refused = fitness("db", "verify", file)
        assert refused.returncode == 1
        assert "damaged or incomplete" in refused.stderr
    backups.notes_of(file).write_text("{}")
    assert "is not valid" in fitness("db", "verify", file).stderr
    backups.notes_of(file).unlink()
    assert "cannot be read: No such file" in fitness("db", "verify", file).stderr


def test_a_hash_changes_with_any_row_of_its_account_alone(
    database_url: str, owner: psycopg.Connection, alice, bob, make_run: Callable[..., Any]
) -> None:
    run = make_run(alice, distance=1)
    make_run(bob)
    before = backups.hashes_at(database_url)
    owner.execute("SET TimeZone = 'Asia/Tokyo'")
    assert backups.hashes_at(database_url) == before

    owner.execute("UPDATE runs SET distance = 1.0000001 WHERE id = %s", [run.id])
    after = backups.hashes_at(database_url)

    assert before.keys() == {str(alice.user_id), str(bob.user_id), "shared"}
    assert {name for name in before if before[name] != after[name]} == {str(alice.user_id)}
    owner.execute("UPDATE runs SET distance = 1 WHERE id = %s", [run.id])
    assert backups.hashes_at(database_url) == before


def test_a_backup_restores_into_an_older_postgresql(fitness: Fitness, place: Path, tmp_path: Path) -> None:
    """Before: that of the embedded server was refused by a PostgreSQL 15 or 16 of one's own ("unsupported version")."""
    newer, older = ({"DATABASE_URL": "", "FITNESS_DATA_DIR": str(place / name)} for name in ("newer", "older"))
    newer, older = newer | {"POSTGRES_VERSION": "18"}, older | {"POSTGRES_VERSION": "16"}
    made = fitness(
        "user", "create", "ada@example.com", "--name", "Ada", "--password-stdin", given="a long pass phrase", **newer
    )
    assert made.returncode == 0, made.stderr
    file = tmp_path / "fitness.dump"
    assert fitness("db", "backup", file, **newer).returncode == 0

    restored = fitness("db", "restore", file, **older)

    assert restored.returncode == 0, restored.stderr
    emails = fitness(
        "db", "psql", "--", "-Atc", "SELECT email, current_setting('server_version_num') FROM users", **older
    )
    assert emails.stdout.startswith("ada@example.com|16")
    assert fitness("db", "check", **older).returncode == 0
    back = tmp_path / "back.dump"
    assert fitness("db", "backup", back, **older).returncode == 0
    assert fitness("db", "restore", back, "--replace", **newer).returncode == 0


def test_the_embedded_server_is_upgraded_and_the_old_one_stays(fitness: Fitness, place: Path) -> None:
    data = place / "data"
    embedded = {"DATABASE_URL": "", "FITNESS_DATA_DIR": str(data)}

    def emails(version: str) -> str:
        query = ("db", "psql", "--", "-Atc", "SELECT email FROM users")
        return fitness(*query, **embedded, POSTGRES_VERSION=version).stdout

    created = fitness(
        *("user", "create", "ada@example.com", "--name", "Ada", "--password-stdin"),
        given="a long pass phrase",
        **embedded,
        POSTGRES_VERSION="16",
    )
    assert created.returncode == 0, created.stderr

    refused = fitness("db", "url", **embedded, POSTGRES_VERSION="18")
    assert refused.returncode == 1
    assert "fitness db upgrade-server" in refused.stderr
    old = load_settings({**os.environ, **embedded, "POSTGRES_VERSION": "16"})
    with database(old):
        busy = fitness("db", "upgrade-server", **embedded, POSTGRES_VERSION="18")
    assert (busy.returncode, busy.stderr) == (1, "Error: The database is in use: stop the server first\n")
    assert not (data / "postgres18").exists()

    done = fitness("db", "upgrade-server", **embedded, POSTGRES_VERSION="18")

    assert done.returncode == 0, done.stderr
    assert f"still in {data}/postgres16" in done.stdout
    assert emails("18") == emails("16") == "ada@example.com\n"
    shutil.rmtree(data / "postgres16")
    back = fitness("db", "url", **embedded, POSTGRES_VERSION="16")
    assert (back.returncode, "set POSTGRES_VERSION=18" in back.stderr, "upgrade-server" in back.stderr) == (
        1,
        True,
        False,
    )
    assert not list(data.glob("upgrade*"))
    again = fitness("db", "upgrade-server", **embedded, POSTGRES_VERSION="18")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
