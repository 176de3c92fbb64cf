"""A running `fitness serve`."""

import contextlib
import dataclasses
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests import loopback
from tests.processes import Command

VERSION = os.environ.get("POSTGRES_VERSION") or "18"
CLUSTER = f"postgres{VERSION}"


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclasses.dataclass
class Served:
    """A running `fitness serve`."""

    process: Command
    port: int
    log: Path

    def get(self, path: str) -> httpx.Response:
        return loopback.get(f"http://127.0.0.1:{self.port}{path}", timeout=60)

    def post(self, path: str, body: object) -> httpx.Response:
        return loopback.post(f"http://127.0.0.1:{self.port}{path}", json=body, timeout=60)

    def wait_until_it_serves(self) -> None:
        def serves() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return "API docs" in self.log.read_text()

        wait_for(serves)
        assert self.get("/health/db").json()["status"] == "ok"

    def kill(self) -> None:
        """Kill all its processes at once, the embedded database's among them."""
        tree = self.tree()
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        psutil.wait_procs(tree)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, SIGINT to the whole group as a terminal does, and return the exit code."""
        if how == signal.SIGINT:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.wait(60)

    def tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


def environment(data_dir: Path) -> dict[str, str]:
    """Return an environment that names a data directory and no database; one worker starts sooner than two."""
    return {**os.environ, "FITNESS_DATA_DIR": str(data_dir), "DATABASE_URL": "", "WORKERS": "1"}
