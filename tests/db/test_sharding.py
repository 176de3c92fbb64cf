"""Each rule of a database that is sharded by user refuses a statement that breaks it, and no other."""

import inspect
from importlib import import_module

import pytest

from fitness.db.quotas import GET_USAGE
from fitness.db.writes import COUNT, PLACE, Late
from tests import sharding
from tests.sharding import problems_of, problems_of_all_users
from tests.statement_check import ALL_USERS

NO_RUNS = sharding.NO_USER.format("runs")
BROKEN = [
    (NO_RUNS, "SELECT id FROM runs"),
    (NO_RUNS, "SELECT id FROM runs WHERE user_id = %(other)s"),
    (NO_RUNS, "SELECT id FROM runs WHERE NOT user_id = %(user_id)s"),
    (NO_RUNS, "SELECT r.id FROM shoes AS s JOIN runs AS r ON r.user_id = s.user_id WHERE s.user_id = %(user_id)s"),
    # ON of a LEFT JOIN does not limit the rows on its left.
    (NO_RUNS, "SELECT FROM runs AS r LEFT JOIN shoes AS s ON s.user_id = %(user_id)s AND r.user_id = %(user_id)s"),
    (NO_RUNS, "SELECT (SELECT max(id) FROM runs) FROM shoes WHERE user_id = %(user_id)s"),
    (NO_RUNS, "WITH mine AS (SELECT id FROM runs) SELECT id FROM mine"),
    (NO_RUNS, "SELECT FROM unnest(%(ids)s) AS i CROSS JOIN LATERAL (SELECT FROM runs AS r WHERE r.id = i) AS r"),
    (NO_RUNS, "SELECT id FROM shoes WHERE user_id = %(user_id)s UNION ALL SELECT id FROM runs"),
    (NO_RUNS, "UPDATE shoes AS s SET name = r.name FROM runs AS r WHERE s.user_id = %(user_id)s"),
    (NO_RUNS, "DELETE FROM shoes AS s USING runs AS r WHERE s.user_id = %(user_id)s"),
    (NO_RUNS, "DELETE FROM runs WHERE id = %(id)s"),
    (NO_RUNS, "SELECT id FROM runs WHERE user_id = $2"),
    (NO_RUNS, "SELECT id FROM runs WHERE user_id = ANY(%(user_id)s)"),
    (sharding.USER_OTHERWISE, "SELECT id FROM runs WHERE user_id = %(user_id)s OR id = %(id)s"),
    (sharding.USER_OTHERWISE, "SELECT id FROM runs WHERE user_id IS NOT DISTINCT FROM %(user_id)s"),
    (sharding.USER_OTHERWISE, "SELECT id FROM runs WHERE user_id IN (SELECT user_id FROM users)"),
    (sharding.INSERTS_NO_USER.format("shoes"), "INSERT INTO shoes (id, name) VALUES (%(id)s, %(name)s)"),
    (sharding.INSERTS_NO_USER.format("shoes"), "INSERT INTO shoes (user_id, id) VALUES (%(other)s, %(id)s)"),
    (sharding.IN_VALUES, "INSERT INTO shoes (user_id, id) VALUES (%(user_id)s, (SELECT %(id)s))"),
    (sharding.COPIES, "INSERT INTO shoes (user_id, id) SELECT %(user_id)s, unnest(%(ids)s)"),
    (sharding.NUMBERED_THERE, """
     INSERT INTO bookmarks AS b (user_id, name, instant)
     SELECT r.user_id, r.id, r.datetime_utc FROM runs AS r WHERE r.user_id = %(user_id)s
     RETURNING b.id
     """),
    (sharding.ON_CONFLICT.format("now"), """
     INSERT INTO shoes (user_id, id) VALUES (%(user_id)s, %(id)s) ON CONFLICT (user_id, id) DO UPDATE SET name = now()
     """),
    (sharding.CHANGES_USER, "UPDATE shoes SET user_id = %(user_id)s WHERE user_id = %(user_id)s"),
    (sharding.VOLATILE.format("clock_timestamp"), """
     UPDATE shoes SET updated_at = clock_timestamp() WHERE user_id = %(user_id)s
     """),
    (sharding.VOLATILE.format("random"), "DELETE FROM shoes WHERE user_id = %(user_id)s AND random() < 0.5"),
    (sharding.IN_CASE.format("now"), """
     UPDATE shoes SET retired_at = coalesce(retired_at, now()) WHERE user_id = %(user_id)s
     """),
    (sharding.IN_CASE.format("now"), """
     UPDATE shoes SET retired_at = CASE WHEN %(retired)s THEN now() END WHERE user_id = %(user_id)s
     """),
    (sharding.CASE_OF, "UPDATE shoes SET name = CASE name WHEN 'a' THEN 'b' END WHERE user_id = %(user_id)s"),
    (sharding.OVER_COLUMN.format("to_jsonb"), "UPDATE shoes SET notes = to_jsonb(name) WHERE user_id = %(user_id)s"),
    (sharding.OVER_COLUMN.format("an instant and an interval"), """
     DELETE FROM shoes WHERE user_id = %(user_id)s AND created_at + make_interval(days => 1) < %(now)s
     """),
    (sharding.OVER_COLUMN.format("to_jsonb"), """
     UPDATE shoes AS s SET notes = n.notes
     FROM (SELECT o.id, to_jsonb(o) AS notes FROM shoes AS o WHERE o.user_id = %(user_id)s) AS n
     WHERE s.user_id = %(user_id)s AND s.id = n.id
     """),
    (sharding.IN_RETURNING.format("now"), "DELETE FROM shoes WHERE user_id = %(user_id)s RETURNING now()"),
    (sharding.IN_RETURNING.format("the cast of a row"), """
     INSERT INTO shoes AS h (user_id, id) VALUES (%(user_id)s, %(id)s) RETURNING octet_length(h::text)
     """),
    (sharding.NO_TYPE, "SELECT id FROM runs WHERE user_id = %(user_id)s AND version < %(first)s + %(size)s"),
    (sharding.NO_TYPE, "SELECT id FROM runs WHERE user_id = %(user_id)s AND version * (%(size)s - 1) > 0"),
    (sharding.MERGES, "MERGE INTO shoes USING new ON true WHEN MATCHED THEN DO NOTHING"),
    (sharding.WRITES_IN_CTE, """
     WITH gone AS (DELETE FROM shoes WHERE user_id = %(user_id)s RETURNING id) SELECT id FROM gone
     """),
]  # fmt: skip
KEPT = [
    "SELECT version + %(size)s FROM runs WHERE user_id = %(user_id)s AND version < %(first)s::bigint + %(size)s",
    "SELECT id FROM runs WHERE user_id = %(user_id)s AND (%(id)s::text IS NULL OR id = %(id)s)",
    "SELECT id FROM runs WHERE user_id = $1",
    "SELECT name FROM exercise_catalog",
    """
    SELECT s.id, u.name, (SELECT max(r.id) FROM runs AS r WHERE r.user_id = %(user_id)s AND r.shoe_id = s.id)
    FROM shoes AS s
    JOIN users AS u
      ON u.user_id = s.user_id
    LEFT JOIN runs AS r
      ON r.user_id = %(user_id)s AND r.shoe_id = s.id
    WHERE s.user_id = %(user_id)s
    """,
    "WITH runs AS (SELECT id FROM shoes WHERE user_id = %(user_id)s) SELECT id FROM runs",
    "INSERT INTO shoes (user_id, id, created_at) VALUES (%(user_id)s, %(id)s, now()) ON CONFLICT DO NOTHING",
    """
    INSERT INTO shoes AS s (user_id, id, name)
    SELECT r.user_id, r.id, coalesce(r.name, now()::text) FROM runs AS r WHERE r.user_id = %(user_id)s
    ON CONFLICT (user_id, id) DO UPDATE SET name = excluded.name
    RETURNING s.id
    """,
    """
    INSERT INTO bookmarks AS b (user_id, name, instant)
    WITH mine AS (SELECT r.user_id, r.id, r.datetime_utc FROM runs AS r WHERE r.user_id = %(user_id)s)
    SELECT mine.user_id, mine.id, mine.datetime_utc FROM mine
    RETURNING b.id
    """,
    "INSERT INTO leases AS l (name) VALUES (%(name)s) ON CONFLICT (name) DO UPDATE SET lease_until = now()",
    "UPDATE leases SET lease_until = coalesce(lease_until, now())",
    "UPDATE shoes SET retired_at = least(retired_at, now()), updated_at = now() WHERE user_id = %(user_id)s",
    "DELETE FROM shoes WHERE user_id = %(user_id)s AND created_at < now() - make_interval(days => %(days)s)",
    """
    UPDATE shoes AS s
    SET name = new.name, retired_at = new.retired_at
    FROM (
        SELECT o.id, to_jsonb(o) ->> 'name' AS name, coalesce(o.retired_at, now()) AS retired_at
        FROM shoes AS o
        WHERE o.user_id = %(user_id)s
        OFFSET 0
    ) AS new
    WHERE s.user_id = %(user_id)s
      AND s.id = new.id
    """,
]


