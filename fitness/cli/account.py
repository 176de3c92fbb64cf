"""The account that a command works on: any in the database of this machine, as the operator, or one's own elsewhere."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import click
import httpx
from click.core import ParameterSource

from fitness.cli.remote import LOGIN_HELP, logged_in, url_option
from fitness.ranges import LONGEST_OPERATORS_REASON

Command = TypeVar("Command", bound=Callable[..., Any])

ACCOUNT_HELP = f"""With ACCOUNT (an e-mail address or username), it works on the database of this machine, for the
    operator. Without it, it works on your own account on a running server (--url).

    {LOGIN_HELP.replace("the scope import", "the scopes read and write")}"""
"""Help text on how to choose the account."""


def _checked(context: click.Context, parameter: click.Parameter, reason: str | None) -> str | None:
    if reason is None:
        return None
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_OPERATORS_REASON:
        raise click.BadParameter(f"must be 1 to {LONGEST_OPERATORS_REASON} characters")
    return reason


operators_reason_option = partial(click.option, "--reason", callback=_checked)
reason_option = operators_reason_option(
    help="Why you change records of ACCOUNT; its owner sees it in the history. Required with ACCOUNT."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer of the server as JSON.")


def arguments_of(*names: str) -> Callable[[Command], Command]:
    """Add the arguments [ACCOUNT] and `names`, see `split`, --url and --json to a command."""
    values = click.argument("values", metavar=" ".join(("[ACCOUNT]", *names)), nargs=-1, required=True)
    return lambda command: values(url_option(json_option(command)))


def split(values: Sequence[str], *names: str) -> tuple[str | None, list[str]]:
    """Return the account, if there is one, and the other arguments; raises UsageError."""
    if len(values) == len(names):
        return None, list(values)
    if len(values) == len(names) + 1:
        if click.get_current_context().get_parameter_source("url") is ParameterSource.COMMANDLINE:
            raise click.UsageError("--url is for your own account. With ACCOUNT, it is the database of this machine.")
        return values[0], list(values[1:])
    raise click.UsageError(f"Expected: [ACCOUNT] {' '.join(names)}")


def require_reason(account: str | None, reason: str | None, *, dry_run: bool) -> None:
    """Raise UsageError if the operator changes records without a reason, or somebody else gives one."""
    if account is None and reason is not None:
        raise click.UsageError("--reason is for changes of the operator: name the ACCOUNT.")
    if account is not None and reason is None and not dry_run:
        raise click.UsageError("Say with --reason why you change records of another person.")


@contextmanager
def client_of(account: str | None, url: str, reason: str | None = None) -> Iterator[httpx.Client]:
    """Yield a client of the API: acting for an account as the operator, or logged in to a running server."""
    if account is None:
        with logged_in(url) as client:
            yield client
        return
    # Loading the application takes a second, which commands on another server need not wait for.
    acting = import_module("fitness.cli.acting")
    with acting.acting_for(account, reason) as client:
        yield client


def number(text: str, name: str, last: int) -> int:
    """Return a number from 1 to `last`; raises UsageError."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(last)) and 0 < int(text) <= last:
        return int(text)
    raise click.UsageError(f"{name} must be a number from 1 to {last}, not {text}.")


def print_json(answer: Any) -> None:
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
