"""`fitness secrets`: what providers entrust to us."""

import click

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db.connection import system_transaction
from fitness.db.oauth_credentials import rewrite_secrets


@click.group("secrets")
def group() -> None:
    """Look after the stored tokens and keys of providers."""


@group.command()
def rotate() -> None:
    """Encrypt all of them anew, with the first of the ENCRYPTION_KEYS.

    Put a new key before the old ones, restart the server, run this, and then take the old ones away.
    """
    cipher = Cipher(load_settings().encryption_keys)
    try:
        with operator(), system_transaction():
            count = rewrite_secrets(cipher.rotate)
    except Undecipherable as error:
        raise click.ClickException(f"{error}; nothing was changed.") from error
    click.echo(f"{count} secrets are encrypted with the first key now.")
