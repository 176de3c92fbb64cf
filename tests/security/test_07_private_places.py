"""Private directories stay closed, the workers are not root, and others cannot open the program's files.

Before: started as root, the server let everybody enter the directories above its data, its workers ran as root, and
anybody could hold the lock that starting and stopping waits for.
"""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fitness.config import load_settings
from fitness.files import make_directory, open_private
from fitness.server.postgres import database
from tests.server.servers import launch, place
from tests.server.serving import CLUSTER

__all__ = ["launch", "place"]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="another user has nothing to give up")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@as_root
def test_a_closed_directory_stays_closed_and_the_server_says_what_to_do(launch, place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)

    served = launch(FITNESS_DATA_DIR=str(closed / "data"))

    assert served.process.wait(60) == 1
    said = served.log.read_text()
    assert f"may not enter {closed}. Set FITNESS_DATA_DIR to a place outside of it" in said
    assert mode(closed) == 0o700


@as_root
def test_workers_are_not_root_and_can_do_their_work(served):
    workers = psutil.Process(served.process.pid).children()

    assert workers
    for worker in workers:
        assert 0 not in {*worker.uids(), *worker.gids()}
        status = Path(f"/proc/{worker.pid}/status").read_text()
        assert "\nCapEff:\t0000000000000000\n" in status
        assert "\nGroups:\t \n" in status
    assert served.get("/dashboard/").status_code == 200
    assert served.get("/docs/").status_code == 200


LATE = """
import os, pwd, sys
from fitness.server.service_user import leave_root
sys.base_prefix = sys.argv[1]
sys.path.append(sys.argv[1] + "/lib")
leave_root(pwd.getpwnam("nobody"))
os.setgid(65534)
os.setuid(65534)
import found_late.within
print(found_late.within.VALUE, os.environ["HOME"] != "/root")
"""


@as_root
def test_modules_of_python_are_found_below_a_directory_of_root(place):
    """As with a Python in the home directory of root."""
    package = place / "closed" / "python" / "lib" / "found_late"
    package.mkdir(parents=True)
    (place / "closed").chmod(0o700)
    (package / "__init__.py").touch()
    (package / "within.py").write_text("VALUE = 42")

    done = subprocess.run(
        [sys.executable, "-c", LATE, str(place / "closed" / "python")], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("42 True\n", "")


def test_the_files_of_the_embedded_database_are_private_and_what_is_above_stays_as_it_is(place):
    (place / "data").mkdir(mode=0o755)
    files = [place / "data" / f"{CLUSTER}.{suffix}" for suffix in ("lock", "users", "log")]
    for file in files:
        file.touch(mode=0o644)

    with database(load_settings({"FITNESS_DATA_DIR": str(place / "data")})):
        assert [mode(file) for file in files] == [0o600] * 3
        assert [mode(one) for one in (place / "data" / CLUSTER, place / "data" / "secrets")] == [0o700] * 2

    assert (mode(place), mode(place / "data")) == (0o711, 0o755)


def test_directories_that_are_made_can_be_passed_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        make_directory(tmp_path / "a" / "b")
        with open_private(tmp_path / "a" / "file", "w") as file:
            file.write("mine")
    finally:
        os.umask(before)

    assert [mode(tmp_path / one) for one in ("a", "a/b", "a/file")] == [0o711, 0o711, 0o600]
