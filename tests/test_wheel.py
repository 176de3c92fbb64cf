"""The wheel: built from the repository, it runs in an environment and a directory that hold nothing else."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness.config import ROOT, VARIABLES
from tests.server.servers import place
from tests.server.serving import Served, free_port

__all__ = ["place"]

PAGE = "<!doctype html><title>fitness</title>"
SOURCES = ("fitness", "migrations", "pyproject.toml", "setup.py", "README.md")


@pytest.fixture
def sources(place: Path) -> Path:
    """A copy of what the wheel is built from, with a dashboard of two files."""
    directory = place / "sources"
    directory.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__", "dashboard"))
        else:
            shutil.copy(ROOT / name, directory / name)
    bundle = directory / "fitness" / "dashboard"
    (bundle / "assets").mkdir(parents=True)
    (bundle / "index.html").write_text(PAGE)
    (bundle / "assets" / "index.js").write_text("0")
    return directory


def build(sources: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", sources / "dist", sources]
    return subprocess.run(command, capture_output=True, text=True, cwd=sources)


@pytest.fixture
def installed(sources: Path, place: Path) -> Path:
    """An environment with the wheel, which finds the packages that it needs in the environment of the tests."""
    built = build(sources)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (sources / "dist").glob("fitness-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
    site = next((place / "venv").glob("lib/python*/site-packages"))
    # A directory on this list is searched last, and its own lists are not read: the repository stays out.
    (site / "needed.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", place / "venv", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, wheel], check=True)
    shutil.rmtree(sources)
    return place / "venv"


@pytest.fixture
def served(installed: Path, place: Path) -> Iterator[Served]:
    """`fitness serve` of the installed wheel, started in an empty directory with its default settings."""
    empty, log = place / "empty", place / "server.log"
    empty.mkdir(mode=0o711)
    named = {variable.name for variable in VARIABLES} | {"PYTHONPATH"}
    environ = {name: value for name, value in os.environ.items() if name not in named}
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [installed / "bin" / "fitness", "serve"],
            cwd=empty,
            env={**environ, "PORT": str(port), "WORKERS": "1"},
            stdout=out,
            stderr=out,
        )
    served = Served(process, port, log)  # type: ignore[arg-type]
    yield served
    served.stop()


def test_an_installed_wheel_serves_from_an_empty_directory(served: Served, installed: Path, place: Path) -> None:
    served.wait_until_it_serves()

    assert served.get("/health").json()["database"] == "ok"
    assert served.get("/dashboard/").text == PAGE
    assert served.get("/dashboard/assets/index.js").text == "0"
    assert served.get("/docs/").status_code == 200
    assert [one.name for one in (place / "empty").iterdir()] == [".data"]
    site = next(installed.glob("lib/python*/site-packages"))
    assert {one.name.partition("-")[0] for one in site.iterdir()} == {"fitness", "migrations", "needed.pth"}
    assert served.stop() == 0


def test_a_wheel_is_not_built_without_the_dashboard(sources: Path) -> None:
    shutil.rmtree(sources / "fitness" / "dashboard")

    built = build(sources)

    assert built.returncode != 0
    assert "run scripts/wheel" in built.stdout + built.stderr
    assert not list((sources / "dist").glob("*.whl"))
