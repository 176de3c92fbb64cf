"""The command's help answers at once."""

import subprocess
import sys

from click.testing import CliRunner

from fitness.cli import COMMANDS, main

HEAVY = {"alembic", "flask", "httpx", "marshmallow", "psycopg", "rich", "sqlalchemy"}


def test_help_loads_no_heavy_package():
    program = "import sys, fitness.cli; fitness.cli.main(['--help'], standalone_mode=False); print(*sys.modules)"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = {module.partition(".")[0] for module in ran.stdout.splitlines()[-1].split()}
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_every_command_that_help_lists_exists():
    answers = {name: CliRunner().invoke(main, [name, "--help"]) for name in COMMANDS}

    assert {name: answer.exit_code for name, answer in answers.items()} == dict.fromkeys(COMMANDS, 0)
    assert all(f"Usage: main {name}" in answer.output for name, answer in answers.items())
