"""The program's own files and directories, which others cannot read."""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


def make_directory(path: Path) -> None:
    """Create a directory and its missing parents; others may pass through, as the database's user does, but not list.

    What exists stays as it is.
    """
    for missing in [one for one in (*reversed(path.parents), path) if not one.exists()]:
        try:
            missing.mkdir()
        except FileExistsError:  # by another process, at this moment
            continue
        missing.chmod(0o711)


def open_private(path: Path, mode: str) -> IO[Any]:
    """Open a file to write to; from now on only its owner can open it, also if others could before."""
    file = open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115 - its user closes it
    os.fchmod(file.fileno(), 0o600)
    return file


YOUNG_SECONDS = 10
"""A file that is older is held, unless the program that made it has ended."""


def hold(file: IO[Any]) -> None:
    """Hold a temporary file as long as it is open, so that it is not `abandoned`."""
    with suppress(OSError):  # some file systems have no locks: nothing is abandoned there
        fcntl.flock(file, fcntl.LOCK_EX)


def abandoned(files: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that killed programs have left, which held them. One is held while it is yielded."""
    for path in files:
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(file.fileno()).st_mtime > YOUNG_SECONDS:
                yield path
