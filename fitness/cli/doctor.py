"""`fitness doctor`: check the installation."""

from dataclasses import asdict

import click
import orjson

from fitness.server.doctor import FAILED, examine


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Check settings, database, schema, pooler, replicas, providers, disk, clock, secrets and files.

    Prints a page that can be pasted into a report: it has no value of a setting and no secret. Changes nothing;
    the embedded database is started while the command runs, if needed. Exits with 1 if a check failed.
    """
    findings = examine()
    if as_json:
        click.echo(orjson.dumps({"findings": [asdict(one) for one in findings]}, option=orjson.OPT_INDENT_2))
    else:
        for one in findings:
            click.echo(f"{one.state:<8} {one.name:<10} {one.detail}")
    if any(one.state == FAILED for one in findings):
        raise click.exceptions.Exit(1)
