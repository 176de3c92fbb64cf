"""The program's own files and directories, which others cannot read."""

import os
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
