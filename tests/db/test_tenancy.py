"""Nobody else's rows exist: every statement names the user, and the database's own lock holds without that."""

from typing import LiteralString

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from fitness.db import connection, runs, users
from fitness.db.connection import fetch_all, fetch_one, transaction

USER_TABLES_QUERY = """
    SELECT c.relname
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname
"""


@pytest.fixture
def tables(owner: psycopg.Connection) -> list[str]:
    """Every table that holds users' rows."""
    return [name for (name,) in owner.execute(USER_TABLES_QUERY)]


def test_every_table_with_a_user_id_has_row_level_security(owner, tables):
    unprotected = owner.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' AND NOT relrowsecurity", [tables]
    ).fetchall()

    assert {"runs", "runs_history", "shoes", "shoes_history", "users", "oauth_credentials"} <= set(tables)
    assert unprotected == []


def test_the_user_comes_first_in_every_primary_key_unique_constraint_and_foreign_key(owner, tables):
    keys = owner.execute(
        """
        SELECT k.conname
        FROM pg_constraint AS k
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.conrelid::regclass::text = ANY(%s) AND k.contype IN ('p', 'u', 'f') AND a.attname <> 'user_id'
        """,
        [tables],
    ).fetchall()

    # A Google account belongs to one user of all.
    assert keys == [("users_google_id_key",)]


def test_without_a_user_the_database_itself_returns_nothing(owner, tables, alice, make_run):
    make_run(alice)

    with owner.transaction():
        owner.execute("SET LOCAL ROLE fitness_app")
        seen = {
            table: owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            for table in tables
        }

    assert seen == dict.fromkeys(tables, (0,))


def test_a_statement_that_forgets_the_user_sees_only_the_transactions_own_rows(alice, bob, make_run):
    make_run(alice, id="manual_alices")
    make_run(bob, id="manual_bobs")

    with transaction(bob.user_id):
        seen = fetch_all(str, "SELECT id FROM runs")

    assert seen == ["manual_bobs"]


FORGERIES: list[LiteralString] = [
    """
    INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
    VALUES (%(victim)s, 'manual_x', now(), 'Outdoor Run', 1, 1, 'Manual')
    """,
    "INSERT INTO shoes (user_id, id, name) VALUES (%(victim)s, 'x', 'X')",
    "INSERT INTO changesets (user_id, kind) VALUES (%(victim)s, 'import')",
    "INSERT INTO change_counters (user_id, position) VALUES (%(victim)s, 1)",
    "INSERT INTO writes (user_id, position, noun, write_id) VALUES (%(victim)s, 1, 'runs', 1)",
    "INSERT INTO sync_metadata (user_id, provider) VALUES (%(victim)s, 'strava')",
    """
    INSERT INTO planned_workouts (user_id, title, workout_type, originally_planned_day)
    VALUES (%(victim)s, 'X', 'Run', now())
    """,
    """
    INSERT INTO refresh_tokens (user_id, token_hash, family_id, expires_at)
    VALUES (%(victim)s, 'x', gen_random_uuid(), now())
    """,
]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_user_id_cannot_be_written(app, alice, bob, forgery):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), transaction(bob.user_id):
        connection.execute(forgery, victim=alice.user_id)


def test_a_row_cannot_be_handed_to_another_user(alice, bob, make_run):
    make_run(bob)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), transaction(bob.user_id):
        connection.execute("UPDATE runs SET user_id = %(victim)s", victim=alice.user_id)


def test_a_run_cannot_point_at_another_users_shoe(owner, alice, bob, make_run):
    run = make_run(bob)
    owner.execute("INSERT INTO shoes (user_id, id, name) VALUES (%s, 'alices', 'Alices')", [alice.user_id])

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute("UPDATE runs SET shoe_id = 'alices' WHERE id = %s", [run.id])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs_history SET distance = 1",
        "DELETE FROM runs_history",
        "DELETE FROM workouts_history",
        "UPDATE planned_workouts_history SET title = 'x'",
        # What a live session's version takes in may change, but not who made it, when it began, and which one it is.
        "UPDATE workouts_history SET changed_by = 'mallory'",
        "UPDATE workouts_history SET version_number = 9",
        "UPDATE workouts_history SET change_type = 'original'",
        "UPDATE workouts_history SET workout_id = gen_random_uuid()",
    ],
)
def test_history_cannot_be_rewritten_by_a_request(alice, make_run, statement):
    make_run(alice)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(alice.user_id):
        connection.execute(statement)


def test_a_run_cannot_be_removed_by_a_request(alice, make_run):
    make_run(alice)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(alice.user_id):
        connection.execute("DELETE FROM runs")


ACCOUNT_CHANGES: list[LiteralString] = [
    "UPDATE users SET is_active = true",
    "UPDATE users SET hashed_password = 'x'",
    "UPDATE users SET email = 'x@example.com'",
]


@pytest.mark.parametrize("change", ACCOUNT_CHANGES)
def test_a_request_cannot_change_what_makes_the_account(alice, change):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(alice.user_id):
        connection.execute(change)


def test_query_functions_raise_outside_a_transaction(app: Flask):
    with pytest.raises(RuntimeError, match="no transaction"):
        runs.get_all_runs()


def test_a_transaction_inside_a_transaction_is_refused(alice):
    with transaction(alice.user_id), pytest.raises(RuntimeError, match="already open"), transaction(alice.user_id):
        pass


def test_the_role_and_the_user_end_with_the_transaction(alice):
    with transaction(alice.user_id):
        inside = fetch_one(dict, "SELECT current_user AS role, current_setting('fitness.user_id', true) AS id")
    with connection.system_transaction():
        after = fetch_one(
            dict, "SELECT current_user AS role, nullif(current_setting('fitness.user_id', true), '') AS id"
        )

    assert inside == {"role": "fitness_app", "id": str(alice.user_id)}
    assert after == {"role": "fitness", "id": None}


def test_prepared_plans_do_not_leak_between_users(alice, bob, make_run):
    make_run(alice, id="manual_alices")
    make_run(bob, id="manual_bobs")

    # psycopg prepares a statement at its fifth use, PostgreSQL keeps a general plan after five more.
    for _ in range(20):
        for person, own in ((alice, "manual_alices"), (bob, "manual_bobs")):
            with transaction(person.user_id):
                assert [run.id for run in runs.get_all_runs()] == [own]


def test_an_account_is_seen_by_its_owner_alone(alice, bob):
    with transaction(alice.user_id):
        seen = users.list_users()

    assert [user.email for user in seen] == [alice.email]
