"""The embedded PostgreSQL: private, and gone with its last user."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from fitness.config import load_settings
from fitness.server.postgres import database, throwaway_postgres
from fitness.server.service_user import ServerError


@pytest.mark.parametrize("version", [16, 18])
def test_a_throwaway_server_is_private_and_leaves_nothing(version: int) -> None:
    with throwaway_postgres(version) as postgres:
        with psycopg.connect(postgres.url("postgres")) as connection:
            running = connection.execute("SHOW server_version").fetchone()
            addresses = connection.execute("SHOW listen_addresses").fetchone()
        where = postgres.socket_dir
        assert (where / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700

    assert running is not None
    assert running[0].startswith(f"{version}.")
    assert addresses == ("",)
    assert not where.exists()


def test_what_a_killed_program_has_left_is_ended_and_deleted_by_the_next(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before: after `fitness db verify` was killed, a server with the rows of all accounts ran for ever."""
    program = """if True:
        from fitness.server.postgres import throwaway_postgres
        with throwaway_postgres() as postgres:
            print(postgres.data_dir, flush=True)
            input()
    """
    killed = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killed.stdout is not None
    data = Path(killed.stdout.readline().strip())
    server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    killed.kill()
    killed.communicate()
    assert server.is_running()
    os.utime(data.with_name("held"), (0, 0))
    monkeypatch.setattr(tempfile, "tempdir", str(place))

    with throwaway_postgres() as another:
        assert not server.is_running()
        assert not data.parent.exists()
        os.utime(another.data_dir.with_name("held"), (0, 0))
        with throwaway_postgres():
            assert another.data_dir.exists()


def test_options_reach_the_server_and_a_wrong_one_is_explained() -> None:
    with throwaway_postgres(work_mem="7MB") as postgres, psycopg.connect(postgres.url("postgres")) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    with (
        pytest.raises(ServerError, match='invalid value for parameter "work_mem"'),
        throwaway_postgres(work_mem="much"),
    ):
        pass


def test_the_owner_of_the_embedded_database_is_no_superuser(place: Path) -> None:
    settings = load_settings({"FITNESS_DATA_DIR": str(place)})
    with database(settings) as url, psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT rolsuper, rolcreaterole, current_setting('fsync') FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert found == (False, True, "on")
