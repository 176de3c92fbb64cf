"""Syncs and events of before migration 0057 get the account at the provider that is still connected since then."""

import psycopg
import pytest
from alembic.script import ScriptDirectory

from fitness.db import migrate

BEFORE = str(ScriptDirectory(str(migrate.MIGRATIONS)).get_revision("0057").down_revision)
CONNECTED_AT = "2026-02-01T12:00:00Z"
EARLIER, LATER = "2026-02-01T11:59:59Z", "2026-02-01T12:00:01Z"
LONG = "n" * 300


@pytest.fixture
def before(empty_database_url):
    """A connection to a database with two people, of whom the first is connected with three providers."""
    migrate.upgrade(empty_database_url, BEFORE)
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada'), ('bob@example.com', 'Bob')")
        for provider, account in (("strava", "7"), ("hevy", LONG), ("google", "ada@example.com")):
            owner.execute(
                """
                INSERT INTO oauth_credentials (user_id, provider, access_token, account_id, created_at)
                VALUES (1, %s, 'secret', %s, %s)
                """,
                [provider, account, CONNECTED_AT],
            )
        yield owner


def test_syncs_since_the_connection_get_its_account(empty_database_url, before):
    made = [
        (1, "sync", "Strava", EARLIER), (1, "sync", "Strava", CONNECTED_AT), (1, "sync", "Hevy", LATER),
        (1, "import", "Strava", LATER), (1, "sync", None, LATER), (2, "sync", "Strava", LATER),
    ]  # fmt: skip
    for number, (user_id, kind, source, created_at) in enumerate(made, 1):
        before.execute(
            """
            INSERT INTO changesets (user_id, changeset_id, kind, source, actor, created_at)
            VALUES (%s, %s, %s, %s, 'ada', %s)
            """,
            [user_id, number, kind, source, created_at],
        )

    migrate.upgrade(empty_database_url)

    accounts = before.execute("SELECT account_id FROM changesets ORDER BY changeset_id").fetchall()
    assert accounts == [(None,), ("7",), (LONG[:200],), (None,), (None,), (None,)]


def test_events_since_the_connection_get_its_account(empty_database_url, before):
    for user_id, start, synced_at in ((1, 1, EARLIER), (1, 2, LATER), (1, 3, None), (2, 4, LATER)):
        before.execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
            VALUES (%(user)s, %(id)s, now(), 'Outdoor Run', 5, 2400, 'Manual')
            """,
            {"user": user_id, "id": f"manual_{start}"},
        )
        before.execute(
            """
            INSERT INTO synced_runs (user_id, run_id, run_version, sync_status, google_event_id, synced_at)
            VALUES (%s, %s, 1, 'synced', %s, %s)
            """,
            [user_id, f"manual_{start}", f"event{start}", synced_at],
        )

    migrate.upgrade(empty_database_url)

    accounts = before.execute("SELECT account_id FROM synced_runs ORDER BY run_id").fetchall()
    assert accounts == [(None,), ("ada@example.com",), (None,), (None,)]


def test_the_way_back_and_up_again_finds_the_same_accounts(empty_database_url, before):
    before.execute(
        """
        INSERT INTO changesets (user_id, changeset_id, kind, source, actor, created_at)
        VALUES (1, 1, 'sync', 'Strava', 'ada', %s)
        """,
        [LATER],
    )
    migrate.upgrade(empty_database_url)

    migrate.downgrade(empty_database_url, BEFORE)
    migrate.upgrade(empty_database_url)

    assert before.execute("SELECT account_id FROM changesets").fetchall() == [("7",)]
