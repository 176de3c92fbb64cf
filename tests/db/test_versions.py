"""Nothing is lost: a write and its history row commit together or not at all, and versions stay consecutive."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from fitness.db import connection, runs, runs_history, runs_import
from fitness.db.connection import transaction
from fitness.db.history import versions
from fitness.db.history.versions import Change
from fitness.db.runs import RUNS
from fitness.db.shoes_merge import merge_shoe
from fitness.errors import NotFound, PreconditionFailed


def in_transaction(person, function, *args, **kwargs) -> Any:
    """Call the function in a transaction of its own; return its result, or the error it ended in."""
    try:
        with transaction(person.user_id):
            return function(*args, **kwargs)
    except (NotFound, PreconditionFailed) as error:
        return error


def version_numbers(person, run_id):
    with transaction(person.user_id):
        return [version.version_number for version in reversed(runs_history.get_run_history(run_id))]


@pytest.fixture
def refuse_history(owner):
    """Make every further version of a run a violation of a check."""

    def refuse():
        owner.execute("ALTER TABLE runs_history ADD CONSTRAINT refused CHECK (version_number < 2) NOT VALID")

    return refuse


def edit(run_id, **updates):
    return runs_history.update_run_with_history(run_id, updates, changed_by="alice")


@pytest.mark.parametrize(
    "write",
    [
        lambda run: edit(run.id, distance=9.0),
        lambda run: versions.delete(RUNS, run.id, Change("alice")),
        lambda run: versions.restore(RUNS, run.id, 1, changed_by="alice"),
        lambda run: versions.write_all(RUNS, "distance = 9", "r.distance < 9", Change("alice")),
    ],
    ids=["edit", "delete", "restore", "write_all"],
)
def test_without_its_history_row_a_write_does_not_happen(owner, alice, make_run, refuse_history, write):
    run = make_run(alice)
    before = owner.execute("SELECT * FROM runs").fetchall()
    refuse_history()

    with pytest.raises(psycopg.errors.CheckViolation), transaction(alice.user_id):
        write(run)

    assert owner.execute("SELECT * FROM runs").fetchall() == before
    assert version_numbers(alice, run.id) == [1]


def test_without_its_history_row_a_run_is_not_made(owner, alice, make_run):
    owner.execute("REVOKE INSERT ON runs_history FROM fitness_app")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        make_run(alice)

    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_fifty_threads_edit_one_run_and_no_version_is_lost(alice, make_run):
    run = make_run(alice, distance=1.0)

    with ThreadPoolExecutor(50) as threads:
        edited = list(threads.map(lambda n: in_transaction(alice, edit, run.id, distance=float(n)), range(2, 52)))

    with transaction(alice.user_id):
        history = runs_history.get_run_history(run.id)
        current = runs.get_run_by_id(run.id)
    assert sorted(one.version for one in edited) == list(range(2, 52))
    assert [version.version_number for version in history] == list(range(51, 0, -1))
    assert {version.version_number: version.distance for version in history if version.version_number > 1} == {
        one.version: one.distance for one in edited
    }
    assert current is not None and (current.version, current.distance) == (51, history[0].distance)


def test_of_fifty_edits_of_the_same_version_one_goes_through(alice, make_run):
    run = make_run(alice)

    with ThreadPoolExecutor(50) as threads:
        results = list(
            threads.map(
                lambda n: in_transaction(
                    alice, runs_history.update_run_with_history, run.id, {"distance": float(n)},
                    changed_by="alice", if_tags=["1"],
                ),
                range(50),
            )
        )  # fmt: skip

    refused = [result for result in results if isinstance(result, PreconditionFailed)]
    assert len(refused) == 49
    assert {error.headers["ETag"] for error in refused} == {'"2"'}
    assert version_numbers(alice, run.id) == [1, 2]


def test_an_edit_that_waits_for_a_deletion_finds_no_run(owner, alice, make_run):
    run = make_run(alice)
    deleting, editing = threading.Event(), threading.Event()

    def delete():
        with transaction(alice.user_id):
            versions.delete(RUNS, run.id, Change("alice"))
            deleting.set()
            assert editing.wait(10)

    def edit_meanwhile():
        assert deleting.wait(10)
        return in_transaction(alice, edit, run.id, distance=9.0)

    with ThreadPoolExecutor(2) as threads:
        deleted, edited = threads.submit(delete), threads.submit(edit_meanwhile)
        while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
            assert not edited.done()
        editing.set()
        deleted.result()

    with transaction(alice.user_id):
        newest, original = runs_history.get_run_history(run.id)
    assert isinstance(edited.result(), NotFound)
    assert (newest.change_type, newest.distance) == ("deletion", original.distance)


def test_a_deletion_that_waits_for_an_edit_keeps_both(owner, alice, make_run):
    run = make_run(alice)

    with ThreadPoolExecutor(1) as threads:
        with transaction(alice.user_id):
            edit(run.id, distance=9.0)
            deleted = threads.submit(in_transaction, alice, versions.delete, RUNS, run.id, Change("alice"))
            while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
                assert not deleted.done()
        deleted.result()

    with transaction(alice.user_id):
        history = runs_history.get_run_history(run.id)
    assert [(version.change_type, version.distance) for version in history] == [
        ("deletion", 9.0),
        ("edit", 9.0),
        ("original", 5.0),
    ]


def test_an_edit_during_a_merge_ends_with_the_shoe_of_the_merge_and_its_own_field(owner, alice, make_run, make_shoe):
    make_shoe(alice, "a")
    make_shoe(alice, "b")
    run = make_run(alice, shoe_id="a")

    with ThreadPoolExecutor(1) as threads:
        with transaction(alice.user_id):
            merge_shoe("a", "b", Change("alice"))
            edited = threads.submit(in_transaction, alice, edit, run.id, distance=9.0)
            while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
                assert not edited.done()
        result = edited.result()

    assert (result.shoe_id, result.distance, result.version) == ("b", 9.0, 3)
    assert version_numbers(alice, run.id) == [1, 2, 3]


def test_two_imports_of_the_same_runs_at_once_store_each_once(owner, alice, make_run):
    new = [
        runs.NewRun(f"strava_{n}", "2025-11-02T12:00:00Z", "Outdoor Run", 1.0, 600.0, "Strava")  # pyright: ignore[reportArgumentType]
        for n in range(300)
    ]

    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: in_transaction(alice, runs_import.bulk_create_runs, new), range(4)))

    assert sorted(counts) == [0, 0, 0, 300]
    assert owner.execute("SELECT count(*), count(DISTINCT run_id) FROM runs_history").fetchone() == (300, 300)


def test_every_version_holds_what_the_run_was_when_it_was_written(owner, alice, make_run):
    run = make_run(alice)
    changes = [{"distance": 6.0}, {"name": "Loop", "avg_heart_rate": 150.0}, {"name": None}, {"type": "Treadmill Run"}]
    seen = [run]
    for change in changes:
        with transaction(alice.user_id):
            seen.append(edit(run.id, **change))

    with transaction(alice.user_id):
        history = runs_history.get_run_history(run.id)

    fields = RUNS.snapshot
    assert [[getattr(version, field) for field in fields] for version in reversed(history)] == [
        [getattr(run, field) for field in fields] for run in seen
    ]


def test_the_history_and_the_run_never_disagree_after_any_write(owner, alice, make_run, make_shoe):
    make_shoe(alice, "a")
    make_shoe(alice, "b")
    for name in ("x", "y", "z"):
        make_run(alice, id=f"manual_{name}", shoe_id="a")
    with transaction(alice.user_id):
        edit("manual_x", distance=7.5)
        versions.delete(RUNS, "manual_y", Change("alice"))
        merge_shoe("a", "b", Change("alice"))
        versions.restore(RUNS, "manual_y", 1, changed_by="alice")
        versions.delete(RUNS, "manual_z", Change("alice"))

    disagreeing = owner.execute(
        """
        SELECT r.id
        FROM runs AS r
        LEFT JOIN runs_history AS h
          ON h.user_id = r.user_id AND h.run_id = r.id AND h.version_number = r.version
          AND (h.change_type = 'deletion') = (r.deleted_at IS NOT NULL)
          AND (h.distance, h.duration, h.datetime_utc, h.type, h.shoe_id, h.source)
            = (r.distance, r.duration, r.datetime_utc, r.type, r.shoe_id, r.source)
        WHERE h.history_id IS NULL
        """
    ).fetchall()

    assert disagreeing == []
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (10,)


def test_a_bound_transaction_is_one_of_its_thread_alone(alice, make_run):
    make_run(alice)

    with transaction(alice.user_id), ThreadPoolExecutor(1) as threads:
        unbound = threads.submit(connection.fetch_all, str, "SELECT id FROM runs").exception()

    assert isinstance(unbound, RuntimeError)


def test_a_version_that_grows_is_in_no_index_by_what_changes(owner):
    indexes = owner.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'workouts_history'").fetchall()

    assert [index for (index,) in indexes if re.search("changed_at|begun_at|write_id", index)] == []
