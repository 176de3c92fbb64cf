"""Deadlocks: locks are taken in the order of ids; where one still happens, the request is served once more.

Before: two imports of the same runs in opposite order ended in a deadlock in 30 of 30 pairs, and one of them in a 503.
"""

import dataclasses
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from fitness.db import imported_records, runs_import
from fitness.db.connection import transaction
from fitness.db.runs import NewRun
from fitness.sync import strava as strava_sync
from tests.connecting import connect, sync, with_strava
from tests.samples import DATA
from tests.security.people import wait_until_blocked
from tests.standins.hevy import KEY, HevyStandIn, made_workouts
from tests.standins.strava import make_activity

PAIRS = 5


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


def victim_of_a_deadlock(database_url, first, second, work):
    """Let work that locks the first of two things and waits for the second be the victim; return its result.

    `first` and `second` are statements that lock them, each with its parameters.
    """
    with psycopg.connect(database_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute(*second)
        working = threads.submit(work)
        wait_until_blocked(database_url)
        # The work has waited longer, so it finds the deadlock: whoever has waited for three seconds looks for one.
        other.execute(*first)
        other.commit()
    return working.result()


def locking(table, id):
    return f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [id]


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


def test_a_change_of_many_records_locks_them_in_the_order_of_their_ids(owner, alice, make_run, database_url):
    """Whatever their order in the table; before, it kept `mmf_2` while it waited for `mmf_1`."""
    when = make_run(alice).datetime_utc
    for number in (3, 2, 1):
        with transaction(alice.user_id):
            runs_import.bulk_create_runs(new_runs(when, [number]))

    def delete_all():
        with transaction(alice.user_id):
            return imported_records.delete_imported("MapMyFitness", actor="ada")

    with psycopg.connect(database_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute(*locking("runs", "mmf_1"))
        deleting = threads.submit(delete_all)
        wait_until_blocked(database_url)
        other.execute("SELECT FROM runs WHERE id IN ('mmf_2', 'mmf_3') FOR UPDATE NOWAIT")
        other.commit()
        assert deleting.result() is not None
    assert owner.execute("SELECT count(*) FROM runs WHERE deleted_at IS NOT NULL").fetchone() == (3,)


@pytest.mark.parametrize("token", [False, True])
def test_a_request_that_is_the_victim_of_a_deadlock_is_served_once_more(
    app, client, owner, database_url, alice, make_run, make_token, token
):
    first, second = sorted(make_run(alice).id for _ in range(2))
    headers = make_token(alice, "write") if token else alice.headers
    body = {"ids": [first, second], "changes": {"notes": "Windy"}}

    answer = victim_of_a_deadlock(
        database_url,
        locking("runs", first),
        locking("runs", second),
        lambda: app.test_client().post("/v1/runs/bulk", json=body, headers=headers),
    )

    assert (answer.status_code, answer.json["changed"]) == (200, 2)
    assert owner.execute("SELECT DISTINCT notes, version FROM runs").fetchall() == [("Windy", 2)]


def test_a_page_of_a_sync_that_is_the_victim_is_stored_once_more_and_counts_once(
    app, client, owner, database_url, alice, strava
):
    connect(client, alice.headers)
    strava.add(make_activity(1), make_activity(2))
    assert sync(client, alice.headers).json["created"] == 2
    strava.add(make_activity(1, name="Windy"), make_activity(2, name="Windy"), make_activity(3))

    answer = victim_of_a_deadlock(
        database_url,
        locking("runs", "strava_16000000001"),
        locking("runs", "strava_16000000002"),
        lambda: sync(app.test_client(), alice.headers, full_sync=True),
    )

    assert answer.status_code == 200, answer.json
    report = answer.json
    assert (report["found"], report["created"], report["updated"], report["conflicts"]) == (3, 1, 2, [])
    versions = owner.execute("SELECT id, name, version FROM runs ORDER BY id").fetchall()
    assert [(name, version) for _, name, version in versions] == [("Windy", 2), ("Windy", 2), ("Run 3", 1)]


def test_a_page_of_hevy_likewise(app, client, owner, database_url, alice):
    before, after = made_workouts(2), [workout | {"title": "Windy"} for workout in made_workouts(2)]
    with HevyStandIn(before) as hevy:
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], hevy_api_url=hevy.url)
        key = client.put("/v1/oauth/hevy/key", json={"key": KEY}, headers=alice.headers)
        assert key.status_code == 200, key.json

        def sync_hevy():
            return app.test_client().post("/v1/hevy/sync?full_sync=true", headers=alice.headers)

        assert sync_hevy().json["created"] == 2
        for workout in after:
            hevy.put(workout)
        ids = [id for (id,) in owner.execute("SELECT id FROM workouts ORDER BY id")]

        answer = victim_of_a_deadlock(database_url, locking("workouts", ids[0]), locking("workouts", ids[1]), sync_hevy)

    assert (answer.status_code, answer.json["found"], answer.json["updated"]) == (200, 2, 2), answer.json
    assert owner.execute("SELECT DISTINCT title, version FROM workouts").fetchall() == [("Windy", 2)]


def test_what_an_event_of_the_webhook_brings_likewise(app, client, owner, database_url, alice, strava):
    connect(client, alice.headers)
    strava.add(make_activity(1))
    assert sync(client, alice.headers).json["created"] == 1
    strava.add(make_activity(1, name="Windy"))

    def look():
        with app.app_context():
            return strava_sync.sync_activity(alice.user_id, 16_000_000_001)

    report = victim_of_a_deadlock(
        database_url,
        ("SELECT pg_advisory_xact_lock(hashtextextended('reverts', %s))", [alice.user_id]),
        locking("runs", "strava_16000000001"),
        look,
    )

    assert (report.found, report.updated) == (1, 1)
    assert owner.execute("SELECT name, version FROM runs").fetchall() == [("Windy", 2)]


def test_a_sync_an_import_and_edits_of_the_same_runs_all_succeed(app, client, owner, alice, strava):
    connect(client, alice.headers)
    strava.add(*(make_activity(number) for number in range(40)))
    assert sync(client, alice.headers).json["created"] == 40
    ids = [id for (id,) in owner.execute("SELECT id FROM runs ORDER BY id DESC")]

    def edit(number):
        body = {"ids": ids, "changes": {"notes": f"Windy {number}"}}
        return app.test_client().post("/v1/runs/bulk", json=body, headers=alice.headers)

    with ThreadPoolExecutor(2) as threads:
        for pair in range(PAIRS):
            strava.add(*(make_activity(number, name=f"Windy {pair}") for number in reversed(range(40))))
            edited = threads.submit(edit, pair)
            synced = threads.submit(lambda: sync(app.test_client(), alice.headers, full_sync=True))
            assert (edited.result().status_code, synced.result().status_code) == (200, 200)
            assert synced.result().json["updated"] == 40
