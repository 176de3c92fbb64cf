"""The operator's commands for an account: in the database of this machine, and by a token on a running server."""

import json
import subprocess

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from fitness.cli import main
from tests.cli.commands import Fitness, row
from tests.samples import DATA

REASON = ("--reason", "Ticket 12")


@pytest.fixture
def run_id(client: FlaskClient, alice, make_run) -> str:
    """A run of Alice's, at version 2."""
    run_id = make_run(alice, distance=5.0).id
    client.patch(f"/v1/runs/{run_id}", json={"distance": 9, "change_reason": "GPS"}, headers=alice.headers)
    return run_id


@pytest.fixture
def operate(fitness: Fitness, database_url: str, alice) -> Fitness:
    """Run a command on the test's database; it must succeed."""

    def operate(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = fitness(*arguments, DATABASE_URL=database_url)
        assert (done.returncode, done.stderr) == (0, "")
        return done

    return operate


def test_the_history_and_a_diff_are_shown_as_tables_and_as_json(operate: Fitness, run_id: str) -> None:
    record = f"runs/{run_id}"

    shown = operate("history", "alice", record).stdout
    newest = json.loads(operate("history", "alice@example.com", record, "--limit", 1, "--json").stdout)
    difference = operate("diff", "alice", record).stdout
    back = json.loads(operate("diff", "alice", record, "--from", 2, "--to", 1, "--json").stdout)

    assert "distance: 5.0 → 9.0" in shown
    assert all(words in shown for words in ("original", "edit", "alice", "GPS"))
    assert [one["version_number"] for one in newest["items"]] == [2]
    assert all(words in difference for words in ("Version 1", "Version 2", "distance", "5.0", "9.0"))
    assert back == {"from": 2, "to": 1, "changes": {"distance": [9.0, 5.0]}}


def test_a_value_of_several_parts_is_shown_in_plain_words(operate: Fitness, client, alice, run_id: str) -> None:
    client.patch(f"/v1/runs/{run_id}", json={"time_zone": {"name": "Asia/Tokyo"}}, headers=alice.headers)

    difference = operate("diff", "alice", f"runs/{run_id}").stdout

    assert "name Asia/Tokyo, source person" in " ".join(difference.split())


def test_a_restore_is_tried_first_and_then_in_the_history_with_the_reason(operate: Fitness, owner, run_id: str) -> None:
    """The account may be deactivated."""
    owner.execute("UPDATE users SET is_active = false")

    tried = operate("restore", "alice", f"runs/{run_id}", 1, "--dry-run").stdout
    assert "1 field would change." in tried
    assert row(owner, "SELECT version FROM runs") == 2
    restored = operate("restore", "alice", f"runs/{run_id}", 1, *REASON).stdout

    assert f"runs/{run_id} is at version 3, equal to version 1." in restored
    newest = "SELECT changed_by || ', ' || change_reason || ', ' || distance FROM runs_history WHERE version_number = 3"
    assert row(owner, newest) == "operator, Ticket 12: Restored to version 1, 5"


def test_a_changeset_is_reverted_and_everything_rewound_after_a_dry_run(
    operate: Fitness, client: FlaskClient, owner, alice
) -> None:
    live = "SELECT count(*) FROM runs WHERE deleted_at IS NULL"
    to = (client.post("/v1/bookmarks", json={"name": "Before"}, headers=alice.headers).json or {})["instant"]
    with (DATA / "mapmyfitness.csv").open("rb") as file:
        client.post("/v1/mmf/upload-csv", data={"file": (file, "history.csv")}, headers=alice.headers)
    imported = row(owner, live)

    for command in (("revert", "alice", 1), ("rewind", "alice", to)):
        tried = operate(*command, "--dry-run").stdout
        assert all(words in tried for words in ("would be", "Would change", "deleted"))
        assert row(owner, live) == imported

        done = operate(*command, *REASON).stdout
        assert row(owner, live) == 0
        number = done.rpartition("To undo this: fitness revert alice ")[2].strip()
        undone = json.loads(operate("revert", "alice", number, *REASON, "--json").stdout)
        assert (undone["reverts"], row(owner, live)) == (int(number), imported)

    why = "SELECT count(*) FROM changesets WHERE actor = 'operator' AND reason LIKE 'Ticket 12: %'"
    assert row(owner, why) == 4


def test_by_a_token_the_same_commands_work_on_a_running_server(
    fitness: Fitness, database_url: str, server: str, client: FlaskClient, alice, run_id: str
) -> None:
    record = f"runs/{run_id}"
    made = fitness("user", "token", "alice", "--minutes", 5, *REASON, DATABASE_URL=database_url)
    assert (made.returncode, made.stderr.startswith("Valid until ")) == (0, True)
    there = {"FITNESS_TOKEN": made.stdout.strip()}

    history = fitness("history", record, "--url", server, **there)
    restored = fitness("restore", record, 1, "--url", server, **there)
    refused = fitness("import", "mmf", DATA / "mapmyfitness.csv", "--url", server, **there)

    assert "distance: 5.0 → 9.0" in history.stdout
    assert f"{record} is at version 3, equal to version 1." in restored.stdout
    assert (refused.returncode, "lacks the scope import" in refused.stderr) == (2, True)
    newest = (client.get(f"/v1/{record}/history", headers=alice.headers).json or {})["items"][0]
    assert (newest["changed_by"], newest["change_reason"]) == ("operator", "Ticket 12: Restored to version 1")


def test_arguments_that_make_no_sense_are_refused_before_anything_is_opened() -> None:
    record = "runs/strava_1"
    for arguments, why in (
        (("restore", "alice", record, "1"), "Say with --reason why"),
        (("revert", "alice", "1"), "Say with --reason why"),
        (("rewind", "alice", "2026-01-01T00:00:00Z"), "Say with --reason why"),
        (("restore", record, "1", *REASON), "--reason is for changes of the operator"),
        (("restore", "alice", record, "1", "--reason", " "), "must be 1 to 500 characters"),
        (("restore", "alice", record, "1", "--reason", "x" * 501), "must be 1 to 500 characters"),
        (("restore", "alice", record, "one", *REASON), "VERSION must be a number from 1 to 2147483647, not one."),
        (("restore", "alice", record), "Name the record as NOUN/ID"),
        (("history", "alice", "shoe/ghost"), "Name the record as NOUN/ID"),
        (("history", "alice", "runs/"), "Name the record as NOUN/ID"),
        (("history", "alice", record, "more"), "Expected: [ACCOUNT] NOUN/ID"),
        (
            ("revert", "alice", "twelve", *REASON),
            "CHANGESET must be a number from 1 to",
        ),
        (("user", "token", "alice"), "Missing option '--reason'"),
        (("user", "token", "alice", *REASON, "--minutes", "1441"), "1<=x<=1440"),
    ):
        refused = CliRunner().invoke(main, arguments)
        assert (refused.exit_code, why in refused.output) == (2, True), (arguments, refused.output)


def test_what_is_not_there_is_said_in_words(fitness: Fitness, database_url: str, owner, alice, run_id: str) -> None:
    for arguments, code, why in (
        (("restore", "alice", f"runs/{run_id}", 9, *REASON), 2, "Version 9 not found"),
        (("revert", "alice", 99, *REASON), 2, "Changeset not found"),
        (("rewind", "alice", "2001-01-01T00:00:00Z", *REASON), 2, "This instant is before your account"),
        (("user", "token", "nobody", *REASON), 1, "No account found for nobody."),
    ):
        refused = fitness(*arguments, DATABASE_URL=database_url)
        assert (refused.returncode, why in refused.stderr) == (code, True), (arguments, refused.stderr)
        assert "Traceback" not in refused.stderr
    assert row(owner, "SELECT version FROM runs") == 2
    assert row(owner, "SELECT count(*) FROM api_tokens") == 0
