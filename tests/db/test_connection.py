"""The pool and the transaction: what died heals, what is busy says so, and an answer of 2xx means stored."""

import dataclasses
import os
import queue
import select
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from fitness.app import create_app
from fitness.auth import login_required
from fitness.config import Settings
from fitness.db import connection, migrate, pool
from fitness.db.bound import bound_transaction
from fitness.db.connection import fetch_one, transaction
from fitness.db.wire import Wire
from fitness.server.postgres import EmbeddedPostgres, throwaway_postgres

POOL_SIZE = 3
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A small and impatient pool."""
    return dataclasses.replace(
        settings, db_pool_size=POOL_SIZE, db_pool_timeout_seconds=1, db_statement_timeout_seconds=1
    )


@contextmanager
def held_connections(user_id: int) -> Iterator[list[int]]:
    """Hold all of the pool's connections, each in a transaction of its own thread; yield their server processes."""
    release = threading.Event()
    processes: queue.Queue[int | None] = queue.Queue()

    def hold() -> None:
        with transaction(user_id):
            processes.put(fetch_one(int, "SELECT pg_backend_pid()"))
            release.wait(timeout=30)

    with ThreadPoolExecutor(POOL_SIZE) as threads:
        holders = [threads.submit(hold) for _ in range(POOL_SIZE)]
        try:
            yield [process for _ in holders if (process := processes.get(timeout=10))]
        finally:
            release.set()
    for holder in holders:
        holder.result()


def terminate(owner: psycopg.Connection, process: int) -> None:
    """End a connection's server process, and return when it is gone."""
    assert owner.execute("SELECT pg_terminate_backend(%s, 10000)", [process]).fetchone() == (True,)


