"""Statements that travel together: how often a request waits, and what an error or a lost connection leaves."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from fitness.config import Settings
from fitness.db import pool, runs, runs_list
from fitness.db.bound import Query, bound_transaction
from fitness.db.connection import execute, fetch_all, fetch_one, stream, transaction
from fitness.db.fields import size
from fitness.db.history import versions
from fitness.db.later import execute_later, start
from fitness.db.wire import Wire
from fitness.errors import FitnessError
from tests.db.test_connection import RUN, blocked_process, terminate
from tests.standins.cut_connections import cut_behind

MAKE_A_SHOE = "INSERT INTO shoes (user_id, id, name) VALUES (%(user_id)s, %(id)s, %(id)s)"
INTO_NOWHERE = "INSERT INTO nowhere VALUES (%(user_id)s)"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A single connection, so that each transaction finds what the one before has left on it."""
    return dataclasses.replace(settings, db_pool_size=1, db_pool_timeout_seconds=2, db_statement_timeout_seconds=1)


def shoes(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT count(*) FROM shoes").fetchone()
    assert row is not None
    return row[0]


def own_process() -> int:
    process = fetch_one(int, "SELECT pg_backend_pid()")
    assert process is not None
    return process


# How often a request waits


def test_the_check_of_the_session_travels_with_a_read(client, alice, make_run, waits):
    run = make_run(alice)
    reads = ["/v1/runs?limit=50", f"/v1/runs/{run.id}", "/v1/shoes", "/v1/timeline", "/v1/workouts"]

    assert {path: waits(lambda path=path: client.get(path, headers=alice.headers)) for path in reads} == dict.fromkeys(
        reads, 1
    )


def test_the_check_of_the_instant_travels_with_what_looks_back(client, owner, alice, make_run, waits):
    make_run(alice)
    row = owner.execute("SELECT to_json(clock_timestamp()) #>> '{}'").fetchone()

    def look_back(instant: str) -> Any:
        return client.get("/v1/runs", query_string={"as_of": instant}, headers=alice.headers)

    look_back(row[0])  # the columns of the tables are read once
    assert waits(lambda: look_back(row[0])) == 1
    refused = [look_back(instant).json["errors"] for instant in ("2000-01-01T00:00:00Z", "2190-01-01T00:00:00Z")]
    assert refused == [
        {"as_of": ["This instant is before your account"]},
        {"as_of": ["This instant is in the future"]},
    ]


def test_an_unchanged_page_takes_one_message(client, alice, waits, monkeypatch):
    known = {"If-None-Match": client.get("/v1/runs", headers=alice.headers).headers["ETag"]}
    sent: list[Wire] = []
    send = Wire.send
    monkeypatch.setattr(Wire, "send", lambda wire: (sent.append(wire), send(wire)))

    assert waits(lambda: client.get("/v1/runs", headers=alice.headers | known)) == 1
    assert len(sent) == 1


def test_a_read_that_needs_to_know_who_asks_waits_twice(client, alice, waits):
    reads = ["/v1/runs?start=2026-01-01", "/v1/metrics/mileage/total", "/v1/users/me/stats"]

    assert {path: waits(lambda path=path: client.get(path, headers=alice.headers)) for path in reads} == dict.fromkeys(
        reads, 2
    )


def test_a_write_waits_for_its_session_its_statement_and_its_commit(client, alice, make_run, waits):
    path, headers = f"/v1/runs/{make_run(alice).id}", alice.headers

    assert waits(lambda: client.post("/v1/runs", json=RUN, headers=headers)) == 3
    assert waits(lambda: client.patch(path, json={"distance": 5.25, "change_reason": "GPS"}, headers=headers)) == 3
    assert waits(lambda: client.delete(path, headers=headers)) == 3


def test_sets_wait_for_their_workout_their_exercises_and_the_version(client, alice, waits):
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}] * 20
    workout = {"workout_type": "STRENGTH", "start_ts": RUN["datetime_utc"], "strength_sets": sets, "in_progress": True}
    path = f"/v1/workouts/{client.post('/v1/workouts', json=workout, headers=alice.headers).json['workout_id']}"
    (execution,) = client.get(path, headers=alice.headers).json["exercise_executions"]
    one_more = f"{path}/exercise-executions/{execution['exercise_id']}/sets"

    assert waits(lambda: client.post("/v1/workouts", json=workout, headers=alice.headers)) == 5
    assert waits(lambda: client.post(one_more, json={"weight": 100, "reps": 5}, headers=alice.headers)) == 5


