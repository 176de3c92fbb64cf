"""Measures of Hevy's export, imported into a database of which PostgreSQL has no statistics."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from benchmarks.database import fill_users, make_database
from benchmarks.measures import Bench, Measure, in_turn
from benchmarks.service import Service, serving
from benchmarks.uploads import copy_newest, upload_file

EXERCISES_OF_A_WORKOUT = 5
SETS_OF_AN_EXERCISE = 4
SETS_OF_A_WORKOUT = EXERCISES_OF_A_WORKOUT * SETS_OF_AN_EXERCISE
EXERCISES = 40
LINEAR = 10
"""The larger file has so many times the sets of the smaller one."""

HEADING = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)
COPIED: tuple[LiteralString, ...] = ("workouts", "exercise_executions", "strength_sets", "workouts_history")


def lift_measures(bench: Bench) -> Iterator[Measure]:
    """Sets a second of an upload end to end, against COPY of the same rows, of the same file once more, and by size.

    Then the memory that a worker takes.
    """
    users, again = iter(range(1, 100)), iter(range(1, 100, 2))
    fill = partial(fill_without_statistics, users=100)
    url = make_database(bench.postgres, "exports", fill, analysed=False)
    many, few = (
        export(bench.directory / f"hevy_{sets}.csv", sets) for sets in (bench.lifted_sets, bench.lifted_sets // LINEAR)
    )
    with serving(url, bench.directory, {"SYNC_INTERVAL_MINUTES": "0"}) as service:
        idle = service.memory_kib("VmRSS")
        ours, unchanged, reference = in_turn(
            bench.long_rounds,
            lambda: upload_sets(service, many, next(users)),
            lambda: upload_sets(service, many, next(again)),
            lambda: copy_newest(service, next(users), COPIED, named="exercises")["strength_sets"],
        )
        peak = service.memory_kib("VmHWM")
        smaller = [upload_sets(service, few, next(users)) for _ in range(bench.long_rounds)]
    yield Measure(f"Hevy's export of {bench.lifted_sets:,} sets", "sets/s", ours, reference, at_least=0.5)
    yield Measure("the same sets again ÷ the first time", "sets/s", unchanged, ours, at_least=3)
    yield Measure(
        f"{bench.lifted_sets // LINEAR:,} sets ÷ {bench.lifted_sets:,}", "sets/s", max(smaller), ours, at_most=1.2
    )
    yield Measure("memory above idle ÷ 150 MiB, lifts", "MiB", (peak - idle) / 1024, 150, at_most=1)


def fill_without_statistics(connection: psycopg.Connection, *, users: int) -> None:
    """Make so many users; the tables of workouts are never analysed."""
    fill_users(connection, users)
    for table in (*COPIED, "exercises", "exercises_history"):
        connection.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = false)").format(sql.Identifier(table)))


def export(file: Path, sets: int) -> Path:
    """Write an export of so many sets as Hevy's website makes it, the newest workout first."""
    lines = [HEADING]
    for number in reversed(range(sets // SETS_OF_A_WORKOUT)):
        start = datetime(2005, 1, 1, 6, tzinfo=UTC) + number * timedelta(hours=11)
        times = f'"{_written(start)}","{_written(start + timedelta(hours=1))}"'
        for place in range(EXERCISES_OF_A_WORKOUT):
            exercise = f'"Lift {(number * EXERCISES_OF_A_WORKOUT + place) % EXERCISES}"'
            for index in range(SETS_OF_AN_EXERCISE):
                weight, reps = 40 + (number * 37 + index) % 160, 1 + (number * 7 + index) % 12
                lines.append(
                    f'"Routine {number % 8}",{times},"Felt strong",{exercise},,"",{index},"normal",{weight},{reps},,,8'
                )
    file.write_text("\n".join(lines) + "\n")
    return file


def _written(time: datetime) -> str:
    return f"{time.day} {time:%b %Y, %H:%M}"


def upload_sets(service: Service, file: Path, user_id: int) -> float:
    """Upload an export to a user, and return the new sets a second."""
    return upload_file(service, "hevy", file, user_id, timezone="UTC") * SETS_OF_A_WORKOUT
