"""What tests of the commands share."""

import re
import subprocess
from collections.abc import Callable

import psycopg

PASSWORD = "a long pass phrase"
Fitness = Callable[..., subprocess.CompletedProcess[str]]


def row(connection: psycopg.Connection, query: str) -> object:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found[0]


def counts(output: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"│ (\w+) +│ (\d+) +│", output)}
