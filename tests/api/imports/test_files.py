"""Imports of several files: loaded as one changeset, each file with its line."""

import gzip
import zipfile
from io import BytesIO

import pytest

from fitness.db import drop_files
from fitness.db.drop_files import DropFile
from fitness.sync import drop_loading
from tests.drops import HEVY, HISTORY, SHEET, STRAVA, STRONG, Drop, count, lines, sha256_of
from tests.samples import ACTIVITIES

# --- what comes of the files


def test_files_of_any_kind_are_one_changeset_that_is_reverted_as_a_whole(client, alice, owner, drop):
    assert (drop.begun["state"], drop.begun["files"], drop.begun["piece_bytes"]) == ("open", [], 8 * 1024 * 1024)
    assert drop.send(HISTORY, "mmf/history.csv").status_code == 204
    assert drop.send(STRAVA, "activities.csv").status_code == 204

    done = drop.finished()

    assert (done["state"], done["dry_run"], done["records"], done["questions"]) == ("done", False, None, [])
    assert lines(done) == {
        "mmf/history.csv": ("loaded", "MapMyFitness", 15),
        "activities.csv": ("loaded", "Strava", 20),
    }
    assert (done["created"], done["files"][0]["time_zone"]) == (35, "UTC")
    changesets = client.get("/v1/changesets", headers=alice.headers).json["items"]
    assert [one["changeset_id"] for one in changesets] == [done["changeset_id"]]
    assert (changesets[0]["kind"], changesets[0]["source"], changesets[0]["counts"]["created"]) == ("import", None, 35)

    reverted = client.post(f"/v1/changesets/{done['changeset_id']}/revert", headers=alice.headers).json
    assert reverted["problems"] == []
    assert count(owner, "runs WHERE deleted_at IS NULL") == 0
    assert count(owner, "workouts WHERE deleted_at IS NULL") == 0


def test_what_is_finished_can_be_finished_again_and_changes_nothing(drop, everything):
    drop.send(HISTORY)
    first = drop.finished()
    before = everything()

    assert drop.finished() == first
    assert {**drop.read(), "dry_run": False, "records": None} == first
    assert everything() == before


def test_the_same_files_in_a_second_drop_leave_no_changeset(client, alice, drop):
    drop.send(HISTORY)
    drop.finished()
    again = Drop(client, alice.headers)
    again.send(HISTORY)

    done = again.finished()

    assert (done["changeset_id"], done["created"], done["unchanged"]) == (None, 0, 15)


def test_bad_files_stop_nothing_and_each_says_why(drop):
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("activities.csv", b" " * (300 * 1024 * 1024))
    drop.send(b"", "empty.csv")
    drop.send(b'{"a": 1}', "notes.json")
    drop.send(bomb.getvalue(), "bomb.zip")
    drop.send(HISTORY, "history.csv")

    done = drop.finished()

    assert lines(done) == {
        "empty.csv": ("refused", None, 0),
        "notes.json": ("refused", None, 0),
        "bomb.zip": ("refused", None, 0),
        "history.csv": ("loaded", "MapMyFitness", 15),
    }
    why = {file["name"]: file["detail"] for file in done["files"]}
    assert why["empty.csv"] == "The file is empty."
    assert why["notes.json"] == "This is JSON, not a CSV file."
    assert why["bomb.zip"]
    assert why["history.csv"] is None
    assert done["state"] == "done"


def test_a_file_packed_by_gzip_is_read_alone_and_as_one_of_an_export(client, alice, drop):
    watch = ACTIVITIES / "same_run" / "watch.fit"
    drop.send(gzip.compress(watch.read_bytes()), "watch.fit.gz")
    assert lines(drop.finished()) == {"watch.fit.gz": ("loaded", "FIT", 1)}

    export = Drop(client, alice.headers)
    with zipfile.ZipFile(ACTIVITIES / "same_run" / "strava_export.zip") as archive:
        for name in archive.namelist():
            export.send(archive.read(name), name)
    answer = export.finished()

    assert lines(answer)["activities.csv"] == ("loaded", "Strava", 19)
    assert lines(answer)["activities/17393370768.tcx.gz"] == ("loaded", "Strava", 0)
    run = client.get("/v1/runs/strava_16309440012", headers=alice.headers).json
    assert run["points_id"] is not None


def test_a_cut_file_packed_by_gzip_is_refused_as_broken(drop):
    whole = (ACTIVITIES / "tcx" / "made_strava_leading_blanks.tcx.gz").read_bytes()
    drop.send(whole[:1636], "run.tcx.gz")

    (file,) = drop.finished()["files"]

    assert (file["state"], file["detail"]) == (
        "refused",
        "The archive is broken or incomplete: download it again.",
    )