def test_a_log_in_waits_six_times(client, waits):
    login = {"email": "ada@example.com", "password": "a long pass phrase"}
    client.post("/v1/auth/signup", json={**login, "name": "Ada"})

    assert waits(lambda: client.post("/v1/auth/login", json=login)) == 6


def test_a_token_is_looked_up_and_counted_first(client, alice, make_run, make_token, waits):
    path, token = f"/v1/runs/{make_run(alice).id}", make_token(alice, "read", "write")

    assert waits(lambda: client.get("/v1/runs?limit=50", headers=token)) == 3
    assert waits(lambda: client.patch(path, json={"distance": 5.25, "change_reason": "GPS"}, headers=token)) == 4


def test_an_answer_that_the_client_has_waits_for_its_session_alone(client, alice, waits):
    tag = client.get("/v1/runs", headers=alice.headers).headers["ETag"]

    assert waits(lambda: client.get("/v1/runs", headers={**alice.headers, "If-None-Match": tag})) == 1


def test_a_transaction_without_statements_sends_nothing(app, alice, waits):
    class Answer:
        status_code = 200

    def nothing() -> type[Answer]:
        with transaction(alice.user_id):
            pass
        return Answer

    assert waits(nothing) == 0


# Errors


def test_an_error_of_the_version_that_travels_with_the_commit_takes_all_back(client, owner, alice, make_run):
    run = make_run(alice, distance=5.0)
    owner.execute("ALTER TABLE runs_history ADD CONSTRAINT refused CHECK (version_number < 2) NOT VALID")

    response = client.patch(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)

    assert response.status_code == 500
    assert owner.execute("SELECT distance, version FROM runs").fetchall() == [(5.0, 1)]
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["distance"] == 5


def test_a_version_that_waits_too_long_takes_all_back(client, owner, alice, make_run):
    run = make_run(alice, distance=5.0)

    with owner.transaction():
        owner.execute("LOCK TABLE runs_history IN SHARE MODE")
        response = client.patch(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)

    assert response.status_code == 503
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["distance"] == 5


def test_an_error_of_a_queued_statement_is_raised_before_the_next_one_answers(owner, alice):
    def write() -> None:
        execute_later(MAKE_A_SHOE, id="x")
        execute_later(INTO_NOWHERE)
        fetch_one(int, "SELECT 1")

    with pytest.raises(psycopg.errors.UndefinedTable), transaction(alice.user_id):
        write()

    assert shoes(owner) == 0


def test_what_a_failed_message_did_not_prepare_is_prepared_later(app, alice):
    with transaction(alice.user_id):
        bound_transaction().wire.connection.prepare_threshold = 0
        process = own_process()
    later = "SELECT %(user_id)s::bigint + 1"

    def fail() -> None:
        execute_later("SELECT 1 / (%(user_id)s - %(user_id)s)")
        fetch_one(int, later)

    with pytest.raises(psycopg.errors.DivisionByZero), transaction(alice.user_id):
        fail()
    with transaction(alice.user_id):
        answers = [fetch_one(int, later) for _ in range(3)]

    assert answers == [alice.user_id + 1] * 3
    with transaction(alice.user_id):
        assert own_process() == process


# Lost connections


@pytest.mark.parametrize("works", [False, True])
def test_a_connection_lost_between_two_statements_stores_nothing_and_the_next_transaction_works(owner, alice, works):
    """Whether the database works on something that was started, or not."""

    def write() -> None:
        execute(MAKE_A_SHOE, id="x")
        process = own_process()
        if works:
            execute_later(MAKE_A_SHOE, id="y")
            start()
        terminate(owner, process)
        fetch_one(int, "SELECT 1")

    with pytest.raises(psycopg.OperationalError), transaction(alice.user_id):
        write()

    assert shoes(owner) == 0
    with transaction(alice.user_id):
        assert fetch_one(int, "SELECT 1") == 1


def waiting_for_users(ask: Callable[[], Any], owner: psycopg.Connection) -> Any:
    """Return what `ask` returns, in another thread; the connection dies while its first statement waits."""
    with ThreadPoolExecutor(1) as other:
        with owner.transaction():
            owner.execute("LOCK TABLE users")
            asked = other.submit(ask)
            terminate(owner, blocked_process(owner))
        return asked.result()


