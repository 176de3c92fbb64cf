"""A database that is reached encrypted alone: all works as with another one, and a wrong certificate is named."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import finished
from tests.server.serving import Served, environment
from tests.standins.tls import Encrypted, encrypted, encrypted_pooler, make_certificate

PASSWORD = "a long pass phrase"
Fitness = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def there() -> Iterator[Encrypted]:
    with encrypted() as there:
        yield there


@pytest.fixture
def fitness(place: Path) -> Fitness:
    """Run the command with these settings."""

    def fitness(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        return finished(*arguments, environ={**environment(place / "data"), **settings})

    return fitness


@pytest.fixture
def other(place: Path) -> Path:
    """The certificate of another server."""
    return make_certificate(place)


def line(said: subprocess.CompletedProcess[str], name: str) -> str:
    """Return what `fitness doctor` says about something."""
    return next(line for line in said.stdout.splitlines() if line.split()[1] == name)


@pytest.mark.parametrize("sslmode", ["require", "verify-full"])
def test_server_and_commands_work_encrypted(there, fitness, launch, place, sslmode):
    url = there.url(sslmode)
    served: Served = launch(DATABASE_URL=url)
    served.wait_until_it_serves()
    email = f"{sslmode}@example.com"
    assert served.post("/v1/auth/signup", {"email": email, "name": "Ada", "password": PASSWORD}).status_code == 201

    query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    asked = fitness("db", "psql", "--", "-Atc", query, DATABASE_URL=url)
    file = place / "backup"
    made = fitness("db", "backup", file, DATABASE_URL=url)
    restored = fitness("db", "restore", file, "--replace", DATABASE_URL=url)
    doctor = fitness("doctor", DATABASE_URL=url, DATABASE_ADMIN_URL=url, DATABASE_REPLICA_URL=url)

    assert (asked.stdout, made.returncode, restored.returncode) == ("t\n", 0, 0), made.stderr + restored.stderr
    assert fitness("user", "list", DATABASE_URL=url).stdout.count(email) == 1
    assert line(doctor, "database").endswith(", encrypted")
    assert line(doctor, "admin").startswith("ok ")
    assert "leads to no replica" in line(doctor, "replica")


def test_what_cannot_be_trusted_is_named(there, fitness, other):
    for url, why in (
        (there.url(certificate=other), "certificate verify failed"),
        (there.url().replace("127.0.0.1", "localhost"), "does not match host name"),
        (there.url("disable"), "no encryption"),
    ):
        for command in (["db", "upgrade"], ["serve"], ["db", "backup", os.devnull]):
            refused = fitness(*command, DATABASE_URL=url)
            assert (refused.returncode, why in refused.stderr) == (1, True), refused.stderr
            assert "Traceback" not in refused.stderr
        assert why in line(fitness("doctor", DATABASE_URL=url), "database")


def test_a_pooler_is_reached_encrypted_as_well(there, fitness, launch, place):
    with encrypted_pooler(there) as port:
        urls = {"DATABASE_URL": there.url(port=port), "DATABASE_ADMIN_URL": there.url()}
        assert fitness("db", "upgrade", **urls).returncode == 0
        served: Served = launch(**urls)
        served.wait_until_it_serves()
        stranger = {"email": "nobody@example.com", "password": PASSWORD}
        assert served.post("/v1/auth/login", stranger).status_code == 401
        assert fitness("db", "backup", place / "backup", **urls).returncode == 0
        doctor = fitness("doctor", **urls)
        assert (line(doctor, "pooler").split()[0], line(doctor, "admin").split()[0]) == ("ok", "ok")
        assert line(doctor, "database").endswith(", encrypted")
