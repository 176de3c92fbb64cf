"""Poison values: every instant, day, number and text in the rows of people is within a range, in the database too.

Before: a run at `infinity`, brought in by an archive, let every series run into the statement timeout with 3.5 GB of
temporary files, and the account could not be read or exported any more.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from marshmallow import Schema, fields, validate
from psycopg import sql

from fitness.app import configure
from fitness.db import connection, migrate, pool
from fitness.db.account_tables import TABLES
from fitness.db.temporary_files import warn_unless_limited
from fitness.schemas.auth import ProfileChangesSchema, SignupSchema
from fitness.schemas.base import Day, Instant
from fitness.schemas.bookmarks import NewBookmarkSchema
from fitness.schemas.exercise_executions import ExecutionChangesSchema, NewSetSchema
from fitness.schemas.exercises import NewExerciseSchema
from fitness.schemas.planned_workouts import NewPlannedWorkoutSchema
from fitness.schemas.runs import NewRunSchema
from fitness.schemas.selections import SelectionChangesSchema
from fitness.schemas.shoes import NewShoeSchema, ShoeChangesSchema
from fitness.schemas.workouts import CardioSessionChangesSchema, NewRepSessionSchema, NewWorkoutSchema
from tests.archives import export, files_of, load, sealed
from tests.server.serving import wait_for

INSTANTS = ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z")
DAYS = ("1900-01-01", "2199-12-31")
LONGEST = 10_000

POISON = {
    "timestamp with time zone": ("infinity", "-infinity", "1899-12-31T23:59:59.999999Z", "2200-01-01T00:00:00Z"),
    "date": ("infinity", "-infinity", "1899-12-31", "2200-01-01"),
    "double precision": ("NaN", "Infinity", "-Infinity"),
    "integer": (str(-(2**31)), str(2**31 - 1)),
    "smallint": (str(-(2**15)), str(2**15 - 1)),
    "text": ("x" * (LONGEST + 1),),
}
"""Type → values that no column of it may hold."""

SCHEMAS: list[tuple[type[Schema], str]] = [
    (SignupSchema, "users"),
    (ProfileChangesSchema, "users"),
    (NewBookmarkSchema, "bookmarks"),
    (NewShoeSchema, "shoes"),
    (ShoeChangesSchema, "shoes_history"),
    (NewRunSchema, "runs"),
    (NewRunSchema, "runs_history"),
    (NewExerciseSchema, "exercises"),
    (NewExerciseSchema, "exercises_history"),
    (NewWorkoutSchema, "workouts"),
    (NewWorkoutSchema, "workouts_history"),
    (ExecutionChangesSchema, "exercise_executions"),
    (NewSetSchema, "strength_sets"),
    (CardioSessionChangesSchema, "cardio_sessions"),
    (NewRepSessionSchema, "rep_sessions"),
    (NewPlannedWorkoutSchema, "planned_workouts"),
    (NewPlannedWorkoutSchema, "planned_workouts_history"),
    (SelectionChangesSchema, "planned_workouts"),
    (SelectionChangesSchema, "planned_workouts_history"),
]
"""The schemas that write rows, with their tables."""

OTHERWISE = {"shoe_id", "change_reason"}
"""A reference to another record, and a text that is stored after the operator's reason."""


