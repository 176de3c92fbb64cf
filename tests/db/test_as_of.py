"""Transactions that look back: they see every column, they write nothing; and times never go back."""

import threading
from typing import LiteralString, cast

import pytest

from fitness.db import runs, runs_history
from fitness.db.connection import execute, fetch_one, transaction
from fitness.db.history import versions
from fitness.db.history.as_of import look_back
from fitness.db.history.instants import looks_back_at
from fitness.db.history.rows_then import PARTS
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS
from fitness.db.runs import RUNS
from fitness.db.statements import ReadOnly

TABLES_THEN = {*(kind.table for kind in NOUNS), *PARTS}


@pytest.fixture
def now(owner):
    def read():
        row = owner.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        return row[0]

    return read


@pytest.mark.parametrize("table", sorted(TABLES_THEN))
def test_what_a_table_was_has_its_columns(alice, now, table):
    """Whatever a migration has added to them."""
    instant = now()
    query = cast("LiteralString", f"SELECT * FROM (SELECT) AS one LEFT JOIN {table} ON user_id = %(user_id)s")
    with transaction(alice.user_id):
        there = list(fetch_one(dict, query) or {})
        look_back(instant, field="as_of")
        then = list(fetch_one(dict, query) or {})

    assert then == there != []


def test_who_looks_back_sees_only_their_own_rows(owner, alice, bob, make_run, now):
    make_run(alice, id="manual_alices")
    make_run(bob, id="manual_bobs")
    instant = now()
    for person, run_id in ((alice, "manual_alices"), (bob, "manual_bobs")):
        with transaction(person.user_id):
            versions.delete(RUNS, run_id, Change("ada"))

    with transaction(bob.user_id):
        look_back(instant, field="as_of")
        seen = fetch_one(list, "SELECT array_agg(id) FROM runs WHERE deleted_at IS NULL")

    assert seen == ["manual_bobs"]
    assert owner.execute("SELECT count(*) FROM runs WHERE deleted_at IS NULL").fetchone() == (0,)


def test_a_transaction_that_looks_back_writes_nothing(alice, make_run, now):
    make_run(alice, id="manual_one")
    instant = now()

    def write(statement: LiteralString) -> None:
        with transaction(alice.user_id):
            look_back(instant, field="as_of")
            execute(statement)

    for statement in (
        "DELETE FROM bookmarks WHERE user_id = %(user_id)s",
        "UPDATE runs SET distance = 9 WHERE user_id = %(user_id)s",
    ):
        with pytest.raises(ReadOnly):
            write(statement)


def test_the_next_transaction_sees_the_present_and_writes(alice, make_run, now):
    instant = now()
    make_run(alice, id="manual_one")

    with transaction(alice.user_id):
        look_back(instant, field="as_of")
        then = runs.get_run_by_id("manual_one")
    with transaction(alice.user_id):
        assert looks_back_at() is None
        runs_history.update_run_with_history("manual_one", {"distance": 9.0}, changed_by="ada")
        run = runs.get_run_by_id("manual_one")

    assert then is None
    assert run is not None
    assert run.distance == 9.0


def times_of(person, run_id):
    with transaction(person.user_id):
        return [version.changed_at for version in reversed(runs_history.get_run_history(run_id))]


def test_a_transaction_that_began_earlier_and_writes_later_does_not_turn_back_the_times_of_versions(alice, make_run):
    run = make_run(alice)

    def edit_in_between():
        with transaction(alice.user_id):
            runs_history.update_run_with_history(run.id, {"distance": 6.0}, changed_by="ada")

    with transaction(alice.user_id):
        fetch_one(str, "SELECT now()::text")
        thread = threading.Thread(target=edit_in_between)
        thread.start()
        thread.join()
        runs_history.update_run_with_history(run.id, {"distance": 7.0}, changed_by="ada")

    times = times_of(alice, run.id)
    assert len(times) == 3
    assert times == sorted(times)


@pytest.mark.parametrize(
    "write",
    [
        lambda run: runs_history.update_run_with_history(run.id, {"distance": 9.0}, changed_by="ada"),
        lambda run: versions.delete(RUNS, run.id, Change("ada")),
        lambda run: versions.restore(RUNS, run.id, 1, changed_by="ada"),
        lambda run: versions.write_all(RUNS, "distance = 9", "r.distance < 9", Change("ada")),
    ],
    ids=["edit", "delete", "restore", "write_all"],
)
def test_a_clock_that_is_put_back_does_not_turn_back_the_times_of_versions(owner, alice, make_run, write):
    run = make_run(alice)
    owner.execute("UPDATE runs SET created_at = created_at + interval '1 hour'")
    owner.execute("UPDATE runs_history SET changed_at = changed_at + interval '1 hour'")

    with transaction(alice.user_id):
        write(run)

    first, second = times_of(alice, run.id)
    assert first <= second
