"""From the beginning of an import to its end: given up, expired, finished twice at once, as a job."""

import tempfile
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from fitness.errors import Abandoned
from fitness.sync import drop_folders, drop_loading
from fitness.web import jobs
from tests.drops import HISTORY, STRAVA, STRONG, Drop, count, lines
from tests.jobs import do_all
from tests.samples import ACTIVITIES


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
    loaded, load = [], drop_loading.load_parsed

    def dying(reader, *args, **kwargs):
        if loaded:
            raise SystemExit  # the process ends: nothing more is stored
        loaded.append(reader)
        return load(reader, *args, **kwargs)

    monkeypatch.setattr(drop_loading, "load_parsed", dying)
    running = jobs.claim_next()
    assert running is not None
    with pytest.raises(SystemExit):
        jobs.do(app, running)
    stopped = drop.read()
    assert (stopped["state"], stopped["created"]) == ("loading", 15)

    monkeypatch.setattr(drop_loading, "load_parsed", load)
    owner.execute("UPDATE jobs SET lease_until = now()")
    do_all(app)

    job = client.get(accepted.headers["Location"], headers=alice.headers).json
    assert (job["state"], job["found"]) == ("done", 35)
    assert lines(job["result"]) == {
        "history.csv": ("loaded", "MapMyFitness", 15),
        "strava.csv": ("loaded", "Strava", 20),
    }
    assert count(owner, "changesets") == 1


def test_a_deadlock_while_a_file_is_stored_loads_each_file_once(drop, owner, monkeypatch):
    drop.send(HISTORY, "history.csv")
    drop.send(STRAVA, "strava.csv")
    started, start = [], drop_loading.start

    def fail_once() -> None:
        started.append(start())
        if len(started) == 2:
            raise psycopg.errors.DeadlockDetected

    monkeypatch.setattr(drop_loading, "start", fail_once)
    created = drop.finished()["created"]

    assert len(started) == 4
    assert created == count(owner, "runs") + count(owner, "workouts")
    assert owner.execute("SELECT sum(versions) FROM change_counters").fetchone() == (
        count(owner, "runs_history") + count(owner, "workouts_history") + count(owner, "shoes_history"),
    )


def test_a_file_that_was_read_ahead_is_closed_when_the_work_ends(drop, monkeypatch):
    drop.send(HISTORY, "history.csv")
    drop.send(STRAVA, "strava.csv")

    def leave() -> None:
        raise Abandoned

    monkeypatch.setattr(drop_folders, "SPOOLED_BYTES", 10)
    monkeypatch.setattr(drop_loading, "start", leave)

    assert drop.finish("?dry_run=true").status_code == 408


def test_a_file_for_which_the_server_has_no_room_is_loaded_later(drop, monkeypatch, tmp_path):
    drop.send(HISTORY, "history.csv")
    monkeypatch.setattr(drop_folders, "SPOOLED_BYTES", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))

    failed = drop.finish()
    waiting = lines(drop.read())
    monkeypatch.setattr(tempfile, "tempdir", None)

    assert failed.status_code == 500
    assert waiting == {"history.csv": ("waiting", None, 0)}
    assert lines(drop.finished()) == {"history.csv": ("loaded", "MapMyFitness", 15)}


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
