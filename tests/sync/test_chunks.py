"""A file is read two parts ahead of what is stored."""

import threading

import pytest

from fitness import deadline
from fitness.errors import TookTooLong
from fitness.readers.records import Original, UnreadableFile
from fitness.sync import report
from fitness.sync.report import chunks_ahead
from tests.readers.strava.tables import LOOP


def test_all_records_come_in_order_in_parts():
    assert list(chunks_ahead(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks_ahead(iter(range(6)), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(chunks_ahead([], 3)) == []


def test_a_part_ends_where_the_files_of_its_records_weigh_enough(monkeypatch):
    monkeypatch.setattr(report, "CHUNK_BYTES", 1_000)
    heavy, light = (LOOP._replace(original=Original("FIT", "", bytes(size))) for size in (600, 10))

    parts = chunks_ahead([light, heavy, heavy, light, light], 100)

    assert [len(part) for part in parts] == [3, 2]


def test_the_next_two_parts_are_read_while_one_is_stored():
    read = threading.Event()

    def records():
        yield from range(6)
        read.set()
        yield 6

    chunks = chunks_ahead(records(), 3)
    assert next(chunks) == [0, 1, 2]
    assert read.wait(60)
    assert list(chunks) == [[3, 4, 5], [6]]


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
