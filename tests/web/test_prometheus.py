"""Metrics for Prometheus: who may read them, what they count, and that they never grow with what strangers send."""

import dataclasses
import io
import time
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from fitness.config import Settings
from fitness.db import pool
from tests.metrics import READER, TOKEN, scrape
from tests.samples import DATA


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return dataclasses.replace(settings, metrics_token=getattr(request, "param", TOKEN))


@pytest.mark.parametrize("settings", [None], indirect=True)
def test_without_a_token_there_are_no_metrics(client: FlaskClient) -> None:
    assert client.get("/internal/metrics").status_code == 404
    assert client.get("/internal/metrics", headers={"Authorization": "Bearer None"}).status_code == 404
    assert client.get("/internal/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_only_who_sends_the_token_reads_metrics(client: FlaskClient, alice) -> None:
    for headers in ({}, alice.headers, {"Authorization": "Bearer "}, {"Authorization": f"Basic {TOKEN}"}):
        refused = client.get("/internal/metrics", headers=headers)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "fitness_" not in refused.text
    assert client.get(f"/internal/metrics?token={TOKEN}").status_code == 401
    assert client.get("/internal/metrics", headers=READER).headers["Cache-Control"] == "no-store"


def test_requests_are_counted_by_route_and_status(client: FlaskClient, alice) -> None:
    before = scrape(client)
    client.get("/v1/runs/none", headers=alice.headers)
    client.get("/runs/another", headers=alice.headers)
    client.get("/v1/runs/none")
    after = scrape(client)

    def more(*key: str) -> float:
        return after[key] - before.get(key, 0)

    assert more("fitness_requests_total", "GET", "/v1/runs/<run_id>", "404") == 2
    assert more("fitness_requests_total", "GET", "/v1/runs/<run_id>", "401") == 1
    assert more("fitness_request_seconds_count", "/v1/runs/<run_id>") == 3
    assert more("fitness_request_seconds_bucket", "+Inf", "/v1/runs/<run_id>") == 3


def test_what_strangers_send_makes_no_new_metric(client: FlaskClient) -> None:
    def ask(number: int) -> None:
        client.get(f"/nowhere-{number}")
        client.open("/v1/runs", method=f"METHOD{number}")
        client.get(f"/v1/runs/none-{number}?text={number}", headers={"Authorization": f"Bearer {number}"})

    ask(0)
    before = scrape(client).keys()
    for number in range(1, 20):
        ask(number)

    assert scrape(client).keys() == before | scrape(client).keys()
    assert {name for name in scrape(client) if name not in before} <= {
        ("fitness_requests_total", "GET", "/internal/metrics", "200")
    }


def test_nothing_about_a_person_is_in_the_metrics(client: FlaskClient, alice, make_run: Callable[..., object]) -> None:
    run = make_run(alice, name="Secret morning")
    client.get(f"/v1/runs/{run.id}", headers=alice.headers)  # type: ignore[attr-defined]
    text = client.get("/internal/metrics", headers=READER).text
    for word in ("alice", "Secret", "user_id", run.id):  # type: ignore[attr-defined]
        assert word not in text


def test_the_database_and_its_jobs_are_described(client: FlaskClient, alice, owner: psycopg.Connection) -> None:
    upload = {"file": ((DATA / "mapmyfitness.csv").open("rb"), "runs.csv")}
    sent = client.post("/v1/imports", data=upload, headers={**alice.headers, "Prefer": "respond-async"})
    assert sent.status_code == 202
    seen = scrape(client)
    started = owner.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::float8").fetchone()

    assert seen["fitness_database_up",] == 1
    assert seen["fitness_database_bytes",] > 1_000_000
    assert started is not None
    assert seen["fitness_database_start_time_seconds",] == pytest.approx(started[0])
    assert [seen["fitness_jobs", state] for state in ("waiting", "running", "done", "failed")] == [1, 0, 0, 0]
    assert seen["fitness_pool_connections", "most"] == seen["fitness_pool_connections", "open"] + 2
    assert seen["fitness_pool_connections", "waiting"] == 0


@pytest.mark.own_app
def test_a_database_out_of_reach_is_a_metric(app: Flask, client: FlaskClient) -> None:
    pool.open_pool("postgresql://fitness@127.0.0.1:1/fitness", size=1, timeout_seconds=0.1, statement_timeout_seconds=1)
    seen = scrape(client)
    assert seen["fitness_database_up",] == 0
    assert ("fitness_database_bytes",) not in seen


def test_imports_are_counted_by_source_and_outcome(client: FlaskClient, alice) -> None:
    before = scrape(client)
    export = (DATA / "mapmyfitness.csv").read_bytes()
    for query, content in (("?dry_run=true", export), ("", export), ("", export), ("", b"Date Submitted\n\xff")):
        client.post(f"/v1/mmf/upload-csv{query}", data={"file": (io.BytesIO(content), "a.csv")}, headers=alice.headers)
    after = scrape(client)

    counted = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == "fitness_imports_total"}
    assert {labels: count for labels, count in counted.items() if count} == {
        ("stored", "MapMyFitness"): 1,
        ("unchanged", "MapMyFitness"): 1,
        ("failed", "MapMyFitness"): 1,
    }


def test_a_request_is_counted_in_microseconds(app: Flask) -> None:
    from fitness.web.prometheus import _count

    with app.test_request_context("/v1/health"):
        app.preprocess_request()
        response = app.response_class()
        _count(response)
        started = time.thread_time()
        for _ in range(1000):
            _count(response)
        microseconds = (time.thread_time() - started) * 1000

    print(f"{microseconds:.1f} µs per request")
    assert microseconds < 200


def test_the_paths_of_training_metrics_stay_theirs(client: FlaskClient, alice) -> None:
    plain, versioned = (client.get(f"{prefix}/metrics/mileage/total", headers=alice.headers) for prefix in ("", "/v1"))
    assert plain.status_code == versioned.status_code == 200
    assert plain.data == versioned.data
    assert client.get("/metrics", headers=READER).status_code == 404
