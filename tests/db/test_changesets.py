"""The numbers of changesets: each user's own, without waiting for what still runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg

from fitness.db.connection import discard, transaction
from fitness.db.history.changesets import (
    create_changeset,
    delete_changeset,
    first_kind,
    get_changeset,
    list_changesets,
    list_redone,
)


def create(person, then: Callable[[], object] = lambda: None) -> int:
    """Create a changeset in a transaction of its own, and do something before that ends; return its number."""
    with transaction(person.user_id):
        number = create_changeset("import", actor=person.email)
        then()
    return number


def numbers_of(person) -> list[int]:
    with transaction(person.user_id):
        return [changeset.changeset_id for changeset in list_changesets(limit=500)]


def test_each_user_has_numbers_of_their_own_from_1_on(app, alice, bob):
    assert [create(alice), create(bob), create(alice), create(alice), create(bob)] == [1, 1, 2, 3, 2]

    with transaction(bob.user_id):
        found = get_changeset(1)
    assert found is not None
    assert found.actor == bob.email


def test_numbers_that_exist_stay_and_the_next_ones_are_larger(owner: psycopg.Connection, alice, bob):
    owner.execute(
        """
        INSERT INTO changesets (user_id, changeset_id, kind)
        SELECT %s, number, 'sync'
        FROM unnest(ARRAY[7, 51]) AS number
        """,
        [alice.user_id],
    )

    assert (create(alice), create(bob)) == (52, 1)
    assert numbers_of(alice) == [52, 51, 7]


def test_what_was_rolled_back_or_made_for_nothing_takes_no_number(app, alice):
    create(alice, then=discard)
    with transaction(alice.user_id):
        delete_changeset(create_changeset("sync"))
        numbers = [create_changeset("import"), create_changeset("import")]

    assert numbers == [1, 2] == [*reversed(numbers_of(alice))]


def test_a_changeset_does_not_wait_for_one_that_still_runs(app, alice):
    has_number, may_end = Event(), Event()

    def wait():
        has_number.set()
        assert may_end.wait(10)

    with ThreadPoolExecutor() as pool:
        running = pool.submit(create, alice, wait)
        assert has_number.wait(10)
        second = create(alice)
        third = create(alice)
        may_end.set()
        first = running.result(10)

    assert (first, second, third) == (1, 2, 3)
    assert numbers_of(alice) == [3, 2, 1]


def test_many_at_once_have_a_number_each(app, alice):
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: create(alice), range(100)))

    assert len(set(numbers)) == 100
    assert sorted(numbers) == [*reversed(numbers_of(alice))]


def test_the_first_of_many_redos_takes_no_more_statements(app, alice, statements):
    counts: list[int] = []
    with transaction(alice.user_id):
        numbers = [create_changeset("import")]
        for _ in range(6):
            numbers.append(create_changeset("revert", reverts=numbers[-1]))
            newest = get_changeset(numbers[-1])
            assert newest is not None
            statements.clear()
            assert first_kind(newest) == "import"
            counts.append(len(statements))
        redone = list_redone(list_changesets(limit=1))

    assert len(set(counts)) == 1
    assert redone == {numbers[n]: numbers[n - 2] for n in (2, 4, 6)}
