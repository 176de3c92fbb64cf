"""Measures of workouts, in databases of their own: all lift the same in turn, so that nobody's sets lie together."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from uuid import UUID

import orjson
import psycopg

from benchmarks.database import fill_users, make_database
from benchmarks.load import request
from benchmarks.measures import (
    USER,
    Bench,
    Measure,
    against_bare_sql,
    against_pgbench,
    asking,
    latencies_in_turn,
)
from benchmarks.service import Service, serving
from benchmarks.statements import script, statements_of

EXERCISES = 40
WORKOUTS = 2_500
"""What each person has; every workout has 5 of the exercises, of 4 sets each: 50,000 sets in all."""
LIFTER = 1
STATS = "/v1/users/me/stats"


def fill_workouts(connection: psycopg.Connection, *, users: int) -> None:
    """Make so many users who did the same workouts at the same times: the rows of all of them mix."""
    fill_users(connection, users)
    for statement in (
        """
        INSERT INTO exercises (user_id, name, body_part)
        SELECT u.user_id, 'Lift ' || n, (ARRAY['Chest', 'Back', 'Legs', 'Arms', NULL])[1 + n %% 5]
        FROM users AS u
        CROSS JOIN generate_series(0, %(exercises)s - 1) AS n
        """,
        """
        INSERT INTO workouts (user_id, workout_type, title, start_ts, end_ts, finished_at, calories_burned)
        SELECT u.user_id, 'STRENGTH', 'Routine ' || n %% 8, day, day + interval '1 hour', day + interval '1 hour', 300
        FROM generate_series(0, %(workouts)s - 1) AS n
        CROSS JOIN LATERAL (SELECT timestamptz '2015-01-01 06:00Z' + n * interval '35 hours' AS day) AS of
        CROSS JOIN users AS u
        """,
        """
        INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order)
        SELECT w.user_id, w.id, e.id, 1 + substr(e.name, 6)::int / 8
        FROM workouts AS w
        JOIN exercises AS e
          ON e.user_id = w.user_id AND substr(e.name, 6)::int %% 8 = substr(w.title, 9)::int
        ORDER BY w.start_ts, w.user_id
        """,
        """
        INSERT INTO strength_sets (
            user_id, workout_id, exercise_id, position, set_index, set_type, weight, weight_unit, reps, rpe
        )
        SELECT x.user_id, x.workout_id, x.exercise_id, n, n, CASE n WHEN 0 THEN 'warmup' ELSE 'normal' END,
            40 + (row_number() OVER () * 37) %% 160, CASE x.user_id %% 2 WHEN 0 THEN 'kg' ELSE 'lb' END,
            1 + (row_number() OVER () * 7) %% 12, 8
        FROM exercise_executions AS x
        JOIN workouts AS w ON w.user_id = x.user_id AND w.id = x.workout_id
        CROSS JOIN generate_series(0, 3) AS n
        ORDER BY w.start_ts, x.user_id, x.execution_order, n
        """,
    ):
        connection.execute(statement, {"exercises": EXERCISES, "workouts": WORKOUTS})


def workout_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure of workouts after the other."""
    with ExitStack() as stack:
        many, alone = (
            stack.enter_context(
                serving(make_database(bench.postgres, name, partial(fill_workouts, users=users)), bench.directory)
            )
            for name, users in (("lifters", bench.lifters), ("lifter", 1))
        )
        yield stats_by_sql(bench, many)
        yield stats_by_size(bench, many, alone)
        yield send_a_workout(bench, many)


def stats_by_sql(bench: Bench, service: Service) -> Measure:
    """Latency of a person's statistics, against their statements alone on one connection."""
    return against_bare_sql(
        bench, "statistics of 50,000 sets ÷ bare SQL", service, service.token(LIFTER), STATS, at_most=2
    )


def stats_by_size(bench: Bench, many: Service, alone: Service) -> Measure:
    """Latency of a person's statistics among many, against the same in a database of that person alone."""
    ours, reference = latencies_in_turn(
        bench, *(asking(service, service.token(LIFTER), STATS) for service in (many, alone))
    )
    return Measure("statistics, large ÷ own database", "ms", ours * 1000, reference * 1000, at_most=1.3)


def send_a_workout(bench: Bench, service: Service) -> Measure:
    """Workouts of 20 sets a second sent by 8 clients, against pgbench with the same statements one by one."""
    token = service.token(USER)
    with psycopg.connect(service.database_url) as connection:
        exercises = connection.execute("SELECT id FROM exercises WHERE user_id = %s LIMIT 5", [USER]).fetchall()
    sets = [{"exercise_id": str(id), "weight": 100 + n, "reps": 5, "rpe": 8} for (id,) in exercises for n in range(4)]
    workout = {
        "workout_type": "STRENGTH",
        "title": "Push day",
        "start_ts": "2026-02-16T15:00:00Z",
        "end_ts": "2026-02-16T16:05:00Z",
        "strength_sets": sets,
    }
    first, second = (statements_of(service, token, "POST", "/v1/workouts", workout) for _ in range(2))
    text = script(
        _with_fresh_ids(first, second),
        first="\\set a random(10000000, 99999999)\n\\set b random(100000000000, 999999999999)",
    )
    requests = [request("POST", "/v1/workouts", token, orjson.dumps(workout))]
    return against_pgbench(bench, "send a workout of 20 sets", requests, text, at_least=0.3, service=service)


_UUID = re.compile(r"\b[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}\b")


def _with_fresh_ids(statements: list[str], again: list[str]) -> list[str]:
    """Return the statements with other ids, made of pgbench's variables a and b, where `again` has others too."""

    def ids(texts: list[str]) -> list[UUID]:
        return [UUID(match[0]) for match in _UUID.finditer(" ".join(texts))]

    stay = set(ids(again))
    fresh = dict.fromkeys(id for id in ids(statements) if id not in stay)
    texts = {id: f":a-{number:04}-4000-8000-:b" for number, id in enumerate(fresh)}
    return [_UUID.sub(lambda match: texts.get(UUID(match[0]), match[0]), statement) for statement in statements]
