"""The server under test, started as an operator starts it, and what can be asked of it from outside."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from flask_jwt_extended import create_access_token

from fitness.app import create_app
from fitness.config import load_settings
from fitness.db import pool

START_SECONDS = 60
_NO_SETTINGS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Service:
    """A running server: its port, its database, the directory with its secrets, its main process, other settings."""

    port: int
    database_url: str
    data_dir: Path
    pid: int
    settings: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FITNESS_ENV": "dev",
            "FITNESS_DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database_url,
            "PORT": str(self.port),
            **self.settings,
        }

    def token(self, user_id: int) -> str:
        """Return an access token of a session of the user, good for the whole benchmark."""
        session_id = uuid4()
        with psycopg.connect(self.database_url, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO sessions (user_id, family_id, ends_at) VALUES (%s, %s, now() + interval '1 day')",
                [user_id, session_id],
            )
            owner.execute(
                """
                INSERT INTO refresh_tokens (user_id, token_hash, family_id, expires_at)
                VALUES (%s, %s, %s, now() + interval '1 day')
                """,
                [user_id, str(session_id), session_id],
            )
        app = create_app(load_settings(self.environment() | {"ACCESS_TOKEN_MINUTES": "1440", "LOG_LEVEL": "ERROR"}))
        with app.app_context():
            token = create_access_token(str(user_id), additional_claims={"sid": str(session_id)})
        pool.close_pool()
        return token

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def memory_kib(self, field: str) -> int:
        """Return a figure of the memory of the worker that has most: `VmRSS` (now) or `VmHWM` (its peak)."""
        return max(_memory_kib(worker, field) for worker in self.workers())


@contextmanager
def serving(database_url: str, data_dir: Path, settings: Mapping[str, str] = _NO_SETTINGS) -> Iterator[Service]:
    """Run `fitness serve` on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    draft = Service(port, database_url, data_dir, 0, settings)
    with (data_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fitness.cli", "serve"], env=draft.environment(), stdout=log, stderr=log
        )
    try:
        _wait_until_it_answers(draft.url, process)
        yield replace(draft, pid=process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/health/db").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start; see server.log")


def _memory_kib(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{field}:"))
