"""Half-sent requests hold no thread that serves others, and neither do answers that nobody reads.

Before: six clients that stopped in the middle of `/health` held it up for 32 seconds, without a login. 40 clients that
did not close their connections held it up for 8 seconds, and 30 that did not read what they had asked for, for ever.
"""

import contextlib
import socket
import time

import psycopg
import pytest

from tests.security.wire import read, read_from, request
from tests.server.serving import wait_for

MANY = 200
JSON = "Content-Type: application/json"
LONG_ANSWER = b"GET /v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = {
    "nothing": b"",
    "half a request line": b"GET /hea",
    "half a head": b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
    "half a body": request("POST", "/v1/auth/login", JSON, "Content-Length: 1000", body=b'{"username":'),
    "half a chunk": request("POST", "/v1/auth/login", JSON, "Transfer-Encoding: chunked", body=b"ff\r\n{"),
    "a chunk that seems to end": request(
        "POST", "/v1/auth/login", JSON, "Transfer-Encoding: chunked", body=b"ff\r\n{0\r\n\r\n"
    ),
    "a request and half of another": b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /hea",
}


@pytest.mark.parametrize("case", HALF)
def test_half_open_connections_hold_up_nobody(served, wire, case):
    with contextlib.ExitStack() as stack:
        for _ in range(MANY if case != "a request and half of another" else 50):
            stack.enter_context(wire.connect()).sendall(HALF[case])

        started = time.monotonic()
        assert served.get("/health").status_code == 200
        assert time.monotonic() - started < 1


def test_connections_that_nobody_closes_hold_up_nobody(served, wire):
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(wire.connect()).sendall(request("GET", "/health"))

        started = time.monotonic()
        assert served.get("/health").status_code == 200
        assert time.monotonic() - started < 1


def test_answers_that_nobody_reads_hold_up_nobody(served, wire):
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(wire.connect()).sendall(LONG_ANSWER * 60)

        started = time.monotonic()
        assert served.get("/health").status_code == 200
        assert time.monotonic() - started < 2


def test_who_reads_slowly_gets_every_byte(wire):
    whole = wire.ask(request("GET", "/v1/openapi.json")).body
    with wire.connect() as client, client.makefile("rb") as stream:
        client.sendall(LONG_ANSWER * 20)
        # All of them together are larger than what the sockets hold.
        client.recv(1, socket.MSG_PEEK)

        for _ in range(20):
            assert read_from(stream).body == whole


def test_what_arrives_in_pieces_is_served(wire):
    whole = request("GET", "/health")
    with wire.connect() as client:
        for byte in whole:
            client.sendall(bytes([byte]))
        assert read(client).json["status"] == "ok"

    body = b'{"username": "nobody", "password": "nothing"}'
    whole = request("POST", "/v1/auth/login", JSON, f"Content-Length: {len(body)}", body=body)
    with wire.connect() as client:
        for start in range(0, len(whole), 7):
            client.sendall(whole[start : start + 7])
        assert read(client).status == 401


def test_who_asks_before_sending_a_body_is_told_to_go_on(wire):
    head = request("POST", "/v1/auth/login", JSON, "Content-Length: 2", "Expect: 100-continue")
    with wire.connect() as client:
        client.sendall(head)
        assert client.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.sendall(b"{}")
        assert read(client).status == 422


@pytest.mark.parametrize("size", [70_000, 3_000_000])
@pytest.mark.parametrize("path", ["/nowhere", "/v1/imports"])
def test_who_is_refused_goes_on_with_the_next_request(wire, path, size):
    with wire.connect() as client, client.makefile("rb") as stream:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)
        assert read_from(stream).headers["connection"] == "keep-alive"

        client.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_from(stream).status == 200


def test_a_head_has_a_deadline(wire):
    with wire.connect() as client:
        client.sendall(b"GET /health HTTP/1.1\r\n")
        started = time.monotonic()
        answer = read(client)

    assert (answer.status, answer.json) == (408, {"detail": "The request came too slowly"})
    assert time.monotonic() - started < 10


def test_a_body_has_a_deadline(wire):
    with wire.connect() as client:
        client.sendall(HALF["half a body"])
        answer = read(client)

    assert (answer.status, answer.json) == (408, {"detail": "The request came too slowly"})


def test_the_server_lets_go_of_who_goes_away(served, wire):
    for sent in HALF.values():
        with wire.connect() as client:
            client.sendall(sent)

    wait_for(lambda: served.get("/health").status_code == 200)
    assert "Traceback" not in served.log.read_text()


def test_no_transaction_waits_for_a_body(served, wire, server_database):
    with wire.connect() as client, psycopg.connect(server_database, autocommit=True) as owner:
        client.sendall(HALF["half a body"])
        assert served.get("/health/db").status_code == 200
        idle = owner.execute(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
            """
        ).fetchone()

    assert idle == (0,)
