"""The log: one JSON line a request, with an id to find it by, and never anything that a person sent."""

import io
import logging
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask, request

from fitness.auth import login_required
from fitness.db.connection import fetch_one
from fitness.logs import JsonFormatter

PASSWORD = "password-in-the-body"
IN_QUERY = "query-of-the-caller"
IN_BODY = "body-of-the-caller"


@pytest.fixture
def output(app: Flask) -> io.StringIO:
    """What the application's own handler writes, as it writes it."""
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one.formatter, JsonFormatter)]
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    return stream


@pytest.fixture
def log(output: io.StringIO) -> Callable[[], list[dict[str, Any]]]:
    """Return the lines logged so far; each of them must be JSON."""
    return lambda: [orjson.loads(line) for line in output.getvalue().splitlines()]


def requests_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"] == "fitness.requests"]


def test_each_request_is_one_line(client, alice, log):
    answers = [
        client.get("/v1/auth/me", headers=alice.headers),
        client.get("/v1/runs/none", headers=alice.headers),
        client.get("/v1/runs"),
        client.get("/nowhere"),
        client.delete("/v1/auth/login"),
        client.post("/v1/auth/login", data="{", content_type="application/json"),
    ]

    lines = log()
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/v1/auth/me", 200),
        ("GET", "/v1/runs/none", 404),
        ("GET", "/v1/runs", 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/auth/login", 405),
        ("POST", "/v1/auth/login", 400),
    ]
    assert [line["request_id"] for line in lines] == [answer.headers["X-Request-ID"] for answer in answers]
    assert len({line["request_id"] for line in lines}) == len(lines)
    assert [line["user_id"] for line in lines] == [alice.user_id, alice.user_id, None, None, None, None]
    assert {(line["level"], line["address"]) for line in lines} == {("INFO", "127.0.0.1")}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["time"]) for line in lines)
    assert all(line["milliseconds"] > 0 for line in lines)


@pytest.mark.parametrize("status", [200, 404])
def test_a_callers_request_id_is_kept(client, log, status):
    given = "trace-0123_abc.DEF"

    answer = client.get("/health" if status == 200 else "/nowhere", headers={"X-Request-ID": given})

    assert (answer.status_code, answer.headers["X-Request-ID"]) == (status, given)
    assert requests_of(log())[-1]["request_id"] == given


def test_a_request_id_that_looks_like_none_is_replaced(client, log):
    given = ["short", "x" * 65, "with spaces inside", 'quote"quote"quote', "<script>alert(1)", "ümläüt-ümläüt", ""]

    answers = [client.get("/health", headers={"X-Request-ID": one}).headers["X-Request-ID"] for one in given]

    assert all(re.fullmatch(r"[0-9a-f]{16}", answer) for answer in answers)
    assert len(set(answers)) == len(given)
    assert [line["request_id"] for line in requests_of(log())] == answers


@pytest.mark.own_app
def test_a_500_says_the_id_under_which_the_log_tells_the_whole_error(app: Flask, client, alice, log):
    def fail() -> Any:
        raise ZeroDivisionError("told to the log alone")

    app.add_url_rule("/broken", view_func=login_required(fail))

    answer = client.get("/broken", headers=alice.headers)

    assert answer.status_code == 500
    assert answer.json == {
        "detail": "Internal server error",
        "request_id": answer.headers["X-Request-ID"],
    }
    (line,) = [line for line in log() if line["level"] == "ERROR"]
    assert line["request_id"] == answer.json["request_id"]
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ZeroDivisionError: told to the log alone")


@pytest.mark.own_app
def test_nothing_that_a_person_sent_is_ever_in_the_log(app: Flask, client, owner, output):
    """Drives every auth route, a run, an upload and errors of each kind, with things to be kept in all of them."""

    def cast() -> Any:
        return fetch_one(int, "SELECT %(secret)s::bigint", **request.args)

    app.add_url_rule("/cast", view_func=login_required(cast))
    secrets = [PASSWORD, IN_QUERY, IN_BODY, "ada@example.com"]

    statuses = set()

    def send(method: str, path: str, token: str = "", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.open(f"{path}?secret={IN_QUERY}", method=method, headers=headers, **body)
        statuses.add(answer.status_code)
        told = answer.json if answer.data else {}
        # The first part of a token is the same in all of them, and no secret.
        secrets.extend(part for name in told if name.endswith("_token") for part in told[name].split(".")[1:])
        return told

    account = {"email": "ada@example.com", "name": IN_BODY, "password": PASSWORD}
    tokens = send("POST", "/v1/auth/signup", json=account)
    access = tokens["access_token"]
    send("POST", "/v1/auth/signup", json=account)
    send("POST", "/v1/auth/signup", json={**account, "password": f"{PASSWORD}\0"})
    send("POST", "/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
    send("POST", "/v1/auth/login", json={"username": IN_BODY, "password": PASSWORD})
    send("POST", "/v1/auth/login", data=f'{{"password": "{PASSWORD}"', content_type="application/json")
    send("GET", "/v1/auth/me", access)
    send("GET", "/v1/auth/me", f"{access}{IN_QUERY}")
    send("PATCH", "/v1/auth/me", access, json={"name": IN_BODY})
    send("PATCH", "/v1/auth/me", access, json={"password": PASSWORD})
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
    send("POST", "/v1/runs", access, json={**run, "notes": IN_BODY})
    send("POST", "/v1/runs", access, json={**run, "distance": IN_BODY})
    send("GET", "/v1/runs", access)
    send("POST", "/v1/mmf/upload-csv", access, data={"file": (io.BytesIO(IN_BODY.encode()), f"{IN_BODY}.csv")})
    fresh = send("POST", "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    # The database's own words repeat the value or the row that they are about.
    send("GET", "/cast", fresh["access_token"])
    owner.execute("ALTER TABLE users ADD CONSTRAINT users_nobody_check CHECK (email <> 'eve@example.com')")
    secrets.append("eve@example.com")
    send("POST", "/v1/auth/signup", json={**account, "email": "eve@example.com"})
    send("POST", "/v1/auth/logout", fresh["access_token"])
    send("POST", "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    send("POST", "/v1/auth/refresh", json={"refresh_token": IN_BODY})

    assert statuses == {200, 201, 204, 400, 401, 409, 422, 500}
    written = output.getvalue()
    assert "users_nobody_check" in written
    assert "InvalidTextRepresentation" in written
    assert "$2b$" not in written
    assert [secret for secret in secrets if secret in written] == []
