"""The numbers of planned workouts say nothing about other people.

Before: one sequence numbered those of all accounts, so that a new number told how many others had planned since.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from fitness.db.connection import discard, transaction
from fitness.db.planned_workout_numbers import BLOCK
from fitness.db.planned_workouts import create_planned_workout
from tests.archives import export, load
from tests.samples import DATA

PLAN = (DATA / "trainingpeaks_plan.csv").read_bytes()
VALUES = {"title": "Easy", "workout_type": "Run", "originally_planned_day": "2026-03-01"}


def create(person, then=lambda: None):
    """Plan a workout in a transaction of its own, and do something before that ends; return its number."""
    with transaction(person.user_id):
        planned, _ = create_planned_workout({"is_custom": True, **VALUES}, changed_by="ada")
        then()
    return planned.id


def upload(client, person):
    data = {"file": (io.BytesIO(PLAN), "plan.csv")}
    answer = client.post("/v1/planned-workouts/import", data=data, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json["created"]


def numbers_of(owner, person):
    query = "SELECT id FROM planned_workouts WHERE user_id = %s ORDER BY id"
    return [number for (number,) in owner.execute(query, [person.user_id])]


def test_each_user_has_numbers_of_their_own_from_1_on(app, client, owner, alice, bob):
    assert [create(alice), create(bob), create(alice)] == [1, 1, 2]

    created = upload(client, bob)

    assert created > 1
    assert numbers_of(owner, bob) == list(range(1, created + 2))
    assert upload(client, bob) == 0
    assert create(bob) == created + 2
    assert create(alice) == 3


def test_numbers_that_exist_stay_and_the_next_ones_are_larger(app, owner, alice, bob):
    owner.execute(
        """
        INSERT INTO planned_workouts (user_id, id, title, workout_type, originally_planned_day)
        SELECT %s, number, 'Easy', 'Run', '2026-03-01'
        FROM unnest(ARRAY[7, 351]) AS number
        """,
        [alice.user_id],
    )

    assert (create(alice), create(bob)) == (352, 1)
    assert numbers_of(owner, alice) == [7, 351, 352]


def test_blocks_go_on_after_their_end(app, owner, alice):
    with transaction(alice.user_id):
        made = [create_planned_workout({"is_custom": True, **VALUES}, changed_by="ada")[0].id for _ in range(BLOCK + 5)]

    assert made == list(range(1, BLOCK + 6)) == numbers_of(owner, alice)


def test_what_was_rolled_back_takes_no_number(app, alice):
    create(alice, then=discard)

    assert create(alice) == 1


def test_nobody_waits_for_a_transaction_that_still_runs(app, owner, alice):
    has_number, may_end = Event(), Event()

    def wait():
        has_number.set()
        assert may_end.wait(30)

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(create, alice, wait)
        assert has_number.wait(30)
        quick = create(alice)
        may_end.set()

    assert slow.result() == 1
    assert 1 < quick <= 2 * BLOCK
    assert create(alice) == quick + 1


@pytest.mark.parametrize("repetition", range(3))
def test_many_at_once_get_a_number_each(app, owner, alice, repetition):
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: create(alice), range(12)))

    assert sorted(made) == numbers_of(owner, alice)
    assert len(set(made)) == 12


def test_an_archive_brings_its_planned_workouts_in_their_order(client, owner, alice, bob, make_person):
    create(bob)
    upload(client, alice)
    archive = export(client, alice.headers)
    other = make_person("carol")

    assert load(client, other.headers, archive).status_code == 200

    assert numbers_of(owner, other) == numbers_of(owner, alice)
    assert export(client, other.headers) != b""
    assert create(other) == len(numbers_of(owner, alice)) + 1
