"""`fitness import FILE…` and `fitness revert`, over HTTP."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from fitness.app import configure
from fitness.server.background import Background
from tests.archives import packed
from tests.cli.commands import Fitness, counts, row
from tests.samples import ACTIVITIES, DATA


@pytest.fixture
def server(app: Flask, server: str) -> Iterator[str]:
    """A server that does jobs, too."""
    background = Background(app)
    background.start()
    yield server
    background.stop()


def token_of(person) -> dict[str, str]:
    return {"FITNESS_TOKEN": person.headers["Authorization"].removeprefix("Bearer "), "TZ": "UTC"}


def test_files_of_any_kind_are_imported_and_taken_back(fitness: Fitness, server: str, owner, alice) -> None:
    files = [DATA / "strava_export_activities.csv", DATA / "trainingpeaks_plan.csv"]

    imported = fitness("import", *files, "--no-other-sports", "--url", server, **token_of(alice))

    assert imported.returncode == 0, imported.stderr
    assert "strava_export_activities.csv: Strava" in imported.stdout
    assert "trainingpeaks_plan.csv: TrainingPeaks" in imported.stdout
    assert "Not a run: “Ride”." in imported.stdout
    assert row(owner, "SELECT count(*) FROM runs WHERE deleted_at IS NULL") == 14
    assert imported.stdout.count("To revert it: fitness revert") == 1
    assert "To revert it: fitness revert 1" in imported.stdout

    reverted = fitness("revert", "1", "--url", server, **token_of(alice))

    assert reverted.returncode == 0, reverted.stderr
    assert "Changeset 1 is reverted" in reverted.stdout
    assert row(owner, "SELECT count(*) FROM runs WHERE deleted_at IS NULL") == 0


def test_the_zone_is_asked_for_and_this_machines_is_used_and_named(fitness: Fitness, server: str, alice) -> None:
    file = DATA / "hevy_export.csv"

    asked = fitness("import", file, "--url", server, **token_of(alice))
    imported = fitness("import", file, "--url", server, **token_of(alice) | {"TZ": "America/Chicago"})

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "(--timezone)" in asked.stderr
    assert (imported.returncode, counts(imported.stdout)["created"]) == (0, 5)
    assert "Local times were read in America/Chicago." in imported.stdout


def test_the_unit_of_weights_is_asked_for_and_an_option_answers(fitness: Fitness, server: str, alice) -> None:
    file = ACTIVITIES / "strong" / "strong_ios_comma.csv"

    asked = fitness("import", file, "--timezone", "UTC", "--url", server, **token_of(alice))
    imported = fitness("import", file, "--timezone", "UTC", "--weight-unit", "lb", "--url", server, **token_of(alice))

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "Are the weights in this file kilograms or pounds? It does not say so. (--weight-unit)" in asked.stderr
    assert (imported.returncode, counts(imported.stdout)["created"]) == (0, 2)


def test_the_mapping_of_a_table_is_printed_and_an_option_answers(fitness: Fitness, server: str, alice) -> None:
    command = ("import", ACTIVITIES / "any_csv" / "my_sheet_de.csv", "--timezone", "UTC", "--url", server)

    asked = fitness(*command, **token_of(alice))
    imported = fitness(*command, "--mapping", asked.stdout.strip(), **token_of(alice))

    assert (asked.returncode, "(--mapping)" in asked.stderr) == (2, True)
    assert (imported.returncode, counts(imported.stdout)["created"]) == (0, 2)


def test_of_a_zip_what_asks_nothing_is_imported_and_said(fitness: Fitness, server: str, tmp_path: Path, alice) -> None:
    archive = tmp_path / "takeout.zip"
    files = ("gpx/made_pause_segments.gpx", "any_csv/my_sheet_de.csv")
    archive.write_bytes(packed({file: (ACTIVITIES / file).read_bytes() for file in files}))

    imported = fitness("import", archive, "--timezone", "UTC", "--url", server, **token_of(alice))

    assert (imported.returncode, "(--mapping)" in imported.stderr) == (2, True)
    assert counts(imported.stdout)["created"] == 1
    assert "takeout.zip/gpx/made_pause_segments.gpx: GPX" in imported.stdout


def test_one_bad_file_does_not_keep_the_others_out_and_its_error_is_said_once(
    fitness: Fitness, server: str, tmp_path: Path, alice
) -> None:
    bad = tmp_path / "notes.csv"
    bad.write_text("{}")

    imported = fitness("import", bad, DATA / "mapmyfitness.csv", "--url", server, **token_of(alice))

    assert imported.returncode == 2
    assert imported.stderr.count("This is JSON, not a CSV file.") == 1
    assert counts(imported.stdout)["created"] == 15


def test_what_cannot_be_taken_back_is_said(fitness: Fitness, server: str, alice) -> None:
    refused = fitness("revert", "99", "--url", server, **token_of(alice))

    assert (refused.returncode, refused.stderr) == (2, "Error: Changeset not found\n")


def test_a_folder_and_a_large_archive_are_one_import_without_what_is_no_activity(
    fitness: Fitness, server: str, owner, tmp_path: Path, alice
) -> None:
    folder = tmp_path / "watch"
    (folder / ".hidden").mkdir(parents=True)
    (folder / ".hidden" / "a.csv").write_text("a,b")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    for name in ("made_pause_segments.gpx", "made_truncated.gpx"):
        (folder / name).write_bytes((ACTIVITIES / "gpx" / name).read_bytes())
    archive = tmp_path / "large.zip"
    files = {
        "photos/large.jpg": b"\xff\xd8\xff\xe0\0" + os.urandom(9 * 1024 * 1024),
        "lifts/strong.csv": (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes(),
        "history.csv": (DATA / "mapmyfitness.csv").read_bytes(),
    }
    archive.write_bytes(packed(files))

    asked = fitness("import", folder, archive, "--timezone", "UTC", "--url", server, **token_of(alice))

    names = [line.partition(":")[0] for line in asked.stdout.splitlines() if ": " in line]
    assert names[:4] == [
        "made_pause_segments.gpx",
        "made_truncated.gpx",
        "large.zip/lifts/strong.csv",
        "large.zip/history.csv",
    ]
    assert (asked.returncode, asked.stdout.count("fitness revert")) == (2, 1)
    assert "Error: 1 files of Strong: Are the weights" in asked.stderr
    assert "Squat (Barbell): 225 kg or 225 lb" in asked.stderr
    assert row(owner, "SELECT count(*) FROM drops") == 0

    imported = fitness(
        "import", archive, "--weight-unit", "lb", "--timezone", "UTC", "--url", server, **token_of(alice)
    )

    assert (imported.returncode, counts(imported.stdout)["created"]) == (0, 2)


def test_an_import_that_is_refused_midway_leaves_nothing_on_the_server(
    fitness: Fitness, server: str, app: Flask, settings, owner, tmp_path: Path, alice
) -> None:
    configure(app, dataclasses.replace(settings, max_drop_files=1))
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(f"{name},b\n")

    done = fitness("import", tmp_path, "--url", server, **token_of(alice))
    wrong = fitness("import", tmp_path, "--mapping", "{", "--url", server, **token_of(alice))

    assert (done.returncode, wrong.returncode) == (2, 2)
    assert "MAX_DROP_FILES" in done.stderr
    assert row(owner, "SELECT count(*) FROM drops") == 0


def test_a_folder_without_a_file_of_use_is_said(fitness: Fitness, server: str, owner, tmp_path: Path, alice) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))

    refused = fitness("import", tmp_path, "--url", server, **token_of(alice))

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"Error: Nothing to import in {tmp_path}: there is no file that may be of use.\n"
    assert row(owner, "SELECT count(*) FROM drops") == 0


def test_a_large_archive_of_an_account_is_refused_before_it_is_sent(
    fitness: Fitness, server: str, tmp_path: Path, alice
) -> None:
    archive = tmp_path / "account.zip"
    files = {"manifest.json": b"{}", "data/profile.jsonl": b"{}", "data/runs.jsonl": os.urandom(9 * 1024 * 1024)}
    archive.write_bytes(packed(files))

    refused = fitness("import", archive, "--url", server, **token_of(alice))

    assert (refused.returncode, "fitness import archive" in refused.stderr) == (2, True)


def test_a_zone_of_this_machine_that_has_no_name_is_as_none(fitness: Fitness, server: str, alice) -> None:
    """Before: the import was refused for a zone that nobody had asked for."""
    file = DATA / "hevy_export.csv"

    asked = [
        fitness("import", file, "--dry-run", "--url", server, **token_of(alice) | {"TZ": zone})
        for zone in ("Berlin/Mitte", "CET-1CEST,M3.5.0,M10.5.0/3", ":/etc/localtime")
    ]
    named = fitness("import", file, "--dry-run", "--url", server, **token_of(alice) | {"TZ": ":Europe/Berlin"})

    assert all("(--timezone)" in one.stderr for one in asked), [one.stderr for one in asked]
    assert "Local times were read in Europe/Berlin." in named.stdout


def test_a_token_is_never_printed(fitness: Fitness, server: str, alice) -> None:
    """A file of it may end with a carriage return. Before: an error with the token, as if no server answered."""
    token = token_of(alice)["FITNESS_TOKEN"]

    ended = fitness("history", "runs/strava_1", "--url", server, FITNESS_TOKEN=f"{token}\r\n")
    broken = fitness("history", "runs/strava_1", "--url", server, FITNESS_TOKEN=f"{token}\nx")

    assert (ended.returncode, ended.stderr) == (2, "Error: Run not found\n")
    assert (broken.returncode, "FITNESS_TOKEN is no token" in broken.stderr) == (2, True)
    assert token not in broken.stderr


def test_a_file_whose_name_is_not_utf_8_is_imported(fitness: Fitness, server: str, tmp_path: Path, alice) -> None:
    """Before: a traceback, and nothing of a folder with such a file was imported."""
    file = tmp_path / os.fsdecode(b"caf\xe9.csv")
    file.write_bytes((DATA / "mapmyfitness.csv").read_bytes())

    one = fitness("import", file, "--url", server, **token_of(alice))
    folder = fitness("import", tmp_path, "--dry-run", "--url", server, **token_of(alice))

    assert (one.returncode, "caf\N{REPLACEMENT CHARACTER}.csv: MapMyFitness" in one.stdout) == (0, True), one.stderr
    assert (folder.returncode, "caf\N{REPLACEMENT CHARACTER}.csv" in folder.stdout) == (0, True), folder.stderr
