"""Runs of one import that depend on each other, or on what somebody does meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fitness.db import runs, shoes
from fitness.db.connection import transaction
from fitness.db.history import record_merges, versions
from fitness.db.shoes_merge import merge_shoe
from fitness.readers.records import ParsedRun
from fitness.sync import activities_import
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests.db.test_connection import blocked_process


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two runs be stored at once, while the next two are read."""
    monkeypatch.setattr(activities_import, "CHUNK_ROWS", 2)


def run(number: int, shoe_name: str | None = None, distance: float = 1.0) -> ParsedRun:
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=3 * number)
    return ParsedRun(number, f"strava_{number}", start, "Outdoor Run", distance, 600.0, shoe_name=shoe_name)


def load(records: Any) -> Report:
    return load_activities(records, Report(), source="Strava", actor="alice")


def worn(owner: psycopg.Connection) -> dict[str, str]:
    return dict(owner.execute("SELECT id, shoe_id FROM runs WHERE shoe_id IS NOT NULL").fetchall())


def test_a_shoe_is_merged_after_the_import_that_names_it(owner, alice, make_shoe):
    make_shoe(alice, "Old")
    make_shoe(alice, "New")

    def merge() -> None:
        with transaction(alice.user_id):
            record_merges.merge_once(shoes.SHOES, "old", "new", actor="alice", merge=merge_shoe)

    def records():
        yield from (run(1, "Old"), run(2), run(3), run(4), run(5), run(6))
        elsewhere.submit(merge)
        blocked_process(owner)
        yield from (run(7), run(8), run(9, "Old"))

    with transaction(alice.user_id):
        load([run(1, "Old"), run(2)])
    with ThreadPoolExecutor(1) as elsewhere, transaction(alice.user_id):
        load(records())

    assert worn(owner) == {"strava_1": "new", "strava_9": "new"}
    assert owner.execute("SELECT id FROM shoes WHERE deleted_at IS NULL").fetchall() == [("new",)]


def test_a_shoe_that_gets_the_name_during_an_import_is_worn(owner, alice, make_shoe):
    make_shoe(alice, "Old")

    def rename() -> None:
        with transaction(alice.user_id):
            versions.edit(shoes.SHOES, "old", {"name": "Named"}, versions.Change("alice"))

    def records():
        yield from (run(1, "Named"), run(2), run(3), run(4), run(5), run(6))
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(rename).result(timeout=10)
        yield from (run(7), run(8), run(9, "Named"))

    with transaction(alice.user_id):
        load([run(1, "Old"), run(2)])
        versions.edit(runs.RUNS, "strava_1", {"shoe_id": None}, versions.Change("alice"))
    with transaction(alice.user_id):
        load(records())

    assert worn(owner) == {"strava_9": "old"}


@pytest.mark.parametrize("part", [2, 1000])
def test_of_a_run_twice_in_a_file_the_first_one_counts(owner, alice, monkeypatch, part):
    monkeypatch.setattr(activities_import, "CHUNK_ROWS", part)
    places = {1: range(100), 2: [*range(50, 150), *range(120)]}
    twice = [run(number, f"Shoe {place}", place) for place, numbers in places.items() for number in numbers]

    for created in (150, 0):
        with transaction(alice.user_id):
            report = load(twice)
        assert (report.found, report.created, report.updated, report.unchanged) == (320, created, 0, 320 - created)

    stored = owner.execute("SELECT distance, shoe_id, count(*) FROM runs GROUP BY 1, 2 ORDER BY 1").fetchall()
    assert stored == [(1.0, "shoe_1", 100), (2.0, "shoe_2", 50)]


def test_a_known_run_among_many_new_ones_stays_as_it_is(owner, alice):
    with transaction(alice.user_id):
        load([run(4)])

    with transaction(alice.user_id):
        report = load([run(number) for number in range(1, 7)])

    versions_of = dict(owner.execute("SELECT run_id, count(*) FROM runs_history GROUP BY 1").fetchall())
    assert (report.created, report.unchanged) == (5, 1)
    assert versions_of == {f"strava_{number}": 1 for number in range(1, 7)}
