"""Runs over HTTP: make, read, edit, delete."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

RUN = {
    "datetime_utc": "2025-11-02T12:05:31Z",
    "type": "Outdoor Run",
    "distance": 6.21,
    "duration": 3180.0,
}
FULL = {**RUN, "avg_heart_rate": 149.0, "shoe_id": "brooks_ghost_16", "name": "Morning run", "notes": "Windy\nand slow"}
EMPTY = {"avg_heart_rate": None, "shoe_id": None, "name": None, "notes": None}


@pytest.fixture
def shoe(alice, make_shoe):
    return make_shoe(alice, "Brooks Ghost 16")


def versions_of(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}/history", headers=person.headers).json["items"]


def run_ids(client, person, **query):
    response = client.get("/v1/runs", query_string={"limit": 500, **query}, headers=person.headers)
    return [run["id"] for run in response.json["items"]]


@pytest.mark.parametrize("body", [RUN, FULL], ids=["least", "full"])
def test_a_run_is_made_read_and_listed_as_it_was_sent(client, alice, shoe, body):
    response = client.post("/v1/runs", json=body, headers=alice.headers)

    made = response.json
    assert response.status_code == 201
    assert {**EMPTY, **body} == {field: made[field] for field in FULL}
    assert made["id"].startswith("manual_")
    assert (made["source"], made["version"], made["deleted_at"]) == ("Manual", 1, None)
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/v1/runs/{made['id']}"
    assert client.get(response.headers["Location"], headers=alice.headers).json == made
    assert client.get("/v1/runs", headers=alice.headers).json["items"] == [made]
    (original,) = versions_of(client, alice, made["id"])
    assert {field: original[field] for field in FULL} == {**EMPTY, **body}
    assert (original["version_number"], original["change_type"], original["changed_by"]) == (1, "original", "alice")


def test_an_instant_with_an_offset_is_stored_in_utc(client, alice):
    response = client.post(
        "/v1/runs", json={**RUN, "datetime_utc": "2025-11-02T00:30:00.25+14:00"}, headers=alice.headers
    )

    assert response.json["datetime_utc"] == "2025-11-01T10:30:00.250000Z"


def test_without_a_client_uuid_the_same_body_twice_is_two_runs(client, alice):
    for _ in range(2):
        assert client.post("/v1/runs", json=RUN, headers=alice.headers).status_code == 201

    assert len(run_ids(client, alice)) == 2


def test_a_client_uuid_makes_sending_again_safe(client, alice, shoe):
    body = {**FULL, "client_uuid": str(uuid4())}
    first = client.post("/v1/runs", json=body, headers=alice.headers)

    again = client.post("/v1/runs", json=body, headers=alice.headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert run_ids(client, alice) == [first.json["id"]]
    assert len(versions_of(client, alice, first.json["id"])) == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"distance": 6.22},
        {"name": "Evening run"},
        {"notes": None},
        {"avg_heart_rate": 150},
        {"type": "Treadmill Run"},
        {"datetime_utc": "2025-11-02T12:05:32Z"},
    ],
)
def test_a_client_uuid_of_another_run_is_a_conflict(client, alice, shoe, difference):
    body = {**FULL, "client_uuid": str(uuid4())}
    first = client.post("/v1/runs", json=body, headers=alice.headers).json

    response = client.post("/v1/runs", json={**body, **difference}, headers=alice.headers)

    assert response.status_code == 409
    assert response.json == {"detail": "This client_uuid was used for another run"}
    assert client.get(f"/v1/runs/{first['id']}", headers=alice.headers).json == first


def test_a_client_uuid_sent_again_after_an_edit_answers_with_the_edited_run(client, alice):
    body = {**RUN, "client_uuid": str(uuid4())}
    run_id = client.post("/v1/runs", json=body, headers=alice.headers).json["id"]
    edited = client.patch(f"/v1/runs/{run_id}", json={"distance": 9}, headers=alice.headers).json

    again = client.post("/v1/runs", json=body, headers=alice.headers)

    assert (again.status_code, again.json, again.headers["ETag"]) == (200, edited, '"2"')


def test_a_client_uuid_sent_again_after_a_deletion_does_not_bring_the_run_back(client, alice):
    body = {**RUN, "client_uuid": str(uuid4())}
    run_id = client.post("/v1/runs", json=body, headers=alice.headers).json["id"]
    client.delete(f"/v1/runs/{run_id}", headers=alice.headers)

    again = client.post("/v1/runs", json=body, headers=alice.headers)

    assert again.status_code == 200
    assert again.json["id"] == run_id
    assert again.json["deleted_at"] is not None
    assert run_ids(client, alice) == []


def test_two_people_may_use_the_same_client_uuid(client, alice, bob):
    body = {**RUN, "client_uuid": str(uuid4())}

    answers = [client.post("/v1/runs", json=body, headers=person.headers).status_code for person in (alice, bob)]

    assert answers == [201, 201]


def test_the_same_client_uuid_at_the_same_moment_makes_one_run(app, client, alice):
    body = {**RUN, "client_uuid": str(uuid4())}

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda _: app.test_client().post("/v1/runs", json=body, headers=alice.headers), range(8))
        )

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(run_ids(client, alice)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("distance", 13.1),
        ("duration", 0),
        ("avg_heart_rate", 160.5),
        ("avg_heart_rate", None),
        ("type", "Treadmill Run"),
        ("shoe_id", "other"),
        ("shoe_id", None),
        ("datetime_utc", "1999-12-31T23:59:59.999999Z"),
        ("name", "Läufe 🏃"),
        ("name", None),
        ("notes", "a\nb"),
        ("notes", None),
    ],
)
def test_an_edit_changes_the_field_it_names_and_no_other(client, alice, shoe, make_shoe, field, value):
    make_shoe(alice, "Other")
    before = client.post("/v1/runs", json=FULL, headers=alice.headers).json

    response = client.patch(f"/v1/runs/{before['id']}", json={field: value}, headers=alice.headers)

    after = response.json
    bookkeeping = ("version", "last_edited_at", "last_edited_by", "updated_at")
    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert {key: after[key] for key in after if key not in bookkeeping} == {
        **{key: before[key] for key in before if key not in bookkeeping},
        field: value,
    }
    assert (after["version"], after["last_edited_by"]) == (2, "alice")
    assert after["last_edited_at"] == after["updated_at"] > before["updated_at"]
    assert client.get(f"/v1/runs/{before['id']}", headers=alice.headers).json == after
    assert [version[field] for version in versions_of(client, alice, before["id"])] == [value, before[field]]


@pytest.mark.parametrize("field", ["datetime_utc", "type", "distance", "duration"])
def test_a_field_that_every_run_has_cannot_be_cleared(client, alice, make_run, field):
    run = make_run(alice)

    response = client.patch(f"/v1/runs/{run.id}", json={field: None}, headers=alice.headers)

    assert response.status_code == 422
    assert list(response.json["errors"]) == [field]


@pytest.mark.parametrize("field", ["id", "source", "version", "client_uuid", "deleted_at", "changed_by"])
def test_a_protected_field_is_refused_by_name(client, alice, make_run, field):
    run = make_run(alice)

    response = client.patch(f"/v1/runs/{run.id}", json={field: "manual_x", "distance": 9}, headers=alice.headers)

    assert response.status_code == 422
    assert response.json["errors"] == {field: ["This field cannot be edited"]}
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["distance"] == run.distance


@pytest.mark.parametrize("field", ["id", "source", "version"])
def test_a_new_run_cannot_choose_its_protected_fields(client, alice, field):
    response = client.post("/v1/runs", json={**RUN, field: "Strava"}, headers=alice.headers)

    assert response.status_code == 422
    assert response.json["errors"] == {field: ["This field cannot be edited"]}


@pytest.mark.parametrize("changes", [{}, {"change_reason": "No reason"}])
def test_an_edit_of_nothing_is_refused_and_makes_no_version(client, alice, make_run, changes):
    run = make_run(alice)

    response = client.patch(f"/v1/runs/{run.id}", json=changes, headers=alice.headers)

    assert response.status_code == 422
    assert len(versions_of(client, alice, run.id)) == 1


def test_a_shoe_that_is_not_there_and_a_strangers_shoe_are_refused_alike(client, alice, bob, make_run, make_shoe):
    run = make_run(alice)
    make_shoe(bob, "bobs")

    answers = [
        answer
        for shoe_id in ("bobs", "nobodys")
        for answer in (
            client.post("/v1/runs", json={**RUN, "shoe_id": shoe_id}, headers=alice.headers),
            client.patch(f"/v1/runs/{run.id}", json={"shoe_id": shoe_id}, headers=alice.headers),
        )
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert {answer.data for answer in answers} == {answers[0].data}
    assert answers[0].json["errors"] == {"shoe_id": ["Shoe not found"]}
    assert len(run_ids(client, alice)) == 1


def test_history_names_the_one_who_edited_and_why(client, alice, make_run):
    run = make_run(alice)

    client.patch(
        f"/v1/runs/{run.id}",
        json={"distance": 9, "change_reason": "GPS was off"},
        headers={**alice.headers, "X-Changed-By": "mallory"},
    )

    newest = versions_of(client, alice, run.id)[0]
    assert (newest["changed_by"], newest["change_reason"], newest["change_type"]) == ("alice", "GPS was off", "edit")


def test_a_deleted_run_is_gone_from_view_but_not_lost(client, alice, make_run):
    run = make_run(alice)

    response = client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    assert (response.status_code, response.data) == (204, b"")
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).status_code == 404
    assert run_ids(client, alice) == []
    assert run_ids(client, alice, include_deleted="true") == [run.id]
    kept = client.get(f"/v1/runs/{run.id}?include_deleted=true", headers=alice.headers).json
    assert kept["deleted_at"] == kept["last_edited_at"] is not None
    assert (kept["version"], kept["distance"], kept["last_edited_by"]) == (2, run.distance, "alice")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_deleted_run_cannot_be_changed(client, alice, make_run, method):
    run = make_run(alice)
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    response = getattr(client, method)(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)

    assert (response.status_code, response.json) == (404, {"detail": "Run not found"})
    assert len(versions_of(client, alice, run.id)) == 2


@pytest.mark.parametrize("path", ["/runs", "/api/runs"])
def test_the_documented_paths_without_a_version_answer_the_same(client, alice, make_run, path):
    run = make_run(alice)

    answer = client.get(path, headers=alice.headers)
    edited = client.patch(f"{path}/{run.id}", json={"distance": 9}, headers=alice.headers)

    assert [item["id"] for item in answer.json["items"]] == [run.id]
    assert edited.json["version"] == 2


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/runs/details", "/v1/shoes", "/v1/changesets"])
def test_nobody_sees_anything_without_a_login(client, path):
    response = client.get(path)

    assert (response.status_code, response.json) == (401, {"detail": "Not logged in"})


def test_a_negative_zero_is_zero(client, alice):
    made = client.post("/v1/runs", json={**RUN, "distance": -0.0}, headers=alice.headers).json
    changed = client.patch(f"/v1/runs/{made['id']}", json={"duration": -0.0}, headers=alice.headers).json

    assert (str(made["distance"]), str(changed["duration"])) == ("0.0", "0.0")
