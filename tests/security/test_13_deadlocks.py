"""Deadlocks: locks are taken in the order of ids; where one still happens, the request is served once more.

Before: two imports of the same runs in opposite order ended in a deadlock in 30 of 30 pairs, and one of them in a 503.
"""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from fitness.db import runs_import
from fitness.db.connection import transaction
from fitness.db.runs import NewRun
from tests.samples import DATA
from tests.security.people import wait_until_blocked

PAIRS = 5


def upload(app, headers, content):
    data = {"file": (io.BytesIO(content), "export.csv"), "timezone": "UTC"}
    return app.test_client().post("/v1/imports", data=data, headers=headers)


def test_two_imports_of_the_same_runs_in_opposite_order_both_succeed(app, make_person):
    heading, *rows = (DATA / "mapmyfitness.csv").read_bytes().splitlines(keepends=True)
    one, other = heading + b"".join(rows), heading + b"".join(reversed(rows))

    with ThreadPoolExecutor(2) as threads:
        for pair in range(PAIRS):
            person = make_person(f"ada{pair}")
            answers = list(threads.map(lambda content: upload(app, person.headers, content), [one, other]))  # noqa: B023
            assert [answer.status_code for answer in answers] == [200, 200]
            assert sum(answer.json["created"] for answer in answers) > 0


def new_runs(datetime_utc, order):
    return [
        NewRun(
            f"mmf_{number}", datetime_utc=datetime_utc, type="Outdoor Run", distance=1.0, duration=60.0,
            source="MapMyFitness",
        )
        for number in order
    ]  # fmt: skip


def test_new_runs_are_stored_in_the_order_of_their_ids(app, alice, make_run):
    """Without the turns that uploads take."""
    when = make_run(alice).datetime_utc
    together = threading.Barrier(2)

    def store(order):
        with transaction(alice.user_id):
            together.wait()
            return runs_import.bulk_create_runs(new_runs(when, order))

    with ThreadPoolExecutor(2) as threads:
        for start in range(0, 500 * PAIRS, 500):
            numbers = range(start, start + 500)
            assert sum(threads.map(store, [numbers, list(reversed(numbers))])) == 500


@pytest.mark.parametrize("token", [False, True])
def test_a_request_that_is_the_victim_of_a_deadlock_is_served_once_more(
    app, client, owner, database_url, alice, make_run, make_token, token
):
    first, second = sorted(make_run(alice).id for _ in range(2))
    headers = make_token(alice, "write") if token else alice.headers
    body = {"ids": [first, second], "changes": {"notes": "Windy"}}

    with psycopg.connect(database_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [second])
        request = threads.submit(lambda: app.test_client().post("/v1/runs/bulk", json=body, headers=headers))
        wait_until_blocked(database_url)
        # The request waits for the second run. It has waited longer, so it finds the deadlock, and is its victim.
        other.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [first])
        other.commit()

    assert (request.result().status_code, request.result().json["changed"]) == (200, 2)
    assert owner.execute("SELECT DISTINCT notes, version FROM runs").fetchall() == [("Windy", 2)]
