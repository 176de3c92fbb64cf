"""`fitness user`: manage accounts."""

import sys
from typing import Any, cast

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table

from fitness.accounts.api_tokens import create_operator_token
from fitness.accounts.passwords import hash_password
from fitness.cli.account import operators_reason_option
from fitness.cli.operator import account_number, operator
from fitness.db import users
from fitness.db.connection import system_transaction, transaction
from fitness.names import normal_name
from fitness.schemas.auth import SignupSchema

MOST_MINUTES = 24 * 60


@click.group("user")
def group() -> None:
    """Create, list, deactivate and activate accounts; make tokens of the operator."""


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
            table.add_row(str(user.user_id), user.email, user.username or "", normal_name(user.name), active, since)
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
    with operator():
        user_id = account_number(login)
        with system_transaction():
            users.set_active(user_id, is_active)


@group.command()
@click.argument("login")
@click.option(
    "--minutes",
    type=click.IntRange(1, MOST_MINUTES),
    default=30,
    show_default=True,
    help="How long the token is valid.",
)
@operators_reason_option(required=True, help="Why you need it; the owner of the account sees it.")
def token(login: str, minutes: int, reason: str) -> None:
    """Print a token with which you act for an account, by e-mail address or username.

    It reads, corrects and restores records, reverts changesets, rewinds, and decides conflicts, and nothing else. What
    it changes is in the history as done by "operator", with the reason. Its owner sees the token, and can revoke it.
    """
    with operator(), transaction(account_number(login)):
        made, secret = create_operator_token(minutes=minutes, reason=reason)
    click.echo(secret)
    click.echo(f"Valid until {made.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
