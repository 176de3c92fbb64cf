"""`fitness import`, over HTTP."""

from pathlib import Path

import psycopg
from flask.testing import FlaskClient

from fitness.config import ROOT
from tests.cli.commands import PASSWORD, Fitness, counts, row

EXPORT = ROOT / "tests" / "data" / "mapmyfitness.csv"


def test_an_import_says_what_it_did(fitness: Fitness, server: str, owner: psycopg.Connection, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    command = ("import", "mmf", EXPORT, "--url", server, "--timezone", "Europe/London")

    rehearsed = fitness(*command, "--dry-run", FITNESS_TOKEN=token)
    assert "Dry run" in rehearsed.stdout
    assert row(owner, "SELECT count(*) FROM runs") == 0

    imported = fitness(*command, FITNESS_TOKEN=token)
    found = counts(imported.stdout)
    assert found == counts(rehearsed.stdout)
    stored = row(owner, "SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM workouts)")
    assert stored == found["created"] > 0
    assert found["found"] == found["created"] + found["skipped"] + found["failed"]
    assert imported.returncode == (1 if found["failed"] else 0)
    assert "mapmyfitness.csv" in imported.stderr

    again = counts(fitness(*command, FITNESS_TOKEN=token).stdout)
    assert (again["created"], again["unchanged"]) == (0, found["created"])


def test_a_plan_can_be_imported(fitness: Fitness, server: str, owner: psycopg.Connection, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")

    imported = fitness(
        "import", "plan", EXPORT.with_name("trainingpeaks_plan.csv"), "--url", server, FITNESS_TOKEN=token
    )

    assert imported.returncode == 0, imported.stderr
    assert row(owner, "SELECT count(*) FROM planned_workouts") == counts(imported.stdout)["created"] == 9


def test_rows_that_cannot_be_read_are_listed_and_leave_with_1(
    fitness: Fitness, server: str, tmp_path: Path, alice
) -> None:
    heading, first, *_ = EXPORT.read_text().splitlines()
    file = tmp_path / "export.csv"
    file.write_text("\n".join([heading, first, "no,run,at,all"]))

    token = alice.headers["Authorization"].removeprefix("Bearer ")
    imported = fitness("import", "mmf", file, "--url", server, FITNESS_TOKEN=token)

    assert imported.returncode == 1
    assert counts(imported.stdout)["created"] == counts(imported.stdout)["failed"] == 1
    assert "│ 3 " in imported.stdout


def test_an_import_logs_in_by_password(fitness: Fitness, server: str, database_url: str) -> None:
    create = ("user", "create", "ada@example.com", "--name", "Ada", "--password-stdin")
    fitness(*create, given=f"{PASSWORD}\n", DATABASE_URL=database_url)
    command = ("import", "mmf", EXPORT, "--url", server, "--dry-run")

    imported = fitness(*command, FITNESS_EMAIL="ada@example.com", FITNESS_PASSWORD=PASSWORD)
    refused = fitness(*command, FITNESS_EMAIL="ada@example.com", FITNESS_PASSWORD="wrong")

    assert counts(imported.stdout)["created"] > 0
    assert refused.returncode == 2
    assert "Wrong e-mail address, username or password" in refused.stderr


def test_an_archive_goes_into_an_empty_account_by_a_token_that_may_import(
    fitness: Fitness, server: str, tmp_path: Path, client: FlaskClient, owner, alice, bob, make_run, make_token
) -> None:
    make_run(alice, id="manual_alices")
    content = client.get("/v1/users/me/export", headers=alice.headers, buffered=True).data
    file = tmp_path / "fitness.zip"
    file.write_bytes(content)
    token = make_token(bob, "import")["Authorization"].removeprefix("Bearer ")
    command = ("import", "archive", file, "--url", server)
    of_bob = f"SELECT count(*) FROM runs WHERE user_id = {bob.user_id}"

    rehearsed = fitness(*command, "--dry-run", FITNESS_TOKEN=token)
    assert (rehearsed.returncode, counts(rehearsed.stdout)["runs"], row(owner, of_bob)) == (0, 1, 0)

    imported = fitness(*command, FITNESS_TOKEN=token)
    assert (imported.returncode, counts(imported.stdout)["runs"], row(owner, of_bob)) == (0, 1, 1)

    again = fitness(*command, FITNESS_TOKEN=token)
    assert (again.returncode, "already has data" in again.stderr) == (2, True)


def test_other_arguments_that_are_not_utf_8_are_named(fitness: Fitness, server: str, database_url: str) -> None:
    for arguments in (("history", "runs/\udcff", "--url", server), ("user", "deactivate", "a\udcff")):
        refused = fitness(*arguments, DATABASE_URL=database_url, FITNESS_TOKEN="x")
        assert (refused.returncode, "is not UTF-8" in refused.stderr) == (1, True), refused.stderr
        assert ascii(arguments[-1] if arguments[0] == "user" else arguments[1]) in refused.stderr
    refused = fitness(
        "history", "runs/x", "--url", server, FITNESS_TOKEN="", FITNESS_EMAIL="a", FITNESS_PASSWORD="\udcff"
    )
    assert refused.stderr == "Error: A variable is not UTF-8\n"


def test_an_import_that_cannot_be_leaves_with_2(fitness: Fitness, server: str, tmp_path: Path, alice) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    pdf = tmp_path / "export.csv"
    pdf.write_bytes(b"%PDF-1.7\n")

    for arguments, why in (
        ((pdf, "--url", server), "Error: export.csv: This is a PDF, not a CSV file.\n"),
        ((EXPORT, "--url", server, "--timezone", "Mars/Olympus"), "'--timezone': Unknown time zone"),
        ((EXPORT, "--url", "http://127.0.0.1:1"), "does not answer"),
        ((EXPORT, "--url", "nonsense"), "'--url': must be the address"),
        ((tmp_path / "none.csv", "--url", server), "does not exist"),
    ):
        refused = fitness("import", "mmf", *arguments, FITNESS_TOKEN=token)
        assert refused.returncode == 2, refused.stderr
        assert why in refused.stderr
        assert "Traceback" not in refused.stderr
