"""Run Alembic from the program: migrate a database, check its schema.

Alembic is imported where it runs: with SQLAlchemy, it takes as long as all the rest of a start, and a database at the
newest revision does not need it.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg.rows import scalar_row

from fitness.db.connection import fetch_one
from fitness.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def _config(url: str | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # The migrations import `migrations.tenancy`, which must work in any working directory.
    config.set_main_option("prepend_sys_path", str(MIGRATIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at the URL up to the revision; raises Unavailable if a later release has migrated it."""
    now = revision_at(url)
    if revision == "head" and now == head():
        return
    if is_later(now):
        raise Unavailable(advice(now))
    from alembic import command

    command.upgrade(_config(url), revision)


def revision_at(url: str) -> str | None:
    """Return the revision of the database at the URL, or None if it has no schema yet."""
    with psycopg.connect(url, row_factory=scalar_row) as connection:
        return _revision(lambda query: connection.execute(query).fetchone())


def _revision(fetch: Callable[[LiteralString], Any]) -> str | None:
    """Return the revision of a database, or None if it has no schema yet; `fetch` returns the value of a query."""
    if not fetch("SELECT to_regclass('alembic_version') IS NOT NULL"):
        return None
    return fetch("SELECT version_num FROM alembic_version")


def downgrade(url: str, revision: str) -> None:
    """Migrate the database at the URL down to the revision (`base`: empty database)."""
    from alembic import command

    command.downgrade(_config(url), revision)


def check(url: str) -> None:
    """Raise alembic's CommandError if the database differs from `fitness.db.schema` or is not at head."""
    from alembic import command

    command.check(_config(url))


@cache
def head() -> str:
    """Return the newest revision that this program knows; the files of the migrations are named after theirs."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*_*.py"))


def is_later(revision: str | None) -> bool:
    """Return whether a later release than this one made the revision; revisions are numbers of four digits."""
    return revision is not None and revision > head()


def advice(revision: str | None) -> str:
    """Return what to do about a schema at another revision than the newest."""
    if is_later(revision):
        return f"The schema is at {revision}, of a later release; this one knows {head()}: install the later release"
    at = f"The schema is at {revision}" if revision else "There is no schema yet"
    return f"{at}, the newest is {head()}: run fitness db upgrade"


def current() -> str | None:
    """Return the revision of the bound transaction's database, or None if it has no schema yet."""
    return _revision(partial(fetch_one, str))
