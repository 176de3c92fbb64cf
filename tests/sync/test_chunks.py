"""A file is read one part ahead of what is stored, while the database is waited for."""

import pytest

from fitness import deadline
from fitness.db.connection import fetch_one, transaction
from fitness.errors import TookTooLong
from fitness.readers.records import Original, UnreadableFile
from fitness.sync import report
from fitness.sync.report import chunks_ahead
from tests.readers.strava.tables import LOOP


@pytest.fixture(autouse=True)
def in_a_transaction(alice):
    with transaction(alice.user_id):
        yield


def test_all_records_come_in_order_in_parts():
    assert list(chunks_ahead(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks_ahead(iter(range(6)), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(chunks_ahead([], 3)) == []


def test_a_part_ends_where_the_files_of_its_records_weigh_enough(monkeypatch):
    monkeypatch.setattr(report, "CHUNK_BYTES", 1_000)
    heavy, light = (LOOP._replace(original=Original("FIT", "", bytes(size))) for size in (600, 10))

    parts = chunks_ahead([light, heavy, heavy, light, light], 100)

    assert [len(part) for part in parts] == [3, 2]


def test_the_next_part_is_read_while_the_database_is_waited_for():
    read: list[int] = []

    def records():
        for number in range(7):
            read.append(number)
            yield number

    chunks = chunks_ahead(records(), 3)
    assert next(chunks) == [0, 1, 2]
    assert read == [0, 1, 2]

    fetch_one(str, "SELECT pg_sleep(0.2)")

    assert read == [0, 1, 2, 3, 4, 5]
    assert list(chunks) == [[3, 4, 5], [6]]


def test_what_is_read_within_a_part_comes_before_the_part_after_it():
    outer, inner = iter(range(4)), iter("abc")
    chunks = chunks_ahead(outer, 2)
    assert next(chunks) == [0, 1]
    within = chunks_ahead(inner, 2)
    assert next(within) == ["a", "b"]

    fetch_one(str, "SELECT pg_sleep(0.2)")

    assert (list(inner), list(outer)) == ([], [])
    assert [*within, *chunks] == [["c"], [2, 3]]


def test_reading_ahead_runs_no_statement():
    def records():
        yield 1
        yield fetch_one(int, "SELECT 2")

    chunks = chunks_ahead(records(), 1)
    assert next(chunks) == [1]

    assert fetch_one(str, "SELECT pg_sleep(0.2)::text") == ""
    with pytest.raises(RuntimeError, match="no transaction is open"):
        next(chunks)


def test_a_file_that_fails_while_the_database_works_leaves_the_connection_in_order():
    def records():
        yield 1
        raise UnreadableFile("The file is too large.")

    chunks = chunks_ahead(records(), 1)
    assert next(chunks) == [1]
    fetch_one(str, "SELECT pg_sleep(0.2)")

    with pytest.raises(UnreadableFile, match="too large"):
        next(chunks)
    assert fetch_one(int, "SELECT 1") == 1


def test_what_cannot_be_read_is_raised_where_it_would_have_come():
    def records():
        yield 1
        raise UnreadableFile("The file is too large.")

    chunks = chunks_ahead(records(), 1)

    assert next(chunks) == [1]
    with pytest.raises(UnreadableFile, match="too large"):
        next(chunks)


def test_the_deadline_of_a_request_ends_the_reading_of_its_file_too():
    def records():
        while True:
            deadline.go_on()
            yield 1

    with deadline.limited(0), pytest.raises(TookTooLong):
        next(chunks_ahead(records(), 1_000))
