"""The `fitness` command in processes of their own.

They are forked from a process that has imported the program, which takes longer than most commands.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "fitness.app",
        "fitness.cli.serve",
        "fitness.server.gunicorn",
        "alembic.command",
        "alembic.autogenerate",
        "rich.table",
    ]
)


class Command:
    """A running `fitness` command, with what the tests need of `subprocess.Popen`."""

    def __init__(
        self,
        *arguments: object,
        environ: Mapping[str, str],
        out: Path,
        errors: Path | None = None,
        given: Path | None = None,
        group: bool = False,
        first: Callable[[], object] | None = None,
    ) -> None:
        """Start it; standard error goes to `out` as well unless `errors` names a file.

        With `group` it leads a process group of its own; `first` is called in its process before it begins.
        """
        words = [str(argument) for argument in arguments]
        out.touch(0o600)  # it is read before the process has opened it
        files = (given or Path(os.devnull), out, errors)
        self._process = _FORKS.Process(target=_run, args=(words, dict(environ), files, group, first))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("fitness", seconds or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def wait_less() -> None:
    """Let a server wait less for slow clients."""
    from fitness.server import slow_clients

    slow_clients.HEAD_SECONDS = slow_clients.BETWEEN_SECONDS = 2


def serve_browsers(bundle: Path) -> None:
    """Let a server serve this bundle of the dashboard, and hash passwords as quickly as `quick_hashes`."""
    from fitness.accounts import passwords
    from fitness.web import dashboard

    dashboard.BUNDLE = bundle
    passwords.BCRYPT_COST = 4


def finished(
    *arguments: object, environ: Mapping[str, str], given: str = "", seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; return its exit code and what it printed."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        out, errors, read = (Path(name, of) for of in ("out", "errors", "given"))
        read.write_text(given)
        command = Command(*arguments, environ=environ, out=out, errors=errors, given=read)
        code = command.wait(seconds)
        return subprocess.CompletedProcess(["fitness", *map(str, arguments)], code, out.read_text(), errors.read_text())


def _run(
    arguments: list[str],
    environ: dict[str, str],
    files: tuple[Path, Path, Path | None],
    group: bool,
    first: Callable[[], object] | None,
) -> None:
    """Run `python -m fitness.cli` in this process."""
    given, out, errors = files
    os.dup2(os.open(given, os.O_RDONLY), 0)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) if errors else 1, 2)
    # multiprocessing has closed or replaced the streams of a process that it forks.
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    if group:
        os.setsid()
    if first:
        first()
    sys.argv = ["fitness", *arguments]
    runpy.run_module("fitness.cli", run_name="__main__", alter_sys=True)
