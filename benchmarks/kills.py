"""Mixed load while connections to the database are killed at random: what was answered with 2xx must be there.

`python -m benchmarks --kills MINUTES` runs it. Each client is a person who edits, adds, deletes, restores, imports,
reverts and reads, and notes what was confirmed. In the end all of it is looked for.
"""

import io
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import httpx
import psycopg

from benchmarks.database import fill_runs, make_database
from benchmarks.service import Service, serving
from fitness.server.postgres import EmbeddedPostgres

CLIENTS = 8
RUNS = 200
LONGEST_PAUSE = 0.5
"""Seconds between two kills, at most."""


@dataclass
class Person:
    """A client, and what was confirmed to it."""

    user_id: int
    http: httpx.Client
    chance: random.Random
    answers: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    distances: dict[tuple[str, int], float] = field(default_factory=dict)
    """(run, version) → the distance that an edit was confirmed with."""
    made: dict[str, str] = field(default_factory=dict)
    """client_uuid → the run that was made with it."""
    sets: Counter[str] = field(default_factory=Counter)
    """Workout → sets that were confirmed."""
    imported: set[int] = field(default_factory=set)
    """Changesets of imports."""
    reverted: set[int] = field(default_factory=set)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Return the answer's JSON, None if the database was out of reach, or another edit came first."""
        answer = self.http.request(method, f"/v1{path}", **options)
        self.answers[answer.status_code] += 1
        if answer.status_code in {200, 201}:
            return answer.json()
        if answer.status_code not in {204, 404, 409, 412, 503}:
            self.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None

    def edit(self) -> None:
        run_id, distance = self._run(), round(self.chance.uniform(1, 30), 3)
        if answer := self.ask("PATCH", f"/runs/{run_id}", json={"distance": distance}):
            self.distances[run_id, answer["version"]] = distance

    def add(self) -> None:
        """Add a run, and try again with the same client_uuid until it is there."""
        uuid = str(uuid4())
        body = {
            "client_uuid": uuid, "datetime_utc": "2026-03-01T06:00:00Z", "type": "Outdoor Run",
            "distance": 5, "duration": 1800,
        }  # fmt: skip
        for _ in range(5):
            if answer := self.ask("POST", "/runs", json=body):
                self.made[uuid] = answer["id"]
                return

    def delete_and_restore(self) -> None:
        run_id = self._run()
        self.ask("DELETE", f"/runs/{run_id}")
        self.ask("POST", f"/runs/{run_id}/restore/1")

    def lift(self) -> None:
        """Add a workout of 20 sets, and one more set."""
        sets = [{"exercise_name": f"Lift {number % 4}", "weight": 100, "reps": 5} for number in range(20)]
        body = {
            "client_uuid": str(uuid4()), "workout_type": "STRENGTH", "start_ts": "2026-03-02T06:00:00Z",
            "strength_sets": sets,
        }  # fmt: skip
        if answer := self.ask("POST", "/workouts", json=body):
            workout_id = answer["workout_id"]
            self.sets[workout_id] = len(sets)
            if workout := self.ask("GET", f"/workouts/{workout_id}"):
                exercise_id = workout["exercise_executions"][0]["exercise_id"]
                path = f"/workouts/{workout_id}/exercise-executions/{exercise_id}/sets"
                if self.ask("POST", path, json={"reps": 6, "weight": 90, "client_uuid": str(uuid4())}):
                    self.sets[workout_id] += 1

    def import_and_revert(self) -> None:
        """Import a file of 200 runs, and revert every other one."""
        first = self.chance.randrange(1_000_000_000, 9_000_000_000)
        begin = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=first % 10_000_000)
        starts = [begin + timedelta(hours=n) for n in range(200)]
        lines = ["Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance"]
        lines += [f'{first + n},"{start:%b %d, %Y, %I:%M:%S %p}",Run,Run,1800,5' for n, start in enumerate(starts)]
        file = io.BytesIO("\n".join(lines).encode() + b"\n")
        answer = self.ask("POST", "/strava/upload-csv", files={"file": ("activities.csv", file)})
        if answer and answer["changeset_id"]:
            self.imported.add(answer["changeset_id"])
            if self.chance.random() < 0.5 and self.ask("POST", f"/changesets/{answer['changeset_id']}/revert"):
                self.reverted.add(answer["changeset_id"])

    def read(self) -> None:
        for path in self.chance.sample(READ, 4):
            self.ask("GET", path)

    def _run(self) -> str:
        return f"manual_{self.chance.randint(1, RUNS)}"


READ = (
    "/runs?limit=50",
    "/runs/manual_1",
    "/runs/manual_2/history",
    "/runs/totals",
    "/metrics/mileage/by-day",
    "/metrics/mileage/by-shoe",
    "/users/me/stats",
    "/changes?limit=50",
    "/changesets",
    "/workouts?limit=20",
    "/auth/me",
)
WORK = (Person.edit,) * 6 + (Person.read,) * 4 + (Person.add,) * 2 + (
    Person.delete_and_restore,
    Person.lift,
    Person.import_and_revert,
)  # fmt: skip


