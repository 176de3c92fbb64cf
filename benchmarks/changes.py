"""Measures of following: the feed of changes to one reader, and answers that have not changed."""

import statistics
import time
from collections.abc import Iterator

import httpx
import orjson
import psycopg

from benchmarks.load import Client, request, requests_per_second
from benchmarks.measures import CLIENTS, DEEP_USER, PAGE, USER, Bench, Measure, in_turn

A_SECOND = 20_000
"""How many versions a second one reader is to get."""


def change_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure of following after the other."""
    with psycopg.connect(bench.large.database_url, autocommit=True) as owner:
        _place(owner, "0", "0")
        yield _feed(bench, "feed of one large write")
        _place(owner, "history_id", "row_number() OVER (ORDER BY history_id)")
        yield _feed(bench, "feed of single edits")
    yield unchanged_page(bench)


def _place(owner: psycopg.Connection, write_id: str, position: str) -> None:
    """Give the versions of the user of many runs their places: all in one write, or each in its own."""
    user = {"user_id": DEEP_USER}
    owner.execute(f"UPDATE runs_history SET write_id = {write_id} WHERE user_id = %(user_id)s".encode(), user)
    owner.execute("DELETE FROM writes WHERE user_id = %(user_id)s", user)
    owner.execute(
        f"""
        INSERT INTO writes (user_id, position, noun, write_id, first_id, last_id, versions)
        SELECT %(user_id)s, position, 'runs', write_id, min(history_id), max(history_id), count(*)
        FROM (
            SELECT history_id, write_id, {position} AS position
            FROM runs_history
            WHERE user_id = %(user_id)s
        ) AS h
        GROUP BY position, write_id
        """.encode(),
        user,
    )
    owner.execute("VACUUM ANALYZE runs_history, writes")


def _feed(bench: Bench, name: str) -> Measure:
    """Versions a second, with their records, to one reader from the beginning to the end."""
    client, token = Client(bench.large.port), bench.large.token(DEEP_USER)
    rates = [_read_all(client, token) for _ in range(bench.rounds + 1)]
    return Measure(f"{name} ÷ {A_SECOND:,}", "rows/s", statistics.median(rates[1:]), A_SECOND, at_least=1)


def _read_all(client: Client, token: str) -> float:
    versions, path = 0, "/v1/changes?limit=500"
    started = time.perf_counter()
    while True:
        page = orjson.loads(client.ask(request("GET", path, token)))
        if not page["items"]:
            return versions / (time.perf_counter() - started)
        versions += len(page["items"])
        path = f"/v1/changes?limit=500&after={page['next_cursor']}"


def unchanged_page(bench: Bench) -> Measure:
    """Answers a second of 304 by 8 clients, against the same page whole."""
    token = bench.large.token(USER)
    page = httpx.get(f"{bench.large.url}{PAGE}", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    whole = [request("GET", PAGE, token)]
    known = [request("GET", PAGE, token, headers={"If-None-Match": page.headers["ETag"]})]

    def rate(requests: list[bytes]) -> float:
        return requests_per_second(bench.large.port, requests, clients=CLIENTS, seconds=bench.seconds)

    ours, reference = in_turn(bench.rounds, lambda: rate(known), lambda: rate(whole))
    return Measure("304 ÷ newest 50 runs", "1/s", ours, reference, at_least=1.8)
