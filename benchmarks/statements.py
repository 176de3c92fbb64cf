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
from fitness.db import pool
from fitness.db.wire import Wire
from fitness.server.postgres import EmbeddedPostgres


@contextmanager
def _noted(url: str) -> Iterator[list[str]]:
    """Note every statement of this process's transactions as literal text, in order; those of a message together."""
    noted: list[str] = []
    queued: list[str] = []
    queue, send = Wire.queue, Wire.send
    with psycopg.connect(url) as reader:
        writer = psycopg.ClientCursor(reader)

        def noting_queue(self: Wire, text: Any, params: Any) -> Any:
            queued.append(writer.mogrify(text, params))
            return queue(self, text, params)

        def noting_send(self: Wire) -> None:
            noted.append("; ".join(queued))
            queued.clear()
            send(self)

        Wire.queue, Wire.send = noting_queue, noting_send
        try:
            yield noted
        finally:
            Wire.queue, Wire.send = queue, send


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
