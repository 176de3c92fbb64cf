"""Measures, each a ratio of two sides, taken in turn in the same run; and those of runs."""

import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from benchmarks.load import Client, latencies, processors_awake, request, requests_per_second
from benchmarks.service import Service
from benchmarks.statements import script, statements_of, transactions_per_second
from fitness.server.postgres import EmbeddedPostgres

CLIENTS = 8
USER = 2
DEEP_USER = 1
PAGE = "/v1/runs?limit=50"
TIMES = 10
"""How often a round asks at least for what is measured one by one."""


@dataclass(frozen=True)
class Measure:
    """A ratio of two medians, what it is to reach, and the figures behind it; `spread`: what ours is the median of."""

    name: str
    unit: str
    ours: float
    reference: float
    at_least: float | None = None
    at_most: float | None = None
    spread: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def reached(self) -> bool:
        return (self.at_least is None or self.ratio >= self.at_least) and (
            self.at_most is None or self.ratio <= self.at_most
        )


@dataclass(frozen=True)
class Bench:
    """What the measures need: the server's database at two sizes, and how long to measure."""

    postgres: EmbeddedPostgres
    large: Service
    small: Service
    directory: Path
    seconds: float
    rounds: int
    upload_rows: int
    lifters: int
    lifted_sets: int
    dropped_files: int
    exported_activities: int
    long_rounds: int


def edit_one_run(bench: Bench) -> Measure:
    """Edits a second by 8 clients, against pgbench with the same statements one by one."""
    token = bench.large.token(USER)
    body = b'{"distance": 5.25, "change_reason": "GPS was off"}'
    requests = [request("PATCH", f"/v1/runs/manual_{n}", token, body) for n in range(1, 1001)]
    json = {"distance": 5.25, "change_reason": "GPS was off"}
    statements = statements_of(bench.large, token, "PATCH", "/v1/runs/manual_1", json)
    update = next(number for number, statement in enumerate(statements) if statement.startswith("UPDATE runs"))
    statements = [statement.replace("'manual_1'", "'manual_:n'") for statement in statements]
    # The history takes the version that the update returned, as in the program.
    statements[update + 1] = re.sub(r"('manual_:n', )\d+", r"\1:version", statements[update + 1], count=1)
    text = script(statements, first="\\set n random(1, 1000)", store=update)
    return against_pgbench(bench, "edit one run", requests, text, at_least=0.45)


def newest_runs(bench: Bench) -> Measure:
    """Lists a second of the newest 50 runs by 8 clients, against pgbench likewise."""
    token = bench.large.token(USER)
    text = script(statements_of(bench.large, token, "GET", PAGE))
    return against_pgbench(bench, "newest 50 runs", [request("GET", PAGE, token)], text, at_least=0.4)


def against_pgbench(
    bench: Bench, name: str, requests: list[bytes], text: str, *, at_least: float, service: Service | None = None
) -> Measure:
    """Answers a second to random ones of the requests by 8 clients, against pgbench with a script by as many."""
    service = service or bench.large
    path = bench.directory / f"{name.replace(' ', '_')}.sql"
    path.write_text(text)
    ours, reference = in_turn(
        bench.rounds,
        lambda: requests_per_second(service.port, requests, clients=CLIENTS, seconds=bench.seconds),
        lambda: transactions_per_second(
            bench.postgres, service.database_url, path, clients=CLIENTS, seconds=bench.seconds
        ),
    )
    return Measure(name, "1/s", ours, reference, at_least=at_least)


def against_bare_sql(bench: Bench, name: str, service: Service, token: str, path: str, *, at_most: float) -> Measure:
    """Latency of an answer, against its statements alone on one connection."""
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        bare = running(connection, statements_of(service, token, "GET", path))
        ours, reference = latencies_in_turn(bench, asking(service, token, path), bare)
    return Measure(name, "ms", ours * 1000, reference * 1000, at_most=at_most)


def statements_against(
    bench: Bench, name: str, statements: Sequence[str], others: Sequence[str], *, at_most: float
) -> Measure:
    """Time that statements take in the large database, against others on the same connection."""
    with psycopg.connect(bench.large.database_url, autocommit=True) as connection:
        ours, reference = latencies_in_turn(bench, running(connection, statements), running(connection, others))
    return Measure(name, "ms", ours * 1000, reference * 1000, at_most=at_most)


def running(connection: psycopg.Connection, statements: Sequence[str]) -> Callable[[], float]:
    """Return what runs statements, and tells how many seconds they took."""
    encoded = [statement.encode() for statement in statements]

    def run() -> float:
        started = time.perf_counter()
        for statement in encoded:
            connection.pgconn.exec_(statement)
        return time.perf_counter() - started

    return run


def asking(service: Service, token: str, path: str) -> Callable[[], float]:
    """Return what asks for the path, and tells how many seconds the answer took."""
    client, asked = Client(service.port), request("GET", path, token)
    return lambda: latencies(client, asked, 1)[0]


def in_turn(rounds: int, *sides: Callable[[], float]) -> tuple[float, ...]:
    """Measure the sides in turn, A B A B …, after a round that does not count; return their medians."""
    for side in sides:
        side()
    return tuple(map(statistics.median, zip(*[[side() for side in sides] for _ in range(rounds)], strict=True)))


def latencies_in_turn(bench: Bench, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, ...]:
    """Measure two latencies in turn, for as long as a measure takes, or often enough where that is longer."""
    rounds = max(bench.rounds * TIMES, round(bench.seconds / (one() + other())))
    with processors_awake():
        return in_turn(rounds, one, other)


def page_by_size(bench: Bench) -> Measure:
    """Latency of a page of 50 in the large database, against the same page in the small one."""
    return _pages(
        "page of 50, large ÷ small database",
        (Client(bench.large.port), request("GET", PAGE, bench.large.token(USER))),
        (Client(bench.small.port), request("GET", PAGE, bench.small.token(USER))),
        bench,
    )


def page_by_depth(bench: Bench) -> Measure:
    """Latency of page 200 of a list, against its first page."""
    token = bench.large.token(DEEP_USER)
    client = Client(bench.large.port)
    path = PAGE
    for _ in range(199):
        answer = httpx.Response(200, content=client.ask(request("GET", path, token))).json()
        path = f"{PAGE}&cursor={answer['next_cursor']}"
    deep, first = request("GET", path, token), request("GET", PAGE, token)
    return _pages("page 200 ÷ page 1", (client, deep), (client, first), bench)


def _pages(name: str, ours: tuple[Client, bytes], reference: tuple[Client, bytes], bench: Bench) -> Measure:
    taken: tuple[list[float], list[float]] = ([], [])
    with processors_awake():
        for _ in range(20 * bench.rounds):
            for (client, asked), side in zip((ours, reference), taken, strict=True):
                side += latencies(client, asked, 20)
    milliseconds = [statistics.median(side) * 1000 for side in taken]
    return Measure(name, "ms", milliseconds[0], milliseconds[1], at_most=1.2)


def run_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure of runs after the other."""
    yield edit_one_run(bench)
    yield newest_runs(bench)
    yield page_by_size(bench)
    yield page_by_depth(bench)
