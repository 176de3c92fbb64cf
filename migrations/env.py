"""Run the migrations on the database of the settings, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import make_url

from fitness.db.schema import metadata

MIGRATION_LOCK = 6_617_001
"""Key of the advisory lock of migrations, so that two servers can start at once."""


@contextmanager
def database_url() -> Iterator[str]:
    """Yield the caller's URL, otherwise that of the settings (starts the embedded database)."""
    given = context.config.attributes.get("database_url")
    if given is not None:
        yield given
        return
    from fitness import config
    from fitness.server import postgres

    with postgres.database(config.load_settings()) as url:
        yield url


def migrate(url: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        # In this order, as the timeout would also end the wait for another process's migration.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


with database_url() as url:
    migrate(url)
