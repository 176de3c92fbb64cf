"""`fitness user`: manage accounts."""

import sys
from typing import Any, cast

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table

from fitness.accounts.passwords import hash_password
from fitness.cli.operator import operator
from fitness.db import users
from fitness.db.connection import system_transaction
from fitness.schemas.auth import SignupSchema


@click.group("user")
def group() -> None:
    """Create, list, deactivate and activate accounts."""


@group.command()
@click.argument("email")
@click.option("--name", help="Display name.")
@click.option("--username", help="Username; can be used to log in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(email: str, name: str | None, username: str | None, password_stdin: bool) -> None:
    """Create an account for EMAIL."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask_password()
    given = {"email": email, "name": name, "username": username, "password": password}
    try:
        loaded = SignupSchema().load({field: value for field, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = (f"{field}: {' '.join(why)}" for field, why in error.normalized_messages().items())
        raise click.UsageError("\n".join(wrong)) from error
    account = cast("dict[str, Any]", loaded)
    hashed_password = hash_password(account.pop("password"))
    account.setdefault("name", username)
    with operator(), system_transaction():
        user = users.create_user(**account, hashed_password=hashed_password)
    click.echo(f"Created account {user.user_id} for {user.email}.")


def _ask_password() -> str:
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


@group.command("list")
def list_command() -> None:
    """List all accounts."""
    table = Table("Number", "E-mail address", "Username", "Name", "Active", "Since")
    with operator(), system_transaction():
        for user in users.list_users():
            active = "yes" if user.is_active else "no"
            since = f"{user.created_at:%Y-%m-%d}"
            table.add_row(str(user.user_id), user.email, user.username or "", user.name, active, since)
    Console().print(table, markup=False)


@group.command()
@click.argument("login")
def deactivate(login: str) -> None:
    """Deactivate an account at once, by e-mail address or username. Its data stays."""
    _set_active(login, False)
    click.echo(f"Deactivated {login}.")


@group.command()
@click.argument("login")
def activate(login: str) -> None:
    """Reactivate a deactivated account, by e-mail address or username."""
    _set_active(login, True)
    click.echo(f"Activated {login}.")


def _set_active(login: str, is_active: bool) -> None:
    with operator(), system_transaction():
        account = users.get_credentials(login)
        if account is None:
            raise click.ClickException(f"No account found for {login}.")
        users.set_active(account.user_id, is_active)
