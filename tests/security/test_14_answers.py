"""Answers to what goes wrong: the right status, always as JSON.

Before: 500 instead of 401 when the account was deleted during its request or sync; "another sync has begun" when the
connection was ended; 500 without a login for a chunk of size `ZZ` or `-5`; HTML from the HTTP server; `"yes"` was true.
"""

import gzip
import io
import socket
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.connecting import connect, sync, with_strava
from tests.samples import DATA
from tests.security.people import wait_until_blocked
from tests.security.wire import read, request
from tests.standins.server import Fault
from tests.standins.strava import ACTIVITIES, make_activity

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
WORKOUT = {"workout_type": "CARDIO", "cardio_session": {"distance_miles": 3.1}}
PLANNED = {"title": "Long run", "workout_type": "Run", "originally_planned_day": "2026-03-01"}


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


# Accounts that are deleted meanwhile


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/runs", RUN),
        ("/v1/shoes", {"name": "New ones"}),
        ("/v1/workouts", WORKOUT),
        ("/v1/exercises", {"name": "Squat"}),
        ("/v1/planned-workouts", PLANNED),
        ("/v1/bookmarks", {"name": "Now"}),
        ("/v1/auth/tokens", {"name": "Watch", "scopes": ["read"]}),
        ("/v1/imports", None),
    ],
)
def test_an_account_that_is_deleted_during_its_request_is_not_logged_in(app, database_url, alice, path, body):
    upload = {"file": (io.BytesIO((DATA / "mapmyfitness.csv").read_bytes()), "export.csv"), "timezone": "UTC"}
    content = {"data": upload} if body is None else {"json": body}

    with psycopg.connect(database_url) as deleting, ThreadPoolExecutor(1) as threads:
        deleting.execute("DELETE FROM users WHERE user_id = %s", [alice.user_id])
        asked = threads.submit(lambda: app.test_client().post(path, headers=alice.headers, **content))
        wait_until_blocked(database_url)
        deleting.commit()

    assert (asked.result().status_code, asked.result().json) == (401, {"detail": "The account was deleted"})


