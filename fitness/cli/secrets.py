"""`fitness secrets`: the stored tokens and keys of providers."""

from functools import partial

import click
import psycopg

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db import oauth_applications, oauth_credentials, second_factors
from fitness.db.connection import system_transaction
from fitness.db.deadlocks import tried_twice


@click.group("secrets")
def group() -> None:
    """Manage the stored tokens and keys of providers."""


@group.command()
def rotate() -> None:
    """Re-encrypt all secrets with the first key of ENCRYPTION_KEYS.

    Put a new key before the old ones, restart the server, run this command, then remove the old keys.
    """
    cipher = Cipher(load_settings().encryption_keys)
    with operator():
        count = tried_twice(partial(_rotate, cipher))
    click.echo(f"{count} secrets are now encrypted with the first key.")


def _rotate(cipher: Cipher) -> int:
    with system_transaction():
        return sum(_rotate_of(user_id, what, cipher) for what in _TABLES for user_id in _TABLES[what].list_owners())


def _rotate_of(user_id: int, what: str, cipher: Cipher) -> int:
    try:
        return _TABLES[what].rewrite_secrets(user_id, cipher.rotate)
    except Undecipherable as error:
        raise click.ClickException(f"{error}: {what} of account {user_id}. Nothing was changed.") from error
    except psycopg.errors.LockNotAvailable as error:
        busy = f"{what.capitalize()} of account {user_id} is being refreshed or changed"
        raise click.ClickException(f"{busy}. Nothing was changed: try again.") from error


_TABLES = {
    "an application": oauth_applications,
    "a connection": oauth_credentials,
    "the second factor": second_factors,
}
"""An application before the connections through it, as `save_application` locks them."""
