"""The user as whom the database and the server's workers run when root starts them."""

import contextlib
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

SYSTEM_USER = "fitness-db"
PROGRAM = "Move the program to a place outside of it, such as /opt"


class ServerError(Exception):
    """The database or the server cannot start; the message has the reason."""


def service_user(data_dir: Path) -> pwd.struct_passwd:
    """Return the current user; if it is root, the owner of the embedded database instead, or SYSTEM_USER.

    Creates SYSTEM_USER if it does not exist; raises ServerError if that fails.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    if data_dir.exists():
        return pwd.getpwuid(data_dir.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise ServerError(f"The server does not work as root, and useradd failed: {made.stderr.strip()}") from None


def run_as(user: pwd.struct_passwd) -> dict[str, Any]:
    """Return the Popen arguments that run a process as the user, without the terminal's Ctrl-C."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    common = {"env": environ, "cwd": "/", "umask": 0o077, "start_new_session": True}
    if os.geteuid() != 0:
        return common
    return {**common, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def require_entry(user: pwd.struct_passwd, place: Path, remedy: str) -> None:
    """Raise ServerError if the user may not enter a directory; it names the outermost closed one, and a remedy."""
    if os.geteuid() != 0 or _may_enter(user, place):
        return
    closed = next(one for one in (*reversed(place.parents), place) if not _may_enter(user, one))
    raise ServerError(
        f"{user.pw_name}, as whom the server works when root starts it, may not enter {closed}. {remedy}, or start the "
        "server as another user."
    )


def _may_enter(user: pwd.struct_passwd, directory: Path) -> bool:
    return subprocess.run(["test", "-x", directory], **run_as(user)).returncode == 0


def leave_root(user: pwd.struct_passwd) -> None:
    """Prepare this process of root to become the user, who can read nothing in the places of root.

    Modules of Python itself that are imported later are still found, also if it is installed in such a place.
    """
    os.setgroups([])
    os.environ["HOME"] = user.pw_dir
    tempfile.tempdir = None  # chosen again
    descriptor = os.open(sys.base_prefix, os.O_RDONLY | os.O_DIRECTORY)
    sys.meta_path.append(_Descriptor(sys.base_prefix, f"/proc/self/fd/{descriptor}"))


@dataclass(frozen=True)
class _Descriptor(MetaPathFinder):
    """Finds modules in a directory that was opened by root: the directories above it need not be entered any more."""

    directory: str
    link: str

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        places = [one for one in (sys.path if path is None else path) if one.startswith(self.directory)]
        return PathFinder.find_spec(fullname, [self.link + one.removeprefix(self.directory) for one in places], target)