ENDS = {
    "deleted": ("DELETE FROM users", 401, "The account was deleted"),
    "disconnected": (
        "DELETE FROM oauth_credentials; DELETE FROM sync_metadata", 409, "The connection was ended during the sync",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS)
def test_a_sync_says_why_it_ended(client, owner, alice, strava, case):
    statement, status, detail = ENDS[case]
    connect(client, alice.headers)
    strava.add(*map(make_activity, range(3)))

    def end(_, right):
        owner.execute(statement.encode())
        return right()

    strava.fail(Fault(end, on=ACTIVITIES))
    answer = sync(client, alice.headers)

    assert (answer.status_code, answer.json) == (status, {"detail": detail})


# What is no request


def chunked(*chunks):
    return request(
        "POST", "/v1/auth/login", "Content-Type: application/json", "Transfer-Encoding: chunked", body=b"".join(chunks)
    )


BROKEN = {
    "a chunk of size ZZ": (chunked(b"ZZ\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk of size -5": (chunked(b"-5\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk without an end": (chunked(b"2\r\n{}XX0\r\n\r\n"), 400),
    "no request line": (b"NONSENSE\r\n\r\n", 400),
    "another version": (b"GET /health HTTP/9.1\r\nHost: a\r\n\r\n", 400),
    "a header without a name": (b"GET /health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    "two lengths": (request("POST", "/v1/runs", "Content-Length: 2", "Content-Length: 3", body=b"{}"), 400),
    "a length of -1": (request("POST", "/v1/runs", "Content-Length: -1"), 400),
    "a length of more than any body has": (request("POST", "/v1/imports", "Content-Length: 99999999999999"), 413),
    "such a length, asked first": (
        request("POST", "/v1/imports", "Content-Length: 99999999999999", "Expect: 100-continue"),
        413,
    ),
    "no host": (b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two hosts": (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400),
    "a host that none can be": (b"GET /health HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n", 400),
    "a long address": (request("GET", "/" + "a" * 9000), 414),
    "an expectation": (request("POST", "/v1/runs", "Expect: the-moon", "Content-Length: 2", body=b"{}"), 417),
    "many headers": (request("GET", "/health", *(f"X-{number}: a" for number in range(300))), 431),
    "another coding": (request("POST", "/v1/runs", "Transfer-Encoding: rot13"), 501),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_request_is_refused_as_json(wire, case):
    sent, status = BROKEN[case]

    answer = wire.ask(sent)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    assert list(answer.json) == ["detail"]


def test_a_packed_body_is_refused_for_what_it_is(client, alice):
    """Before: it was read as it is, and was no JSON, or a file of another kind."""
    for path, content_type in (("/v1/shoes", "application/json"), ("/v1/imports", "multipart/form-data; boundary=a")):
        for coding in ("gzip", "br", "GZIP, identity"):
            headers = {**alice.headers, "Content-Encoding": coding, "Content-Type": content_type}
            answer = client.post(path, data=gzip.compress(b'{"name": "Ride"}'), headers=headers)

            assert (answer.status_code, answer.json) == (415, {"detail": "Send the body without Content-Encoding"})
    headers = {**alice.headers, "Content-Encoding": "identity"}
    assert client.post("/v1/shoes", json={"name": "Ride"}, headers=headers).status_code == 201


def test_a_body_that_is_cut_off_is_refused(wire):
    """Before: what had come was read, as if the client had sent no more."""
    with wire.connect() as client:
        client.sendall(
            request("POST", "/v1/auth/login", "Content-Type: application/json", "Content-Length: 9", body=b"{}")
        )
        client.shutdown(socket.SHUT_WR)
        answer = read(client)

    assert (answer.status, answer.json) == (400, {"detail": "The request cannot be read"})


def test_after_all_that_the_server_is_well(served):
    assert served.get("/health").json()["status"] == "ok"
    assert "Traceback" not in served.log.read_text()


# Booleans


@pytest.mark.parametrize("value", ["yes", "true", "on", 1, 0, "f", [], {}])
def test_a_boolean_in_a_body_is_true_or_false(client, alice, value):
    for path, method, field, body in (
        ("/v1/planned-workouts", "POST", "is_custom", PLANNED),
        ("/v1/workouts", "POST", "in_progress", WORKOUT),
        ("/v1/users/me", "PATCH", "import_other_sports", {}),
        ("/v1/users/me/rewind", "POST", "dry_run", {"to": "2020-01-01T00:00:00Z"}),
        ("/v1/exercises", "POST", "is_assisted", {"name": "Pull-up"}),
    ):
        answer = client.open(path, method=method, json={**body, field: value}, headers=alice.headers)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), path


@pytest.mark.parametrize(("value", "status"), [("true", 200), ("false", 200), ("yes", 422), ("1", 422), ("", 422)])
def test_a_boolean_in_a_query_is_one_of_the_two_words(client, alice, value, status):
    answer = client.get(f"/v1/runs?include_deleted={value}", headers=alice.headers)

    assert answer.status_code == status
    assert client.get(f"/v1/shoes?retired={value}", headers=alice.headers).status_code == status


# Methods


def test_options_names_the_methods_of_its_path_alone(client):
    assert client.options("/v1/runs/details").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/v1/runs/mmf_1").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert client.options("/v1/oauth/strava/callback").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/v1/runs/mmf_1/wings").status_code == 404


# The description


def test_the_examples_of_signing_up_and_logging_in_work(client, quick_hashes):
    spec = client.get("/v1/openapi.json").json

    def example(path):
        return spec["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]

    assert client.post("/v1/auth/signup", json=example("/v1/auth/signup")).status_code == 201
    assert client.post("/v1/auth/login", json=example("/v1/auth/login")).status_code == 200
