"""`fitness db restore` that is killed: what is there after is all of the backup, and nobody's session, or as before."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from flask.testing import FlaskClient

from tests.cli.commands import Fitness, row
from tests.processes import Command
from tests.server.serving import wait_for

ACCOUNT = {"email": "ada@example.com", "username": "ada", "password": "a long pass phrase"}
TEMPORARY = "temporary"
BY_PSQL = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'psql'"


@pytest.fixture
def session(client: FlaskClient, fitness: Fitness, database_url: str) -> dict[str, str]:
    """The session of somebody who has signed up; there is an invitation, too."""
    answer = client.post("/v1/auth/signup", json=ACCOUNT).json
    assert answer
    assert fitness("user", "invite", DATABASE_URL=database_url).returncode == 0
    return {"Authorization": f"Bearer {answer['access_token']}"}


@pytest.fixture
def loading(
    fitness: Fitness, session: dict[str, str], owner: psycopg.Connection, database_url: str, tmp_path: Path
) -> Callable[[], object]:
    """Restore a backup with the session; the name of the account has changed since. It waits while it loads."""
    file = tmp_path / "fitness.dump"
    assert fitness("db", "backup", file, DATABASE_URL=database_url).returncode == 0
    owner.execute("UPDATE users SET name = 'Changed since'")

    (tmp_path / TEMPORARY).mkdir()
    environ = {
        **os.environ, "DATABASE_URL": database_url, "FITNESS_DATA_DIR": str(tmp_path / "data"),
        "TMPDIR": str(tmp_path / TEMPORARY),
    }  # fmt: skip

    @contextmanager
    def loading() -> Iterator[Command]:
        with psycopg.connect(database_url) as reader:
            reader.execute("SELECT FROM users")
            restore = Command("db", "restore", file, "--replace", environ=environ, out=tmp_path / "out")
            wait_for(lambda: row(owner, f"SELECT count(*) {BY_PSQL} AND wait_event_type = 'Lock'"))
            yield restore
        wait_for(lambda: not row(owner, f"SELECT count(*) {BY_PSQL}"))

    return loading


def test_a_restore_that_is_killed_while_it_loads_lets_no_old_session_in(
    client: FlaskClient,
    fitness: Fitness,
    database_url: str,
    owner: psycopg.Connection,
    tmp_path: Path,
    session,
    loading,
) -> None:
    """What loads is a process of its own, which goes on. Before: the sessions of the backup worked."""
    with loading() as restore:
        restore.kill()
        restore.wait()

    assert list((tmp_path / TEMPORARY).iterdir()) == []  # all rows of all accounts are in the statements
    assert row(owner, "SELECT name FROM users") == "ada"
    assert client.get("/v1/auth/me", headers=session).status_code == 401
    assert row(owner, "SELECT count(*) FROM invitations") == 0
    assert row(owner, "SELECT min(epoch) FROM change_counters") != 0
    assert fitness("db", "check", DATABASE_URL=database_url).returncode == 0
    assert client.post("/v1/auth/login", json={"username": "ada", "password": ACCOUNT["password"]}).status_code == 200


def test_a_restore_whose_loading_is_killed_changes_nothing(
    client: FlaskClient, fitness: Fitness, owner: psycopg.Connection, session, loading
) -> None:
    with loading() as restore:
        for process in psutil.Process(restore.pid).children(recursive=True):
            process.send_signal(signal.SIGKILL)
        assert restore.wait() == 1

    assert row(owner, "SELECT name FROM users") == "Changed since"
    assert client.get("/v1/auth/me", headers=session).status_code == 200
    assert row(owner, "SELECT count(*) FROM invitations") == 1
