"""The feed of changes: every version in the order of commits, for a client that follows."""

import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from fitness.api.changes import ORDER
from fitness.db import connection, writes
from fitness.db.history import feed, versions
from fitness.db.paging import Cursor
from fitness.db.runs import RUNS
from tests.samples import DATA

EXPORT = DATA / "mapmyfitness.csv"
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}


@pytest.fixture
def read(client):
    """Read a page of the feed of a person."""

    def one(person, after=None, **query):
        given = {"after": after} if after else {}
        answer = client.get("/v1/changes", query_string={**given, **query}, headers=person.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return one


@pytest.fixture
def follow(read):
    """Read the feed of a person up to its end; the changes, and the cursor."""

    def to_end(person, after=None, limit=500, **query):
        changes = []
        while True:
            page = read(person, after, limit=limit, **query)
            after = page["next_cursor"]
            if not page["items"]:
                return changes, after
            changes += page["items"]

    return to_end


def places(changes):
    return [(change["noun"], change["id"], change["version"], change["change_type"]) for change in changes]


def upload(client, person, **query):
    data = {"file": (io.BytesIO(EXPORT.read_bytes()), "export.csv")}
    return client.post("/v1/mmf/upload-csv", query_string=query, data=data, headers=person.headers).json


def test_the_feed_has_every_version_deletions_and_restores_included(client, alice, bob, make_run, follow):
    run = make_run(alice, id="manual_a")
    make_run(bob)
    path, headers = f"/v1/runs/{run.id}", alice.headers
    client.patch(path, json={"name": "Morning"}, headers=headers)
    client.delete(path, headers=headers)
    client.post(f"{path}/restore/1", headers=headers)

    changes, _ = follow(alice)

    assert places(changes) == [
        ("runs", "manual_a", 1, "original"),
        ("runs", "manual_a", 2, "edit"),
        ("runs", "manual_a", 3, "deletion"),
        ("runs", "manual_a", 4, "edit"),
    ]
    assert [change["record"]["name"] for change in changes] == [None, "Morning", "Morning", None]
    assert all(change["record"]["id"] == "manual_a" for change in changes)


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_a_large_write_is_read_in_pages_of_any_size(client, alice, follow, limit):
    upload(client, alice)
    client.post("/v1/shoes", json={"name": "Last"}, headers=alice.headers)

    changes, _ = follow(alice, limit=limit)

    assert changes == follow(alice)[0]
    assert len(set(places(changes))) == len(changes) == 20
    assert changes[-1]["id"] == "last"
    assert changes[-1]["id"] == "last"


def test_the_cursor_at_the_end_goes_on_from_there_later(client, alice, make_run, read, follow):
    empty = read(alice)
    make_run(alice, id="manual_a")
    first, end = follow(alice, empty["next_cursor"])
    again, same = follow(alice, end)
    make_run(alice, id="manual_b")
    later, _ = follow(alice, end)

    assert empty["items"] == []
    assert places(first) == [("runs", "manual_a", 1, "original")]
    assert (again, same) == ([], end)
    assert places(later) == [("runs", "manual_b", 1, "original")]


def test_only_ids_leaves_out_the_records(alice, make_run, follow):
    make_run(alice, id="manual_a")

    whole, _ = follow(alice)
    ids, _ = follow(alice, fields="ids")

    assert [{**change, "record": whole[0]["record"]} for change in ids] == whole
    assert ids[0]["record"] is None


def test_a_record_has_the_values_that_its_noun_answers(client, full, follow):
    latest = {(change["noun"], change["id"]): change["record"] for change in follow(full)[0]}
    compared = 0
    for noun in ("runs?include_deleted=true", "shoes", "workouts", "planned-workouts", "exercises/my-exercises"):
        records = client.get(f"/v1/{noun}", headers=full.headers)
        noun = noun.partition("?")[0].partition("/")[0]
        for record in records.json["items"]:
            fed = latest[noun, record["id"]]
            # The run's mark was made past its history, by the fixture.
            shared = (fed.keys() & record.keys()) - {"duplicate_of"}
            assert {name: fed[name] for name in shared} == {name: record[name] for name in shared}
            assert len(shared) >= 5
            compared += 1

    assert compared > 20


def test_a_growing_version_of_a_live_workout_comes_again_at_the_end(client, alice, make_run, follow):
    headers = alice.headers
    started = client.post("/v1/workouts", json={"workout_type": "STRENGTH", "in_progress": True}, headers=headers).json
    path = f"/v1/workouts/{started['workout_id']}"
    client.patch(path, json={"title": "One"}, headers=headers)
    first, cursor = follow(alice)
    make_run(alice, id="manual_a")
    client.patch(path, json={"title": "Two"}, headers=headers)

    later, _ = follow(alice, cursor)
    whole, _ = follow(alice)

    assert [(change["noun"], change["version"]) for change in first] == [("workouts", 1), ("workouts", 2)]
    assert [(change["noun"], change["version"]) for change in later] == [("runs", 1), ("workouts", 2)]
    assert later[-1]["record"]["title"] == "Two"
    assert [(change["noun"], change["version"]) for change in whole] == [("workouts", 1), ("runs", 1), ("workouts", 2)]


def test_a_write_that_commits_late_comes_behind_what_was_read_already(alice, make_run, follow):
    late, early = make_run(alice, id="manual_late"), make_run(alice, id="manual_early")
    _, cursor = follow(alice)
    wrote, may_commit = Event(), Event()

    def edit_and_wait():
        with connection.transaction(alice.user_id):
            versions.edit(RUNS, late.id, {"name": "Late"}, versions.Change("alice"))
            wrote.set()
            assert may_commit.wait(10)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(edit_and_wait)
        assert wrote.wait(10)
        # The edit does not wait for the transaction that began before it, such as a long import.
        with connection.transaction(alice.user_id):
            versions.edit(RUNS, early.id, {"name": "Early"}, versions.Change("alice"))
        first, cursor = follow(alice, cursor)
        may_commit.set()
        waiting.result(10)
    second, _ = follow(alice, cursor)

    assert places(first) == [("runs", "manual_early", 2, "edit")]
    assert places(second) == [("runs", "manual_late", 2, "edit")]


def test_what_was_rolled_back_is_not_in_the_feed(client, alice, follow):
    upload(client, alice, dry_run="true")

    assert follow(alice)[0] == []


def test_versions_of_before_the_feed_come_first(client, alice, owner, make_run, follow):
    make_run(alice, id="manual_new")
    for version in (1, 2):
        owner.execute(
            """
            INSERT INTO runs_history (
                user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source
            )
            SELECT user_id, id, %s + 1, 'edit', datetime_utc, type, distance, duration, source
            FROM runs
            WHERE user_id = %s
            """,
            [version, alice.user_id],
        )
    owner.execute(
        """
        INSERT INTO writes (user_id, position, noun, write_id, first_id, last_id, versions)
        SELECT user_id, 0, 'runs', 0, min(history_id), max(history_id), count(*)
        FROM runs_history
        WHERE write_id = 0
        GROUP BY user_id
        """
    )

    assert [version for _, _, version, _ in places(follow(alice, limit=1)[0])] == [2, 3, 1]


# Cursors


def test_a_cursor_of_another_person_or_list_is_refused(client, alice, bob, make_run, read):
    make_run(bob)
    make_run(bob)
    of_bob = read(bob)["next_cursor"]
    of_list = client.get("/v1/runs?limit=1", headers=bob.headers).json["next_cursor"]

    for cursor, person in ((of_bob, alice), (of_list, bob)):
        answer = client.get("/v1/changes", query_string={"after": cursor}, headers=person.headers)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["after"])
    answer = client.get("/v1/runs", query_string={"cursor": of_bob}, headers=bob.headers)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "x" * 10_000,
        forged(ORDER, "1 0"),
        forged(ORDER, "1 0", "1 runs"),
        forged(ORDER, "1 0", "-1 runs 1"),
        forged(ORDER, "1 0", "1 runs 1" + "0" * 30),
        forged(ORDER, "1 0 ", "1 runs 1"),
        forged(ORDER, 1, 2),
        forged(ORDER, "١ 0", "1 runs 1"),
    ],
)
def test_a_damaged_cursor_is_refused(client, alice, cursor):
    answer = client.get("/v1/changes", query_string={"after": cursor}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["after"])


