"""The `fitness` command: serve, manage the database and users, import."""

import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

import click
import psycopg
import sqlalchemy.exc
from alembic.util import CommandError

from fitness.cli import db, imports, secrets, sync, user, webhook
from fitness.cli.operator import operator
from fitness.config import ConfigError, load_settings
from fitness.errors import FitnessError
from fitness.providers.client import ProviderError
from fitness.server.gunicorn import serve
from fitness.server.postgres import ServerError


class Unusable(click.ClickException):
    """The settings are not valid; exits with 2."""

    exit_code = 2


class Group(click.Group):
    """A command group that prints expected errors as one sentence instead of a traceback.

    Commands exit with 2 if the settings are not valid, and with 1 for other errors.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise Unusable(str(error)) from error
        except (ServerError, FitnessError, ProviderError, CommandError, psycopg.OperationalError) as error:
            raise click.ClickException(str(error)) from error
        except sqlalchemy.exc.OperationalError as error:
            raise click.ClickException(str(error.orig)) from error


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fitness")
def main() -> None:
    """A training log under version control.

    Settings come from the environment and from .env.dev or .env.prod (FITNESS_ENV selects it).
    """
    # On SIGTERM, exit normally, so that the embedded database is stopped by the process that started it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@main.command("serve")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", help="Port to listen on (PORT).")
def serve_command(host: str | None, port: str | None) -> None:
    """Start the database if needed, migrate it, and serve the API until Ctrl-C or SIGTERM."""
    overrides = {"HOST": host, "PORT": port}
    serve(load_settings({**os.environ, **{name: value for name, value in overrides.items() if value}}))


@main.command("demo")
def demo_command() -> None:
    """Create a demo account with three years of runs, shoes and edits."""
    from fitness import demo  # here, as it loads the web framework, which other commands do not need

    with operator():
        account, count = demo.create(datetime.now(UTC).date())
    click.echo(f"Log in as {account.email} with the password {demo.PASSWORD!r}: {count} runs.")


main.add_command(db.group)
main.add_command(user.group)
main.add_command(imports.group)
main.add_command(sync.group)
main.add_command(secrets.group)
main.add_command(webhook.group)
