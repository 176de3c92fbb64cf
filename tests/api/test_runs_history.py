"""The history of a run over HTTP, the way back, and edits that meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest

EDITABLE = ("datetime_utc", "type", "distance", "duration", "avg_heart_rate", "shoe_id", "name", "notes")


def history_of(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}/history", headers=person.headers).json["items"]


def read(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}?include_deleted=true", headers=person.headers).json


def edit(client, person, run_id, **changes):
    return client.patch(f"/v1/runs/{run_id}", json=changes, headers=person.headers)


def content(record):
    return {field: record[field] for field in EDITABLE}


@pytest.fixture
def run(client, alice, make_run, make_shoe):
    """A run whose versions 1 to 3 differ in everything."""
    make_shoe(alice, "Ghost")
    run = make_run(alice, distance=1.0, name="First", avg_heart_rate=140.0, shoe_id="ghost")
    edit(client, alice, run.id, distance=2.0, name=None, avg_heart_rate=None, shoe_id=None, duration=60)
    edit(
        client, alice, run.id,
        distance=3.0, name="Third", notes="3", type="Treadmill Run", datetime_utc="2020-01-01T00:00:00Z",
    )  # fmt: skip
    return run


def test_history_is_paged_newest_first(client, alice, make_run):
    run = make_run(alice, distance=1.0)
    for distance in range(2, 8):
        edit(client, alice, run.id, distance=distance)

    pages, query = [], {"limit": 3}
    while True:
        page = client.get(f"/v1/runs/{run.id}/history", query_string=query, headers=alice.headers).json
        pages.append([(version["version_number"], version["distance"]) for version in page["items"]])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert pages == [[(7, 7), (6, 6), (5, 5)], [(4, 4), (3, 3), (2, 2)], [(1, 1)]]


def test_each_version_can_be_read_by_its_number(client, alice, run):
    versions = [client.get(f"/v1/runs/{run.id}/history/{n}", headers=alice.headers).json for n in (3, 2, 1)]

    assert versions == history_of(client, alice, run.id)
    assert [version["distance"] for version in versions] == [3, 2, 1]


@pytest.mark.parametrize("number", ["0", "4", "99999999999999999999"])
@pytest.mark.parametrize("call", [("get", "history"), ("post", "restore")])
def test_a_version_that_is_not_there_is_not_found(client, alice, run, call, number):
    method, noun = call

    response = getattr(client, method)(f"/v1/runs/{run.id}/{noun}/{number}", headers=alice.headers)

    assert (response.status_code, response.json) == (404, {"detail": "Version not found"})
    assert read(client, alice, run.id)["version"] == 3


@pytest.mark.parametrize("number", ["-1", "1.5", "one", "%31%00"])
def test_what_is_no_version_number_leads_nowhere(client, alice, run, number):
    response = client.get(f"/v1/runs/{run.id}/history/{number}", headers=alice.headers)

    assert response.status_code == 404


@pytest.mark.parametrize("number", [1, 2, 3])
def test_restoring_makes_a_new_version_equal_to_the_old_one(client, alice, run, number):
    response = client.post(f"/v1/runs/{run.id}/restore/{number}", headers=alice.headers)

    newest, *older = history_of(client, alice, run.id)
    old = older[-number]
    assert (response.status_code, response.headers["ETag"]) == (200, '"4"')
    assert content(response.json) == content(old) == content(newest)
    assert (newest["version_number"], newest["change_type"], newest["changed_by"]) == (4, "edit", "alice")
    assert newest["change_reason"] == f"Restored to version {number}"
    assert [version["version_number"] for version in older] == [3, 2, 1]
    assert read(client, alice, run.id) == response.json


def test_the_history_of_a_deleted_run_stays_readable(client, alice, run):
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    newest, before, *_ = history_of(client, alice, run.id)

    assert (newest["version_number"], newest["change_type"], newest["changed_by"]) == (4, "deletion", "alice")
    assert content(newest) == content(before)
    assert client.get(f"/v1/runs/{run.id}/history/4", headers=alice.headers).json == newest


@pytest.mark.parametrize("number", [1, 4])
def test_restoring_brings_a_deleted_run_back(client, alice, run, number):
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    response = client.post(f"/v1/runs/{run.id}/restore/{number}", headers=alice.headers)

    assert response.status_code == 200
    assert response.json["deleted_at"] is None
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json == response.json
    assert [version["change_type"] for version in history_of(client, alice, run.id)][:2] == ["edit", "deletion"]


def test_without_its_history_row_an_edit_does_not_happen(client, alice, owner, run):
    before = read(client, alice, run.id)
    owner.execute("ALTER TABLE runs_history ADD CONSTRAINT refused CHECK (version_number < 4) NOT VALID")

    answers = [
        edit(client, alice, run.id, distance=9),
        client.delete(f"/v1/runs/{run.id}", headers=alice.headers),
        client.post(f"/v1/runs/{run.id}/restore/1", headers=alice.headers),
    ]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert {frozenset(answer.json) for answer in answers} == {frozenset({"detail", "request_id"})}
    assert read(client, alice, run.id) == before


CALLS = {
    "edit": lambda client, path, headers: client.patch(path, json={"distance": 9}, headers=headers),
    "delete": lambda client, path, headers: client.delete(path, headers=headers),
    "restore": lambda client, path, headers: client.post(f"{path}/restore/1", headers=headers),
}


@pytest.mark.parametrize(
    "tag",
    [
        '"2"',
        '"4"',
        'W/"3"',
        '"three"',
        '"-3"',
        '"3.0"',
        '"99999999999999999999"',
        '"1", "2"',
        '""',
        '"2',
        ",",
    ],
)
def test_another_version_in_if_match_refuses_the_write_and_tells_the_current_one(client, alice, run, tag):
    before = read(client, alice, run.id)

    for call in CALLS.values():
        response = call(client, f"/v1/runs/{run.id}", {**alice.headers, "If-Match": tag})

        assert (response.status_code, response.headers.get("ETag")) == (412, '"3"')
        assert response.json == {"detail": "The record is now at version 3"}
        assert read(client, alice, run.id) == before


@pytest.mark.parametrize(
    ("call", "tag"),
    [
        ("edit", '"3"'),
        ("delete", '"3"'),
        ("restore", '"3"'),
        ("edit", "*"),
        ("delete", "*"),
        ("edit", None),
        ("edit", '"2", "3"'),
    ],
)
def test_the_current_version_in_if_match_or_none_lets_the_write_through(client, alice, run, call, tag):
    headers = alice.headers if tag is None else {**alice.headers, "If-Match": tag}

    response = CALLS[call](client, f"/v1/runs/{run.id}", headers)

    assert response.status_code in (200, 204)
    assert read(client, alice, run.id)["version"] == 4


@pytest.mark.parametrize("tag", ['"1"', "*"])
def test_if_match_on_a_run_that_is_not_there_is_not_found(client, alice, tag):
    response = client.patch("/v1/runs/none", json={"distance": 9}, headers={**alice.headers, "If-Match": tag})

    assert response.status_code == 404


def test_the_etag_of_an_answer_is_good_for_the_next_edit(client, alice, run):
    path = f"/v1/runs/{run.id}"
    etag = client.get(path, headers=alice.headers).headers["ETag"]

    for distance in (4, 5, 6):
        answer = client.patch(path, json={"distance": distance}, headers={**alice.headers, "If-Match": etag})
        assert answer.status_code == 200
        etag = answer.headers["ETag"]

    assert etag == '"6"'


def test_fifty_edits_at_once_make_fifty_versions(app, client, alice, make_run):
    run = make_run(alice, distance=1.0)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda n: edit(app.test_client(), alice, run.id, distance=n), range(2, 52)))

    edits = client.get(f"/v1/runs/{run.id}/history?limit=500", headers=alice.headers).json["items"][:-1]
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json["version"] for answer in answers) == list(range(2, 52))
    assert [version["version_number"] for version in edits] == list(range(51, 1, -1))
    assert {version["version_number"]: version["distance"] for version in edits} == {
        answer.json["version"]: answer.json["distance"] for answer in answers
    }


def test_edits_that_meet_a_deletion_are_kept_before_it_or_refused(app, client, alice, make_run):
    run = make_run(alice)

    def write(n):
        own = app.test_client()
        return (
            own.delete(f"/v1/runs/{run.id}", headers=alice.headers) if n == 10 else edit(own, alice, run.id, distance=n)
        )

    with ThreadPoolExecutor(20) as threads:
        statuses = [answer.status_code for answer in threads.map(write, range(20))]

    history = history_of(client, alice, run.id)
    assert statuses[10] == 204
    assert set(statuses) <= {200, 204, 404}
    assert [version["version_number"] for version in history] == list(range(statuses.count(200) + 2, 0, -1))
    assert [version["change_type"] for version in history].index("deletion") == 0
