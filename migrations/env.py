"""Run the migrations on the database of the settings, one process at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event, pool, text
from sqlalchemy.engine import make_url

from fitness.db.schema import metadata

MIGRATION_LOCK = 6_617_001
"""Key of the advisory lock of migrations, so that two servers can start at once."""
ASK_AGAIN_SECONDS = 0.2


@contextmanager
def database_url() -> Iterator[str]:
    """Yield the caller's URL, otherwise that of the settings (starts the embedded database)."""
    given = context.config.attributes.get("database_url")
    if given is not None:
        yield given
        return
    from fitness import config
    from fitness.server import postgres

    settings = config.load_settings()
    with postgres.database(settings) as url:
        yield postgres.admin_url(settings, url)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Wait until no other process migrates the database, and keep others waiting until the block ends.

    Nothing stays on a connection, which a pooler lends to others: the lock ends with its transaction. Waiting holds no
    connection, since the pooler may have only as many as the migration needs.
    """
    with engine.connect() as guard:
        while not _is_alone(guard):
            guard.rollback()
            time.sleep(ASK_AGAIN_SECONDS)
        yield


def _is_alone(guard: Connection) -> bool:
    guard.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return guard.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}).scalar_one()


def prepare(connection: Connection) -> None:
    """Let a migration fail, rather than keep all users waiting behind it, if it waits for a lock for long.

    In a Citus cluster, it changes shards one by one: in parallel, a transaction cannot change the schema twice.
    """
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    connection.exec_driver_sql("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")


def migrate(url: str) -> None:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=pool.NullPool,
        connect_args={"prepare_threshold": None},
    )
    with alone(engine), engine.connect() as connection:
        event.listen(connection, "begin", prepare)
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


with database_url() as url:
    migrate(url)
