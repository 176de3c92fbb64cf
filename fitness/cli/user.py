"""`fitness user`: manage accounts."""

import sys
from typing import Any, cast

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table

from fitness.accounts import passwords, sessions
from fitness.accounts.api_tokens import create_operator_token
from fitness.accounts.security_log import record
from fitness.accounts.sign_up import invite, prepare
from fitness.cli.account import operators_reason_option
from fitness.cli.operator import account_number, operator
from fitness.config import load_settings
from fitness.db import second_factors, users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import found
from fitness.names import normal_name
from fitness.schemas.account import NewPasswordSchema
from fitness.schemas.auth import SignupSchema

MOST_MINUTES = 24 * 60


@click.group("user")
def group() -> None:
    """Create, list, deactivate and activate accounts; passwords, invitations, and tokens of the operator."""


@group.command()
@click.argument("email")
@click.option("--name", help="Display name.")
@click.option("--username", help="Username; can be used to log in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(email: str, name: str | None, username: str | None, password_stdin: bool) -> None:
    """Create an account for EMAIL."""
    given = {"email": email, "name": name, "username": username, "password": _read_line() if password_stdin else None}
    account = _loaded(given, ask_later=() if password_stdin else ("password",))
    with operator():
        with system_transaction():
            users.refuse_taken(account["email"], username)
        if not password_stdin:
            account = _loaded({**given, "password": _ask_password()})
        new = prepare(account)
        with system_transaction():
            user = users.create_user(**new)
    click.echo(f"Created account {user.user_id} for {user.email}.")


def _loaded(given: dict[str, str | None], *, ask_later: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of a new account, of which some may still be missing; raises UsageError."""
    fields = {field: value for field, value in given.items() if value is not None}
    try:
        return cast("dict[str, Any]", SignupSchema(partial=ask_later).load(fields))
    except ValidationError as error:
        raise _usage(error) from error


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _ask_password() -> str:
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


@group.command()
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def password(login: str, password_stdin: bool) -> None:
    """Set a new password for an account, by e-mail address or username, and end its sessions.

    Personal access tokens stay.
    """
    with operator():
        user_id = account_number(login)
        given = _read_line() if password_stdin else _ask_password()
        try:
            new = cast("dict[str, Any]", NewPasswordSchema().load({"new_password": given}))["new_password"]
        except ValidationError as error:
            raise _usage(error) from error
        with transaction(user_id):
            user = found(users.get_user(), "User")
        hashed_password = passwords.hash_new_password(new, user)
        with system_transaction():
            passwords.set_password(user_id, hashed_password, "password_changed_by_operator")
    click.echo(f"Changed the password of {login}; all sessions have ended.")


@group.command()
@click.argument("login")
def recover(login: str) -> None:
    """Let somebody who lost the app and the recovery codes log in by the password alone.

    Make sure that it is the owner of the account, by e-mail address or username, who asks for it.
    """
    with operator():
        user_id = account_number(login)
        with system_transaction():
            if not second_factors.delete_second_factor(user_id):
                raise click.ClickException(f"{login} has no second factor.")
            record(user_id, "second_factor_off", "by the operator")
    click.echo(f"Removed the second factor of {login}.")


@group.command("invite")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How long it is valid.")
def invite_command(days: int) -> None:
    """Print an invitation to sign up, for one account."""
    with operator():
        code, expires_at = invite(days=days)
    click.echo(f"{load_settings().public_api_base_url}/dashboard#invitation={code}")
    click.echo(f"Code {code}, valid once, until {expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


def _usage(error: ValidationError) -> click.UsageError:
    wrong = (f"{field}: {' '.join(why)}" for field, why in error.normalized_messages().items())
    return click.UsageError("\n".join(wrong))


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
    """Deactivate an account at once, by e-mail address or username. Its data stays.

    Its sessions and tokens end, also for after it is activated again.
    """
    with operator():
        user_id = account_number(login)
        with system_transaction():
            sessions.deactivate(user_id, "by the operator")
    click.echo(f"Deactivated {login}; all sessions and tokens have ended.")


@group.command()
@click.argument("login")
def activate(login: str) -> None:
    """Reactivate a deactivated account, by e-mail address or username."""
    with operator():
        user_id = account_number(login)
        with system_transaction():
            users.set_active(user_id, True)
            record(user_id, "account_activated", "by the operator")
    click.echo(f"Activated {login}.")


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
