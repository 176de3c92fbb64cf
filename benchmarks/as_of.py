"""Measures of looking back, for a user of 10,000 runs in the large database, against the same answer of today."""

from collections.abc import Iterator
from urllib.parse import quote

import psycopg

from benchmarks.measures import DEEP_USER, PAGE, Bench, Measure, asking, latencies_in_turn

PATHS = {"page of 50": PAGE, "totals": "/v1/runs/totals?time_zone=UTC"}
CHANGES = 6
"""How often all runs change once more: each has as many more versions."""


def as_of_measures(bench: Bench) -> Iterator[Measure]:
    """Take the measures before the runs were made, before a part or all of them changed, and amid many changes."""
    token = bench.large.token(DEEP_USER)
    yield from _measures(bench, token, _before(bench), "they were made")
    for one_in, changed in ((100, "a hundredth"), (10, "a tenth"), (1, "all")):
        yield from _measures(bench, token, _change(bench, one_in), f"{changed} changed")
    instants = [_change(bench, 1) for _ in range(CHANGES)]
    yield from _measures(bench, token, instants[-1], "their last change", at_most=4)
    yield from _measures(bench, token, instants[CHANGES // 2], "half of many changes", at_most=4)


def _measures(bench: Bench, token: str, instant: str, what: str, *, at_most: float = 3) -> Iterator[Measure]:
    for name, path in PATHS.items():
        then = f"{path}&as_of={quote(instant)}"
        ours, today = latencies_in_turn(bench, asking(bench.large, token, then), asking(bench.large, token, path))
        yield Measure(f"{name} as of before {what}", "ms", ours * 1000, today * 1000, at_most=at_most)


def _before(bench: Bench) -> str:
    """Date the account an hour back, and return an instant before all of the user's runs were made."""
    with psycopg.connect(bench.large.database_url, autocommit=True) as owner:
        row = owner.execute(
            """
            UPDATE users
            SET created_at = (SELECT min(created_at) - interval '1 hour' FROM runs WHERE user_id = %(user_id)s)
            WHERE user_id = %(user_id)s
            RETURNING to_json(created_at) #>> '{}'
            """,
            {"user_id": DEEP_USER},
        ).fetchone()
    assert row is not None
    return row[0]


def _change(bench: Bench, one_in: int) -> str:
    """Edit one in so many of the user's runs, and return the instant before."""
    params = {"user_id": DEEP_USER, "one_in": one_in}
    with psycopg.connect(bench.large.database_url, autocommit=True) as owner:
        row = owner.execute("SELECT to_json(clock_timestamp()) #>> '{}'").fetchone()
        assert row is not None
        with owner.transaction():
            owner.execute(
                """
                UPDATE runs
                SET distance = distance + 0.1, version = version + 1, last_edited_at = now(), last_edited_by = 'ada'
                WHERE user_id = %(user_id)s
                  AND hashtext(id) %% %(one_in)s = 0
                """,
                params,
            )
            owner.execute(
                """
                INSERT INTO runs_history (
                    user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source,
                    avg_heart_rate, shoe_id, name, notes, changed_by
                )
                SELECT user_id, id, version, 'edit', datetime_utc, type, distance, duration, source, avg_heart_rate,
                    shoe_id, name, notes, last_edited_by
                FROM runs
                WHERE user_id = %(user_id)s
                  AND last_edited_at = now()
                """,
                params,
            )
        owner.execute("VACUUM ANALYZE runs, runs_history")
    return row[0]