class Columns:
    """The columns of a database, and the constraints of each."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self._owner = owner
        self.types: dict[tuple[str, str], str] = {}
        self.checks: dict[tuple[str, str], list[str]] = {}
        for table, column, kind in owner.execute(
            """
            SELECT attrelid::regclass::text, attname, format_type(atttypid, NULL)
            FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace AND relkind = 'r'
            WHERE attnum > 0 AND NOT attisdropped
            """
        ):
            self.types[table, column] = kind
        for table, column, condition in owner.execute(
            """
            SELECT conrelid::regclass::text, attname, pg_get_expr(conbin, conrelid)
            FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'c' AND cardinality(conkey) = 1
            """
        ):
            self.checks.setdefault((table, column), []).append(condition)

    def accepts(self, table: str, column: str, value: Any) -> bool:
        """Return whether all constraints of one column hold for a value."""
        conditions = self.checks.get((table, column), [])
        row = self._owner.execute(
            sql.SQL("SELECT {} FROM (SELECT {}::{} AS {}) AS t").format(
                sql.SQL(" AND ").join(sql.SQL(f"({one}) IS NOT FALSE") for one in ["true", *conditions]),  # type: ignore[arg-type]
                sql.Literal(value),
                sql.SQL(self.types[table, column]),  # type: ignore[arg-type]
                sql.Identifier(column),
            )
        ).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
def columns(owner: psycopg.Connection) -> Columns:
    return Columns(owner)


def test_no_column_of_an_archive_can_hold_a_poison_value(columns: Columns) -> None:
    generated = {(table.name, column) for table in TABLES for column in (*table.generated(), *table.numbers)}
    names = {"users", *(table.name for table in TABLES)}

    taken = [
        (table, column, value[:20])
        for (table, column), kind in columns.types.items()
        if table in names and (table, column) not in generated
        for value in POISON.get(kind, ())
        if columns.accepts(table, column, value)
    ]

    assert taken == []


def bounds(field: fields.Field) -> Iterator[tuple[Any, Any]]:
    """Yield (a value that the field just takes, one that it just refuses) for both ends of its range."""
    if isinstance(field, Instant):
        yield from zip(INSTANTS, POISON["timestamp with time zone"][2:], strict=True)
    elif isinstance(field, Day):
        yield from zip(DAYS, POISON["date"][2:], strict=True)
    for check in field.validators:
        if isinstance(check, validate.Length) and check.max:
            yield "x" * check.max, "x" * (check.max + 1)
        elif isinstance(check, validate.Range) and isinstance(check.min, int) and isinstance(check.max, int):
            yield check.min, check.min - 1
            yield check.max, check.max + 1


def test_schemas_and_constraints_have_the_same_ranges(columns: Columns) -> None:
    looked_at, different = 0, []
    for schema, table in SCHEMAS:
        for name, field in schema().fields.items():
            if (table, name) in columns.types and name not in OTHERWISE:
                for good, bad in bounds(field):
                    looked_at += 1
                    # What a username is made of is a pattern, and a reason may have the operator's before it.
                    good = "ada" if name == "username" else good
                    if not columns.accepts(table, name, good) or columns.accepts(table, name, bad):
                        different.append((table, name, good, bad))

    assert different == []
    assert looked_at > 100


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("runs", {"datetime_utc": "infinity"}),
        ("runs", {"created_at": "-infinity"}),
        ("runs", {"distance": "NaN"}),
        ("runs", {"notes": "x" * (LONGEST + 1)}),
        ("runs_history", {"changed_at": "infinity"}),
        ("runs_history", {"duration": "Infinity"}),
        ("runs_history", {"version_number": 2**31 - 1}),
        ("workouts", {"start_ts": "infinity"}),
        ("planned_workouts", {"originally_planned_day": "infinity"}),
        ("planned_workouts", {"user_notes": "x" * (LONGEST + 1)}),
        ("bookmarks", {"instant": "infinity"}),
    ],
)
def test_an_archive_with_a_poison_value_is_refused(client, full, bob, path, change):
    files = files_of(export(client, full.headers))
    name = f"data/{path}.jsonl"
    first, _, rest = files[name].partition(b"\n")

    changed = json.dumps(json.loads(first) | change).encode() + b"\n" + rest
    answer = load(client, bob.headers, sealed({**files, name: changed}))

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
    assert client.get("/v1/runs", headers=bob.headers).json["items"] == []


def before_ranges() -> str:
    """Return the revision before the ranges were checked."""
    scripts = ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()
    (found,) = (script.down_revision for script in scripts if script.path.endswith("_ranges.py"))
    return str(found)


def test_rows_of_before_that_are_out_of_range_are_reported_and_stay(empty_database_url, caplog):
    migrate.upgrade(empty_database_url, before_ranges())
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada')")
        owner.execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
            SELECT user_id, 'manual_' || d, d, 'Outdoor Run', 1, 60, 'Manual'
            FROM users, unnest('{infinity, 2025-11-02T12:00:00Z}'::timestamptz[]) AS d
            """
        )
        with caplog.at_level(logging.WARNING):
            migrate.upgrade(empty_database_url)

        (said,) = (record.getMessage() for record in caplog.records if record.name == "migrations.ranges")
        assert said.startswith("1 rows of runs break runs_datetime_utc_range")
        pending = owner.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall()
        assert pending == [("runs_datetime_utc_range",)]
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("UPDATE runs SET datetime_utc = '-infinity'")
        owner.execute("DELETE FROM runs WHERE datetime_utc = 'infinity'")
        owner.execute("ALTER TABLE runs VALIDATE CONSTRAINT runs_datetime_utc_range")


