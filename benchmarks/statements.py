"""The statements that a request runs, taken from the program itself, as a script for pgbench."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.service import Service
from fitness.app import create_app
from fitness.config import load_settings
from fitness.db import connection, pool
from fitness.server.postgres import EmbeddedPostgres


@contextmanager
def _noted(url: str) -> Iterator[list[str]]:
    """Note every statement of this process's transactions as literal text, in order, with what begins and ends them."""
    noted: list[str] = []
    run, command, opening, together = connection._run, connection._command, pool._open, pool.run_together

    with psycopg.connect(url) as reader:
        writer = psycopg.ClientCursor(reader)

        def noting_run(row: Any, query: Any, params: dict[str, Any]) -> Any:
            cursor = run(row, query, params)
            noted.append(writer.mogrify(query, params))
            return cursor

        def noting_command(on: Any, text: str) -> Any:
            noted.append(text)
            return command(on, text)

        def noting_opening(on: Any, text: str, until: float) -> None:
            noted.append(text)
            opening(on, text, until)

        def noting_together(on: Any, statements: Any, wait: Any = None) -> Any:
            noted.append("; ".join(_written(one.query, params) for one, params in statements))
            return together(on, statements, wait)

        connection._run, connection._command, pool._open = noting_run, noting_command, noting_opening
        connection.run_together = pool.run_together = noting_together
        try:
            yield noted
        finally:
            connection._run, connection._command, pool._open = run, command, opening
            connection.run_together = pool.run_together = together


def _written(query: bytes, params: list[bytes]) -> str:
    """Return a prepared statement with its parameters written in, as text that PostgreSQL converts."""
    return re.sub(r"\$(\d+)", lambda found: f"'{params[int(found[1]) - 1].decode()}'", query.decode())


def statements_of(service: Service, token: str, method: str, path: str, json: Any = None) -> list[str]:
    """Return the statements that one request runs, as this program sends them but for the values written in."""
    app = create_app(load_settings(service.environment() | {"LOG_LEVEL": "ERROR"}))
    with _noted(service.database_url) as noted:
        answer = app.test_client().open(path, method=method, json=json, headers={"Authorization": f"Bearer {token}"})
    pool.close_pool()
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"unexpected answer: {answer.status} {answer.text}")
    return [re.sub(r"\s+", " ", statement).strip() for statement in noted]


def script(statements: list[str], *, first: str = "", store: int | None = None) -> str:
    """Return a pgbench script: each statement a message of its own; the row of number `store` fills variables."""
    lines = [first] if first else []
    for number, statement in enumerate(statements):
        one_message = statement.replace(";", "\\;")
        lines.append(f"{one_message} \\gset" if number == store else f"{one_message};")
    return "\n".join(lines) + "\n"


def transactions_per_second(postgres: EmbeddedPostgres, url: str, path: Path, *, clients: int, seconds: float) -> float:
    """Return what pgbench reaches with the script, in simple query mode."""
    options = ["-n", "-M", "simple", "-c", str(clients), "-j", "2", "-T", str(round(seconds)), "-f", str(path)]
    done = subprocess.run(
        [str(postgres.bin_dir / "pgbench"), *options, url], capture_output=True, text=True, check=True
    )
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if rate is None or (failed and failed[1] != "0"):
        raise RuntimeError(done.stdout + done.stderr)
    return float(rate[1])