def blocked_process(owner: psycopg.Connection) -> int:
    """Wait until a statement waits for a lock in this database, and return its server process."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = owner.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
        if row:
            return row[0]
    raise AssertionError("no statement waits")


def test_after_all_connections_died_the_next_request_is_answered_at_once(client, owner, alice):
    with held_connections(alice.user_id) as processes:
        pass
    for process in processes:
        terminate(owner, process)

    started = time.monotonic()
    response = client.get("/v1/auth/me", headers=alice.headers)

    assert len(set(processes)) == POOL_SIZE
    assert response.status_code == 200
    assert time.monotonic() - started < 1


def test_a_connection_that_dies_under_a_request_is_a_503_and_the_next_request_works(client, owner, alice, make_run):
    run = make_run(alice)
    edit = {"json": {"notes": "windy"}, "headers": alice.headers}

    with ThreadPoolExecutor(1) as other, owner.transaction():
        owner.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [run.id])
        response = other.submit(client.patch, f"/v1/runs/{run.id}", **edit)
        terminate(owner, blocked_process(owner))
        first = response.result()
    second = client.patch(f"/v1/runs/{run.id}", **edit)

    assert (first.status_code, first.headers["Retry-After"]) == (503, "2")
    assert first.json == {"detail": "The database is busy or cannot be reached"}
    assert (second.status_code, second.json["version"]) == (200, 2)


def test_an_exhausted_pool_answers_503_in_time_and_serves_again_when_it_can(client, alice):
    with held_connections(alice.user_id):
        started = time.monotonic()
        refused = client.get("/v1/runs", headers=alice.headers)
        waited = time.monotonic() - started
    served = client.get("/v1/runs", headers=alice.headers)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert refused.json == {"detail": "The database is busy or cannot be reached"}
    assert waited < 3
    assert served.status_code == 200


def test_a_request_that_waits_for_a_connection_gets_the_next_free_one(app, alice):
    with ThreadPoolExecutor(1) as other, held_connections(alice.user_id):
        waiting = other.submit(app.test_client().get, "/v1/runs", headers=alice.headers)

    assert waiting.result().status_code == 200


@pytest.mark.own_app
def test_a_statement_that_takes_too_long_is_a_504_and_changes_nothing(app, client, alice, make_run):
    def edit_slowly() -> Any:
        connection.execute("UPDATE runs SET notes = 'windy' WHERE user_id = %(user_id)s")
        return fetch_one(str, "SELECT pg_sleep(10)::text")

    run = make_run(alice)
    app.add_url_rule("/slow", view_func=login_required(edit_slowly))

    response = client.get("/slow", headers=alice.headers)

    assert (response.status_code, "Retry-After" in response.headers) == (504, False)
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["notes"] is None


@pytest.mark.parametrize("held", ["SELECT FROM runs FOR UPDATE", "LOCK TABLE runs", "LOCK TABLE users"])
def test_who_waits_too_long_for_a_lock_may_try_again(client, owner, alice, make_run, held):
    run = make_run(alice)
    edit = {"json": {"notes": "windy"}, "headers": {**alice.headers, "Accept": "application/problem+json"}}

    with owner.transaction():
        owner.execute(held)
        refused = client.patch(f"/v1/runs/{run.id}", **edit)
    stored = client.patch(f"/v1/runs/{run.id}", **edit)

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "2")
    assert (stored.status_code, stored.json["version"]) == (200, 2)


def test_a_database_that_takes_no_changes_is_a_503_and_is_well_when_it_does(own_server):
    """As a hosted one with a full disk, or one that was the primary."""
    login = {"email": "ada@example.com", "password": "a long pass phrase"}

    with psycopg.connect(own_server.url, autocommit=True) as owner:
        owner.execute("ALTER DATABASE log SET default_transaction_read_only = on")
        pool.close_pool()
        pool.open_pool(own_server.url, size=1, timeout_seconds=1, statement_timeout_seconds=1)
        read, written = own_server.me(), own_server.client.post("/v1/auth/login", json=login)
        owner.execute("SET default_transaction_read_only = off; ALTER DATABASE log RESET default_transaction_read_only")

    assert (read.status_code, written.status_code, written.headers["Retry-After"]) == (200, 503, "2")
    assert written.json == {"detail": "The database takes no changes now: nothing was stored"}
    # A connection that was made before that fails once.
    assert [own_server.client.post("/v1/auth/login", json=login).status_code for _ in range(2)][-1] == 200


@pytest.mark.own_app
def test_a_transaction_that_idled_too_long_is_a_503(app, client, alice):
    def idle() -> Any:
        connection.execute("SELECT set_config('idle_in_transaction_session_timeout', '1ms', true)")
        closed = select.poll()
        closed.register(bound_transaction().wire.pgconn.socket, select.POLLIN)
        closed.poll()
        return fetch_one(str, "SELECT 'late'")

    app.add_url_rule("/idle", view_func=login_required(idle))

    assert client.get("/idle", headers=alice.headers).status_code == 503
    assert client.get("/v1/auth/me", headers=alice.headers).status_code == 200


def test_the_first_statement_of_a_request_is_not_repeated_when_it_took_too_long(client, owner, alice, monkeypatch):
    """Only a lost connection is replaced: another one would wait for the same lock."""
    tried = []
    run = Wire.run
    monkeypatch.setattr(Wire, "run", lambda wire, *rest: tried.append(1) or run(wire, *rest))

    with owner.transaction():
        owner.execute("LOCK TABLE users")
        response = client.get("/v1/runs", headers=alice.headers)

    assert (response.status_code, len(tried)) == (503, 1)


@pytest.mark.own_app
def test_failing_requests_do_not_use_the_pool_up(app, client, alice):
    app.add_url_rule("/broken", view_func=login_required(lambda: 1 / 0))  # pyright: ignore[reportArgumentType]

    statuses = {client.get("/broken", headers=alice.headers).status_code for _ in range(POOL_SIZE + 1)}
    statuses |= {client.get("/v1/runs/none", headers=alice.headers).status_code for _ in range(POOL_SIZE + 1)}

    assert statuses == {500, 404}
    assert client.get("/v1/auth/me", headers=alice.headers).status_code == 200


@pytest.mark.own_app
def test_an_error_in_a_request_takes_all_of_it_back(app, client, owner, alice, make_run):
    def edit_and_fail() -> Any:
        connection.execute("UPDATE runs SET distance = 9 WHERE user_id = %(user_id)s")
        raise ZeroDivisionError

    make_run(alice, distance=5.0)
    app.add_url_rule("/broken", view_func=login_required(edit_and_fail))

    response = client.get("/broken", headers=alice.headers)

    assert response.status_code == 500
    assert owner.execute("SELECT distance FROM runs").fetchall() == [(5.0,)]


@pytest.mark.own_app
def test_what_a_request_wrote_is_committed_before_its_answer_leaves(app: Flask, client, owner, alice):
    stored_when_the_answer_began = []

    def watch(environ: dict[str, Any], start_response: Any) -> Any:
        def begin(*arguments: Any) -> Any:
            stored_when_the_answer_began.extend(owner.execute("SELECT distance FROM runs").fetchall())
            return start_response(*arguments)

        return inner(environ, begin)

    inner = app.wsgi_app
    app.wsgi_app = watch

    response = client.post("/v1/runs", json=RUN, headers=alice.headers)

    assert response.status_code == 201
    assert stored_when_the_answer_began == [(5.0,)]


def test_a_violation_that_shows_at_the_commit_is_no_success(client, owner, alice, make_run):
    run = make_run(alice)
    owner.execute("ALTER TABLE runs ALTER CONSTRAINT runs_shoe_id_fkey DEFERRABLE INITIALLY DEFERRED")

    response = client.patch(f"/v1/runs/{run.id}", json={"shoe_id": "none"}, headers=alice.headers)

    assert response.status_code == 422
    assert response.json["errors"] == {"shoe_id": ["Shoe not found"]}
    assert owner.execute("SELECT version FROM runs").fetchall() == [(1,)]


def test_a_commit_that_fails_is_no_success(client, owner, alice):
    owner.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON runs DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )

    response = client.post("/v1/runs", json=RUN, headers=alice.headers)

    assert response.status_code == 500
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_a_connection_that_dies_at_the_commit_is_no_success(client, owner, alice):
    owner.execute(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid());
            RETURN NULL;
        END
        $$;
        CREATE CONSTRAINT TRIGGER die AFTER INSERT ON runs DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die();
        """
    )

    response = client.post("/v1/runs", json=RUN, headers=alice.headers)

    assert response.status_code == 503
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_a_caught_database_error_cannot_make_a_transaction_end_as_if_it_had_been_stored(owner, alice):
    def make_a_shoe_and_catch() -> None:
        connection.execute("INSERT INTO shoes (user_id, id, name) VALUES (%(user_id)s, 'x', 'X')")
        with suppress(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.InFailedSqlTransaction), transaction(alice.user_id):
        make_a_shoe_and_catch()

    assert owner.execute("SELECT count(*) FROM shoes").fetchone() == (0,)


