"""The feed of changes of accounts that are older than it: their versions come first."""

import psycopg

from fitness.db import connection, migrate, pool, runs
from fitness.db.history import feed
from fitness.db.runs import NewRun


def test_the_versions_of_before_the_migration_come_first_and_in_order(app, empty_database_url):
    migrate.upgrade(empty_database_url, "0020")
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada'), ('bob@e.com', 'Bob')")
        for user_id in (1, 2):
            owner.execute("INSERT INTO shoes (user_id, id, name) VALUES (%s, 'a', 'A')", [user_id])
            owner.execute(
                """
                INSERT INTO shoes_history (user_id, shoe_id, version_number, change_type, name)
                SELECT %s, 'a', n, CASE n WHEN 1 THEN 'original' ELSE 'edit' END, 'A' || n
                FROM generate_series(1, 3) AS n
                """,
                [user_id],
            )
    migrate.upgrade(empty_database_url)
    pool.open_pool(empty_database_url, size=1, timeout_seconds=5, statement_timeout_seconds=5)

    run = NewRun(
        id="manual_a",
        datetime_utc="2025-11-02T12:05:31Z",  # pyright: ignore[reportArgumentType]
        type="Outdoor Run",
        distance=5.0,
        duration=2400.0,
        source="Manual",
    )
    with connection.transaction(1):
        runs.create_run(run, changed_by="ada")
    with connection.transaction(1):
        changes, place = feed.list_changes(feed.START, limit=2, with_records=True)
        rest, _ = feed.list_changes(place, limit=500, with_records=True)

    assert [(change["noun"], change["version"], change["record"]["name"]) for change in [*changes, *rest]] == [
        ("shoes", 1, "A1"),
        ("shoes", 2, "A2"),
        ("shoes", 3, "A3"),
        ("runs", 1, None),
    ]


def test_cursors_do_not_outlive_the_restore_of_a_backup_without_a_feed(empty_database_url):
    """Before: a restore that was killed while it migrated left the epoch that all accounts had had."""
    migrate.upgrade(empty_database_url, "0020")
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada'), ('bob@e.com', 'Bob')")
        migrate.upgrade(empty_database_url)
        epochs = [epoch for [epoch] in owner.execute("SELECT epoch FROM change_counters").fetchall()]

    assert len(set(epochs) - {0}) == 2
