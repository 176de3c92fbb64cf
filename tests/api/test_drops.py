"""Imports of several files: sent one by one, loaded as one changeset, each file with its line."""

import dataclasses
import gzip
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from psycopg import sql

from fitness.app import configure
from fitness.db import drop_files
from fitness.db.account_tables import TABLES
from fitness.db.drop_files import DropFile
from fitness.sync import drop_loading, drops
from fitness.web import jobs, pieces
from tests.api.drops import Drop, lines, sha256_of
from tests.archives import packed
from tests.samples import ACTIVITIES, DATA

HISTORY = (DATA / "mapmyfitness.csv").read_bytes()
STRAVA = (DATA / "strava_export_activities.csv").read_bytes()
HEVY = (DATA / "hevy_export.csv").read_bytes()
STRONG = (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes()
SHEET = b"Datum,Strecke (km),Dauer\n2025-05-01,10,0:50:00\n2025-05-02,5,0:25:00\n"


@pytest.fixture
def drop(client, alice) -> Drop:
    return Drop(client, alice.headers)


@pytest.fixture
def limit(app, settings):
    """Set limits, as the operator does."""
    return lambda **values: configure(app, dataclasses.replace(settings, **values))


@pytest.fixture
def everything(owner):
    """Return all records, versions and changesets."""

    def read():
        return {
            table.name: sorted(
                map(repr, owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table.name))).fetchall())
            )
            for table in TABLES
        }

    return read


def do_all(app):
    while running := jobs.claim_next():
        jobs.do(app, running)


def count(owner, table):
    return owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


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


# --- pieces


def test_a_file_comes_in_pieces_in_any_order_and_any_of_them_twice(drop, owner):
    half = len(HISTORY) // 2
    assert drop.send_piece(HISTORY, half, len(HISTORY) - 1).status_code == 204
    assert drop.send_piece(HISTORY, half, len(HISTORY) - 1).status_code == 204
    (line,) = drop.read()["files"]
    assert (line["state"], line["received"], line["size"]) == ("incomplete", len(HISTORY) - half, len(HISTORY))

    assert drop.send_piece(HISTORY, 0, half - 1).status_code == 204
    assert drop.send_piece(HISTORY, 0, half - 1).status_code == 204
    assert drop.send(HISTORY).status_code == 204

    assert drop.read()["files"][0]["state"] == "waiting"
    assert drop.finished()["created"] == 15
    assert count(owner, "drop_pieces") == 0


def test_a_file_with_another_hash_is_refused_and_can_be_sent_again(drop):
    wrong = drop.send(HISTORY + b"x", sha256=sha256_of(HISTORY))

    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["sha256"])
    assert drop.read()["files"] == []
    assert drop.send(HISTORY).status_code == 204
    assert drop.finished()["created"] == 15


@pytest.mark.parametrize("sha256", ["x", "A" * 64, "a" * 63, "a" * 65])
def test_what_is_no_hash_is_refused(drop, sha256):
    assert list(drop.send(b"a", sha256=sha256).json["errors"]) == ["sha256"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("bytes 0-9/5", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 3-12/11", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 0-9/*", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes */100", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 9-0/100", "Must be bytes FIRST-LAST/SIZE"),
        ("lines 0-9/100", "Must be bytes FIRST-LAST/SIZE"),
        ("nonsense", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 0-8/100", "Names 9 bytes, and the body has 10"),
        ("bytes 0-999999999999/9999999999999", "Names 1,000,000,000,000 bytes"),
        ("bytes 0-99999999999999999999/999999999999999999999", "Must be bytes FIRST-LAST/SIZE"),
    ],
)
def test_a_piece_outside_of_its_file_is_refused(drop, header, says):
    refused = drop.send_piece(HISTORY, 0, 9, **{"Content-Range": header})

    assert refused.status_code == 422
    assert refused.json["errors"]["Content-Range"][0].startswith(says)
    assert drop.read()["files"] == []


def test_pieces_that_share_bytes_and_a_file_of_another_size_are_refused(drop):
    drop.send_piece(HISTORY, 0, 99)

    overlapping = drop.send_piece(HISTORY, 50, 149)
    other = drop.send_piece(HISTORY, 100, 199, size=len(HISTORY) + 1)

    assert (overlapping.status_code, overlapping.json["detail"]) == (
        409,
        "The bytes 0 to 99 are here as another piece: send pieces that follow it",
    )
    assert other.status_code == 422
    assert drop.read()["files"][0]["received"] == 100