def test_a_discarded_transaction_stores_nothing(owner, alice):
    with transaction(alice.user_id):
        connection.execute("INSERT INTO shoes (user_id, id, name) VALUES (%(user_id)s, 'x', 'X')")
        connection.discard()

    assert owner.execute("SELECT count(*) FROM shoes").fetchone() == (0,)


def test_threads_at_once_each_have_their_own_user(app, alice, bob):
    def who(user_id: int) -> tuple[int, int | None]:
        with transaction(user_id):
            return user_id, fetch_one(int, "SELECT user_id FROM users")

    with ThreadPoolExecutor(POOL_SIZE) as threads:
        seen = set(threads.map(who, [alice.user_id, bob.user_id] * 50))

    assert seen == {(alice.user_id, alice.user_id), (bob.user_id, bob.user_id)}


@dataclasses.dataclass(frozen=True)
class OwnServer:
    """A database server that a test may stop, and an account in it."""

    postgres: EmbeddedPostgres
    url: str
    client: FlaskClient
    headers: dict[str, str]

    def me(self) -> Any:
        return self.client.get("/v1/auth/me", headers=self.headers)


@pytest.fixture
def own_server(settings: Settings) -> Iterator[OwnServer]:
    with throwaway_postgres(int(os.environ.get("POSTGRES_VERSION") or 18)) as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
            admin.execute("CREATE ROLE fitness LOGIN CREATEROLE")
            admin.execute("CREATE DATABASE log OWNER fitness")
        url = postgres.url("log", "fitness")
        migrate.upgrade(url)
        client = create_app(dataclasses.replace(settings, database_url=url)).test_client()
        account = {"email": "ada@example.com", "name": "Ada", "password": "a long pass phrase"}
        tokens = client.post("/v1/auth/signup", json=account).json
        assert tokens is not None
        yield OwnServer(postgres, url, client, {"Authorization": f"Bearer {tokens['access_token']}"})
        pool.close_pool()


def test_a_stopped_database_is_a_503_everywhere_and_a_started_one_serves_at_once(own_server):
    own_server.postgres.stop()
    login = {"email": "ada@example.com", "password": "a long pass phrase"}
    answers = [
        own_server.me(),
        own_server.client.post("/v1/auth/login", json=login),
        own_server.client.get("/health/db"),
    ]
    own_server.postgres.start(fsync="off")

    started = time.monotonic()
    after = own_server.me()

    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "2")] * 3
    assert {answer.json["detail"] for answer in answers} == {"The database is busy or cannot be reached"}
    assert after.status_code == 200
    assert time.monotonic() - started < 1


def test_a_database_that_went_without_a_word_is_found_again(own_server):
    with connection.system_transaction():
        process = fetch_one(int, "SELECT pg_backend_pid()")
    assert process is not None

    # The server takes this for a crash: it ends all connections and recovers.
    os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 30
    answers = [own_server.me().status_code]
    while answers[-1] == 503 and time.monotonic() < deadline:
        answers.append(own_server.me().status_code)

    assert answers[-1] == 200


def test_a_transaction_that_cannot_begin_gives_its_connection_back(own_server):
    with psycopg.connect(own_server.url, autocommit=True) as owner:
        owner.execute("REVOKE fitness_app FROM fitness")
        refused = [own_server.me().status_code for _ in range(POOL_SIZE + 1)]
        owner.execute("GRANT fitness_app TO fitness")

    assert refused == [500] * (POOL_SIZE + 1)
    assert own_server.me().status_code == 200
