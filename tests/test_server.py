"""`fitness serve` and the embedded PostgreSQL: real processes, started, stopped and killed."""

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from fitness.config import ROOT, load_settings
from fitness.server.postgres import ServerError, database, throwaway_postgres
from tests.connecting import say_yes
from tests.standins.server import Answer, Fault, Request
from tests.standins.strava import ACTIVITIES, StravaStandIn, make_activity

VERSION = os.environ.get("POSTGRES_VERSION") or "18"
CLUSTER = f"postgres{VERSION}"
ACCOUNT = {"email": "ada@example.com", "password": "a long pass phrase", "name": "Ada"}
LOGIN = {"email": ACCOUNT["email"], "password": ACCOUNT["password"]}


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclasses.dataclass
class Served:
    """A running `fitness serve`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=60)

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(f"http://127.0.0.1:{self.port}{path}", json=body, timeout=60)

    def wait_until_it_serves(self) -> None:
        def serves() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return "API docs" in self.log.read_text()

        wait_for(serves)
        assert self.get("/health/db").json()["status"] == "ok"

    def kill(self) -> None:
        """Kill all its processes at once, the embedded database's among them."""
        tree = self.tree()
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        psutil.wait_procs(tree)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, SIGINT to the whole group as a terminal does, and return the exit code."""
        if how == signal.SIGINT:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.wait(60)

    def tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the database's user may pass through, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def launch(place: Path) -> Iterator[Callable[..., Served]]:
    """Start servers on a data directory, `place / "data"` if nothing else is said, and end them with the test."""
    launched: list[Served] = []

    def launch(**environ: str) -> Served:
        served = Served(None, free_port(), place / f"server{len(launched)}.log")  # type: ignore[arg-type]
        with served.log.open("wb") as log:
            served.process = subprocess.Popen(
                [sys.executable, "-m", "fitness.cli", "serve"],
                env={**environment(place / "data"), "PORT": str(served.port), **environ},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        launched.append(served)
        return served

    yield launch
    for served in launched:
        served.stop()


def environment(data_dir: Path) -> dict[str, str]:
    """Return an environment that names a data directory and no database; one worker starts sooner than two."""
    settings = {"FITNESS_DATA_DIR": str(data_dir), "DATABASE_URL": "", "WORKERS": "1", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **settings}


@pytest.fixture
def serve(launch: Callable[..., Served]) -> Callable[..., Served]:
    """Start a server and wait until it serves."""

    def serve(**environ: str) -> Served:
        served = launch(**environ)
        served.wait_until_it_serves()
        return served

    return serve


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


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_the_next_start_finds_its_data(
    serve: Callable[..., Served], place: Path, how: signal.Signals
) -> None:
    served = serve(WORKERS="2")
    assert served.post("/v1/auth/signup", ACCOUNT).status_code == 201
    tree = served.tree()

    assert served.stop(how) == 0
    assert not any(process.is_running() for process in tree)
    assert not (place / "data" / CLUSTER / "postmaster.pid").exists()

    assert serve().post("/v1/auth/login", LOGIN).status_code == 200


def test_it_says_where_everything_is(serve: Callable[..., Served], place: Path) -> None:
    served = serve()
    said = served.log.read_text()
    assert f"http://127.0.0.1:{served.port}/v1\n" in said
    assert f"http://127.0.0.1:{served.port}/docs\n" in said
    assert f"PostgreSQL {VERSION} in {place / 'data'}\n" in said


def test_a_connection_kept_open_does_not_hold_up_the_end(serve: Callable[..., Served]) -> None:
    served = serve()
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=60) as client:
        assert client.get("/health").status_code == 200
        started = time.monotonic()
        assert served.stop() == 0
    assert time.monotonic() - started < 10


def test_a_second_server_shares_the_database_and_the_last_one_stops_it(
    serve: Callable[..., Served], place: Path
) -> None:
    first, second = serve(), serve()
    assert first.post("/v1/auth/signup", ACCOUNT).status_code == 201

    assert first.stop() == 0
    assert second.post("/v1/auth/login", LOGIN).status_code == 200

    assert second.stop() == 0
    assert not (place / "data" / CLUSTER / "postmaster.pid").exists()


def test_two_servers_that_start_at_once_share_the_database(launch: Callable[..., Served]) -> None:
    first, second = launch(), launch()
    first.wait_until_it_serves()
    second.wait_until_it_serves()
    assert first.post("/v1/auth/signup", ACCOUNT).status_code == 201
    assert second.post("/v1/auth/login", LOGIN).status_code == 200


def test_a_port_in_use_is_one_line_and_starts_nothing(launch: Callable[..., Served], place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = launch(PORT=str(port))
        assert refused.process.wait(60) == 1
    assert refused.log.read_text() == f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use\n"
    assert not (place / "data" / CLUSTER).exists()


@pytest.mark.parametrize("number", ["dead", "of another process"])
def test_nothing_acknowledged_is_lost_when_everything_is_killed(
    serve: Callable[..., Served], place: Path, number: str
) -> None:
    served = serve()
    assert served.post("/v1/auth/signup", ACCOUNT).status_code == 201
    assert any(process.name() == "postgres" for process in served.tree())
    served.kill()
    left = place / "data" / CLUSTER / "postmaster.pid"
    if number == "of another process":
        for file in (left, left.with_name(".s.PGSQL.5432.lock")):
            file.write_text("\n".join([str(os.getpid()), *file.read_text().splitlines()[1:]]))

    assert serve().post("/v1/auth/login", LOGIN).status_code == 200


def test_when_only_the_first_process_is_killed_its_database_serves_the_next(
    serve: Callable[..., Served], place: Path
) -> None:
    served = serve()
    assert served.post("/v1/auth/signup", ACCOUNT).status_code == 201
    served.stop(signal.SIGKILL)

    following = serve()
    assert following.post("/v1/auth/login", LOGIN).status_code == 200
    assert following.stop() == 0
    wait_for(lambda: not (place / "data" / CLUSTER / "postmaster.pid").exists())


@pytest.mark.parametrize("step", [f"{CLUSTER}.new", f"{CLUSTER}/postmaster.pid"])
def test_a_signal_during_the_start_stops_everything(
    launch: Callable[..., Served], serve: Callable[..., Served], place: Path, step: str
) -> None:
    starting = launch()
    wait_for((place / "data" / step).exists)

    assert starting.stop() == 0
    assert not (place / "data" / CLUSTER / "postmaster.pid").exists()
    assert "Traceback" not in starting.log.read_text()

    serve()


def test_a_worker_that_leaves_is_replaced_and_leaves_the_database_alone(serve: Callable[..., Served]) -> None:
    served = serve()
    parent = psutil.Process(served.process.pid)
    postgres, worker = sorted(parent.children(), key=lambda child: child.name() != "postgres")

    worker.terminate()
    wait_for(lambda: not worker.is_running())

    wait_for(lambda: len(parent.children()) == 2)
    assert postgres.is_running()
    assert served.get("/health/db").json()["status"] == "ok"


@pytest.mark.parametrize("name", ["l" + "o" * 100 + "ng", "a, b \"c' %d"])
def test_any_data_directory_will_do(serve: Callable[..., Served], place: Path, name: str) -> None:
    served = serve(FITNESS_DATA_DIR=str(place / name))
    assert served.post("/v1/auth/signup", ACCOUNT).status_code == 201
    assert served.stop() == 0


def test_with_a_database_of_ones_own_nothing_is_embedded(
    serve: Callable[..., Served], place: Path, empty_database_url: str
) -> None:
    served = serve(DATABASE_URL=empty_database_url)
    assert served.post("/v1/auth/signup", ACCOUNT).status_code == 201
    assert not any(process.name() == "postgres" for process in served.tree())
    assert [path.name for path in (place / "data").iterdir()] == ["secrets"]


def test_a_sync_whose_server_is_killed_keeps_its_pages_and_the_next_one_completes_it(
    serve: Callable[..., Served], strava: StravaStandIn, owner: psycopg.Connection, database_url: str
) -> None:
    environ = {
        "DATABASE_URL": database_url,
        "STRAVA_CLIENT_ID": strava.client_id,
        "STRAVA_CLIENT_SECRET": strava.client_secret,
        **{f"STRAVA_{name.upper()}": address for name, address in strava.addresses.items()},
    }
    served = serve(**environ)
    headers = {"Authorization": f"Bearer {served.post('/v1/auth/signup', ACCOUNT).json()['access_token']}"}

    def ask(method: str, path: str) -> httpx.Response:
        return httpx.request(method, f"http://127.0.0.1:{served.port}{path}", headers=headers, timeout=60)

    def kept() -> list[tuple[object, ...]]:
        """Return runs with their versions, and what the syncs and changesets tell of them."""
        return [
            *owner.execute("SELECT count(*), count(DISTINCT id), min(version), max(version) FROM runs"),
            *owner.execute("SELECT count(*), count(DISTINCT run_id), max(version_number) FROM runs_history"),
            *owner.execute("SELECT found, last_synced_at IS NULL, lease_until > now() FROM sync_metadata"),
            *owner.execute("SELECT (counts -> 'created')::int FROM changesets ORDER BY changeset_id"),
        ]

    def kill(_: Request, right: Callable[[], Answer]) -> Answer:
        served.kill()
        return right()

    assert ask("GET", say_yes(ask("GET", "/v1/oauth/strava/authorize-url").json()["url"])).status_code == 302
    strava.add(*map(make_activity, range(1000)))
    strava.fail(Fault(on=ACTIVITIES), Fault(on=ACTIVITIES), Fault(kill, on=ACTIVITIES))

    with pytest.raises(httpx.TransportError):
        ask("POST", "/v1/strava/sync")

    assert kept() == [(400, 400, 1, 1), (400, 400, 1), (400, True, True), (400,)]
    served = serve(**environ)
    assert ask("POST", "/v1/strava/sync").status_code == 409
    owner.execute("UPDATE sync_metadata SET lease_until = now()")
    completed = ask("POST", "/v1/strava/sync").json()
    # The last run that was stored is looked at again.
    assert (completed["complete"], completed["created"], completed["unchanged"]) == (True, 600, 1)
    assert kept() == [(1000, 1000, 1, 1), (1000, 1000, 1), (601, False, None), (400,), (600,)]