@pytest.fixture(scope="session")
def catalog(admin):
    return sharding.read_catalog(admin)


@pytest.mark.parametrize(("problem", "statement"), BROKEN)
def test_a_statement_that_breaks_a_rule_is_found(catalog, problem, statement):
    assert problem in problems_of(statement, catalog)


@pytest.mark.parametrize("statement", KEPT)
def test_a_statement_that_keeps_the_rules_passes(catalog, statement):
    assert problems_of(statement, catalog) == []


def test_the_statements_that_place_a_write_keep_the_rules(catalog):
    """They travel with the COMMIT, beside those of query functions."""
    late = Late("runs", "runs_history", "run_id", "mmf_1", 2, False, "octet_length(h.notes)", 0)

    for text in (COUNT, PLACE, GET_USAGE, *late.statements()):
        assert problems_of(text, catalog) == [], text


def test_a_statement_about_all_users_has_no_subquery_without_columns():
    """The server that is asked puts what another has in the place of the subquery."""
    broken = "SELECT EXISTS (SELECT FROM jobs WHERE lease_until > %(now)s)"

    assert problems_of_all_users(broken) == [sharding.NO_COLUMNS]
    assert problems_of_all_users("SELECT count(*) > 0 FROM jobs WHERE lease_until > %(now)s") == []


@pytest.mark.parametrize("function", ALL_USERS)
def test_a_function_whose_statements_are_about_all_users_is_there(function):
    module, _, name = function.rpartition(".")

    assert inspect.isfunction(inspect.unwrap(getattr(import_module(module), name)))
