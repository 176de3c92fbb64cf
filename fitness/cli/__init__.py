"""The `fitness` command: serve, look after the database and its users, import."""

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
    """The settings are not usable."""

    exit_code = 2


class Group(click.Group):
    """A group whose commands say in a sentence what a person can do something about.

    They leave with 2 when the settings are not usable, else with 1.
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

    Settings come from the environment and from .env.dev or .env.prod (FITNESS_ENV says which).
    """
    # So that the embedded database is stopped by whoever started it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@main.command("serve")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", help="Port to listen on (PORT).")
def serve_command(host: str | None, port: str | None) -> None:
    """Start the database where needed, migrate it, and serve the API until Ctrl-C or SIGTERM."""
    overrides = {"HOST": host, "PORT": port}
    serve(load_settings({**os.environ, **{name: value for name, value in overrides.items() if value}}))


@main.command("demo")
def demo_command() -> None:
    """Make an account with three years of runs, shoes and edits, so that there is something to look at."""
    from fitness import demo  # brings the web framework along, which the other commands do without

    with operator():
        account, count = demo.create(datetime.now(UTC).date())
    click.echo(f"Log in as {account.email} with the password {demo.PASSWORD!r}: {count} runs.")


main.add_command(db.group)
main.add_command(user.group)
main.add_command(imports.group)
main.add_command(sync.group)
main.add_command(secrets.group)
main.add_command(webhook.group)
