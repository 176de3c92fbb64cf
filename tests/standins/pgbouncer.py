"""A real PgBouncer in transaction mode, before a server on a Unix socket."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from fitness.server.service_user import run_as
from tests.server.serving import wait_for

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def require() -> None:
    """Skip the test where PgBouncer is not installed; in CI it must be."""
    if PROGRAM is None:
        reason = "pgbouncer is not installed"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@contextlib.contextmanager
def pgbouncer(database_url: str, *, connections: int = 2) -> Iterator[str]:
    """Yield the URL of the database through a pooler that has so many connections with the server."""
    require()
    given = urlsplit(database_url)
    server = Path(parse_qs(given.query)["host"][0])
    # Only its owner may use the socket of the server.
    owner = pwd.getpwuid(server.stat().st_uid)
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        place = Path(name)
        os.chown(place, owner.pw_uid, owner.pw_gid)
        settings = place / "pgbouncer.ini"
        (place / "users").write_text(f'"{given.username}" ""\n')
        settings.write_text(
            f"""
            [databases]
            * = host={server} port=5432
            [pgbouncer]
            unix_socket_dir = {place}
            listen_port = 6432
            auth_type = trust
            auth_file = {place}/users
            pool_mode = transaction
            default_pool_size = {connections}
            max_client_conn = 200
            """.replace("            ", "")
        )
        with (place / "log").open("w") as log:
            process = subprocess.Popen([str(PROGRAM), settings], stdout=log, stderr=log, **run_as(owner))
        url = f"postgresql://{given.username}@{given.path}?host={place}&port=6432"
        try:
            wait_for(lambda: _answers(process, url, place / "log"))
            yield url
        finally:
            process.kill()
            process.wait()


def _answers(process: subprocess.Popen[str], url: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, prepare_threshold=None) as connection:
        connection.execute("SELECT 1")
        return True
    return False
