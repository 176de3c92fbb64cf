"""Metrics for Prometheus at `/internal/metrics`, for whoever sends METRICS_TOKEN.

prometheus-client decides when it is imported whether the processes of a server share their values. So this module is
imported by an application that has the token, in a process that knows (`fitness.server.prometheus`).
"""

import hmac
import os
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from fitness import signals
from fitness.db import server_state
from fitness.db.connection import system_transaction
from fitness.db.pool import has_replica, pool_stats
from fitness.db.replica import replica_system_transaction
from fitness.errors import Unauthorized
from fitness.web.jobs import is_job

UNKNOWN = "unknown"
"""The route, and the method, of requests for what does not exist: both may be any text."""

OWN = CollectorRegistry()
"""The values of this process."""
REQUESTS = Counter("fitness_requests", "Answered requests", ["method", "route", "status"], registry=OWN)
SECONDS = Histogram(
    "fitness_request_seconds",
    "Time until a request was answered",
    ["route"],
    registry=OWN,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
POOL, REPLICA_POOL = (
    Gauge(
        f"fitness_{name}_connections",
        f"Connections of the processes to the {server}: open, the most, and requests that wait for one",
        ["state"],
        registry=OWN,
        multiprocess_mode="livesum",
    )
    for name, server in (("pool", "database"), ("replica_pool", "replica"))
)
SYNCS = Counter("fitness_syncs", "Ended syncs", ["provider", "outcome"], registry=OWN)
IMPORTS = Counter("fitness_imports", "Imported files", ["source", "outcome"], registry=OWN)

blp = Blueprint("prometheus", __name__)


def register(app: Flask) -> None:
    """Count what the application does, and serve the counts."""
    app.register_blueprint(blp)
    app.after_request(_count)
    signals.sync_ended.connect(_count_sync)
    signals.file_loaded.connect(_count_import)


@blp.get("/internal/metrics")
def scrape() -> Response:
    """Return the metrics of all processes of this server; raises Unauthorized without the token."""
    sent = request.authorization
    token = current_app.config["SETTINGS"].metrics_token
    if sent is None or sent.type != "bearer" or not hmac.compare_digest((sent.token or "").encode(), token.encode()):
        raise Unauthorized("Send the METRICS_TOKEN of this server as a bearer token")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(_all()), content_type=content_type, headers={"Cache-Control": "no-store"})


def _all() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Database())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(OWN)
    return registry


def _count(response: Response) -> Response:
    """Count a request. A job is no request: it is counted where it waits, and may take an hour."""
    if is_job(request.environ):
        return response
    rule = request.url_rule
    route, method = (rule.rule, request.method) if rule else (UNKNOWN, UNKNOWN)
    requests, seconds = _counted(method, route, response.status_code)
    requests.inc()
    seconds.observe(time.perf_counter() - g.started)
    _set_pool(POOL, pool_stats())
    if has_replica():
        _set_pool(REPLICA_POOL, pool_stats(of_replica=True))
    return response


def _set_pool(pool: Gauge, stats: dict[str, int]) -> None:
    for state, name in _POOL_STATES:
        _of_pool(pool, state).set(stats[name])


@cache
def _counted(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts these requests; looking it up by its labels takes as long as counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)


@cache
def _of_pool(pool: Gauge, state: str) -> Gauge:
    return pool.labels(state)


_POOL_STATES = (("open", "pool_size"), ("most", "pool_max"), ("waiting", "requests_waiting"))
"""State → its name in the statistics of the pool."""


def _count_sync(_: Any, *, provider: str, outcome: str) -> None:
    SYNCS.labels(provider, outcome).inc()


def _count_import(_: Any, *, source: str, outcome: str) -> None:
    IMPORTS.labels(source, outcome).inc()


class _Database(Collector):
    """What the database itself says, asked at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("fitness_database_up", "Whether the database answers")
        try:
            with system_transaction():
                state, jobs = server_state.get_server_state(), server_state.count_jobs_by_state()
                position = server_state.get_position()
        except (psycopg.OperationalError, PoolTimeout):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("fitness_database_bytes", "Size of the database", value=state.size)
        yield GaugeMetricFamily(
            "fitness_database_start_time_seconds",
            "Last start of the database server, since the epoch",
            value=state.started_at.timestamp(),
        )
        by_state = GaugeMetricFamily("fitness_jobs", "Jobs; those that ended are kept for a day", labels=["state"])
        for name in ("waiting", "running", "done", "failed"):
            by_state.add_metric([name], jobs.get(name, 0))
        yield by_state
        if has_replica():
            yield from _of_replica(position)


def _of_replica(position: str) -> Iterator[GaugeMetricFamily]:
    """Yield whether the replica can be read from, and how far it is behind a position of the database."""
    up = GaugeMetricFamily("fitness_replica_up", "Whether the replica answers, and replicates")
    try:
        with replica_system_transaction():
            state = server_state.get_replica_state(position)
    except (psycopg.OperationalError, PoolTimeout):
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], state.replays)
    yield up
    if state.replays:
        yield GaugeMetricFamily(
            "fitness_replica_behind_bytes", "Log that the replica has not replayed yet", value=state.bytes_behind
        )
        yield GaugeMetricFamily(
            "fitness_replica_behind_seconds",
            "Age of the last transaction that the replica has replayed, 0 if it has replayed all",
            value=state.seconds_behind,
        )