def test_a_statement_that_takes_too_long_is_not_to_be_tried_again(client, settings, owner, alice):
    pool.open_pool(settings.database_url, size=2, timeout_seconds=5, statement_timeout_seconds=0.001)
    problem = {**alice.headers, "Accept": "application/problem+json"}

    with owner.transaction():
        owner.execute("LOCK TABLE runs")
        answer = client.get("/v1/runs", headers=problem)

    assert (answer.status_code, answer.json["code"]) == (504, "took_too_long")
    assert "Retry-After" not in answer.headers


def test_a_statement_fills_no_disk(owner):
    assert owner.execute("SHOW temp_file_limit").fetchone() == ("1GB",)


def limit_of_requests():
    with connection.system_transaction():
        return connection.fetch_one(str, "SHOW temp_file_limit")


@pytest.fixture
def of_ones_own(database_url, owner):
    """A superuser of a database without the limit, as PostgreSQL is installed."""
    with psycopg.connect(database_url.replace("//fitness@", "//postgres@"), autocommit=True) as superuser:
        name = sql.Identifier(superuser.info.dbname)
        superuser.execute(sql.SQL("ALTER DATABASE {} SET temp_file_limit = -1").format(name))
        yield superuser
        superuser.execute(sql.SQL("ALTER DATABASE {} RESET temp_file_limit").format(name))
        superuser.execute("REVOKE SET ON PARAMETER temp_file_limit FROM fitness")
    # Who drops the database may not end the connection of a superuser.
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'postgres'"
    wait_for(lambda: owner.execute(others).fetchone() == (0,))


def test_a_database_of_ones_own_is_limited_by_the_program_once_it_may(of_ones_own, app, database_url, caplog):
    with psycopg.connect(database_url) as connection:
        warn_unless_limited(connection, pooled=False)
    assert 'GRANT SET ON PARAMETER temp_file_limit TO "fitness"' in caplog.text
    assert limit_of_requests() == "-1"

    of_ones_own.execute("GRANT SET ON PARAMETER temp_file_limit TO fitness")
    caplog.clear()
    with psycopg.connect(database_url) as connection:
        warn_unless_limited(connection, pooled=False)
        assert caplog.text == ""
        # Behind a pooler, the program sets nothing on a connection.
        warn_unless_limited(connection, pooled=True)
    assert 'ALTER ROLE "fitness" SET temp_file_limit' in caplog.text

    configure(app, app.config["SETTINGS"])
    assert limit_of_requests() == "1GB"


def test_a_limit_of_the_servers_own_stays(of_ones_own, app):
    of_ones_own.execute("GRANT SET ON PARAMETER temp_file_limit TO fitness")
    of_ones_own.execute(f"ALTER DATABASE {of_ones_own.info.dbname} SET temp_file_limit = '5GB'".encode())
    configure(app, app.config["SETTINGS"])

    assert limit_of_requests() == "5GB"
