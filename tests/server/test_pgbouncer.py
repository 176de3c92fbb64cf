"""Behind PgBouncer in transaction mode, all is as without it."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from fitness.db import connection, pool
from tests.processes import finished
from tests.server.serving import Served, environment
from tests.standins.pgbouncer import pgbouncer

PEOPLE, CALLS = 16, 125
READ = [
    "/v1/runs?limit=5",
    "/v1/runs/details?sort_by=distance&limit=5",
    "/v1/runs/totals",
    "/v1/shoes",
    "/v1/summary?period=month",
    "/v1/metrics/mileage/by-day?start=2025-03-01&end=2025-04-30",
    "/v1/metrics/mileage/total",
    "/v1/metrics/records",
    "/v1/metrics/streaks",
    "/v1/users/me/stats",
    "/v1/workouts?limit=5",
    "/v1/timeline?limit=10",
    "/v1/changesets?limit=5",
    "/v1/changes?limit=20",
    "/v1/exercises?limit=5",
    "/v1/auth/me",
    "/health/db",
]
HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe"
)


@pytest.fixture
def pooled(database_url: str) -> Iterator[str]:
    """This test's database through PgBouncer."""
    with pgbouncer(database_url) as url:
        yield url


def left_on_connections(url: str) -> list[tuple[Any, ...]]:
    """Return what is set on, prepared by or locked by the connections that PgBouncer has with the server."""
    left: list[tuple[Any, ...]] = []
    with psycopg.connect(url, prepare_threshold=None) as one, psycopg.connect(url, prepare_threshold=None) as other:
        for session in (one, other):  # each in a transaction, so that these are all of PgBouncer's connections
            left += session.execute("SELECT name, setting FROM pg_settings WHERE source = 'session'").fetchall()
            left += session.execute("SELECT name, statement FROM pg_prepared_statements").fetchall()
        left += other.execute(
            """
            SELECT locktype, pid FROM pg_locks
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        ).fetchall()
    return left


class Person:
    """Somebody who does something at random, again and again, and compares what is read with another server."""

    def __init__(self, number: int, headers: dict[str, str], server: Served, direct: Served) -> None:
        self.dice = random.Random(number)
        self.client, self.direct = (
            httpx.Client(base_url=f"http://127.0.0.1:{one.port}", headers=headers, timeout=60)
            for one in (server, direct)
        )
        self.runs: list[str] = []
        self.different: list[tuple[Any, ...]] = []

    def live(self) -> list[tuple[Any, ...]]:
        """Return what was answered otherwise than by the other server, or not as asked."""
        steps = [self.add, self.add, self.edit, self.restore, self.lift, self.send, *[self.read] * 6]
        with self.client, self.direct:
            for _ in range(CALLS):
                self.dice.choice(steps)()
        return self.different

    def expect(self, status: int, method: str, path: str, **request: Any) -> Any:
        answer = self.client.request(method, path, **request)
        if answer.status_code != status:
            self.different.append((method, path, answer.status_code, answer.text[:200]))
            return None
        return answer.json()

    def add(self) -> None:
        run = {"datetime_utc": self.instant(), "type": "Outdoor Run", "distance": self.dice.uniform(1, 20)}
        made = self.expect(201, "POST", "/v1/runs", json={**run, "duration": 3000})
        self.runs += [made["id"]] if made else []

    def edit(self) -> None:
        if self.runs:
            path = f"/v1/runs/{self.dice.choice(self.runs)}"
            self.expect(200, "PATCH", path, json={"distance": self.dice.uniform(1, 20), "change_reason": "Measured"})

    def restore(self) -> None:
        if self.runs:
            self.expect(200, "POST", f"/v1/runs/{self.dice.choice(self.runs)}/restore/1", json={})

    def lift(self) -> None:
        sets = [{"exercise_name": "Squat", "reps": self.dice.randint(1, 12), "weight": 80, "weight_unit": "kg"}]
        workout = {"workout_type": "STRENGTH", "start_ts": self.instant(), "strength_sets": sets}
        self.expect(201, "POST", "/v1/workouts", json=workout)

    def send(self) -> None:
        day = f"{self.dice.randint(1, 28)} Apr 2025"
        row = f'Legs,"{day}, 07:00","{day}, 08:00",,Squat,,,0,normal,100,5,,,'
        files, data = {"file": ("hevy.csv", f"{HEVY}\n{row}\n")}, {"timezone": "UTC"}
        self.expect(200, "POST", "/v1/hevy/upload-csv", files=files, data=data)

    def read(self) -> None:
        path = self.dice.choice(READ + [f"/v1/runs/{run}/history" for run in self.runs[-1:]])
        got, expected = self.client.get(path), self.direct.get(path)
        if (got.status_code, got.text) != (200, expected.text):
            self.different.append(("GET", path, got.status_code, got.text[:200], expected.text[:200]))

    def instant(self) -> str:
        return f"2025-03-{self.dice.randint(1, 28):02}T{self.dice.randint(0, 23):02}:{self.dice.randint(0, 59):02}:00Z"


def test_calls_at_once_answer_as_without_a_pooler(serve, pooled, database_url, settings, make_person):
    secrets = {
        "JWT_SECRET_KEY": settings.jwt_secret_key,
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "PUBLIC_API_BASE_URL": settings.public_api_base_url,
    }
    behind = serve(DATABASE_URL=pooled, WORKERS="2", THREADS="4", **secrets)
    direct = serve(DATABASE_URL=database_url, WORKERS="2", **secrets)
    people = [Person(number, make_person(f"person{number}").headers, behind, direct) for number in range(PEOPLE)]

    with ThreadPoolExecutor(PEOPLE) as threads:
        different = [one for found in threads.map(Person.live, people) for one in found]

    assert different == []
    assert left_on_connections(pooled) == []
    # Each of the two processes says it once, however many connections it opens.
    assert behind.log.read_text().count("There is a pooler before the database") in {1, 2}
    assert "DATABASE_POOLER" not in direct.log.read_text()


def test_two_upgrades_at_once_take_turns_and_leave_nothing(empty_database_url, place):
    with pgbouncer(empty_database_url) as url:
        environ = {**environment(place / "data"), "DATABASE_URL": url}
        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(lambda _: finished("db", "upgrade", environ=environ), range(2)))

        assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 2
        assert left_on_connections(url) == []


@pytest.fixture
def through(pooled: str, settings: Any) -> Callable[..., None]:
    """Let this process reach the database through PgBouncer."""

    def through(seconds: float = 5, pooler: str = "auto") -> None:
        pool.open_pool(pooled, size=4, timeout_seconds=seconds, statement_timeout_seconds=5, pooler=pooler)

    return through


def test_opening_a_transaction_has_one_deadline(client, alice, pooled, through):
    through(seconds=1)
    with psycopg.connect(pooled) as one, psycopg.connect(pooled) as other:
        for holding in (one, other):
            holding.execute("SELECT 1")
        began = time.monotonic()
        looked_up = client.get("/v1/runs", headers=alice.headers)
        with pytest.raises(pool.PoolTimeout), connection.transaction(alice.user_id):
            pass
        waited = time.monotonic() - began

    assert looked_up.status_code == 503
    assert 2 <= waited < 4
    assert client.get("/v1/runs", headers=alice.headers).status_code == 200


def test_one_that_keeps_no_track_gets_no_prepared_statement(client, alice, pooled, through, caplog):
    """Two connections of the program share one with the server: a name would mean a statement of the other."""
    through(pooler="prepared")
    for path in READ[:4] * 8:
        assert client.get(path, headers=alice.headers).status_code == 200

    names = {name for name, _ in left_on_connections(pooled)}
    assert {name for name in names if not name.startswith("PGBOUNCER_")} == set()
    assert ("max_prepared_statements" in caplog.text) == (not names)


def test_a_restore_through_it_leaves_no_setting(pooled, database_url, place: Path):
    environ = {**environment(place / "data"), "DATABASE_URL": pooled}
    file = place / "backup"

    refused = finished("db", "backup", file, environ=environ)
    made = finished("db", "backup", file, environ={**environ, "DATABASE_ADMIN_URL": database_url})
    restored = finished("db", "restore", file, environ=environ)

    assert (refused.returncode, "DATABASE_ADMIN_URL" in refused.stderr) == (1, True)
    assert (made.returncode, restored.returncode) == (0, 0), restored.stderr
    assert left_on_connections(pooled) == []
