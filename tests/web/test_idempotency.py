"""`Idempotency-Key`: a request that is sent again answers the same, and changes nothing."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from fitness.db import idempotency_keys
from fitness.db.idempotency_keys import ABANDONED, KEPT

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 3.1, "duration": 1500}
HEADING = b"Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link\n"
ROW = b'"May 6, 2025",Run,3.1,1500,http://x.example/workout/1\n'


def send(client, person, method, path, key="k", **kwargs):
    return client.open(f"/v1{path}", method=method, headers={**person.headers, "Idempotency-Key": key}, **kwargs)


def runs_of(client, person):
    return client.get("/v1/runs", headers=person.headers).json["items"]


def same(first, again):
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert (again.headers.get("ETag"), again.headers.get("Location")) == (
        first.headers.get("ETag"),
        first.headers.get("Location"),
    )
    assert "Idempotency-Replayed" not in first.headers
    return again.headers["Idempotency-Replayed"] == "true"


def test_a_create_sent_again_creates_nothing(client, alice):
    first, again = (send(client, alice, "POST", "/runs", json=RUN) for _ in range(2))

    assert first.status_code == 201
    assert same(first, again)
    assert len(runs_of(client, alice)) == 1


def test_an_edit_a_delete_and_a_restore_sent_again_make_no_version(client, alice, make_run):
    path = f"/runs/{make_run(alice).id}"

    for key, method, suffix, body in (
        ("edit", "PATCH", "", {"distance": 4}),
        ("delete", "DELETE", "", None),
        ("restore", "POST", "/restore/1", None),
    ):
        first, again = (send(client, alice, method, path + suffix, key, json=body) for _ in range(2))
        assert first.status_code < 300
        assert same(first, again)
    history = client.get(f"/v1{path}/history", headers=alice.headers).json["items"]
    assert [version["version_number"] for version in history] == [4, 3, 2, 1]


def test_nobody_fills_the_disk_with_answers(client, owner, alice, bob, monkeypatch):
    """Answers are no part of a quota, and those of changes to what is there already cost an account nothing."""
    first = send(client, alice, "POST", "/runs", "first", json=RUN)
    (taken,) = owner.execute("SELECT sum(1000 + octet_length(body)) FROM idempotency_keys").fetchone()
    monkeypatch.setattr(idempotency_keys, "MOST_BYTES", int(taken))

    refused = send(client, alice, "POST", "/runs", "second", json=RUN)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "Idempotency-Key" in refused.json["detail"]
    assert len(runs_of(client, alice)) == 1
    assert same(first, send(client, alice, "POST", "/runs", "first", json=RUN))
    assert client.post("/v1/runs", json=RUN, headers=alice.headers).status_code == 201
    assert send(client, bob, "POST", "/runs", "second", json=RUN).status_code == 201
    owner.execute("UPDATE idempotency_keys SET created_at = created_at - %s", [KEPT])
    assert send(client, alice, "POST", "/runs", "second", json=RUN).status_code == 201


def test_a_revert_sent_again_makes_no_changeset(client, alice):
    load = {"file": (io.BytesIO(HEADING + ROW), "history.csv")}
    changeset = client.post("/v1/mmf/upload-csv", data=load, headers=alice.headers).json["changeset_id"]

    first, again = (send(client, alice, "POST", f"/changesets/{changeset}/revert") for _ in range(2))

    assert same(first, again)
    assert len(client.get("/v1/changesets", headers=alice.headers).json["items"]) == 2


def test_an_upload_sent_again_answers_as_the_first(client, alice):
    def upload(content):
        return send(client, alice, "POST", "/mmf/upload-csv", data={"file": (io.BytesIO(content), "history.csv")})

    first, again = upload(HEADING + ROW), upload(HEADING + ROW)

    assert first.json["created"] == 1
    assert same(first, again)
    assert upload(HEADING + ROW.replace(b"3.1", b"3.2")).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/runs", {**RUN, "distance": 3.2}), ("POST", "/shoes", RUN), ("POST", "/runs?x=1", RUN)],
)
def test_a_key_of_another_request_is_refused(client, alice, method, path, body):
    send(client, alice, "POST", "/runs", json=RUN)

    answer = send(client, alice, method, path, json=body)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"Idempotency-Key": ["This key was used for another request"]}
    assert len(runs_of(client, alice)) == 1


def test_an_error_is_not_kept(client, alice):
    assert send(client, alice, "PATCH", "/runs/manual_1", json={"distance": 4}).status_code == 404
    assert send(client, alice, "POST", "/runs", json={**RUN, "distance": -1}).status_code == 422

    assert send(client, alice, "POST", "/runs", json=RUN).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 10_000, "k\t1"])
def test_a_key_that_cannot_be_is_refused(client, alice, key):
    answer = send(client, alice, "POST", "/runs", key, json=RUN)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"Idempotency-Key": ["Must be 1 to 255 printable ASCII characters"]}
    assert runs_of(client, alice) == []


def test_two_people_may_use_one_key(client, alice, bob):
    assert send(client, alice, "POST", "/runs", json=RUN).status_code == 201
    answer = send(client, bob, "POST", "/runs", json=RUN)

    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)


def test_sent_eight_times_at_once_it_is_done_once(app, client, alice):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(app.test_client(), alice, "POST", "/runs", json=RUN), range(8)))

    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert len(runs_of(client, alice)) == 1


def test_a_key_is_free_again_after_a_day(client, owner, alice):
    send(client, alice, "POST", "/runs", json=RUN)
    owner.execute("UPDATE idempotency_keys SET created_at = created_at - %s", [KEPT])

    assert "Idempotency-Replayed" not in send(client, alice, "POST", "/runs", json=RUN).headers
    assert len(runs_of(client, alice)) == 2


def test_a_key_whose_request_is_running_is_a_conflict(client, owner, alice):
    send(client, alice, "POST", "/runs", json=RUN)
    owner.execute("UPDATE idempotency_keys SET status = NULL")

    answer = send(client, alice, "POST", "/runs", json=RUN)

    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "2")
    assert len(runs_of(client, alice)) == 1


def test_a_failed_sync_frees_its_key(client, owner, alice, strava):
    """A sync opens its own transactions: its key is taken in one of its own, before the answer is known."""
    assert send(client, alice, "POST", "/strava/sync").status_code == 409  # not connected
    assert owner.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (0,)


def test_the_key_of_a_server_that_died_is_free_after_a_while(client, owner, alice):
    owner.execute("INSERT INTO idempotency_keys (user_id, key, request) VALUES (%s, 'k', '')", [alice.user_id])
    assert send(client, alice, "POST", "/runs", json=RUN).status_code == 422

    owner.execute("UPDATE idempotency_keys SET created_at = created_at - %s", [ABANDONED])

    assert send(client, alice, "POST", "/runs", json=RUN).status_code == 201


def test_a_login_and_a_token_take_no_key(client, alice):
    tokens = [
        send(client, alice, "POST", "/auth/tokens", json={"name": "a", "scopes": ["read"]}).json["token"]
        for _ in range(2)
    ]

    assert len(set(tokens)) == 2