def test_the_check_of_the_session_is_repeated_when_its_connection_dies(client, owner, alice):
    response = waiting_for_users(lambda: client.get("/v1/runs", headers=alice.headers), owner)

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/runs/nowhere", "/v1/runs?cursor=x", "/v1/runs?limit=0"])
@pytest.mark.parametrize("is_locked", [False, True])
@pytest.mark.parametrize("asks_for_change", [False, True])
def test_an_ended_session_gets_no_other_answer(client, owner, alice, path, is_locked, asks_for_change):
    tag = client.get("/v1/runs", headers=alice.headers).headers["ETag"]
    owner.execute("DELETE FROM sessions")
    with owner.transaction():
        if is_locked:
            owner.execute("LOCK TABLE runs")
        response = client.get(path, headers=alice.headers | ({"If-None-Match": tag} if asks_for_change else {}))

    assert (response.status_code, response.json) == (401, {"detail": "The session has ended"})


def test_an_ended_session_gets_no_other_answer_by_another_connection(client, owner, alice):
    owner.execute("DELETE FROM sessions")
    with ThreadPoolExecutor(1) as other:
        with owner.transaction():
            owner.execute("LOCK TABLE runs")
            asked = other.submit(client.get, "/v1/runs", headers=alice.headers)
            terminate(owner, blocked_process(owner))
            owner.execute("ALTER TABLE runs RENAME TO elsewhere")
        response = asked.result()

    assert (response.status_code, response.json) == (401, {"detail": "The session has ended"})


def test_an_ended_session_gets_nothing_of_a_view_that_goes_on(client, owner, alice, monkeypatch):
    owner.execute("DELETE FROM sessions")
    list_runs = runs_list.list_runs

    def go_on(*given: Any, **named: Any) -> Any:
        with suppress(FitnessError):
            list_runs(*given, **named)
        return list_runs(*given, **named)

    monkeypatch.setattr(runs_list, "list_runs", go_on)
    response = client.get("/v1/runs", headers=alice.headers)

    assert (response.status_code, response.json) == (401, {"detail": "The session has ended"})


@pytest.mark.parametrize("table", ["users", "runs"])
def test_a_session_that_cannot_be_checked_has_not_ended(client, owner, alice, table):
    with owner.transaction():
        owner.execute(SQL("LOCK TABLE {}").format(Identifier(table)))
        response = client.get("/v1/runs", headers=alice.headers)

    assert response.status_code == 503


@pytest.mark.parametrize(("query", "is_repeated"), [("SELECT", True), ("UPDATE", False)])
def test_only_what_changes_nothing_is_repeated(app, owner, alice, query, is_repeated):
    queries: dict[str, Query] = {
        "SELECT": "SELECT user_id FROM users WHERE user_id = %(user_id)s",
        "UPDATE": "UPDATE users SET name = 'Ada' WHERE user_id = %(user_id)s RETURNING user_id",
    }

    def ask() -> int | None:
        with transaction(alice.user_id):
            return fetch_one(int, queries[query])

    if is_repeated:
        assert waiting_for_users(ask, owner) == alice.user_id
    else:
        with pytest.raises(psycopg.OperationalError):
            waiting_for_users(ask, owner)


def test_a_connection_with_an_unread_end_that_died_is_replaced(client, owner, alice):
    with transaction(alice.user_id):
        process = own_process()
    terminate(owner, process)

    assert client.get("/v1/runs", headers=alice.headers).status_code == 200
    with transaction(alice.user_id):
        assert own_process() != process


def test_a_connection_that_is_lost_behind_the_answer_to_a_commit_has_stored(app, owner, alice, database_url):
    with cut_behind(b"C", b"COMMIT\0", database_url) as url:
        pool.open_pool(url, size=1, timeout_seconds=2, statement_timeout_seconds=5)
        for id in ("x", "y"):
            with transaction(alice.user_id):
                execute(MAKE_A_SHOE, id=id)

    assert shoes(owner) == 2


def test_an_unread_end_keeps_nobody_waiting(app, alice):
    """There is one connection: whoever waits gets it, although the one before has not read the end."""

    def read(_: int) -> int | None:
        with transaction(alice.user_id):
            return fetch_one(int, "SELECT user_id FROM users")

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(read, range(400))) == {alice.user_id}
    assert pool.pool_stats()["pool_size"] == 1


def test_who_has_given_up_counts_as_waiting_no_more(app):
    pool.open_pool("postgresql://me@127.0.0.1:1/log", size=1, timeout_seconds=0.1, statement_timeout_seconds=5)
    with pytest.raises(pool.PoolTimeout):
        pool.take()
    assert pool.pool_stats()["requests_waiting"] == 0


