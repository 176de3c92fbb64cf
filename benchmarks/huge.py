"""Measures of one person among ten thousand with 1,000 runs each, against the same person among a thousand."""

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import psycopg

from benchmarks.database import RUNS_OF_A_USER, fill_runs, make_database
from benchmarks.load import Client, latencies, processors_awake, request
from benchmarks.measures import PAGE, USER, Measure
from benchmarks.service import Service, serving
from fitness.server.postgres import EmbeddedPostgres

TIMES_AS_MANY = 10
DEEP_RUNS = 10_050
AT_MOST = 1.2
ASKED_AT_ONCE = 20
YEARS = "start=2015-01-01&end=2015-12-31&time_zone=Europe/Berlin"
METRICS = (f"/v1/metrics/mileage/by-day?{YEARS}", f"/v1/metrics/training-load/by-day?{YEARS}", f"/v1/summary?{YEARS}")
TABLES = ("runs", "runs_history")


def huge_measures(postgres: EmbeddedPostgres, directory: Path, *, users: int, rounds: int) -> Iterator[Measure]:
    """Fill a database with the runs of so many users, another with a tenth, and take one measure after the other."""
    with (
        serving(_filled(postgres, "tenth", users // TIMES_AS_MANY), directory) as tenth,
        serving(_filled(postgres, "whole", users), directory) as whole,
    ):
        click.echo(_sizes(whole.database_url))
        tokens = {service.port: service.token(USER) for service in (whole, tenth)}
        for name, ask in _requests():
            with processors_awake():
                ours, reference = _in_turn(whole, tenth, tokens, ask, rounds)
            yield Measure(f"{name}: many ÷ a tenth", "ms", ours * 1000, reference * 1000, at_most=AT_MOST)


def _filled(postgres: EmbeddedPostgres, name: str, users: int) -> str:
    click.echo(f"Filling a database with {users * RUNS_OF_A_USER:,} runs of {users:,} users …")
    return make_database(postgres, name, partial(fill_runs, users=users, deep_runs=DEEP_RUNS))


def _requests() -> Iterator[tuple[str, Callable[[str], bytes]]]:
    """Yield what is measured: its name, and the request of somebody with a token."""
    yield "page", lambda token: request("GET", PAGE, token)
    body = b'{"distance": 5.25, "change_reason": "GPS was off"}'
    yield "edit", lambda token: request("PATCH", "/v1/runs/manual_7", token, body)
    for path in METRICS:
        name = path.partition("?")[0].removeprefix("/v1/").removeprefix("metrics/")
        yield name, partial(lambda path, token: request("GET", path, token), path)


def _in_turn(
    whole: Service, tenth: Service, tokens: dict[int, str], ask: Callable[[str], bytes], rounds: int
) -> tuple[float, float]:
    """Return the median seconds that the request takes on both sides, asked in turn; the first ones do not count."""
    sides = [(Client(service.port), ask(tokens[service.port])) for service in (whole, tenth)]
    taken: tuple[list[float], list[float]] = ([], [])
    for client, asked in sides:
        latencies(client, asked, ASKED_AT_ONCE)
    for _ in range(10 * rounds):
        for (client, asked), side in zip(sides, taken, strict=True):
            side += latencies(client, asked, ASKED_AT_ONCE)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _sizes(database_url: str) -> str:
    """Return what a row takes on the disk with its part of the indexes, in a sentence."""
    with psycopg.connect(database_url) as owner:
        sizes = [
            owner.execute(
                f"""
                SELECT pg_total_relation_size('{table}') / count(*), pg_indexes_size('{table}') / count(*)
                FROM {table}
                """
            ).fetchone()
            for table in TABLES
        ]
        total = owner.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    rows = ", ".join(
        f"{size[0]} bytes a row of {table} ({size[1]} of them indexes)"
        for table, size in zip(TABLES, sizes, strict=True)
        if size
    )
    return f"{rows}; {total[0] if total else '?'} in all."
