"""The plan by which the tables of a Citus cluster are distributed, from the catalog of a migrated database."""

import re

import pytest

from fitness.db import connection, distribution, pool
from fitness.db.account_tables import LEFT_OUT, TABLES
from fitness.db.distribution import find_missing, missing_keys, plan, read_tables


@pytest.fixture
def tables(owner):
    return read_tables(owner)


@pytest.fixture
def statements(owner, tables):
    return [statement.as_string(owner) for statement in plan(tables)]


def test_every_table_is_in_exactly_one_class(owner, tables):
    classes = [*tables.reference, *tables.distributed, *tables.local]

    assert sorted(classes) == sorted(
        name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    assert tables.reference == ["users", "exercise_catalog"]
    assert set(tables.distributed) == {table.name for table in TABLES} | LEFT_OUT.keys() - {"users"}
    assert {"alembic_version", "rate_limits", "login_steps", "webhook_subscriptions"} <= set(tables.local)


def test_each_table_is_distributed_once_after_those_that_it_refers_to(tables, statements):
    order = [found[1] for text in statements if (found := re.match(r"SELECT create_\w+\('(\w+)'", text))]

    assert order == [*tables.reference, *tables.distributed]
    assert order[2] == distribution.FIRST
    for key in tables.keys:
        if key.table != key.target and key.table in order:
            assert order.index(key.target) < order.index(key.table), key


def test_foreign_keys_to_users_are_put_aside_and_come_back_as_they_were(owner, tables, statements):
    to_users = {key.name: key.definition for key in tables.keys if key.target == "users"}
    dropped = [text.rpartition(" ")[2].strip('"') for text in statements if "DROP" in text]
    added = {found[1]: found[2] for text in statements if (found := re.search(r'ADD CONSTRAINT "(\w+)" (.*)', text))}

    assert sorted(dropped) == sorted(to_users)
    assert added == to_users
    kinds = [found[0] for text in statements if (found := re.search("DROP|create|ADD|GRANT", text))]
    assert kinds == sorted(kinds, key=["DROP", "create", "ADD", "GRANT"].index)
    assert (len(kinds), set(kinds)) == (len(statements), {"DROP", "create", "ADD", "GRANT"})


def test_keys_that_an_attempt_put_aside_come_back_as_they_were(owner, tables):
    before = [key for key in tables.keys if key.target == "users"]
    for key in before:
        owner.execute(f'ALTER TABLE {key.table} DROP CONSTRAINT "{key.name}"')

    assert sorted(missing_keys(read_tables(owner)), key=str) == sorted(before, key=str)


def test_what_is_missing_is_said_one_by_one(owner):
    assert "The extension Citus is missing" in (find_missing(owner) or "")


def test_a_transaction_about_all_users_asks_one_server_after_the_other(alice, database_url):
    """Whoever has asked several at once cannot change `users` after that."""
    mode = "SELECT current_setting('citus.multi_shard_modify_mode', true)"
    pool.open_pool(database_url, size=1, timeout_seconds=5, statement_timeout_seconds=5, sharded=True)

    with connection.system_transaction():
        assert connection.fetch_one(str, mode) == "sequential"
    with connection.transaction(alice.user_id):
        assert not connection.fetch_one(str, mode)
        assert connection.fetch_one(str, "SELECT current_setting('fitness.user_id')") == str(alice.user_id)
