"""With a streaming replica: reads run there, nobody reads less than they wrote, and without it all goes on."""

import dataclasses
import json
import logging
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import yaml

from fitness import signals
from fitness.app import configure
from fitness.config import ROOT, Settings
from fitness.db import connection, pool
from fitness.db.positions import Seen
from fitness.db.replica import read_from_replica
from fitness.server import doctor
from tests import databases, metrics
from tests.accounts.signing_in import ADA, PASSWORD, bearer
from tests.routes import addresses
from tests.standins.replica import Pair, primary_and_replica

RUN = {"datetime_utc": "2025-03-01T07:00:00Z", "type": "Outdoor Run", "distance": 5.0, "duration": 1800}
HEADER, COOKIE = "X-Log-Position", "fitness_position"
READERS, READS = 4, 10


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with primary_and_replica() as pair:
        yield pair


@pytest.fixture
def name(pair: Pair) -> str:
    """The name of this test's database, on both servers."""
    return pair.make_database()


@pytest.fixture
def database_url(pair: Pair, name: str) -> Iterator[str]:
    """The database on the primary. Whatever a test does to the replica, it replays again afterwards."""
    yield pair.primary.url(name, databases.ROLE)
    pair.replica.start(**pair.options)
    pair.catch_up()


@pytest.fixture
def replica_url(pair: Pair, name: str) -> str:
    return pair.replica.url(name, databases.ROLE)


@pytest.fixture
def settings(settings: Settings, replica_url: str) -> Settings:
    return dataclasses.replace(settings, database_replica_url=replica_url, metrics_token=metrics.TOKEN)


@pytest.fixture
def write(client, alice) -> Callable[..., str]:
    """Let Alice add a run, and return the position that the answer shows."""

    def write(**fields: Any) -> str:
        made = client.post("/v1/runs", json=RUN | fields, headers=alice.headers)
        assert made.status_code == 201
        return made.headers[HEADER]

    return write


@pytest.fixture
def read(app, alice) -> Callable[..., list[float]]:
    """Return the distances of the runs that a client of Alice sees who shows this position."""

    def read(position: str, **headers: str) -> list[float]:
        client = app.test_client(use_cookies=False)
        answer = client.get("/v1/runs", headers={**alice.headers, HEADER: position, **headers})
        assert answer.status_code == 200
        return sorted(run["distance"] for run in answer.json["items"])

    return read


@pytest.fixture
def apart(pair, write, owner) -> str:
    """Let the servers differ: a run is 5 miles long on the replica, and 9 on the primary, uncounted.

    Return a position that both have.
    """
    position = write()
    pair.catch_up()
    pair.pause()
    owner.execute("UPDATE runs SET distance = 9")
    return position


ON_REPLICA, ON_PRIMARY = [5.0], [9.0]


# What is read where


def test_who_shows_a_position_reads_from_the_replica(alice, make_token, apart, read):
    assert read(apart) == ON_REPLICA
    assert read(apart, **make_token(alice, "read")) == ON_REPLICA
    assert read("", Cookie=f"{COOKIE}={apart}") == ON_REPLICA
    assert read("") == ON_PRIMARY


def test_a_damaged_position_counts_as_none(apart, read):
    damaged = ["0", "0/", "0/0/0", "0/1'", "G/0", "0/123456789", "-1/0", "0/1\u0661", "9" * 9999]

    assert [one for one in damaged if read(one) != ON_PRIMARY] == []


def test_a_forged_position_is_harmless(apart, read, write):
    assert read("0/0") == ON_REPLICA
    assert read("FFFFFFFF/FFFFFFFF") == ON_PRIMARY
    write(distance=7)
    assert read("0/0") == [7.0, 9.0]


