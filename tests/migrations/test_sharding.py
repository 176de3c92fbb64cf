"""Migrations run in a Citus cluster as well: they keep the rules of `migrations/tenancy.py`."""

import re
from collections.abc import Iterator

import pytest
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine, event

from fitness.db import migrate
from tests import sharding
from tests.sharding import new_user_tables, problems_of_migration, unsupported_changes

SCRIPTS = [*reversed(list(ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()))]
FIRST = next(place for place, script in enumerate(SCRIPTS) if script.path.endswith("_sharded.py"))


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """The statements that SQLAlchemy ran, without what asks for or sets something."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *others: object) -> None:
        if not re.match(r"\s*(SELECT|SET|COMMENT)\b", statement):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def source_of(script: Script) -> str:
    with open(script.path, encoding="utf-8") as file:
        return file.read()


def test_migrations_keep_the_rules_of_a_cluster(database_url, ran):
    """All from the one that made it possible on; those before ran before a cluster could be made."""
    migrate.downgrade(database_url, SCRIPTS[FIRST - 1].revision)
    ran.clear()
    migrate.upgrade(database_url)

    kept = [statement.replace("%%", "%") for statement in ran if "alembic_version" not in statement]
    assert kept
    assert {text: problems for text in kept if (problems := problems_of_migration(text))} == {}
    assert unsupported_changes(kept) == []
    made = {table for text in kept for table in new_user_tables(text)}
    handed_over = {
        table for script in SCRIPTS[FIRST:] for table in made if f'user_table("{table}"' in source_of(script)
    }
    assert made == handed_over


@pytest.mark.parametrize(
    ("problem", "statement"),
    [
        (sharding.NOT_ALONE, "ALTER TABLE t ADD COLUMN c text, ADD CONSTRAINT t_c_check CHECK (c <> '')"),
        (sharding.NOT_ALONE, "ALTER TABLE t ADD CONSTRAINT a CHECK (c <> ''), ADD CONSTRAINT b CHECK (c <> 'b')"),
        (sharding.LATE_IDENTITY, "ALTER TABLE t ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY"),
        (sharding.TRIGGER, "CREATE TRIGGER t_update BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"),
        (
            sharding.KEY_TO_USERS,
            """
         CREATE TABLE t (user_id bigint, CONSTRAINT k FOREIGN KEY (user_id) REFERENCES users (user_id))
         """,
        ),
        (sharding.KEY_ACTION, "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (a) ON DELETE SET NULL"),
        (sharding.KEY_ACTION, "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (a) ON UPDATE CASCADE"),
    ],
)
def test_a_migration_that_breaks_a_rule_is_found(problem, statement):
    assert problems_of_migration(statement) == [problem]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE t ADD CONSTRAINT t_c_check CHECK (c <> '')",
        "ALTER TABLE t ADD COLUMN c text, DROP COLUMN d",
        """
        CREATE TABLE t (user_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, CONSTRAINT k FOREIGN KEY (user_id, id)
            REFERENCES runs (user_id, id) ON DELETE CASCADE)
        """,
    ],
)
def test_a_migration_that_keeps_the_rules_passes(statement):
    assert problems_of_migration(statement) == []


def test_a_new_table_of_user_data_is_recognised():
    assert new_user_tables("CREATE TABLE t (user_id bigint NOT NULL, name text)") == ["t"]
    assert new_user_tables("CREATE TABLE t (name text)") == []


def test_a_table_with_a_key_takes_not_every_change():
    store = "ALTER TABLE t ALTER COLUMN c SET STORAGE EXTERNAL"
    made = "CREATE TABLE t (user_id bigint, c bytea)"
    key = "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (user_id) REFERENCES users (user_id)"

    assert unsupported_changes([made, store, key]) == []
    assert unsupported_changes([made, key, store]) == unsupported_changes([store]) == [store]


def test_no_migration_tries_out_a_role():
    """The workers of a cluster would try it as well, where the role may not be yet."""
    tried = re.compile("SET (LOCAL|SESSION) ROLE|RESET ROLE")

    assert [script.revision for script in SCRIPTS if tried.search(source_of(script))] == []
