"""What tests of imports of several files share."""

import dataclasses

import pytest
from psycopg import sql

from fitness.app import configure
from fitness.db.account_tables import TABLES
from tests.drops import Drop


@pytest.fixture
def drop(client, alice) -> Drop:
    return Drop(client, alice.headers)


@pytest.fixture
def limit(app, settings):
    """Set limits, as the operator does."""
    return lambda **values: configure(app, dataclasses.replace(settings, **values))


@pytest.fixture
def everything(owner):
    """Return all records, versions and changesets."""

    def read():
        return {
            table.name: sorted(
                map(repr, owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table.name))).fetchall())
            )
            for table in TABLES
        }

    return read
