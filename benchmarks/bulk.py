"""The measure of bulk edits: all runs of a user with 10,000, against the bare UPDATE and INSERT of history."""

import time
from collections.abc import Iterator
from itertools import count

import httpx
import psycopg

from benchmarks.database import RUNS_OF_A_USER
from benchmarks.measures import DEEP_USER, Bench, Measure, in_turn
from benchmarks.service import Service

BARE = (
    """
    UPDATE runs
    SET name = %(name)s, version = version + 1, last_edited_at = now(), last_edited_by = 'user', updated_at = now()
    WHERE user_id = %(user_id)s
    """,
    """
    INSERT INTO runs_history (
        user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source, avg_heart_rate,
        shoe_id, name, notes, duplicate_of, changed_by
    )
    SELECT user_id, id, version, 'edit', datetime_utc, type, distance, duration, source, avg_heart_rate,
        shoe_id, name, notes, duplicate_of, last_edited_by
    FROM runs
    WHERE user_id = %(user_id)s
    """,
)


def bulk_measures(bench: Bench) -> Iterator[Measure]:
    """Latency of a bulk edit of all runs of a user, end to end, against the two statements in one transaction."""
    names = (f"Run {number}" for number in count())
    token = bench.large.token(DEEP_USER)
    ours, reference = in_turn(
        bench.rounds,
        lambda: _edit_all(bench.large, token, next(names)),
        lambda: _edit_bare(bench.large, next(names)),
    )
    yield Measure("bulk edit of 10,000 runs ÷ bare SQL", "ms", ours * 1000, reference * 1000, at_most=3)


def _edit_all(service: Service, token: str, name: str) -> float:
    """Name all runs of the user, and return how many seconds that took."""
    started = time.perf_counter()
    answer = httpx.post(
        f"{service.url}/v1/runs/bulk",
        headers={"Authorization": f"Bearer {token}"},
        json={"filters": {}, "changes": {"name": name}},
        timeout=600,
    )
    taken = time.perf_counter() - started
    assert answer.raise_for_status().json()["changed"] > RUNS_OF_A_USER
    return taken


def _edit_bare(service: Service, name: str) -> float:
    with psycopg.connect(service.database_url) as connection:
        started = time.perf_counter()
        for statement in BARE:
            connection.execute(statement.encode(), {"user_id": DEEP_USER, "name": name})
        connection.commit()
        return time.perf_counter() - started