def test_an_import_with_missing_pieces_is_not_loaded_and_says_which(drop, everything):
    drop.send(STRAVA, "activities.csv")
    drop.send_piece(HISTORY, 0, 99)
    before = everything()

    for query in ("", "?dry_run=true"):
        refused = drop.finish(query)
        assert refused.status_code == 409
        assert refused.json["detail"] == f"Parts of 1 files are missing: a.csv (100 of {len(HISTORY):,} bytes)"
    assert everything() == before
    assert drop.read()["state"] == "open"


def test_limits_say_their_number(drop, limit, monkeypatch):
    monkeypatch.setattr(pieces, "MOST_BYTES", 10)
    piece = drop.send(b"a" * 11)
    assert (piece.status_code, "10 bytes" in piece.json["detail"]) == (413, True)

    limit(max_drop_files=1, max_drop_bytes=15)
    assert drop.send(b"a" * 10).status_code == 204
    files = drop.send(b"b")
    assert (files.status_code, files.json["detail"].startswith("One import may have 1 files (MAX_DROP_FILES)")) == (
        413,
        True,
    )

    limit(max_drop_files=2, max_drop_bytes=15)
    size = drop.send(b"b" * 6)
    assert size.status_code == 413
    assert size.json["detail"].startswith("One import may have 15 bytes (MAX_DROP_MB), and with a.csv it would have 16")


def test_a_person_has_a_limited_number_of_unfinished_imports(client, alice, bob, drop, monkeypatch):
    monkeypatch.setattr(drops, "MOST_UNFINISHED", 1)

    refused = client.post("/v1/imports", headers=alice.headers)

    assert (refused.status_code, refused.json["detail"].startswith("You have 1 imports")) == (409, True)
    assert Drop(client, bob.headers)
    drop.finished()
    assert Drop(client, alice.headers)


# --- the way of a drop


def test_a_finished_import_takes_no_more_files_and_no_dry_run(drop):
    drop.finished()

    for refused in (drop.send(HISTORY), drop.finish("?dry_run=true"), drop.answer(weight_unit="kg")):
        assert (refused.status_code, refused.json) == (409, {"detail": "This import is done: begin a new one"})


def test_a_strangers_import_is_absent(client, alice, bob, drop):
    drop.send(HISTORY)
    stranger = Drop(client, bob.headers)
    stranger.path = drop.path

    answers = [
        client.get(drop.path, headers=bob.headers),
        client.delete(drop.path, headers=bob.headers),
        stranger.send(STRAVA),
        stranger.answer(weight_unit="kg"),
        stranger.finish(),
        stranger.finish("?dry_run=true"),
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Import not found"})] * 6
    assert drop.read()["files"][0]["state"] == "waiting"


def test_an_import_can_be_given_up(client, alice, owner, drop):
    drop.send(HISTORY)

    assert client.delete(drop.path, headers=alice.headers).status_code == 204

    assert client.get(drop.path, headers=alice.headers).status_code == 404
    assert (count(owner, "drop_files"), count(owner, "drop_pieces")) == (0, 0)


def test_an_import_that_nobody_finishes_expires_and_its_files_go(app, drop, owner):
    drop.send(HISTORY)
    owner.execute("UPDATE drops SET updated_at = now() - interval '61 minutes'")

    answers = [drop.send(STRAVA), drop.finish(), drop.finish("?dry_run=true"), drop.answer(weight_unit="kg")]
    assert [answer.status_code for answer in answers] == [410] * 4
    assert drop.read()["state"] == "expired"

    do_all(app)
    assert (count(owner, "drop_files"), count(owner, "drop_pieces")) == (1, 0)
    owner.execute("UPDATE drops SET updated_at = now() - interval '25 hours'")
    do_all(app)
    assert count(owner, "drops") == 0


def test_stored_pieces_count_in_the_quota_until_they_are_loaded(client, alice, drop, limit):
    limit(quota_bytes=len(HISTORY) + 9)
    drop.send(HISTORY)

    refused = drop.send(b"a" * 10)

    assert refused.status_code == 409
    assert refused.json["detail"].startswith("Nothing was stored: this account has 0.00 of 0.00 MB")
    assert "QUOTA_MB" in refused.json["detail"]
    assert client.delete(drop.path, headers=alice.headers).status_code == 204
    assert Drop(client, alice.headers).send(b"a" * 10).status_code == 204


def test_what_exceeds_the_quota_while_it_loads_is_loaded_once_there_is_room(drop, limit, monkeypatch, owner):
    monkeypatch.setattr(drop_loading, "BATCH_FILES", 1)
    drop.send(HISTORY, "history.csv")
    drop.send(STRAVA, "strava.csv")
    limit(quota_versions=25)

    refused = drop.finish()

    assert (refused.status_code, "of 25 versions" in refused.json["detail"]) == (409, True)
    stopped = drop.read()
    assert (stopped["state"], stopped["created"]) == ("loading", 15)
    assert lines(stopped)["strava.csv"] == ("waiting", None, 0)

    limit(quota_versions=1000)
    done = drop.finished()
    assert (done["state"], done["created"], done["changeset_id"]) == ("done", 35, stopped["changeset_id"])
    assert owner.execute("SELECT counts ->> 'created' FROM changesets").fetchall() == [("35",)]


def test_two_who_finish_at_once_load_each_file_once(app, alice, drop, owner, monkeypatch):
    monkeypatch.setattr(drop_loading, "BATCH_FILES", 1)
    samples = sorted((ACTIVITIES / "gpx").glob("*.gpx"))[:6]
    for path in samples:
        drop.send(path.read_bytes(), path.name)

    def finish(_):
        return app.test_client().post(f"{drop.path}/finish", headers=alice.headers)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(finish, range(2)))

    assert [answer.status_code for answer in answers] == [200, 200]
    done = drop.read()
    assert {**answers[0].json, "expires_at": 0} == {**answers[1].json, "expires_at": 0}
    assert count(owner, "changesets") == 1
    assert owner.execute("SELECT (counts ->> 'created')::int FROM changesets").fetchone() == (done["created"],)