def test_a_file_that_is_broken_in_its_middle_leaves_nothing_and_counts_for_nothing(owner, drop):
    rows = [f'"May 6, 2025",Run,3.1,1500,http://x.example/workout/{number}' for number in range(1500)]
    long = "\n".join(["Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link", *rows]).encode()
    owner.execute("ALTER TABLE runs_history ADD CONSTRAINT refused CHECK (run_id <> 'mmf_1400')")
    drop.send(long, "long.csv")
    drop.send(HISTORY, "history.csv")

    done = drop.finished()

    assert lines(done) == {"long.csv": ("refused", "MapMyFitness", 0), "history.csv": ("loaded", "MapMyFitness", 15)}
    assert done["files"][0]["detail"] == "The server failed to read this file. Its log says why."
    versions = count(owner, "runs_history") + count(owner, "workouts_history") + count(owner, "shoes_history")
    assert owner.execute("SELECT versions FROM change_counters").fetchone() == (versions,)
    assert owner.execute("SELECT sum(versions) FROM writes").fetchone() == (versions,)


def test_a_file_whose_last_statement_fails_is_refused_and_the_next_one_loaded(drop, owner):
    names = ("run_2013_header12.fit", "made_treadmill.fit", "ride_edge820.fit")
    files = [(ACTIVITIES / "fit" / name).read_bytes() for name in names]
    for name, content in zip(names, files, strict=True):
        drop.send(content, name)
    # The files of records are stored last: this error comes while the next file is read.
    owner.execute(f"ALTER TABLE record_files ADD CONSTRAINT refused CHECK (sha256 <> '{sha256_of(files[1])}')")

    done = drop.finished()

    assert [(one["name"], one["state"], one["detail"]) for one in done["files"]] == [
        (names[0], "loaded", None), (names[1], "refused", drop_loading.FAILED), (names[2], "loaded", None),
    ]  # fmt: skip
    assert count(owner, "activity_files") == count(owner, "record_files") == 2
    assert done["created"] == count(owner, "runs") + count(owner, "workouts") == 2


def test_problems_and_remarks_of_a_file_stand_in_its_line(drop):
    bad = [f'"May 6, 2025",Run,x,1500,http://x.example/workout/{number}' for number in range(30)]
    drop.send("\n".join(["Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link", *bad]).encode())

    (line,) = drop.finished()["files"]

    assert (line["found"], line["failed"], len(line["problems"])) == (30, 30, 20)
    assert line["problems"][0]["row"] == 2


def test_files_are_loaded_some_in_each_transaction(drop, monkeypatch, owner):
    monkeypatch.setattr(drop_loading, "BATCH_FILES", 2)
    for path in sorted((ACTIVITIES / "gpx").glob("*.gpx"))[:5]:
        drop.send(path.read_bytes(), path.name)
    sizes: list[int] = []
    store = drop_files.set_outcomes

    def storing(import_id, outcomes):
        sizes.append(len(outcomes))
        store(import_id, outcomes)

    monkeypatch.setattr(drop_files, "set_outcomes", storing)
    done = drop.finished()

    assert sizes == [2, 2, 1]
    assert len(done["files"]) == 5
    assert count(owner, "changesets") == 1
    assert owner.execute("SELECT (counts ->> 'found')::int FROM changesets").fetchone() == (done["found"],)


@pytest.mark.parametrize(("sizes", "expected"), [([3, 3, 3], 2), ([9, 1], 1), ([8], 1), ([], 0)])
def test_a_batch_has_at_least_a_file_and_otherwise_eight_megabytes(sizes, expected, monkeypatch):
    monkeypatch.setattr(drop_loading, "BATCH_BYTES", 8)
    files = [DropFile(1, None, "file", 0, None, "a", size, size, "waiting", {}) for size in sizes]

    assert len(list(drop_loading._batch(files))) == expected


# --- dry runs


def test_a_dry_run_says_what_would_happen_and_the_files_can_be_loaded_after_it(drop, owner, everything):
    drop.send(HISTORY, "history.csv")
    drop.send(b"", "empty.csv")
    before = everything()

    tried = drop.finished("?dry_run=true&limit=3")

    assert (tried["state"], tried["dry_run"], tried["changeset_id"], tried["created"]) == ("open", True, None, 15)
    assert lines(tried) == {"history.csv": ("waiting", "MapMyFitness", 15), "empty.csv": ("refused", None, 0)}
    assert len(tried["records"]["items"]) == 3
    assert everything() == before

    done = drop.finished()
    assert (done["created"], done["state"]) == (15, "done")


def test_a_dry_run_counts_what_two_files_share_once(drop):
    drop.send(HISTORY, "one.csv")
    drop.send(HISTORY + b"\n", "two.csv")

    tried, done = drop.finished("?dry_run=true"), drop.finished()

    assert (tried["created"], tried["unchanged"]) == (done["created"], done["unchanged"]) == (15, 15)