def run_kills(postgres: EmbeddedPostgres, directory: Path, *, minutes: float) -> None:
    """Run the load for so long, and print what came of it; raises ClickException if anything was lost or unexpected."""
    url = make_database(postgres, "kills", partial(fill_runs, users=CLIENTS, deep_runs=RUNS))
    with serving(url, directory, {"SYNC_INTERVAL_MINUTES": "0"}) as service:
        people = [_person(service, number) for number in range(CLIENTS)]
        ends_at = time.monotonic() + 60 * minutes
        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(_work, person, ends_at) for person in people]
            kills = _kill(url, ends_at)
            for client in working:
                client.result()
    answers = sum((person.answers for person in people), Counter[int]())
    click.echo(f"{kills:,} connections killed; answers: {dict(sorted(answers.items()))}")
    problems = [problem for person in people for problem in person.unexpected]
    with psycopg.connect(url) as owner:
        for person in people:
            problems += _lost(owner, person)
    confirmed = sum(len(person.distances) + len(person.made) + sum(person.sets.values()) for person in people)
    changesets = sum(len(person.imported) + len(person.reverted) for person in people)
    click.echo(f"{confirmed:,} confirmed edits, runs and sets and {changesets:,} imports and reverts looked for")
    if problems:
        raise click.ClickException("\n".join([f"{len(problems):,} problems:", *problems[:20]]))
    click.echo("Nothing is lost.")


def _person(service: Service, number: int) -> Person:
    user_id = number + 2
    http = httpx.Client(
        base_url=service.url, headers={"Authorization": f"Bearer {service.token(user_id)}"}, timeout=120
    )
    return Person(user_id, http, random.Random(number))


def _work(person: Person, ends_at: float) -> None:
    while time.monotonic() < ends_at:
        person.chance.choice(WORK)(person)


def _kill(url: str, ends_at: float) -> int:
    """Kill a connection of the program now and then, whatever it does; return how many."""
    chance, kills = random.Random(1), 0
    with psycopg.connect(url, autocommit=True) as owner:
        while time.monotonic() < ends_at:
            time.sleep(chance.uniform(0, LONGEST_PAUSE))
            kills += len(owner.execute(KILL).fetchall())
    return kills


KILL = """
    SELECT pg_terminate_backend(pid)
    FROM (
        SELECT pid
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        ORDER BY state = 'idle', random()
        LIMIT 1
    ) AS one
    """


def _lost(owner: psycopg.Connection, person: Person) -> list[str]:
    """Return what was confirmed and is not there, and what does not fit together."""

    def found(query: Any, **params: Any) -> list[Any]:
        return owner.execute(query, {"user_id": person.user_id, **params}).fetchall()

    stored = {
        (run_id, version): distance
        for run_id, version, distance in found(
            "SELECT run_id, version_number, distance FROM runs_history WHERE user_id = %(user_id)s"
        )
    }
    runs = dict(found("SELECT client_uuid::text, id FROM runs WHERE user_id = %(user_id)s"))
    sets = dict(found("SELECT workout_id::text, count(*) FROM strength_sets WHERE user_id = %(user_id)s GROUP BY 1"))
    reverted = dict(found("SELECT changeset_id, reverted_by IS NOT NULL FROM changesets WHERE user_id = %(user_id)s"))
    whose = f"user {person.user_id}"
    return [
        *(f"{whose}: edit {key} of {was}" for key, was in person.distances.items() if stored.get(key) != was),
        *(f"{whose}: run {id}" for client_uuid, id in person.made.items() if runs.get(client_uuid) != id),
        *(f"{whose}: workout {id}" for id, count in person.sets.items() if sets.get(id, 0) < count),
        *(f"{whose}: import {id}" for id in person.imported if id not in reverted),
        *(f"{whose}: revert of {id}" for id in person.reverted if not reverted.get(id)),
        *(f"{whose}: {what} {row}" for what, query in CONSISTENT.items() for row in found(query)),
    ]


CONSISTENT = {
    "versions with gaps": """
        SELECT run_id, count(*), max(version_number)
        FROM runs_history
        WHERE user_id = %(user_id)s
        GROUP BY run_id
        HAVING count(*) <> max(version_number) OR min(version_number) <> 1
        """,
    "a run that is not as its last version": """
        SELECT r.id, r.version, h.version_number, r.distance, h.distance
        FROM runs AS r
        JOIN LATERAL (
            SELECT * FROM runs_history AS h WHERE h.user_id = r.user_id AND h.run_id = r.id
            ORDER BY version_number DESC LIMIT 1
        ) AS h ON true
        WHERE r.user_id = %(user_id)s
          AND (r.version <> h.version_number OR r.distance IS DISTINCT FROM h.distance
            OR (r.deleted_at IS NOT NULL) <> (h.change_type = 'deletion'))
        """,
    "a run made twice": """
        SELECT client_uuid
        FROM runs
        WHERE user_id = %(user_id)s AND client_uuid IS NOT NULL
        GROUP BY client_uuid
        HAVING count(*) > 1
        """,
    "a workout that is not as its last version": """
        SELECT w.id
        FROM workouts AS w
        WHERE w.user_id = %(user_id)s
          AND w.version <> (
            SELECT max(version_number) FROM workouts_history AS h WHERE h.user_id = w.user_id AND h.workout_id = w.id
          )
        """,
    "versions that the feed does not place": """
        SELECT h.history_id
        FROM runs_history AS h
        WHERE h.user_id = %(user_id)s
          AND h.write_id <> 0
          AND NOT EXISTS (
            SELECT
            FROM writes AS w
            WHERE w.user_id = h.user_id AND w.write_id = h.write_id AND h.history_id BETWEEN w.first_id AND w.last_id
          )
        """,
}
"""What does not fit together → what finds it."""