def test_a_forged_place_shows_nothing_but_ones_own(client, alice, bob, make_run):
    make_run(alice)
    make_run(bob)
    for place in ("0  0", "1 nonsense 5", "0 zzz 0", f"{10**18 - 1} runs {10**18 - 1}"):
        cursor = Cursor(f"{alice.user_id} 0", place).encode(ORDER)
        answer = client.get("/v1/changes", query_string={"after": cursor}, headers=alice.headers)
        assert answer.status_code == 200
        assert len(answer.json["items"]) <= 1


@pytest.mark.parametrize(("query", "field"), [("limit=0", "limit"), ("limit=501", "limit"), ("fields=all", "fields")])
def test_a_query_that_is_not_valid_is_refused(client, alice, query, field):
    answer = client.get(f"/v1/changes?{query}", headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_cursor_of_before_a_new_epoch_is_gone_and_the_feed_begins_again(client, alice, make_run, read, follow):
    make_run(alice, id="manual_a")
    before = read(alice)["next_cursor"]
    with connection.system_transaction():
        feed.begin_epoch()

    answer = client.get("/v1/changes", query_string={"after": before}, headers=alice.headers)

    assert answer.status_code == 410
    assert "from its beginning" in answer.json["detail"]
    assert places(follow(alice)[0]) == [("runs", "manual_a", 1, "original")]


# The counter


def position(owner, person):
    row = owner.execute("SELECT position FROM change_counters WHERE user_id = %s", [person.user_id]).fetchone()
    return row[0] if row else 0


def test_only_what_answers_show_counts(client, alice, owner, make_person, make_run):
    before = position(owner, alice)
    client.get("/v1/runs", headers=alice.headers)
    client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=alice.headers)
    quiet = position(owner, alice)
    client.patch("/v1/users/me", json={"max_heart_rate": 186}, headers=alice.headers)
    make_run(alice)

    assert (before, quiet, position(owner, alice)) == (0, 0, 2)


def test_tables_that_do_not_count_exist(owner):
    known = {name for (name,) in owner.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")}

    assert known >= writes.QUIET


def test_a_connection_that_lost_its_prepared_statements_is_replaced(client, alice, make_run):
    run = make_run(alice)
    with connection.system_transaction():
        connection.execute("DEALLOCATE ALL")

    answers = [client.patch(f"/v1/runs/{run.id}", json={"name": str(n)}, headers=alice.headers) for n in range(2)]

    assert [answer.status_code for answer in answers][-1] == 200
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["name"] == "1"
