"""What a command asks for, it asks after it has checked what was given."""

from pathlib import Path

import pytest

from tests.cli.commands import Fitness

ASKS = ("Password", "E-mail address or username")


@pytest.fixture
def asked_in_vain(fitness: Fitness, database_url: str, tmp_path: Path):
    """Return the exit code and what a command says that is refused; fail if it asks for something before."""

    def run(*arguments: object, **environ: str) -> tuple[int, str]:
        nobody = {"FITNESS_TOKEN": "", "FITNESS_EMAIL": "", "FITNESS_PASSWORD": ""}
        said = fitness(*arguments, DATABASE_URL=database_url, **(nobody | environ))
        assert not [asked for asked in ASKS if f"{asked}:" in said.stdout + said.stderr]
        return said.returncode, said.stderr

    return run


def test_no_password_is_asked_for_an_account_that_cannot_be(asked_in_vain, alice) -> None:
    """Before: the password was asked for twice, then the address refused."""
    assert "email: Not a valid email address." in asked_in_vain("user", "create", "ada", "--name", "Ada")[1]
    assert "name: Send a name or a username" in asked_in_vain("user", "create", "ada@example.com")[1]
    for email, username, why in (
        (alice.email.upper(), "ada", "This e-mail address is already taken"),
        ("ada@example.com", "Alice", "This username is already taken"),
    ):
        assert asked_in_vain("user", "create", email, "--username", username) == (1, f"Error: {why}\n")


def test_no_password_is_asked_for_an_account_that_is_not_there(asked_in_vain) -> None:
    assert asked_in_vain("user", "password", "nobody") == (1, "Error: No account found for nobody.\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("import", "any", "--mapping", "{", "{file}"), "Invalid value for '--mapping': Not JSON"),
        (("import", "any", "--mapping", "[1]", "{file}"), "Invalid value for '--mapping': Invalid input type."),
        (("import", "any", "--mapping", '{"columns": {"day": "x"}}', "{file}"), "columns.day.key: Must be one of"),
        (("import", "any", "--timezone", "Berlin", "{file}"), "Invalid value for '--timezone': Unknown time zone"),
        (("import", "hevy", "--timezone", "Berlin", "{file}"), "Invalid value for '--timezone': Unknown time zone"),
        (("import", "any", "{file}", "--url", "localhost:8000"), "Invalid value for '--url': must be the address"),
        (("import", "any", "{file}", "--url", "http://[::1"), "Invalid value for '--url': must be the address"),
        (("import", "any", "{file}", "--url", "http://localhost:99999"), "Invalid value for '--url'"),
        (("history", "ada", "runs/strava_1", "--url", "http://localhost:1"), "--url is for your own account"),
        (("rewind", "2200-01-01T00:00:00Z"), "from 1900 to 2199, not 2200-01-01T00:00:00Z"),
        (("rewind", "0001-01-01T00:00:00+14:00"), "from 1900 to 2199"),
        (("revert", "9" * 5000), "CHANGESET must be a number from 1 to 9223372036854775807"),
        (("restore", "runs/strava_1", "2147483648"), "VERSION must be a number from 1 to 2147483647"),
        (("diff", "runs/strava_1", "--from", "2147483648"), "Invalid value for '--from'"),
        (("diff", "runs/strava_1", "--to", "2147483648"), "Invalid value for '--to'"),
        (("history", "workouts/12"), "NOUN/ID: workouts have UUIDs as ids, not 12."),
        (("history", "exercises/squat"), "NOUN/ID: exercises have UUIDs as ids, not squat."),
        (("history", "planned-workouts/x"), "NOUN/ID: planned-workouts have numbers as ids, not x."),
        (("import", "{folder}"), "Nothing to import"),
        (("rewind", "yesterday"), "INSTANT must be an instant such as"),
        (("rewind", "2026-03-01T07:30:00"), "INSTANT must be an instant such as"),
        (("revert", "latest"), "CHANGESET must be a number"),
        (("restore", "runs/strava_1", "first"), "VERSION must be a number"),
        (("history", "strava_1"), "Name the record as"),
        (("sync", "strava", "--url", "http://127.0.0.1:1"), "does not answer"),
    ],
)
def test_nobody_logs_in_for_what_is_refused_at_once(
    asked_in_vain, server: str, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    file, folder = tmp_path / "export.csv", tmp_path / "empty"
    file.write_text("a,b")
    folder.mkdir()
    given = [one.replace("{file}", str(file)).replace("{folder}", str(folder)) for one in arguments]
    url = [] if "--url" in given else ["--url", server]

    code, said = asked_in_vain(*given, *url)

    assert (code, why in said) == (2, True)


def test_a_login_is_asked_for_by_a_server_that_answers(fitness: Fitness, server: str) -> None:
    said = fitness("history", "runs/strava_1", "--url", server, FITNESS_TOKEN="", FITNESS_EMAIL="ada")

    assert "Password:" in said.stdout + said.stderr
