"""Names are compared by a key that the program makes; exercises can be merged, and keep the names that they had.

PostgreSQL compares letters in upper and lower case as its locale says, and not at all in two forms of Unicode. So the
program stores the key of each name (see fitness.names). Two records of a user whose names have the same key stay as
they are: the first one, deleted ones last, gets the key; that of the other one ends with its id.

Exercises whose names say so have weights that are assistance.

Without statistics, each foreign key was checked with whatever index began with the user, and read all the user's
records each time. Partial indexes cannot be used for that; the one that can has all columns of the key.
"""

from collections.abc import Iterator
from typing import Any, LiteralString, cast

import psycopg
from alembic import op

from fitness.names import name_key
from migrations.tenancy import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BATCH_ROWS = 10_000


def upgrade() -> None:
    op.execute("ALTER TABLE shoes ADD COLUMN name_key text")
    op.execute("""
        ALTER TABLE exercises
            ADD COLUMN name_key text,
            ADD COLUMN is_assisted boolean,
            ADD COLUMN merged_into uuid,
            ADD CONSTRAINT exercises_merged_into_fkey
                FOREIGN KEY (user_id, merged_into) REFERENCES exercises (user_id, id)
    """)
    op.execute("ALTER TABLE exercises_history ADD COLUMN is_assisted boolean, ADD COLUMN merged_into uuid")
    op.execute("""
        CREATE TABLE exercise_names (
            user_id bigint NOT NULL,
            name_key text NOT NULL,
            exercise_id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT exercise_names_pkey PRIMARY KEY (user_id, name_key),
            CONSTRAINT exercise_names_exercise_id_fkey
                FOREIGN KEY (user_id, exercise_id) REFERENCES exercises (user_id, id) ON DELETE CASCADE
        )
    """)
    protect("exercise_names", "SELECT, INSERT, UPDATE (exercise_id)")
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    _store_keys(connection, "shoes")
    _store_keys(connection, "exercises")
    _store_former_names(connection)
    op.execute(r"UPDATE exercises SET is_assisted = true WHERE name ~* '\massisted\M'")
    op.execute("ALTER TABLE shoes DROP CONSTRAINT shoes_user_id_name_key")
    op.execute("CREATE UNIQUE INDEX shoes_name_key_key ON shoes (user_id, name_key) WHERE name_key IS NOT NULL")
    op.execute("CREATE UNIQUE INDEX exercises_name_key_key ON exercises (user_id, name_key) WHERE name_key IS NOT NULL")
    op.execute("DROP INDEX exercise_executions_exercise_id_idx")
    op.execute("""
        CREATE INDEX exercise_executions_exercise_id_idx ON exercise_executions (user_id, exercise_id, workout_id)
    """)
    _index_workouts("WHERE deleted_at IS NULL")


def _index_workouts(condition: str) -> None:
    op.execute("DROP INDEX workouts_user_time")
    op.execute(f"""
        CREATE INDEX workouts_user_time ON workouts (user_id, start_ts DESC)
        INCLUDE (id, workout_type, end_ts, finished_at, calories_burned, deleted_at)
        {condition}
    """)


def _store_keys(connection: psycopg.Connection, table: LiteralString) -> None:
    rows = _batches(
        connection,
        f"SELECT user_id, id::text, name FROM {table} ORDER BY user_id, deleted_at IS NOT NULL, created_at, id",
    )
    user, taken = None, set[str]()
    for batch in rows:
        keys = []
        for user_id, record_id, name in batch:
            if user_id != user:
                user, taken = user_id, set()
            key = name_key(name)
            keys.append(f"{key} {record_id}" if key in taken else key)
            taken.add(key)
        connection.execute(
            f"""
            UPDATE {table} AS r
            SET name_key = keyed.name_key
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS keyed (user_id, record_id, name_key)
            WHERE r.user_id = keyed.user_id AND r.id::text = keyed.record_id
            """,
            [[row[0] for row in batch], [row[1] for row in batch], keys],
        )


def _store_former_names(connection: psycopg.Connection) -> None:
    connection.execute("""
        INSERT INTO exercise_names (user_id, name_key, exercise_id)
        SELECT user_id, name_key, id
        FROM exercises
    """)
    for batch in _batches(
        connection, "SELECT user_id, exercise_id, name FROM exercises_history ORDER BY history_id DESC"
    ):
        connection.execute(
            """
            INSERT INTO exercise_names (user_id, name_key, exercise_id)
            SELECT * FROM unnest(%s::bigint[], %s::text[], %s::uuid[])
            ON CONFLICT DO NOTHING
            """,
            [[row[0] for row in batch], [name_key(row[2]) for row in batch], [row[1] for row in batch]],
        )


def _batches(connection: psycopg.Connection, query: LiteralString) -> Iterator[list[tuple[Any, ...]]]:
    with connection.cursor("named") as cursor:
        cursor.execute(query)
        while batch := cursor.fetchmany(BATCH_ROWS):
            yield batch


def downgrade() -> None:
    _index_workouts("")
    op.execute("DROP INDEX exercise_executions_exercise_id_idx")
    op.execute("CREATE INDEX exercise_executions_exercise_id_idx ON exercise_executions (user_id, exercise_id)")
    op.execute("DROP TABLE exercise_names")
    op.execute("DROP INDEX shoes_name_key_key")
    op.execute("DROP INDEX exercises_name_key_key")
    op.execute("ALTER TABLE shoes ADD CONSTRAINT shoes_user_id_name_key UNIQUE (user_id, name)")
    op.execute("ALTER TABLE exercises_history DROP COLUMN is_assisted, DROP COLUMN merged_into")
    op.execute("ALTER TABLE exercises DROP COLUMN name_key, DROP COLUMN is_assisted, DROP COLUMN merged_into")
    op.execute("ALTER TABLE shoes DROP COLUMN name_key")
