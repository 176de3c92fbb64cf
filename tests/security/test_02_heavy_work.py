"""Small uploads that are much work, and much work at once: bounded, one at a time, and not done for who has left.

Before: an archive with 20,000 profile lines (876 bytes) took 77 seconds, one with a million over 17 minutes, after its
client had gone; notes of 15.9 MB became a page of 238 MB; a CSV of 60 MB of line breaks took 182 seconds.
"""

import dataclasses
import io
import json
import time
from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from fitness import deadline
from fitness.db import turns
from fitness.db.connection import transaction
from fitness.errors import TookTooLong
from tests.archives import export, files_of, load, sealed
from tests.connecting import connect, with_strava
from tests.connecting import sync as sync_strava
from tests.samples import DATA
from tests.security.people import nobody_writes, sign_up, wait_until_blocked
from tests.server.serving import wait_for


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


def upload(client, headers, content=None, path="/v1/imports"):
    content = (DATA / "mapmyfitness.csv").read_bytes() if content is None else content
    data = {"file": (io.BytesIO(content), "export.csv"), "timezone": "UTC"}
    return client.post(path, data=data, headers=headers)


# Archives


def test_an_archive_has_one_profile(client, alice, bob):
    files = files_of(export(client, alice.headers))
    files["data/profile.jsonl"] *= 20_000
    content = sealed(files)

    started = time.perf_counter()
    answer = load(client, bob.headers, content)

    assert (answer.status_code, time.perf_counter() - started < 5) == (422, True)
    assert answer.json["detail"] == "The archive is damaged: data/profile.jsonl must have one row."
    assert len(content) < 40_000


def test_an_archive_has_rows_with_columns_and_not_more_of_them_than_a_person_can_have(client, alice, bob, monkeypatch):
    files = files_of(export(client, alice.headers))
    empty = sealed({**files, "data/runs.jsonl": b"{}\n" * 100})

    assert load(client, bob.headers, empty).json["detail"] == "data/runs.jsonl has different columns than this program."
    monkeypatch.setattr("fitness.accounts.archive.MOST_ROWS", 100)
    assert load(client, bob.headers, empty).json["detail"] == "The archive has more than 100 rows."


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("runs", "notes", "x" * 15_900_000),
        ("runs", "provider_values", {"notes": "x" * 100_000}),
        ("workouts_history", "exercise_executions", [{"note": "x" * 100_000}]),
    ],
)
def test_an_archive_has_no_text_that_the_api_would_refuse(client, full, bob, name, column, value):
    files = files_of(export(client, full.headers))
    path = f"data/{name}.jsonl"
    first, _, rest = files[path].partition(b"\n")

    changed = json.dumps({**json.loads(first), column: value}).encode() + b"\n" + rest
    answer = load(client, bob.headers, sealed({**files, path: changed}))

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])


# Files


def test_a_file_of_line_breaks_is_refused_at_a_number_of_rows(client, alice, monkeypatch):
    monkeypatch.setattr("fitness.readers.tables.MOST_ROWS", 1000)
    content = (DATA / "mapmyfitness.csv").read_bytes().splitlines(keepends=True)[0] + b"\n" * 100_000

    answer = upload(client, alice.headers, content)

    assert (answer.status_code, answer.json["detail"]) == (422, "The file has more than 1,000 rows.")


# Deadlines


def test_work_ends_at_its_deadline_and_can_still_clean_up():
    with deadline.limited(0):
        with pytest.raises(TookTooLong):
            deadline.go_on()
        deadline.go_on()
    deadline.go_on()


@pytest.mark.parametrize("what", ["upload", "export", "runs"])
def test_every_request_has_a_deadline(app, client, owner, alice, monkeypatch, what):
    short = dataclasses.replace(app.config["SETTINGS"], request_timeout_seconds=0)
    monkeypatch.setitem(app.config, "SETTINGS", short)
    problem = {**alice.headers, "Accept": "application/problem+json"}

    if what == "upload":
        answer = upload(client, problem)
    else:
        answer = client.get({"export": "/v1/users/me/export", "runs": "/v1/runs"}[what], headers=problem)

    assert (answer.status_code, answer.json["code"]) == (504, "took_too_long")
    assert "Retry-After" not in answer.headers
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)


# One at a time


HEAVY = {
    "upload": lambda client, headers, _: upload(client, headers),
    "upload of its kind": lambda client, headers, _: upload(client, headers, path="/v1/mmf/upload-csv"),
    "archive": lambda client, headers, archive: load(client, headers, archive),
    "export": lambda client, headers, _: client.get("/v1/users/me/export", headers=headers, buffered=True),
    "sync": lambda client, headers, _: sync_strava(client, headers),
    "revert": lambda client, headers, _: client.post("/v1/changesets/999/revert", headers=headers),
    "rewind": lambda client, headers, _: client.post(
        "/v1/users/me/rewind", json={"to": datetime.now(UTC).isoformat()}, headers=headers
    ),
}


@pytest.mark.parametrize("work", HEAVY)
def test_heavy_work_of_a_person_waits_for_the_other_and_no_longer_than_five_seconds(
    client, database_url, alice, bob, monkeypatch, work
):
    assert turns.WAIT_SECONDS == 5
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.1)
    archive = export(client, bob.headers)
    if work == "sync":
        connect(client, alice.headers)

    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [turns.HEAVY_WORK, alice.user_id])
        refused = HEAVY[work](client, alice.headers, archive)
        # Another person does not wait.
        assert upload(client, bob.headers).status_code == 200

    assert refused.status_code == 429
    assert refused.json == {"detail": "Another import, sync, export or revert of yours is running: wait until it ends"}
    assert refused.headers["Retry-After"] == "5"
    assert HEAVY[work](client, alice.headers, archive).status_code == (404 if work == "revert" else 200)


def test_who_waits_goes_on_when_the_other_work_ends(database_url, app, alice):
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [turns.HEAVY_WORK, alice.user_id])

    with transaction(alice.user_id):
        turns.take_turn()


# Clients that leave


def test_who_leaves_ends_their_work(served, wire, server_database):
    _, headers = sign_up(served)
    content = (DATA / "mapmyfitness.csv").read_bytes()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        + content
        + b'\r\n--b\r\nContent-Disposition: form-data; name="timezone"\r\n\r\nUTC\r\n--b--\r\n'
    )
    head = (
        f"POST /v1/imports HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    with psycopg.connect(server_database, autocommit=True) as owner:
        with nobody_writes(owner):
            client = wire.connect()
            client.sendall(head.encode() + body)
            wait_until_blocked(server_database)
            begun = time.monotonic()
            client.close()
            wait_for(lambda: time.monotonic() > begun + deadline.LOOK_SECONDS)
        wait_for(lambda: '"status":408' in served.log.read_text().replace(" ", ""))
        assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)

        stays = served.get("/health")
        assert stays.status_code == 200


def test_who_leaves_after_a_job_was_accepted_gets_it_done(served):
    _, headers = sign_up(served)
    accepted = httpx.post(
        f"http://127.0.0.1:{served.port}/v1/imports",
        files={"file": ("a.csv", (DATA / "mapmyfitness.csv").read_bytes())},
        data={"timezone": "UTC"},
        headers={**headers, "Prefer": "respond-async"},
        timeout=60,
    )

    def job():
        return httpx.get(f"http://127.0.0.1:{served.port}{accepted.headers['Location']}", headers=headers).json()

    assert accepted.status_code == 202
    wait_for(lambda: job()["state"] == "done")
    assert job()["result"]["created"] > 0
