"""Databases to measure on: migrated, and filled by COPY's faster cousin, `INSERT … SELECT generate_series`."""

from collections.abc import Callable

import psycopg
from psycopg import sql

from fitness.db import migrate
from fitness.server.postgres import EmbeddedPostgres

RUNS_OF_A_USER = 1000
ROLE = "fitness"


def make_database(
    postgres: EmbeddedPostgres, name: str, fill: Callable[[psycopg.Connection], None], *, analysed: bool = True
) -> str:
    """Make a migrated database, let `fill` write its rows, and return its URL."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(ROLE)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(ROLE)))
    url = postgres.url(name, ROLE)
    migrate.upgrade(url)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection)
        if analysed:
            connection.execute("VACUUM ANALYZE")
    return url


def fill_users(connection: psycopg.Connection, users: int) -> None:
    """Make so many users, with ids from 1 on."""
    connection.execute(
        """
        INSERT INTO users (email, name)
        SELECT 'user' || n || '@example.com', 'User ' || n
        FROM generate_series(1, %(users)s) AS n
        """,
        {"users": users},
    )


def fill_runs(connection: psycopg.Connection, *, users: int, deep_runs: int) -> None:
    """Make so many users of RUNS_OF_A_USER runs each, and before them, with id 1, one of `deep_runs`.

    Every run has its original version.
    """
    fill_users(connection, users + 1)
    connection.execute(
        "INSERT INTO shoes (user_id, id, name) SELECT user_id, 'brooks_ghost_16', 'Brooks Ghost 16' FROM users"
    )
    connection.execute(
        """
        INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id, notes)
        SELECT u.user_id, 'manual_' || n, timestamptz '2015-01-01 06:00Z' + n * interval '7 hours', 'Outdoor Run',
            3 + (n * 37 %% 90) / 10.0, 1500 + (n * 53 %% 4000), 'Manual', 130 + n %% 40, 'brooks_ghost_16',
            'Felt strong, windy on the way back'
        FROM users AS u
        CROSS JOIN LATERAL generate_series(1, CASE u.user_id WHEN 1 THEN %(deep)s ELSE %(each)s END) AS n
        """,
        {"deep": deep_runs, "each": RUNS_OF_A_USER},
    )
    connection.execute(
        """
        INSERT INTO runs_history (
            user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source,
            avg_heart_rate, shoe_id, name, notes
        )
        SELECT user_id, id, 1, 'original', datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id,
            name, notes
        FROM runs
        """
    )
