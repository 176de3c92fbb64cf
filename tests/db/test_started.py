"""Parts of a transaction that are rolled back alone, and statements that are started and not waited for."""

from typing import Any

import psycopg
import pytest

from fitness.db import runs
from fitness.db.connection import execute, fetch_one, savepoint, stream, transaction
from fitness.db.history import versions
from fitness.db.later import execute_later, start
from tests.db.test_connection import blocked_process, terminate
from tests.db.test_wire import INTO_NOWHERE, MAKE_A_SHOE, own_process, settings, shoes  # noqa: F401, a fixture

NUMBER = "SELECT 7"


def test_a_part_that_fails_is_taken_back_alone(owner, alice):
    def write() -> None:
        execute(MAKE_A_SHOE, id="within")
        execute_later(INTO_NOWHERE)

    with transaction(alice.user_id):
        execute(MAKE_A_SHOE, id="before")
        with pytest.raises(psycopg.errors.UndefinedTable), savepoint():
            write()
        with savepoint():
            execute(MAKE_A_SHOE, id="not kept")
            raise psycopg.Rollback
        with savepoint():
            execute_later(MAKE_A_SHOE, id="kept")

    assert owner.execute("SELECT id FROM shoes ORDER BY id").fetchall() == [("before",), ("kept",)]


def test_an_error_of_what_comes_before_a_part_is_not_one_of_the_part(owner, alice):
    entered = []

    def write() -> None:
        execute_later(INTO_NOWHERE)
        with savepoint():
            entered.append(True)

    with pytest.raises(psycopg.errors.UndefinedTable), transaction(alice.user_id):
        write()

    assert entered == []


def test_a_part_that_fails_before_its_first_statement_leaves_what_is_around_it(owner, alice):
    with transaction(alice.user_id):
        with pytest.raises(ZeroDivisionError), savepoint():
            raise ZeroDivisionError
        execute(MAKE_A_SHOE, id="between")
        with savepoint():
            execute_later(MAKE_A_SHOE, id="not sent")
            raise psycopg.Rollback
        execute_later(MAKE_A_SHOE, id="after")

    assert owner.execute("SELECT id FROM shoes ORDER BY id").fetchall() == [("after",), ("between",)]


# What is started


def test_the_database_works_on_what_was_started_while_the_program_goes_on(owner, alice):
    with transaction(alice.user_id):
        process = own_process()
        with owner.transaction():
            owner.execute("LOCK TABLE shoes IN SHARE MODE")
            execute_later(MAKE_A_SHOE, id="x")
            start()
            assert blocked_process(owner) == process

    assert shoes(owner) == 1


@pytest.mark.parametrize("goes_on", [True, False])
def test_an_error_of_what_was_started_is_raised_by_the_next_statement_or_the_end(owner, alice, goes_on):
    def write() -> None:
        execute(MAKE_A_SHOE, id="x")
        execute_later(INTO_NOWHERE)
        start()
        if goes_on:
            execute_later(MAKE_A_SHOE, id="y")
            start()
            fetch_one(int, "SELECT 1")
            pytest.fail("the statement has raised nothing")

    with pytest.raises(psycopg.errors.UndefinedTable), transaction(alice.user_id):
        write()

    assert shoes(owner) == 0


def test_a_part_takes_back_what_it_has_started(owner, alice):
    def write(query: Any, error: type[Exception] | None) -> None:
        execute(MAKE_A_SHOE, id="within")
        execute_later(query, id="started")
        start()
        if error:
            raise error

    with transaction(alice.user_id):
        execute(MAKE_A_SHOE, id="before")
        with pytest.raises(psycopg.errors.UndefinedTable), savepoint():
            write(INTO_NOWHERE, None)
        with pytest.raises(ZeroDivisionError), savepoint():
            write(INTO_NOWHERE, ZeroDivisionError)
        with pytest.raises(ZeroDivisionError), savepoint():
            write(MAKE_A_SHOE, ZeroDivisionError)
        with savepoint():
            execute_later(MAKE_A_SHOE, id="kept")
            start()

    assert owner.execute("SELECT id FROM shoes ORDER BY id").fetchall() == [("before",), ("kept",)]


def test_after_a_failed_transaction_nothing_of_what_it_started_is_raised(owner, alice):
    def write() -> None:
        execute(MAKE_A_SHOE, id="x")
        execute_later(INTO_NOWHERE)
        start()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction(alice.user_id):
        write()

    with transaction(alice.user_id):
        assert fetch_one(int, "SELECT count(*) FROM shoes") == 0


def test_versions_that_were_started_are_in_the_feed_and_the_quota(owner, alice):
    with transaction(alice.user_id):
        change = versions.Change("x")
        run_ids = [f"manual_{number}" for number in range(150)]
        execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
            SELECT %(user_id)s, one, now(), 'Outdoor Run', 1, 60, 'Manual' FROM unnest(%(ids)s::text[]) AS one
            """,
            ids=run_ids,
        )
        versions.add_all(runs.RUNS, run_ids, change)
        with savepoint():
            versions.write_all(runs.RUNS, "distance = 2", "true", change)
            raise psycopg.Rollback

    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (150,)
    assert owner.execute("SELECT versions FROM writes").fetchall() == [(150,)]
    assert owner.execute("SELECT versions FROM change_counters").fetchall() == [(150,)]


def test_what_a_failed_start_did_not_prepare_is_prepared_later(owner, alice):
    def fail() -> None:
        execute(MAKE_A_SHOE, id="x")
        execute_later(INTO_NOWHERE)
        execute_later(NUMBER)
        start()
        raise ZeroDivisionError

    def write() -> None:
        for _ in range(5):
            fetch_one(int, NUMBER)
        with pytest.raises(ZeroDivisionError), savepoint():
            fail()
        assert fetch_one(int, NUMBER) == 7
        fail()

    with pytest.raises(ZeroDivisionError), transaction(alice.user_id):
        write()

    with transaction(alice.user_id):
        assert fetch_one(int, NUMBER) == 7


def test_nobody_waits_for_what_a_failed_transaction_has_started(owner, alice):
    def write() -> None:
        execute("SELECT set_config('statement_timeout', '30s', true)")
        execute_later("SELECT pg_sleep(2.5)")
        start()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction(alice.user_id):
        write()

    with transaction(alice.user_id):  # the connection has to answer within 2 seconds
        assert fetch_one(int, NUMBER) == 7


def test_a_connection_lost_while_a_part_fails_stores_nothing(owner, alice):
    def write() -> None:
        execute(MAKE_A_SHOE, id="x")
        process = own_process()
        with savepoint():
            execute_later("SELECT pg_sleep(0.9)")
            start()
            terminate(owner, process)
            raise ZeroDivisionError

    with pytest.raises(psycopg.OperationalError), transaction(alice.user_id):
        write()

    assert shoes(owner) == 0


def test_parts_within_parts_and_streams_take_back_what_they_started(owner, alice):
    def write(id: object, error: type[Exception] | None = None) -> None:
        execute_later(MAKE_A_SHOE, id=str(id))
        start()
        if error:
            raise error

    with transaction(alice.user_id):
        with savepoint():
            write("a")
            with pytest.raises(ZeroDivisionError), savepoint():
                write("b", ZeroDivisionError)
            write("c")
        for number in stream(int, "SELECT n FROM generate_series(1, 30) AS n", fetched=10):
            if number % 2:
                with savepoint():
                    write(number)
            else:
                with pytest.raises(psycopg.errors.UniqueViolation), savepoint():
                    write(number - 1)

    assert shoes(owner) == 2 + 15
