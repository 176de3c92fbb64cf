"""`fitness secrets`: the stored tokens and keys of providers."""

import click

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db import oauth_applications, oauth_credentials, second_factors
from fitness.db.connection import system_transaction


@click.group("secrets")
def group() -> None:
    """Manage the stored tokens and keys of providers."""


@group.command()
def rotate() -> None:
    """Re-encrypt all secrets with the first key of ENCRYPTION_KEYS.

    Put a new key before the old ones, restart the server, run this command, then remove the old keys.
    """
    cipher = Cipher(load_settings().encryption_keys)
    try:
        with operator(), system_transaction():
            tables = (oauth_credentials, oauth_applications, second_factors)
            count = sum(table.rewrite_secrets(cipher.rotate) for table in tables)
    except Undecipherable as error:
        raise click.ClickException(f"{error}; nothing was changed.") from error
    click.echo(f"{count} secrets are now encrypted with the first key.")
