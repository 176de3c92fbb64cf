"""Jobs and syncs that start by themselves on a really started server, which is stopped and killed in the middle."""

import hashlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest

from tests import loopback
from tests.connecting import say_yes
from tests.samples import DATA
from tests.server.serving import Served, wait_for
from tests.standins.strava import StravaStandIn, make_activity

ACCOUNT = {"email": "ada@example.com", "password": "a long pass phrase", "name": "Ada"}
LOGIN = {"email": ACCOUNT["email"], "password": ACCOUNT["password"]}


class Client:
    """A person at a server."""

    def __init__(self, served: Served, *, known: bool = False) -> None:
        self.served = served
        path = "/v1/auth/login" if known else "/v1/auth/signup"
        token = served.post(path, LOGIN if known else ACCOUNT).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = self.headers | kwargs.pop("headers", {})
        url = f"http://127.0.0.1:{self.served.port}{path}"
        answer = loopback.request(method, url, headers=headers, cookies=self.cookies, timeout=60, **kwargs)
        self.cookies.extract_cookies(answer)
        return answer

    def send(self) -> str:
        """Upload a file as a job, and return the path of the job."""
        answer = self.ask(
            "POST",
            "/v1/mmf/upload-csv",
            files={"file": (DATA / "mapmyfitness.csv").read_bytes()},
            headers={"Prefer": "respond-async"},
        )
        assert answer.status_code == 202
        return answer.headers["Location"]

    def send_file(self, drop: str, content: bytes) -> None:
        """Send a file of an import of several."""
        path = f"{drop}/files/{hashlib.sha256(content).hexdigest()}"
        assert self.ask("PUT", path, content=content).status_code == 204

    def job(self, path: str) -> dict[str, Any]:
        return self.ask("GET", path).json()


@contextmanager
def held_up(owner: psycopg.Connection) -> Iterator[None]:
    """Let nobody store a run meanwhile."""
    with owner.transaction():
        owner.execute("LOCK TABLE runs IN EXCLUSIVE MODE")
        yield


def waits_for_runs(database_url: str) -> bool:
    with psycopg.connect(database_url, autocommit=True) as looking:
        found = looking.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'runs'::regclass)"
        ).fetchone()
    return found == (True,)


def test_a_job_is_done_at_once_by_the_server(
    serve: Callable[..., Served], database_url: str, owner: psycopg.Connection
) -> None:
    ada = Client(serve(DATABASE_URL=database_url))
    path = ada.send()

    wait_for(lambda: ada.job(path)["state"] == "done", 10)

    assert ada.job(path)["result"]["created"] == 15
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (11,)


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_job_whose_server_ends_in_the_middle_is_done_by_the_next_one(
    serve: Callable[..., Served], database_url: str, owner: psycopg.Connection, how: str
) -> None:
    served = serve(DATABASE_URL=database_url)
    ada = Client(served)

    with held_up(owner):
        path = ada.send()
        wait_for(lambda: waits_for_runs(database_url))
        assert ada.job(path)["state"] == "running"
        if how == "killed":
            served.kill()
        else:
            started = time.monotonic()
            assert served.stop(signal.SIGTERM) == 0
            assert time.monotonic() - started < 10
    if how == "killed":
        # Nobody gave the lease up: it ends by itself.
        assert owner.execute("SELECT lease_until > now() FROM jobs").fetchone() == (True,)
        owner.execute("UPDATE jobs SET lease_until = now()")
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (0,)

    ada = Client(serve(DATABASE_URL=database_url), known=True)
    wait_for(lambda: ada.job(path)["state"] == "done", 10)

    assert ada.job(path)["result"]["created"] == 15
    assert owner.execute("SELECT count(*), max(version) FROM runs").fetchone() == (11, 1)
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (1,)
    assert owner.execute("SELECT attempts FROM jobs").fetchone() == (2,)


def test_an_import_of_several_files_whose_server_is_killed_goes_on_with_the_files_that_are_left(
    serve: Callable[..., Served], database_url: str, owner: psycopg.Connection
) -> None:
    served = serve(DATABASE_URL=database_url)
    ada = Client(served)
    drop = f"/v1/imports/{ada.ask('POST', '/v1/imports').json()['import_id']}"
    # The first files fill a transaction; the one of the runs is held up in the next one.
    lifts = (DATA / "activities" / "strong" / "strong_units_per_row.csv").read_bytes()
    for number in range(25):
        ada.send_file(drop, lifts + b"\n" * number)
    ada.send_file(drop, (DATA / "mapmyfitness.csv").read_bytes())
    ada.ask("POST", f"{drop}/answers", json={"timezone": "UTC"})

    with held_up(owner):
        path = ada.ask("POST", f"{drop}/finish", headers={"Prefer": "respond-async"}).headers["Location"]
        wait_for(lambda: waits_for_runs(database_url))
        served.kill()
    owner.execute("UPDATE jobs SET lease_until = now()")
    assert owner.execute("SELECT state, count(*) FROM drop_files GROUP BY state ORDER BY state").fetchall() == [
        ("loaded", 25),
        ("waiting", 1),
    ]

    ada = Client(serve(DATABASE_URL=database_url), known=True)
    wait_for(lambda: ada.job(path)["state"] == "done", 20)

    assert ada.job(path)["result"]["state"] == "done"
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (11,)
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (1,)
    assert owner.execute("SELECT count(*) FROM drop_pieces").fetchone() == (0,)


def test_connections_are_synced_by_themselves(
    serve: Callable[..., Served], strava: StravaStandIn, owner: psycopg.Connection, database_url: str
) -> None:
    environ = {
        "DATABASE_URL": database_url,
        "SYNC_INTERVAL_MINUTES": "60",
        "WORKERS": "2",
        "STRAVA_CLIENT_ID": strava.client_id,
        "STRAVA_CLIENT_SECRET": strava.client_secret,
        **{f"STRAVA_{name.upper()}": address for name, address in strava.addresses.items()},
    }
    served = serve(**environ)
    ada = Client(served)
    asked = ada.ask("GET", "/v1/oauth/strava/authorize-url").json()["url"]
    assert ada.ask("GET", say_yes(asked)).status_code == 302
    strava.add(*map(make_activity, range(3)))
    assert served.stop() == 0
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    owner.execute("UPDATE oauth_credentials SET created_at = created_at - interval '2 hours'")

    served = serve(**environ)
    wait_for(lambda: owner.execute("SELECT FROM sync_metadata WHERE last_synced_at IS NOT NULL").fetchone() == ())

    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (3,)
    assert served.stop() == 0
    assert owner.execute("SELECT count(*) FROM leases").fetchone() == (0,)