def test_no_read_needs_to_write(app, client, alice, pair, write, replica_url, caplog):
    caplog.set_level(logging.DEBUG, "fitness.db.replica")
    position = write()
    pair.catch_up()

    with psycopg.connect(replica_url, autocommit=True) as beside:

        def last() -> Any:
            """Return when the program last sent something to the replica."""
            return beside.execute(
                """
                SELECT max(query_start) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            ).fetchone()

        on_replica, before = set(), last()
        for method, rule, path in addresses(app):
            if method == "GET" or (method, rule) == ("HEAD", "/v1/runs"):
                headers = {**alice.headers, HEADER: position}
                assert client.open(path, method=method, headers=headers, buffered=True).status_code < 500
                if (now := last()) != before:
                    on_replica.add((method, rule))
                before = now

    assert [record.message for record in caplog.records if record.name == "fitness.db.replica"] == []
    assert on_replica > {("HEAD", "/v1/runs"), *(("GET", f"/v1/{noun}") for noun in ("runs", "shoes", "timeline"))}
    assert not {rule for _, rule in on_replica} & {"/v1/users/me", "/v1/auth/sessions", "/v1/auth/tokens", "/v1/jobs"}


def test_it_costs_no_further_wait(client, alice, pair, write, waits):
    def post() -> Any:
        return client.post("/v1/runs", json=RUN, headers=alice.headers)

    position = write()
    pair.catch_up()

    assert waits(lambda: client.get("/v1/runs", headers={**alice.headers, HEADER: position})) == 2
    assert waits(post) == 3


def test_without_a_replica_there_is_no_position(app, settings, client, alice):
    configure(app, dataclasses.replace(settings, database_replica_url=None))

    made = client.post("/v1/runs", json=RUN, headers=alice.headers)

    assert HEADER not in made.headers
    assert "Set-Cookie" not in made.headers


# What is never missed


def test_nobody_reads_less_than_they_wrote(client, alice, pair, write, read):
    old = write()
    pair.catch_up()
    pair.pause()

    new = write(distance=7)

    assert read(new) == [5.0, 7.0]
    assert read("", Cookie=f"{COOKIE}={new}") == [5.0, 7.0]
    assert client.get_cookie(COOKIE, path="/v1").value == new
    assert read(old) == [5.0, 7.0], "what others have written for the user counts, too, or the ETag would be wrong"
    pair.catch_up()
    assert read(new) == [5.0, 7.0]


def test_the_cookie_is_only_for_the_api_and_no_script(app, settings, client, alice):
    safe = dataclasses.replace(settings, public_api_base_url="https://log.mine.net")
    with app.app_context():
        plain = client.post("/v1/runs", json=RUN, headers=alice.headers).headers["Set-Cookie"]
        app.config["SETTINGS"] = safe
        secure = client.post("/v1/runs", json=RUN, headers=alice.headers).headers["Set-Cookie"]

    assert plain.partition("; ")[2] == "HttpOnly; Path=/v1; SameSite=Lax"
    assert secure.partition("; ")[2] == "Secure; HttpOnly; Path=/v1; SameSite=Lax"


@pytest.mark.usefixtures("quick_hashes")
def test_who_has_just_logged_in_is_known(client, pair):
    pair.pause()
    client.post("/v1/auth/signup", json=ADA)
    login = client.post("/v1/auth/login", json={"email": ADA["email"], "password": PASSWORD})
    headers = bearer(login.json["access_token"])

    assert client.get("/v1/runs", headers=headers).status_code == 200
    assert client.get("/v1/runs", headers={**headers, HEADER: "0/0"}).status_code == 200


def test_who_is_deactivated_is_out_at_once(client, alice, owner, apart):
    owner.execute("UPDATE users SET is_active = false")

    assert client.get("/v1/runs", headers={**alice.headers, HEADER: apart}).status_code == 401


# What goes wrong


def test_a_replica_that_is_killed_while_many_read_costs_no_error(app, alice, pair, owner, write, read, monkeypatch):
    monkeypatch.setattr(pool, "REST_SECONDS", 0)
    position = write()
    pair.catch_up()
    amid, killed = threading.Barrier(READERS + 1), threading.Event()

    def read_on() -> list[int]:
        client, statuses = app.test_client(), []

        def read_some(times: int) -> None:
            for _ in range(times):
                answer = client.get("/v1/runs", headers={**alice.headers, HEADER: position})
                statuses.append(answer.status_code)

        read_some(READS)
        amid.wait()
        while not killed.is_set():
            read_some(1)
        read_some(2)
        return statuses

    with ThreadPoolExecutor(READERS) as threads:
        reading = [threads.submit(read_on) for _ in range(READERS)]
        amid.wait()
        pair.replica.stop(signal.SIGQUIT)
        killed.set()
        statuses = [status for one in reading for status in one.result()]

    assert set(statuses) == {200}
    pair.replica.start(**pair.options)
    pair.catch_up()
    pair.pause()
    owner.execute("UPDATE runs SET distance = 9")
    assert read(position) == ON_REPLICA, "it is asked again"


def test_a_replica_that_hangs_is_not_waited_for(apart, read, pair):
    assert read(apart) == ON_REPLICA
    with pair.hanging():
        assert read(apart) == ON_PRIMARY
        assert not pool.asks_replica()


@pytest.fixture
def tried(alice, apart) -> Callable[[Callable[[], Any]], list[str]]:
    """Run work in a transaction of Alice on the replica, and return on which servers it ran."""

    def tried(work: Callable[[], Any]) -> list[str]:
        ran: list[str] = []

        def on_replica() -> None:
            ran.append("replica")
            work()

        def on_primary() -> None:
            with connection.transaction(alice.user_id):
                ran.append("primary")
                work()

        read_from_replica(on_replica, on_primary, alice.user_id, Seen(apart, 0, 1))
        return ran

    return tried


def runs() -> int | None:
    return connection.fetch_one(int, "SELECT count(*) FROM runs WHERE user_id = %(user_id)s")


def test_a_query_that_the_replica_cancels_runs_on_the_primary(tried, pair, owner):
    locked: list[bool] = []

    def work() -> None:
        runs()
        if not locked:
            locked.append(True)
            owner.execute("BEGIN; LOCK TABLE runs; COMMIT")
            pair.catch_up()  # to replay the lock, it has to cancel who reads the table
        runs()

    assert tried(work) == ["replica", "primary"]
    assert pool.asks_replica()


def test_a_replica_that_hangs_amid_an_answer_is_given_up(tried, app, settings, pair):
    configure(app, dataclasses.replace(settings, db_statement_timeout_seconds=1))

    def work() -> None:
        runs()
        if pool.asks_replica():
            with pair.hanging():
                runs()
        runs()

    assert tried(work) == ["replica", "primary"]
    assert not pool.asks_replica()


def test_a_replica_that_became_a_primary_is_not_read_from(app, settings, pair, write, read, caplog, capfd):
    promoted = pair.primary.url(pair.make_database(), databases.ROLE)
    configure(app, dataclasses.replace(settings, database_replica_url=promoted))
    caplog.set_level(logging.DEBUG, "fitness.db.replica")

    assert read(write()) == ON_REPLICA
    assert "the replica has not replayed enough of the log" in capfd.readouterr().err


def test_work_that_writes_runs_on_the_primary(tried, owner):
    def work() -> None:
        connection.execute("UPDATE runs SET distance = 1 WHERE user_id = %(user_id)s")

    assert tried(work) == ["replica", "primary"]
    assert pool.asks_replica()
    assert owner.execute("SELECT distance FROM runs").fetchone() == (1.0,)


# What the operator sees


@pytest.fixture
def found(database_url, replica_url, monkeypatch, tmp_path) -> Callable[[], tuple[str, str]]:
    """Return what `fitness doctor` finds out about the replica."""
    monkeypatch.setattr(doctor, "_addresses", lambda _: [])

    def found() -> tuple[str, str]:
        return next((one.state, one.detail) for one in doctor.examine() if one.name == "replica")

    for name, value in {"DATABASE_URL": database_url, "DATABASE_REPLICA_URL": replica_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FITNESS_DATA_DIR", str(tmp_path))
    return found


def test_doctor_says_how_far_the_replica_is_behind(found, pair, owner, database_url, monkeypatch):
    assert found() == ("ok", "0.0 MB of the log behind")
    pair.pause()
    owner.execute("SELECT pg_logical_emit_message(true, '', repeat('x', 3000000))")
    assert found() == ("ok", "3.0 MB of the log behind")
    monkeypatch.setattr(doctor, "LATE_SECONDS", 0)
    state, detail = found()
    assert (state, detail.startswith("3.0 MB of the log behind, its last transaction ")) == ("warning", True)
    monkeypatch.setenv("DATABASE_REPLICA_URL", database_url)
    assert found() == ("warning", "DATABASE_REPLICA_URL leads to no replica: all is read from the database itself")
    monkeypatch.setenv("DATABASE_REPLICA_URL", "postgresql://fitness@127.0.0.1:1/fitness")
    state, detail = found()
    assert (state, detail.endswith(": all is read from the database itself")) == ("warning", True)
    assert "127.0.0.1" not in detail


def of_replica(client: Any) -> dict[str, float]:
    return {key[0]: value for key, value in metrics.scrape(client).items() if key[0].startswith("fitness_replica_")}


def test_the_metrics_say_how_the_replica_is(client, settings, apart, read, pair):
    assert read(apart) == ON_REPLICA
    assert metrics.scrape(client)["fitness_replica_pool_connections", "most"] == settings.db_pool_size

    behind = of_replica(client)
    assert behind["fitness_replica_up"] == 1
    assert behind["fitness_replica_behind_bytes"] > 0
    assert 0 < behind["fitness_replica_behind_seconds"] < 60
    pair.catch_up()
    assert of_replica(client)["fitness_replica_behind_seconds"] == 0


@pytest.mark.parametrize("lost", ["killed", "hanging", "promoted"])
def test_a_replica_that_is_lost_is_a_metric(client, app, settings, write, pair, database_url, lost):
    write()
    if lost == "killed":
        pair.replica.stop(signal.SIGQUIT)
        seen = of_replica(client)
    elif lost == "hanging":
        with pair.hanging():
            seen = of_replica(client)
    else:
        configure(app, dataclasses.replace(settings, database_replica_url=database_url))
        seen = of_replica(client)

    assert {name: value for name, value in seen.items() if "pool" not in name} == {"fitness_replica_up": 0}


METRIC = re.compile(r"\bfitness_[a-z_]+")


def test_alerts_and_dashboard_name_metrics_that_exist(client, write):
    write()
    signals.sync_ended.send(provider="strava", outcome="ok")
    signals.file_loaded.send(source="Strava", outcome="stored")
    exist = {key[0] for key in metrics.scrape(client)}
    (rules,) = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    panels = json.loads((ROOT / "deploy/grafana/fitness.json").read_text())["panels"]
    alerts = {rule["alert"]: rule["expr"] for rule in rules["rules"]}
    queries = [target["expr"] for panel in panels for target in panel["targets"]]

    assert len(alerts) == 6
    for expression in (*alerts.values(), *queries):
        named = set(METRIC.findall(expression))
        assert named
        assert named - exist == set(), expression
    shown = {name for expression in queries for name in METRIC.findall(expression)}
    assert {re.sub("_(bucket|count|sum|created)$", "", name) for name in exist} - {
        re.sub("_(bucket|count|sum)$", "", name) for name in shown
    } <= {"fitness_requests", "fitness_syncs", "fitness_imports"}
