"""Code that the operator's commands share."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from fitness.config import load_settings
from fitness.db import connection, migrate, pool, users
from fitness.server.postgres import admin_url, database


@contextmanager
def operator(*, migrated: bool = True) -> Iterator[str]:
    """Open the pool on the configured database, migrated first unless `migrated` is false; yield its URL."""
    settings = load_settings()
    with database(settings) as url:
        if migrated:
            migrate.upgrade(admin_url(settings, url))
        pool.open_pool(url, size=1, **settings.of_pools)
        try:
            yield url
        finally:
            pool.close_pool()


def account_number(login: str) -> int:
    """Return the number of an account by e-mail address or username; raises ClickException if there is none."""
    with connection.system_transaction():
        account = users.get_credentials(login)
    if account is None:
        raise click.ClickException(f"No account found for {login}.")
    return account.user_id
