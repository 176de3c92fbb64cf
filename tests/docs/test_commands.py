"""The commands of README.md and docs/, run against a server that listens; the answers are those that the pages show."""

import dataclasses
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from flask import Flask
from werkzeug.serving import make_server

from fitness.config import VARIABLES, Settings
from fitness.server.background import Background
from tests.connecting import with_strava
from tests.docs.pages import PAGES, README, ROOT, Step, steps
from tests.docs.terminal import Terminal
from tests.standins.google import GoogleStandIn
from tests.standins.hevy import HevyStandIn, sample
from tests.standins.strava import StravaStandIn

pytestmark = pytest.mark.usefixtures("quick_hashes")

# The commands that every page starts from: the server's address, a filter for answers, an account and its token.
START = [step for step in steps(README) if step.answer == ""]
CONNECT = re.compile(r'\{"url":"([^"]+)"\}')

NOT_RUN = {
    "scripts/server": "serves until Ctrl-C; tests/test_server.py starts and stops it",
    "FITNESS_ENV=prod scripts/server": "needs the operator's secrets; tests/test_config.py reads .env.prod",
    "scripts/test": "would run this test again",
    "POSTGRES_VERSION=16 scripts/test": "would run this test again",
    "scripts/test tests/docs": "would run this test again",
    ".venv/bin/fitness doctor": "asks the providers themselves; tests/cli/test_doctor.py runs it",
    ".venv/bin/fitness db upgrade-server": "needs a database of PostgreSQL 16; tests/cli/test_backups.py runs it",
    "deploy/make-secrets": "makes files in deploy/; tests/deploy/test_files.py runs it elsewhere",
    "scripts/wheel": "tests/test_wheel.py builds and installs a wheel",
    ".ci/run": "would run this test again",
    ".venv/bin/ruff check": "a step of .ci/run",
    ".venv/bin/ruff format --check": "a step of .ci/run",
    ".venv/bin/pyright": "a step of .ci/run",
    ".venv/bin/lint-imports": "a step of .ci/run",
    ".venv/bin/alembic upgrade head": "a step of .ci/run",
    ".venv/bin/python -m benchmarks --quick": "takes minutes",
    ".venv/bin/python -m benchmarks.pictures": "changes the pictures",
}


def own_steps(page: Path) -> list[Step]:
    """Return the commands of a page that are run, without those that every page starts from."""
    return [step for step in steps(page) if step not in START and step.command not in NOT_RUN]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def address(listener: socket.socket) -> str:
    return f"localhost:{listener.getsockname()[1]}"


@pytest.fixture
def settings(settings: Settings, address: str) -> Iterator[Settings]:
    """The providers are stand-ins, which send browsers back to the server."""
    with StravaStandIn() as strava, HevyStandIn.of_samples() as hevy, GoogleStandIn() as google:
        strava.add(*(activity for page in (1, 2) for activity in sample(f"strava_activities_page{page}.json")))
        strava.add_gear(*sample("strava_gear_by_id.json").values())
        urls = {"hevy_api_url": hevy.url, "public_api_base_url": f"http://{address}"}
        yield dataclasses.replace(with_strava(settings, strava), **urls, **google.settings)


@pytest.fixture
def terminal(app: Flask, settings: Settings, listener: socket.socket, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in a copy of the repository, whose `fitness` commands find the server's database."""
    for name in ("scripts", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    # Google's addresses stay out: that of the stand-in's keys has a query, which settings refuse.
    values = {variable.name: getattr(settings, variable.attribute) for variable in VARIABLES}
    named = {
        name: str(value) for name, value in values.items() if isinstance(value, str | Path) and "GOOGLE" not in name
    }
    server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    background = Background(app)
    background.start()
    terminal = Terminal(tmp_path, {**os.environ, **named, "COLUMNS": "100"})
    yield terminal
    terminal.close()
    background.stop()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("page", list(filter(own_steps, PAGES)), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_what_its_commands_print(page: Path, terminal: Terminal, address: str) -> None:
    for step in [*START, *own_steps(page)]:
        printed = terminal.run(step.command.replace("localhost:8000", address))
        assert step.answer is None or terminal.agrees(step.answer, printed), f"{step.command}\n{printed}"
        if found := CONNECT.fullmatch(printed):
            connect(found[1], terminal.run("echo $TOKEN"))


def connect(address: str, token: str) -> None:
    """Open the address in a browser that did not ask for it, agree, and confirm in the dashboard."""
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as browser:
        back = browser.get(address).next_request
        assert back is not None
        sent = dict(parse_qsl(browser.send(back).headers["Location"].partition("#")[2]))
        path = str(back.url.copy_with(query=None)).replace("/callback", "/connect")
        provider = sent.pop("connect")
        assert browser.post(path, json=sent).json()["provider"] == provider


def test_every_command_that_is_not_run_is_on_a_page() -> None:
    assert NOT_RUN.keys() - {step.command for page in PAGES for step in steps(page)} == set()
