"""What the README says, done as it says."""

import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
# What no two runs have in common: the moment of a write.
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


@pytest.fixture
def address(app):
    """Where the app listens for the time of a test."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def tour() -> list[tuple[str, str]]:
    """Return each command of the tour and what it prints."""
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    steps = [step.partition("\n") for step in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]]
    return [(command, printed.strip()) for command, _, printed in steps]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is made of curl commands")
def test_the_tour_prints_what_the_readme_says(address):
    steps = tour()
    script = "".join(f"{command}\nprintf '\\n@@@\\n'\n" for command, _ in steps)

    done = subprocess.run(
        ["bash", "-euc", script.replace("localhost:8000", address)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    printed = [MOMENT.sub("…", text.strip()) for text in done.stdout.split("@@@\n")[:-1]]
    assert len(steps) == 5
    assert printed == [MOMENT.sub("…", text) for _, text in steps]


def test_every_file_that_the_readme_names_is_there():
    named = set(re.findall(r"(?:scripts|tests|fitness|migrations|benchmarks|\.ci)/[\w./]*\w", README))

    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert "scripts/server" in named
