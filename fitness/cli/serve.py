"""`fitness serve`: run the database and the API."""

import os

import click

from fitness.config import exposed_secrets, load_settings
from fitness.server.gunicorn import serve


@click.command("serve")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", help="Port to listen on (PORT).")
def command(host: str | None, port: str | None) -> None:
    """Start the database if needed, migrate it, and serve the API until Ctrl-C or SIGTERM."""
    overrides = {"HOST": host, "PORT": port}
    settings = load_settings({**os.environ, **{name: value for name, value in overrides.items() if value}})
    if exposed := exposed_secrets():
        click.echo(f"Warning: other users of this machine can read the secrets in {exposed}; chmod 600 it.", err=True)
    serve(settings)
