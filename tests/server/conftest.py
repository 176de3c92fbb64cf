"""Servers that a test starts."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the database's user may pass through, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
