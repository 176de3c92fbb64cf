"""The command's help answers at once; what it cannot print is said."""

import os
import subprocess
import sys
from pathlib import Path

import click
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


def test_no_line_of_a_help_has_a_gap():
    texts = {
        " ".join(path): command.get_help(context)
        for path, command, context in described(main, click.Context(main, info_name="fitness"), ())
    }

    gaps = {
        path: line
        for path, text in texts.items()
        for line in text.partition("Options:")[0].splitlines()
        if "  " in line.strip()
    }
    assert gaps == {}


def described(command, context, path):
    """Yield each command with its context and the names that lead to it."""
    yield path, command, context
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        below = command.get_command(context, name)
        assert below is not None
        yield from described(below, click.Context(below, info_name=name, parent=context), (*path, name))


def test_output_that_finds_no_room_is_said_in_a_sentence(tmp_path: Path):
    environ = {**os.environ, "FITNESS_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@localhost/none"}

    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "fitness.cli", "db", "url"], stdout=full, stderr=subprocess.PIPE, env=environ
        )

    assert (ran.returncode, ran.stderr) == (1, b"Error: No space left on device\n")