def test_what_was_reverted_meanwhile_stays_so_and_the_rest_is_a_change_of_its_own(client, alice, drop):
    drop.send(STRONG, "strong.csv")
    drop.send(HISTORY, "history.csv")
    drop.answer(timezone="UTC")
    first = drop.finished()
    client.post(f"/v1/changesets/{first['changeset_id']}/revert", headers=alice.headers)
    drop.answer(kind="Strong", weight_unit="kg")

    done = drop.finished()

    assert done["changeset_id"] not in (None, first["changeset_id"])
    rest = client.get(f"/v1/changesets/{done['changeset_id']}", headers=alice.headers).json
    assert rest["counts"]["created"] == lines(done)["strong.csv"][2]


# --- jobs


def test_loading_can_be_a_job_whose_result_is_the_answer(app, client, alice, drop):
    drop.send(HISTORY)

    accepted = drop.finish(Prefer="respond-async")
    assert accepted.status_code == 202
    do_all(app)

    job = client.get(accepted.headers["Location"], headers=alice.headers).json
    assert (job["state"], job["status"], job["found"]) == ("done", 200, 15)
    assert job["result"]["created"] == 15


def test_a_job_whose_server_died_goes_on_with_the_files_that_are_left(app, client, alice, drop, monkeypatch, owner):
    monkeypatch.setattr(drop_loading, "BATCH_FILES", 1)
    drop.send(HISTORY, "history.csv")
    drop.send(STRAVA, "strava.csv")
    accepted = drop.finish(Prefer="respond-async")
    loaded, load = [], drop_loading.load_file

    def dying(reader, *args, **kwargs):
        if loaded:
            raise SystemExit  # the process ends: nothing more is stored
        loaded.append(reader)
        return load(reader, *args, **kwargs)

    monkeypatch.setattr(drop_loading, "load_file", dying)
    running = jobs.claim_next()
    assert running is not None
    with pytest.raises(SystemExit):
        jobs.do(app, running)
    stopped = drop.read()
    assert (stopped["state"], stopped["created"]) == ("loading", 15)

    monkeypatch.setattr(drop_loading, "load_file", load)
    owner.execute("UPDATE jobs SET lease_until = now()")
    do_all(app)

    job = client.get(accepted.headers["Location"], headers=alice.headers).json
    assert (job["state"], job["found"]) == ("done", 35)
    assert lines(job["result"]) == {
        "history.csv": ("loaded", "MapMyFitness", 15),
        "strava.csv": ("loaded", "Strava", 20),
    }
    assert count(owner, "changesets") == 1


def test_a_token_needs_the_scope_import(client, alice, make_token, drop):
    reading, importing = make_token(alice, "read"), make_token(alice, "import")

    assert client.get(drop.path, headers=reading).status_code == 403
    assert client.post("/v1/imports", headers=reading).status_code == 403
    assert client.get(drop.path, headers=importing).status_code == 200


def test_many_files_take_few_statements_each(drop, statements):
    paths = sorted((ACTIVITIES / "gpx").glob("*.gpx"))[:4]
    for path in paths:
        drop.send(path.read_bytes(), path.name)
    statements.clear()

    drop.finished()

    # Who asks, what the files are, how the drop stands; then about ten for each file.
    assert len(statements) < 80


# --- ZIPs and whole exports


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
