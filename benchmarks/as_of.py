"""Measures of looking back, against the same answer of today.

They are for a user of 10,000 runs in the large database, and for one of 2,500 workouts in a database of their own.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote

import psycopg

from benchmarks.database import make_database
from benchmarks.measures import DEEP_USER, PAGE, Bench, Measure, asking, latencies_in_turn
from benchmarks.service import Service, serving
from benchmarks.workouts import LIFTER, STATS, fill_workouts
from fitness.app import create_app
from fitness.config import load_settings
from fitness.db import pool
from fitness.db.connection import execute, fetch_all, transaction
from fitness.db.history import versions
from fitness.db.workouts import WORKOUTS

PATHS = {"page of 50": PAGE, "totals": "/v1/runs/totals?time_zone=UTC"}
PATHS_OF_WORKOUTS = {
    "totals of workouts": "/v1/timeline/totals?time_zone=UTC",
    "summary by month": "/v1/summary?period=month&time_zone=UTC",
    "a month's totals": "/v1/timeline/totals?start=2020-01-01&end=2020-01-31&time_zone=UTC",
    "statistics": f"{STATS}?time_zone=UTC",
    "sets of an exercise": "/v1/exercises/{exercise_id}/sets?limit=50",
    "workouts with an exercise": "/v1/workouts?exercise_id={exercise_id}",
}
CHANGES = 6
"""How often all runs change once more: each has as many more versions."""


def as_of_measures(bench: Bench) -> Iterator[Measure]:
    """Take the measures before the runs were made, before a part or all of them changed, and amid many changes."""
    measures = partial(_measures, bench, bench.large, bench.large.token(DEEP_USER), PATHS)
    yield from measures(_before(bench), "they were made")
    for one_in, changed in ((100, "a hundredth"), (10, "a tenth"), (1, "all")):
        yield from measures(_change(bench, one_in), f"{changed} changed")
    instants = [_change(bench, 1) for _ in range(CHANGES)]
    yield from measures(instants[-1], "their last change", at_most=4)
    yield from measures(instants[CHANGES // 2], "half of many changes", at_most=4)
    url = make_database(bench.postgres, "rewritten", partial(fill_workouts, users=1))
    with serving(url, bench.directory) as service:
        instant = _rewrite_workouts(service)
        with psycopg.connect(url) as owner:
            found = owner.execute("SELECT id FROM exercises WHERE name = 'Lift 1'").fetchone()
        assert found is not None
        paths = {name: path.format(exercise_id=found[0]) for name, path in PATHS_OF_WORKOUTS.items()}
        yield from _measures(bench, service, service.token(LIFTER), paths, instant, "all sets changed", at_most=4)


def _measures(
    bench: Bench,
    service: Service,
    token: str,
    paths: Mapping[str, str],
    instant: str,
    what: str,
    *,
    at_most: float = 3,
) -> Iterator[Measure]:
    for name, path in paths.items():
        then = f"{path}&as_of={quote(instant)}"
        ours, today = latencies_in_turn(bench, asking(service, token, then), asking(service, token, path))
        yield Measure(f"{name} as of before {what}", "ms", ours * 1000, today * 1000, at_most=at_most)


def _rewrite_workouts(service: Service) -> str:
    """Store a first version of each workout, then change all sets; return the instant between."""
    change = versions.Change("ada")
    create_app(load_settings(service.environment() | {"LOG_LEVEL": "ERROR"}))
    with transaction(LIFTER):
        versions.add_all(WORKOUTS, fetch_all(str, "SELECT id::text FROM workouts WHERE user_id = %(user_id)s"), change)
    with psycopg.connect(service.database_url, autocommit=True) as owner:
        row = owner.execute("SELECT to_json(clock_timestamp()) #>> '{}'").fetchone()
        with transaction(LIFTER):
            execute("UPDATE strength_sets SET weight = weight + 1 WHERE user_id = %(user_id)s")
            versions.write_all(WORKOUTS, "", "true", change)
        pool.close_pool()
        owner.execute("VACUUM ANALYZE")
    assert row is not None
    return row[0]


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
        owner.execute("VACUUM ANALYZE runs, runs_history")  # as after each change, whatever was measured before
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
