"""A person connected with the stand-in of Strava."""

import pytest
from psycopg import sql

from fitness.providers.strava import client as strava_client
from tests.connecting import connect, sync, with_strava
from tests.standins.strava import make_activity


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


@pytest.fixture
def ada(client, alice):
    """Somebody who is connected."""
    connect(client, alice.headers)
    return alice


@pytest.fixture
def two_a_page(monkeypatch):
    """Ask for pages of two."""
    monkeypatch.setattr(strava_client, "PER_PAGE", 2)


@pytest.fixture
def everything(owner):
    """Return what every table holds, but what the syncs note of themselves."""

    def read():
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            table: sorted(
                map(repr, owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall())
            )
            for (table,) in tables
            if table != "sync_metadata"
        }

    return read


@pytest.fixture
def noted(owner):
    """Return what a sync notes of itself: the watermark, where to go on, and whether it is under way."""

    def read(person):
        return owner.execute(
            "SELECT last_synced_at, resume_at, lease_until IS NOT NULL FROM sync_metadata WHERE user_id = %s",
            [person.user_id],
        ).fetchone()

    return read


# Deletes


@pytest.fixture
def twenty(client, ada, strava):
    """Twenty runs that are here, and at Strava."""
    strava.add(*map(make_activity, range(1, 21)))
    return sync(client, ada.headers).json
