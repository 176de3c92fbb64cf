"""Servers that a test starts."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import Command, finished
from tests.server.serving import Served, environment, free_port


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the database's user may pass through, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data directory with a migrated database, to be copied: a first start on an empty one takes seconds."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name:
        Path(name).chmod(0o711)
        data = Path(name, "data")
        finished("db", "upgrade", environ=environment(data)).check_returncode()
        yield data


@pytest.fixture
def launch(place: Path) -> Iterator[Callable[..., Served]]:
    """Start servers on a data directory, `place / "data"` if nothing else is said, and end them with the test."""
    launched: list[Served] = []

    def launch(**environ: str) -> Served:
        served = Served(None, free_port(), place / f"server{len(launched)}.log")  # type: ignore[arg-type]
        settings = {**environment(place / "data"), "PORT": str(served.port), **environ}
        served.process = Command("serve", environ=settings, out=served.log, group=True)
        launched.append(served)
        return served

    yield launch
    for served in launched:
        served.stop()


@pytest.fixture
def serve(launch: Callable[..., Served], prepared: Path, place: Path) -> Callable[..., Served]:
    """Start a server and wait until it serves; nobody has an account on its database yet."""

    def serve(**environ: str) -> Served:
        if not (place / "data").exists() and not environ.keys() & {"DATABASE_URL", "FITNESS_DATA_DIR"}:
            # Not by Python, which would change the owner of the files.
            subprocess.run(["cp", "--archive", prepared, place / "data"], check=True)
        served = launch(**environ)
        served.wait_until_it_serves()
        return served

    return serve
