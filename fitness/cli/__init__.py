"""The `fitness` command. The module of a subcommand is imported when it runs, so that `--help` is fast."""

import signal
import sys
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "serve": "Start the database if needed, migrate it, and serve the API.",
    "demo": "Create an account with three years of training.",
    "db": "Manage the database: schema, backup, restore, psql.",
    "doctor": "Check the installation; a page to paste into a report.",
    "user": "Manage accounts, passwords and invitations; tokens of the operator.",
    "import": "Import files into an account on a running server.",
    "sync": "Sync an account on a running server with a provider.",
    "history": "List the versions of a record.",
    "diff": "Compare two versions of a record.",
    "restore": "Restore an earlier version of a record.",
    "revert": "Revert an import, a sync or another changeset.",
    "rewind": "Put everything back to an instant.",
    "secrets": "Manage the stored tokens and keys of providers.",
    "webhook": "Manage the webhook by which Strava reports changes.",
}
"""Subcommand → its line in the help."""

MODULES = {"import": "imports"}
"""The modules of this package whose names differ from their subcommands."""


class Unusable(click.ClickException):
    """The settings are not valid; exits with 2."""

    exit_code = 2


class Group(click.Group):
    """A command group that prints expected errors as one sentence instead of a traceback.

    Commands exit with 2 if the settings are not valid, and with 1 for other errors.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"fitness.cli.{MODULES.get(cmd_name, cmd_name)}")
        return getattr(module, "group", None) or module.command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise _user_error(error) or error from error.__cause__


def _user_error(error: Exception) -> click.ClickException | None:
    """Return the sentence for an error that a person can act on, or None for a bug."""
    import psycopg
    import sqlalchemy.exc
    from alembic.util import CommandError

    from fitness.config import ConfigError
    from fitness.errors import FitnessError
    from fitness.server.service_user import ServerError

    if isinstance(error, ConfigError):
        return Unusable(str(error))
    if isinstance(error, sqlalchemy.exc.OperationalError):
        return click.ClickException(str(error.orig))
    if isinstance(error, ServerError | FitnessError | CommandError | psycopg.OperationalError):
        return click.ClickException(str(error))
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        wrong = next((argument for argument in sys.argv if not _is_text(argument)), None)
        return click.ClickException(f"{wrong!a} is not UTF-8" if wrong else "A variable is not UTF-8")
    if isinstance(error, OSError) and error.errno is not None:
        return click.ClickException(": ".join(str(part) for part in (error.filename, error.strerror) if part))
    return None


def _is_text(argument: str) -> bool:
    """Return whether an argument is UTF-8; Python keeps bytes that are not as halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fitness")
def main() -> None:
    """A training log under version control.

    Settings come from the environment and from .env.dev or .env.prod (FITNESS_ENV selects it).
    """
    # So that the embedded database is stopped by the process that started it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
