"""Run Alembic from the program: migrate a database, check its schema."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from fitness.db.connection import fetch_one

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def _config(url: str | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # The migrations import `migrations.tenancy`, which must work in any working directory.
    config.set_main_option("prepend_sys_path", str(MIGRATIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at the URL up to the revision."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database at the URL down to the revision (`base`: empty database)."""
    command.downgrade(_config(url), revision)


def check(url: str) -> None:
    """Raise alembic's CommandError if the database differs from `fitness.db.schema` or is not at head."""
    command.check(_config(url))


@cache
def head() -> str | None:
    """Return the newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current() -> str | None:
    """Return the revision of the bound transaction's database, or None if it has no schema yet."""
    if not fetch_one(bool, "SELECT to_regclass('alembic_version') IS NOT NULL"):
        return None
    return fetch_one(str, "SELECT version_num FROM alembic_version")