def test_what_was_written_after_a_read_is_stored_when_the_transaction_ends(owner, alice):
    for number in range(1, 6):
        with transaction(alice.user_id):
            fetch_one(int, "SELECT count(*) FROM shoes")
            execute(MAKE_A_SHOE, id=str(number))
        assert shoes(owner) == number
    with transaction(alice.user_id):
        execute_later(MAKE_A_SHOE, id="alone")
    assert shoes(owner) == 6


# Prepared statements, many and large ones


def prepared() -> list[str]:
    return fetch_all(str, "SELECT statement FROM pg_prepared_statements")


def test_statements_are_prepared_unless_a_pooler_forbids_it(client, database_url, alice):
    asked = "SELECT %(user_id)s::bigint AS asked"
    for pooler, expected in (("none", 1), ("unprepared", 0)):
        pool.open_pool(database_url, size=1, timeout_seconds=5, statement_timeout_seconds=5, pooler=pooler)
        for _ in range(8):
            with transaction(alice.user_id):
                assert fetch_one(int, asked) == alice.user_id
            assert client.post("/v1/runs", json=RUN, headers=alice.headers).status_code == 201
        with transaction(alice.user_id):
            assert len([one for one in prepared() if one.endswith("AS asked")]) == expected
            assert expected or prepared() == []


def test_of_many_statements_the_latest_stay_prepared(app, alice):
    with transaction(alice.user_id):
        bound = bound_transaction()
        bound.wire.connection.prepare_threshold, bound.wire.connection.prepared_max = 0, 5
        for round_ in range(3):
            for number in range(20):
                query: Any = f"SELECT {number} + %(round_)s"
                assert fetch_one(int, query, round_=round_) == number + round_
        assert len(prepared()) == 5


def test_large_parameters_and_answers_pass_each_other(app, alice):
    large = "x" * 3_000_000

    with transaction(alice.user_id):
        for _ in range(3):
            execute_later("SELECT %(large)s::text", large=large)
        assert fetch_one(str, "SELECT %(large)s::text", large=large) == large


def test_a_stream_that_ends_early_leaves_the_transaction_in_order(app, alice):
    numbers = "SELECT n::bigint FROM generate_series(1, 1000) AS n"

    with transaction(alice.user_id):
        first = stream(int, numbers, fetched=10)
        assert [next(first) for _ in range(15)] == list(range(1, 16))
        first.close()
        for number in stream(int, numbers, fetched=100):
            if number == 1000:
                execute_later("SELECT 1")
                start()
        assert list(stream(int, numbers, fetched=100)) == list(range(1, 1001))
        assert list(stream(tuple, numbers + " WHERE n > %(most)s", most=1000)) == []


def test_a_missing_parameter_is_named(app, alice):
    with pytest.raises(psycopg.ProgrammingError, match="'id'"), transaction(alice.user_id):
        execute(MAKE_A_SHOE)


# Threads


@pytest.fixture
def three_connections(client: Any, database_url: str) -> Iterator[None]:
    pool.open_pool(database_url, size=3, timeout_seconds=30, statement_timeout_seconds=30)
    yield
    pool.close_pool()


def test_eight_threads_of_edits_and_reads_lose_no_version(three_connections, owner, alice, bob, make_run):
    threads, edits = 8, 15
    people = {person.user_id: make_run(person).id for person in (alice, bob)}
    failures: list[BaseException] = []

    def live(number: int) -> None:
        user_id = list(people)[number % 2]
        try:
            for _ in range(edits):
                with transaction(user_id):
                    assert [run.id for run in runs.get_all_runs()] == [people[user_id]]
                with transaction(user_id):
                    versions.edit(runs.RUNS, people[user_id], {"distance": 2.5}, versions.Change("x", "again"))
        except BaseException as error:
            failures.append(error)

    running = [threading.Thread(target=live, args=[number]) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()

    assert failures == []
    each = threads // 2 * edits + 1
    assert owner.execute(
        "SELECT user_id, count(*), max(version_number) FROM runs_history GROUP BY user_id ORDER BY user_id"
    ).fetchall() == [(user_id, each, each) for user_id in sorted(people)]
    assert owner.execute(
        f"""
        SELECT DISTINCT c.position = %s AND c.versions = %s AND c.bytes = (
            SELECT sum({size(runs.RUNS.version_row, "h")}) FROM runs_history AS h WHERE h.user_id = c.user_id
        ) AND w.first_id = w.last_id AND h.write_id = w.write_id
        FROM change_counters AS c
        JOIN writes AS w ON w.user_id = c.user_id
        JOIN runs_history AS h ON h.user_id = c.user_id AND h.history_id = w.first_id
        """,
        [each, each],
    ).fetchall() == [(True,)]
