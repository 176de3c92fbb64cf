"""ZIPs and whole exports, as one file and file by file."""

import io

import pytest

from fitness.sync import drop_loading
from tests.archives import export, packed
from tests.drops import HISTORY, STRONG, count, lines
from tests.samples import ACTIVITIES

LIST = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename\n"
PAUSE = (ACTIVITIES / "gpx" / "made_pause_segments.gpx").read_bytes()


def strava_export(runs: int = 3) -> dict[str, bytes]:
    """A list of runs, the first of which has a file."""
    rows = [
        f'{number},"May {number}, 2025, 6:00:00 AM",Run {number},Run,1800,5.0,activities/{number}00.gpx\n'
        for number in range(1, runs + 1)
    ]
    return {"export_1/activities.csv": (LIST + "".join(rows)).encode(), "export_1/activities/100.gpx": PAUSE}


def test_a_zip_of_files_is_opened_and_each_that_may_be_an_activity_has_its_line(drop, owner):
    files = {"a/pause.gpx": PAUSE, "b/strong.csv": STRONG, "photo.jpg": b"\xff\xd8\0,", "__MACOSX/._a": b"x"}
    drop.send(packed(files), "all.zip")
    drop.send(HISTORY, "history.csv")

    tried, asked = drop.finished("?dry_run=true"), drop.finished()

    assert lines(tried).keys() == lines(asked).keys()
    assert lines(asked) == {
        "all.zip": ("loaded", None, 0),
        "history.csv": ("loaded", "MapMyFitness", 15),
        "all.zip/a/pause.gpx": ("loaded", "GPX", 1),
        "all.zip/b/strong.csv": ("asked", "Strong", 0),
    }
    assert {question["kind"] for question in asked["questions"]} == {"Strong"}
    drop.answer(kind="Strong", weight_unit="kg")
    drop.answer(timezone="UTC")

    done = drop.finished()

    assert lines(done)["all.zip/b/strong.csv"] == ("loaded", "Strong", 2)
    assert (done["state"], done["created"]) == ("done", 18)
    assert count(owner, "drop_pieces") == 0


def test_what_cannot_be_opened_in_a_zip_stands_in_its_line(drop):
    damaged = packed({"run.fit": PAUSE})[:100]
    drop.send(packed({"pause.gpx": PAUSE, "inner.zip": damaged}), "all.zip")

    tried, done = drop.finished("?dry_run=true"), drop.finished()

    for answer in (tried, done):
        problems = {file["name"]: [problem["detail"] for problem in file["problems"]] for file in answer["files"]}
        why = "“inner.zip”: The archive is broken or incomplete: download it again."
        assert problems == {"all.zip": [why], "all.zip/pause.gpx": []}
        assert (answer["created"], answer["failed"]) == (1, 1)


@pytest.mark.parametrize("whole", [True, False], ids=["one ZIP", "file by file"])
def test_a_whole_export_is_read_alike_as_one_zip_and_file_by_file(drop, whole, monkeypatch, owner):
    monkeypatch.setattr(drop_loading, "SLICE_RECORDS", 2)
    for name, content in {"export.zip": packed(strava_export())}.items() if whole else strava_export().items():
        drop.send(content, name)
    drop.send(HISTORY, "history.csv")

    tried, done = drop.finished("?dry_run=true"), drop.finished()

    export, part = ("export.zip", {}) if whole else ("export_1/activities.csv", {"activities/100.gpx"})
    assert lines(tried)[export] == ("waiting", "Strava", 3)
    assert lines(done)[export] == ("loaded", "Strava", 3)
    assert (done["found"], done["created"]) == (tried["found"], tried["created"]) != (0, 0)
    if part:
        (file,) = [file for file in done["files"] if file["name"] == "export_1/activities/100.gpx"]
        assert (file["state"], file["kind"], file["detail"]) == ("loaded", "Strava", f"Read with {export}")
    assert count(owner, "changesets") == 1
    assert count(owner, "runs WHERE source = 'Strava'") == 3


def test_an_export_whose_server_died_goes_on_with_the_records_that_are_left(app, drop, monkeypatch, owner):
    monkeypatch.setattr(drop_loading, "SLICE_RECORDS", 2)
    drop.send(packed(strava_export(5)), "export.zip")
    load, loaded = drop_loading.load_records, []

    def dying(reader, records, report, **kwargs):
        if len(loaded) == 1:
            raise SystemExit
        loaded.append(reader)
        return load(reader, records, report, **kwargs)

    monkeypatch.setattr(drop_loading, "load_records", dying)
    with pytest.raises(SystemExit):
        drop.finish()
    stopped = drop.read()
    assert (stopped["state"], stopped["created"]) == ("loading", 2)

    monkeypatch.setattr(drop_loading, "load_records", load)
    done = drop.finished()

    assert (done["created"], done["unchanged"], done["changeset_id"]) == (5, 0, stopped["changeset_id"])
    assert owner.execute("SELECT (counts ->> 'created')::int FROM changesets").fetchone() == (5,)


def test_a_zip_with_more_files_than_an_import_may_have_is_refused(drop, limit):
    limit(max_drop_files=2)
    drop.send(packed({f"{number}.csv": HISTORY for number in range(3)}), "all.zip")

    (line,) = drop.finished()["files"]

    assert (line["state"], "more than 2 files" in line["detail"]) == ("refused", True)


def test_the_archive_of_an_account_is_refused_with_the_way_to_load_it(client, full, drop):
    content = export(client, full.headers)

    alone = client.post("/v1/imports", data={"file": (io.BytesIO(content), "a.zip")}, headers=full.headers)
    drop.send(content, "a.zip")
    (line,) = drop.finished()["files"]

    assert (alone.status_code, line["state"]) == (422, "refused")
    assert line["detail"] in str(alone.json)
    assert "load it into an empty account by POST /users/me/import" in line["detail"]
