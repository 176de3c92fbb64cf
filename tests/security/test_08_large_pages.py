"""Answers with an end: a page ends by bytes, too.

Before: notes of 15.9 MB in each of ten versions were one page of 163 MB.
"""

import pytest

from fitness.db import paging

PAGE = 200_000
NOTES = 60_000


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", PAGE)


def pages(client, person, path, cursor="cursor", **query):
    """Return the pages of a list, to the end; that of changes is an empty page."""
    following = None
    while True:
        answer = client.get(
            path, query_string={**query, **({cursor: following} if following else {})}, headers=person.headers
        )
        assert answer.status_code == 200, answer.json
        yield answer
        following = answer.json["next_cursor"]
        if following is None or not answer.json["items"]:
            return


def texts(owner, column, table, pattern):
    """Make a column of rows long, as imports could before there were limits; one text compresses well, one does not."""
    random = "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1875) AS n)"
    value = {"alike": f"repeat('x', {NOTES})", "random": random}[pattern]
    for constraint in owner.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
    ).fetchall():
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint[0]}"')
    owner.execute(f"UPDATE {table} SET {column} = {value}")


@pytest.mark.parametrize("pattern", ["alike", "random"])
@pytest.mark.parametrize("path", ["/v1/runs", "/v1/runs/details"])
@pytest.mark.parametrize("sort_by", ["date", "distance"])
def test_a_list_ends_by_bytes_and_leads_on(client, owner, alice, make_run, path, sort_by, pattern):
    ids = {make_run(alice).id for _ in range(10)}
    texts(owner, "notes", "runs", pattern)

    found = list(pages(client, alice, path, limit=500, sort_by=sort_by))

    assert [len(page.json["items"]) for page in found] == [4, 4, 2]
    assert {run["id"] for page in found for run in page.json["items"]} == ids
    assert all(len(page.data) < PAGE + 2 * NOTES for page in found)


def test_a_page_has_one_item_however_large(client, owner, alice, make_run, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 10)
    for _ in range(3):
        make_run(alice)
    texts(owner, "notes", "runs", "alike")

    assert [len(page.json["items"]) for page in pages(client, alice, "/v1/runs")] == [1, 1, 1]


def test_what_is_small_is_one_page_and_the_limit_holds(client, alice, make_run):
    for _ in range(5):
        make_run(alice)

    assert [len(page.json["items"]) for page in pages(client, alice, "/v1/runs")] == [5]
    assert [len(page.json["items"]) for page in pages(client, alice, "/v1/runs", limit=2)] == [2, 2, 1]
    assert [len(page.json["items"]) for page in pages(client, alice, "/v1/runs", limit=5)] == [5]


@pytest.mark.parametrize("pattern", ["alike", "random"])
def test_a_history_ends_by_bytes_and_every_version_has_its_changes(client, owner, alice, make_run, pattern):
    run = make_run(alice).id
    for number in range(1, 10):
        client.patch(f"/v1/runs/{run}", json={"distance": number}, headers=alice.headers)
    texts(owner, "notes", "runs_history", pattern)

    found = list(pages(client, alice, f"/v1/runs/{run}/history", limit=500))

    items = [item for page in found for item in page.json["items"]]
    assert [item["version_number"] for item in items] == list(range(10, 0, -1))
    assert [len(page.json["items"]) for page in found] == [4, 4, 2]
    assert [list(item["changes"]) for item in items[:-1]] == [["distance"]] * 9
    assert all(len(page.data) < PAGE + 2 * NOTES for page in found)


WORKOUT = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat", "note": "x" * 9_000}]}


@pytest.fixture
def workouts(client, alice):
    """Workouts whose sets have long notes, each with two versions."""
    ids = [client.post("/v1/workouts", json=WORKOUT, headers=alice.headers).json["workout_id"] for _ in range(8)]
    for id in ids:
        assert client.patch(f"/v1/workouts/{id}", json={"title": "Push"}, headers=alice.headers).status_code == 200
    return ids


def test_sets_count_too(client, alice, workouts, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 20_000)

    found = list(pages(client, alice, "/v1/workouts"))

    assert sorted(item["id"] for page in found for item in page.json["items"]) == sorted(workouts)
    assert max(len(page.json["items"]) for page in found) == 3


@pytest.mark.parametrize("query", [{}, {"limit": 3}, {"limit": 500}])
def test_the_feed_ends_by_bytes_and_misses_nothing(client, alice, workouts, make_run, monkeypatch, query):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 20_000)
    run = make_run(alice).id

    *found, last = pages(client, alice, "/v1/changes", cursor="after", **query)

    seen = [(item["noun"], item["id"], item["version"]) for page in found for item in page.json["items"]]
    assert len(seen) == len(set(seen))
    assert {(id, version) for noun, id, version in seen if noun == "workouts"} == {
        (id, version) for id in workouts for version in (1, 2)
    }
    assert ("runs", run, 1) in seen
    assert last.json["items"] == []
    assert max(len(page.data) for page in found) < 80_000


def test_the_records_of_a_changeset_end_by_bytes_too(client, alice, make_run, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 25_000)
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    ids = sorted(make_run(alice).id for _ in range(7))
    body = {"ids": ids, "changes": {"notes": "x" * 9_000}}
    changeset = client.post("/v1/runs/bulk", json=body, headers=alice.headers).json["changeset_id"]

    found = list(pages(client, alice, f"/v1/changesets/{changeset}/records"))

    assert [record["id"] for page in found for record in page.json["items"]] == ids
    assert [len(page.json["items"]) for page in found] == [3, 3, 1]


NOTE = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat", "reps": 5, "note": "x" * 9_000}]}


def test_the_sets_of_an_exercise_end_by_bytes(client, alice, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 20_000)
    for _ in range(7):
        assert client.post("/v1/workouts", json=NOTE, headers=alice.headers).status_code == 201
    exercise = client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"][0]["id"]

    found = list(pages(client, alice, f"/v1/exercises/{exercise}/sets", limit=500))

    assert [len(page.json["items"]) for page in found] == [3, 3, 1]


def test_the_timeline_ends_by_bytes(client, owner, alice, make_run):
    ids = {make_run(alice, name="Run").id for _ in range(10)}
    texts(owner, "name", "runs", "random")

    found = list(pages(client, alice, "/v1/timeline", limit=500))

    assert [len(page.json["items"]) for page in found] == [4, 4, 2]
    assert {one["id"] for page in found for one in page.json["items"]} == ids


def test_possible_duplicates_end_by_bytes_and_lead_on(client, alice, make_run, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 50_000)
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    ids = set()
    for day in range(1, 8):
        for source in ("Strava", "MapMyFitness"):
            made = make_run(alice, source=source, datetime_utc=f"2025-11-{day:02}T12:00:00Z", notes="x" * 9_000)
            ids |= {made.id} if source == "MapMyFitness" else set()

    found = list(pages(client, alice, "/v1/runs/duplicates", limit=500))

    assert [len(page.json["items"]) for page in found] == [3, 3, 1]
    assert {one["run"]["id"] for page in found for one in page.json["items"]} == ids


def test_conflicts_end_by_bytes_and_lead_on(client, owner, alice, make_run, monkeypatch):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 50_000)
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    ids = sorted(make_run(alice, notes="x" * 9_000).id for _ in range(7))
    owner.execute("UPDATE runs SET conflicts = jsonb_build_object('notes', repeat('y', 9000))")

    found = list(pages(client, alice, "/v1/conflicts", limit=500))

    assert [one["id"] for page in found for one in page.json["items"]] == ids
    assert [len(page.json["items"]) for page in found] == [3, 3, 1]
