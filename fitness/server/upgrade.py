"""From one version of the embedded PostgreSQL to the next."""

import dataclasses
import shutil
from pathlib import Path

from fitness.config import Settings
from fitness.db import migrate
from fitness.server import backups
from fitness.server.postgres import OWNER, EmbeddedPostgres, cluster, create_database, database
from fitness.server.service_user import ServerError

OLD, NEW = 16, 18


def upgrade_server(settings: Settings) -> Path:
    """Copy the embedded database of the old version to the new one; return the old directory, which stays.

    The new one appears when it is complete and each account has the same rows. Raises ServerError if the server
    runs, or there is nothing to upgrade.
    """
    old, new = (cluster(dataclasses.replace(settings, postgres_version=version)) for version in (OLD, NEW))
    if settings.database_url:
        raise ServerError("DATABASE_URL names a server of your own: upgrade it with its own tools")
    if new.exists():
        raise ServerError(f"{new} is there already")
    if not old.exists():
        raise ServerError(f"There is no database of PostgreSQL {OLD} in {settings.data_dir}")
    postgres = EmbeddedPostgres(settings.data_dir / f"upgrade{NEW}", NEW)
    with database(dataclasses.replace(settings, postgres_version=OLD), alone=True) as url:
        postgres.stop()  # of an upgrade that was interrupted
        shutil.rmtree(postgres.data_dir, ignore_errors=True)
        postgres.start()
        try:
            _copy(url, postgres)
        finally:
            postgres.stop()
    postgres.data_dir.rename(new)
    postgres.log.unlink()
    return old


def _copy(url: str, postgres: EmbeddedPostgres) -> None:
    create_database(postgres)
    there = postgres.url(OWNER, OWNER)
    migrate.upgrade(there, backups.ROLES)
    with backups.unnamed_file() as dump:
        backups.run("pg_dump", *backups.OPTIONS, url=url, writes=dump)
        backups.load(there, dump)
    backups.require_same(backups.hashes_at(url), backups.hashes_at(there))
