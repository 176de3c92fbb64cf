"""Quotas: who stores without end is refused; what is there can still be read, exported and deleted.

Before: a script that posted runs, or edited one, filled the disk of all accounts.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory

from fitness.app import configure
from fitness.db import bookmarks, connection, migrate, pool, runs_history
from fitness.db.nouns import NOUNS
from fitness.db.quotas import MEGABYTE, Quota
from fitness.web import jobs
from tests.archives import export, load
from tests.connecting import connect, status, sync, with_strava
from tests.samples import DATA
from tests.security.conftest import full
from tests.security.people import wait_until_blocked
from tests.standins.strava import make_activity

__all__ = ["full"]

EXPORT = (DATA / "mapmyfitness.csv").read_bytes()
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


@pytest.fixture
def allow(app, settings):
    """Set the quotas of all accounts, as the operator does."""
    return lambda **quota: configure(app, replace(settings, **quota))


def usage(client, person):
    return client.get("/v1/users/me/usage", headers=person.headers).json


def used(client, person):
    found = usage(client, person)
    return found["versions"], found["bytes"]


def size(owner, table):
    """Return the SQL of the bytes of a row: its texts, its bytes, and 100 for all else."""
    columns = owner.execute(
        """
        SELECT attname || CASE WHEN type_name = 'bytea' THEN '' ELSE '::text' END
        FROM pg_attribute
        CROSS JOIN LATERAL format_type(atttypid, NULL) AS type_name
        WHERE attrelid = %s::regclass AND NOT attisdropped AND type_name IN ('text', 'json', 'jsonb', 'bytea')
        """,
        [table],
    )
    return " + ".join(["100", *(f"coalesce(octet_length({name}), 0)" for (name,) in columns)])


MEASURED = ("activity_points", "activity_files", "activity_sources")
TABLES = ("added_sets", *MEASURED)
"""The tables, besides histories, whose bytes count."""


def stored(owner, person, *, tables=TABLES):
    """Return what the tables hold, counted row by row."""
    tables = [(1, noun.history) for noun in NOUNS if tables is TABLES] + [(0, table) for table in tables]
    counted = " UNION ALL ".join(
        f"SELECT {versions} AS versions, {size(owner, table)} AS size FROM {table} WHERE user_id = {person.user_id}"
        for versions, table in tables
    )
    return owner.execute(f"SELECT coalesce(sum(versions), 0), coalesce(sum(size), 0) FROM ({counted}) AS t").fetchone()


def rows(owner, table="runs"):
    return owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def post_run(client, person, **fields):
    return client.post("/v1/runs", json={**RUN, **fields}, headers=person.headers)


def upload(client, person, content=EXPORT, query="", headers=None):
    data = {"file": (io.BytesIO(content), "export.csv"), "timezone": "UTC"}
    return client.post(f"/v1/imports{query}", data=data, headers={**person.headers, **(headers or {})})


def refused(answer, has):
    assert (answer.status_code, answer.json.keys()) == (409, {"detail"}), answer.json
    assert answer.json["detail"].startswith(f"Nothing was stored: this account has {has}"), answer.json
    assert "QUOTA_" in answer.json["detail"]
    return True


def test_a_script_posts_until_it_is_refused_and_nobody_else_notices(client, allow, owner, alice, bob):
    allow(quota_versions=5)

    answers = [post_run(client, alice) for _ in range(8)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [409] * 3
    assert answers[-1].json["detail"] == (
        "Nothing was stored: this account has 5 of 5 versions, and this would add 1 more. You can still read, export"
        " and delete. To store more, ask the operator of this server to raise QUOTA_VERSIONS: every edit is kept as a"
        " version, also of what is deleted."
    )
    assert rows(owner) == rows(owner, "runs_history") == 5
    assert post_run(client, bob).status_code == 201
    allow(quota_versions=6)
    assert post_run(client, alice).status_code == 201


def test_problem_details_have_a_code_for_programs(client, allow, alice):
    allow(quota_versions=1)
    post_run(client, alice)

    headers = {**alice.headers, "Accept": "application/problem+json"}
    assert client.post("/v1/runs", json=RUN, headers=headers).json["code"] == "quota_exceeded"


def test_long_texts_are_refused_by_their_bytes(client, allow, owner, alice):
    allow(quota_bytes=40_000)

    answers = [post_run(client, alice, notes="é" * 5_000) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [201] * 3 + [409] * 3
    assert refused(answers[-1], "0.03 of 0.04 MB")
    assert rows(owner) == 3


def test_edits_count_and_what_changes_nothing_does_not(client, allow, alice):
    allow(quota_versions=3)
    run = post_run(client, alice).json["id"]

    answers = [
        client.patch(f"/v1/runs/{run}", json={"distance": number}, headers=alice.headers) for number in range(1, 5)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 409, 409]
    assert client.get(f"/v1/runs/{run}", headers=alice.headers).json["distance"] == 2


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_an_import_that_crosses_the_limit_leaves_nothing(client, allow, owner, alice, query):
    new = upload(client, alice, query="?dry_run=true").json["created"]
    allow(quota_versions=new - 1)

    answer = upload(client, alice, query=query)

    assert refused(answer, f"0 of {new - 1} versions")
    assert [rows(owner, table) for table in ("runs", "runs_history", "shoes", "changesets", "writes")] == [0] * 5
    assert used(client, alice) == (0, 0)


def test_an_import_as_a_job_ends_with_the_same_answer(client, allow, app, owner, alice):
    allow(quota_versions=2)
    job = upload(client, alice, headers={"Prefer": "respond-async"}).json["job_id"]
    running = jobs.claim_next()
    assert running is not None
    jobs.do(app, running)

    ended = client.get(f"/v1/jobs/{job}", headers=alice.headers).json

    assert (ended["state"], ended["status"]) == ("failed", 409)
    assert ended["result"]["detail"].startswith("Nothing was stored: this account has 0 of 2 versions")
    assert rows(owner) == 0


def test_a_sync_stops_at_the_page_that_crosses_the_limit_and_says_so(client, allow, owner, alice, strava, monkeypatch):
    monkeypatch.setattr("fitness.providers.strava.client.PER_PAGE", 5)
    connect(client, alice.headers)
    strava.add(*(make_activity(number) for number in range(12)))
    allow(quota_versions=7)

    answer = sync(client, alice.headers)

    assert answer.status_code == 409
    assert "5 of 7 versions" in answer.json["detail"]
    assert "Records read before the error are stored as changeset" in answer.json["detail"]
    assert rows(owner) == rows(owner, "runs_history") == 5
    assert "QUOTA_VERSIONS" in status(client, alice.headers)["last_error"]
    allow(quota_versions=20)
    assert sync(client, alice.headers).status_code == 200
    assert rows(owner) == 12


def test_many_at_once_at_the_edge_store_what_one_after_the_other_may(app, allow, owner, alice, make_run):
    allow(quota_versions=4)
    make_run(alice)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: post_run(app.test_client(), alice).status_code, range(12)))

    assert sorted(answers) == [201] * 3 + [409] * 9
    assert stored(owner, alice)[0] == rows(owner) == 4


def test_one_that_waits_for_another_is_refused_by_what_that_one_stored(
    app, allow, owner, database_url, alice, make_run
):
    allow(quota_versions=2)
    make_run(alice)
    owner.execute("BEGIN")
    owner.execute("UPDATE change_counters SET versions = versions + 1 WHERE user_id = %s", [alice.user_id])

    with ThreadPoolExecutor(1) as threads:
        request = threads.submit(lambda: post_run(app.test_client(), alice))
        wait_until_blocked(database_url)
        owner.execute("COMMIT")

    assert refused(request.result(), "2 of 2 versions")


def test_a_bulk_edit_is_stored_as_a_whole_or_not_at_all(client, allow, owner, alice, make_run):
    ids = [make_run(alice).id for _ in range(6)]
    allow(quota_versions=11)

    body = {"ids": ids, "changes": {"notes": "Windy"}}
    assert refused(client.post("/v1/runs/bulk", json=body, headers=alice.headers), "6 of 11 versions")
    assert rows(owner, "changesets") == 0
    assert owner.execute("SELECT DISTINCT notes, version FROM runs").fetchall() == [(None, 1)]
    body["ids"].pop()
    assert client.post("/v1/runs/bulk", json=body, headers=alice.headers).status_code == 200
    assert used(client, alice)[0] == 11


def test_an_archive_beyond_the_quota_is_refused_and_one_within_counts(client, allow, owner, alice, bob):
    upload(client, alice)
    archive = export(client, alice.headers)
    versions, size = used(client, alice)

    allow(quota_versions=versions - 1)
    for query in ("?dry_run=true", ""):
        assert refused(load(client, bob.headers, archive, query), f"0 of {versions - 1:,} versions")
    allow(quota_versions=versions, quota_bytes=size // 2)
    assert load(client, bob.headers, archive).status_code == 409
    assert used(client, bob) == (0, 0)

    allow(quota_versions=versions, quota_bytes=size + 100)
    assert load(client, bob.headers, archive).status_code == 200
    assert used(client, bob) == stored(owner, bob)
    assert used(client, bob)[0] == versions


def test_sets_of_a_live_workout_count_by_what_they_add(client, allow, owner, alice):
    new = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": [{"exercise_name": "Squat", "reps": 5}]}
    path = f"/v1/workouts/{client.post('/v1/workouts', json=new, headers=alice.headers).json['workout_id']}"
    workout = client.get(path, headers=alice.headers).json
    path += f"/exercise-executions/{workout['exercise_executions'][0]['exercise_id']}/sets"

    def add():
        body = {"client_uuid": str(uuid4()), "reps": 3, "note": "x" * 1_000}
        return client.post(path, json=body, headers=alice.headers).status_code

    assert [add() for _ in range(10)] == [201] * 10
    assert used(client, alice) == stored(owner, alice)
    before = used(client, alice)
    allow(quota_bytes=before[1] + 8_000)
    answers = [add() for _ in range(10)]
    assert answers == sorted(answers)
    assert {201, 409} == set(answers)
    assert used(client, alice) == stored(owner, alice)
    assert used(client, alice)[0] == before[0]


def test_sets_added_and_deleted_for_ever_end_too(client, allow, owner, alice):
    new = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": [{"exercise_name": "Squat", "reps": 5}]}
    path = f"/v1/workouts/{client.post('/v1/workouts', json=new, headers=alice.headers).json['workout_id']}"
    workout = client.get(path, headers=alice.headers).json
    path += f"/exercise-executions/{workout['exercise_executions'][0]['exercise_id']}/sets"
    allow(quota_bytes=used(client, alice)[1] + 6_000)

    def add_and_delete():
        added = client.post(path, json={"client_uuid": str(uuid4()), "reps": 3}, headers=alice.headers)
        if added.status_code == 201:
            client.delete(f"{path}/{added.json['id']}", headers=alice.headers)
        return added.status_code

    assert 409 in [add_and_delete() for _ in range(20)]
    assert used(client, alice) == stored(owner, alice)


def test_a_rep_session_counts(client, allow, alice):
    allow(quota_versions=1)
    reps = {
        "workout_type": "REPS",
        "rep_session": {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180},
    }

    answers = [client.post("/v1/workouts", json=reps, headers=alice.headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]


def test_whatever_a_person_does_the_counts_are_those_of_the_rows(client, owner, full):
    """Imports, reverts, merges, edits, deletes, restores, live workouts, plans."""
    assert used(client, full) == stored(owner, full)
    run = client.get("/v1/runs", headers=full.headers).json["items"][0]["id"]
    client.delete(f"/v1/runs/{run}", headers=full.headers)
    assert client.post(f"/v1/runs/{run}/restore/1", headers=full.headers).status_code == 200
    assert used(client, full) == stored(owner, full)


def test_a_quota_below_what_is_used_leaves_reading_exporting_and_deleting(client, allow, alice, make_run):
    first, second = (make_run(alice).id for _ in range(2))
    allow(quota_versions=1, quota_bytes=MEGABYTE // 1024)

    assert usage(client, alice)["versions"] == 2
    assert usage(client, alice)["most_versions"] == 1
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 2
    assert client.get(f"/v1/runs/{first}/history", headers=alice.headers).status_code == 200
    assert client.delete(f"/v1/runs/{first}", headers=alice.headers).status_code == 204
    assert export(client, alice.headers)
    assert client.patch(f"/v1/runs/{second}", json={"distance": 1}, headers=alice.headers).status_code == 409
    assert client.post(f"/v1/runs/{first}/restore/1", headers=alice.headers).status_code == 409
    assert client.patch("/v1/users/me", json={"units": "kilometres"}, headers=alice.headers).status_code == 200
    assert client.post("/v1/bookmarks", json={"name": "Full"}, headers=alice.headers).status_code == 201


def test_at_the_edge_an_import_can_be_taken_back_and_an_edit_of_many_cannot(client, allow, owner, alice, make_run):
    imported = upload(client, alice).json
    body = {"ids": [make_run(alice).id], "changes": {"notes": "Windy"}}
    edited = client.post("/v1/runs/bulk", json=body, headers=alice.headers).json
    allow(quota_versions=used(client, alice)[0])

    def revert(changeset_id):
        return client.post(f"/v1/changesets/{changeset_id}/revert", headers=alice.headers)

    assert revert(edited["changeset_id"]).status_code == 409
    taken_back = revert(imported["changeset_id"])
    assert taken_back.status_code == 200
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 1
    assert revert(taken_back.json["changeset_id"]).status_code == 409
    assert used(client, alice) == stored(owner, alice)


def test_the_operator_who_sets_the_quotas_has_none(app, alice, make_run, monkeypatch):
    run = make_run(alice).id
    monkeypatch.setattr(pool, "quota", lambda: Quota(versions=1))

    with connection.transaction(alice.user_id, operators_reason="Ticket 7"):
        runs_history.update_run_with_history(run, {"distance": 7}, changed_by="operator")

    assert used(app.test_client(), alice)[0] == 2


def test_zero_is_no_limit(client, allow, alice):
    allow(quota_versions=0, quota_bytes=0)

    assert post_run(client, alice).status_code == 201
    assert usage(client, alice)["most_versions"] is None
    assert usage(client, alice)["most_bytes"] is None


def test_bookmarks_have_an_end(client, alice, monkeypatch):
    monkeypatch.setattr(bookmarks, "MOST", 2)

    answers = [client.post("/v1/bookmarks", json={"name": str(number)}, headers=alice.headers) for number in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert (
        answers[-1].json["detail"]
        == "There are 2 bookmarks, the most that are kept: delete one that you no longer need"
    )


def test_what_was_stored_before_there_were_quotas_counts(client, database_url, owner, full):
    (migration,) = (migrate.MIGRATIONS / "versions").glob("*_quotas.py")
    script = ScriptDirectory(str(migrate.MIGRATIONS)).get_revision(migration.name.partition("_")[0])
    versions, size = stored(owner, full)
    assert used(client, full) == (versions, size)

    migrate.downgrade(database_url, str(script.down_revision))
    migrate.upgrade(database_url)

    # A release of before has no points, files and sources of activities, and no time zones.
    assert used(client, full) == stored(owner, full)
    assert used(client, full)[0] == versions
    assert 0 < used(client, full)[1] < size
