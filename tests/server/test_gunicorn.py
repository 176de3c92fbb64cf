"""`fitness serve`: real processes, started, stopped and killed."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests import loopback
from tests.connecting import say_yes
from tests.server.serving import CLUSTER, VERSION, Served, wait_for
from tests.standins.server import Answer, Fault, Request
from tests.standins.strava import ACTIVITIES, StravaStandIn, make_activity

ACCOUNT = {"email": "ada@example.com", "password": "a long pass phrase", "name": "Ada"}
LOGIN = {"email": ACCOUNT["email"], "password": ACCOUNT["password"]}


def test_a_killed_worker_is_one_line_of_the_log(serve: Callable[..., Served]) -> None:
    served = serve()
    worker = next(one for one in psutil.Process(served.process.pid).children() if one.name() != "postgres")

    worker.kill()
    wait_for(lambda: "SIGKILL" in served.log.read_text())

    line = next(one for one in served.log.read_text().splitlines() if "SIGKILL" in one)
    assert (json.loads(line)["logger"], f"pid:{worker.pid}" in line) == ("gunicorn.error", True)
    assert "Traceback" not in served.log.read_text()


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

    cookies = httpx.Cookies()

    def ask(method: str, path: str) -> httpx.Response:
        url = f"http://127.0.0.1:{served.port}{path}"
        answer = loopback.request(method, url, headers=headers, cookies=cookies, timeout=60)
        cookies.extract_cookies(answer)
        return answer

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
