"""The `fitness` command, run as a process of its own against real databases and a real server."""

import dataclasses
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from fitness.config import Settings
from tests.cli.commands import Fitness
from tests.processes import finished
from tests.standins.strava import StravaStandIn


@pytest.fixture
def fitness(tmp_path: Path) -> Fitness:
    """Run the command with arguments, standard input and settings; a wide terminal keeps its tables in one piece."""

    def fitness(*arguments: object, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        settings = {"FITNESS_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}
        return finished(*arguments, environ={**os.environ, **settings, **environ}, given=given)

    return fitness


@pytest.fixture
def settings(settings: Settings, strava: StravaStandIn) -> Settings:
    addresses = {f"strava_{name}": address for name, address in strava.addresses.items()}
    application = {"strava_client_id": strava.client_id, "strava_client_secret": strava.client_secret}
    return dataclasses.replace(settings, **addresses, **application)


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """Serve the test's app on a port of its own; the URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