# --- questions


def test_a_question_is_asked_once_for_a_kind_stops_nothing_and_is_remembered(client, make_person):
    ada = make_person("ada", time_zone="Europe/Berlin")
    drop = Drop(client, ada.headers)
    drop.send(STRONG, "strong.csv")
    drop.send(STRONG + b"\n", "strong again.csv")
    drop.send(HISTORY, "history.csv")

    asked = drop.finished()

    assert asked["state"] == "asking"
    assert lines(asked)["history.csv"] == ("loaded", "MapMyFitness", 15)
    assert lines(asked)["strong.csv"] == ("asked", "Strong", 0)
    (question,) = asked["questions"]
    assert (question["kind"], question["field"], question["files"]) == ("Strong", "weight_unit", 2)
    assert question["choices"] == ["kg", "lb"]
    assert 1 <= len(question["examples"]) <= 3

    answered = drop.answer(kind="Strong", weight_unit="lb")
    assert (answered.status_code, answered.get_json()["state"]) == (200, "asking")
    done = drop.finished()
    assert (done["state"], done["changeset_id"], done["questions"]) == ("done", asked["changeset_id"], [])
    assert lines(done)["strong.csv"][0] == "loaded"

    later = Drop(client, ada.headers)
    later.send(STRONG)
    assert later.finished()["questions"] == []


def test_an_answer_for_all_files_is_not_remembered(client, alice, drop):
    drop.send(HEVY)
    assert [question["field"] for question in drop.finished("?dry_run=true")["questions"]] == ["timezone"]

    drop.answer(timezone="America/New_York")

    assert drop.finished()["files"][0]["time_zone"] == "America/New_York"
    later = Drop(client, alice.headers)
    later.send(HEVY)
    assert later.finished("?dry_run=true")["questions"] != []


def test_a_wrong_answer_before_a_dry_run_can_be_corrected(client, make_person, owner):
    ada = make_person("ada", time_zone="Europe/Berlin")
    drop = Drop(client, ada.headers)
    drop.send(SHEET, "sheet.csv")
    (question,) = drop.finished("?dry_run=true")["questions"]
    right = question["mapping"]
    wrong = {**right, "columns": {**right["columns"], "date": "Tag"}}

    def answer(mapping, **more):
        return client.post(f"{drop.path}/answers", json={"mapping": mapping, **more}, headers=ada.headers)

    refused = answer(wrong, kind="CSV", headings=question["headings"])
    assert (refused.status_code, refused.json["errors"]) == (422, {"mapping": ["The headings lack Tag"]})
    assert client.get("/v1/imports/answers", headers=ada.headers).json["items"] == []

    # Without headings it is for any table of this import, and this one is none of it.
    assert answer(wrong).status_code == 200
    assert lines(drop.finished("?dry_run=true"))["sheet.csv"] == ("refused", "CSV", 0)
    assert answer(right).status_code == 200
    assert lines(drop.finished("?dry_run=true"))["sheet.csv"] == ("waiting", "CSV", 2)
    assert lines(drop.finished())["sheet.csv"] == ("loaded", "CSV", 2)
    assert count(owner, "drop_pieces") == 0


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "weight_unit"),
        ({"kind": "Strong"}, "weight_unit"),
        ({"kind": "Nobody", "weight_unit": "kg"}, "kind"),
        ({"weight_unit": "stone"}, "weight_unit"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_answers_to_no_question_are_refused(drop, answers, field):
    refused = drop.answer(**answers)

    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_the_mapping_of_a_table_is_remembered_for_tables_with_its_headings(client, make_person):
    ada = make_person("ada", time_zone="Europe/Berlin")
    drop = Drop(client, ada.headers)
    drop.send(SHEET, "sheet.csv")
    (question,) = drop.finished("?dry_run=true")["questions"]
    assert (question["kind"], question["field"], question["files"]) == ("CSV", "mapping", 1)
    assert question["headings"] == ["Datum", "Strecke (km)", "Dauer"]

    said = {"kind": "CSV", "mapping": question["mapping"], "headings": question["headings"]}
    assert client.post(f"{drop.path}/answers", json=said, headers=ada.headers).status_code == 200
    assert drop.finished()["created"] == 2

    later = Drop(client, ada.headers)
    later.send(SHEET.replace(b"05", b"06"), "later.csv")
    later.send(SHEET.replace(b"Dauer", b"Zeit"), "other.csv")
    done = later.finished()
    assert lines(done)["later.csv"] == ("loaded", "CSV", 2)
    assert [question["headings"][2] for question in done["questions"]] == ["Zeit"]
