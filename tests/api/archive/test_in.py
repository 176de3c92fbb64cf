"""An archive goes into another database, and all is there as it was."""

import hashlib
import io
import json
from datetime import date

from fitness import demo
from tests.archives import export, feed_of, files_of, load, manifest_of, sealed
from tests.samples import ACTIVITIES, DATA

EXPORT = DATA / "mapmyfitness.csv"


def test_the_demonstration_moves_to_another_database_and_is_the_same_there(client, session_of, elsewhere):
    demo.create(date(2026, 11, 21))
    headers = session_of(demo.EMAIL)
    content = export(client, headers)
    edited = max(client.get("/v1/runs?limit=500", headers=headers).json["items"], key=lambda run: run["version"])
    before = [client.get(f"/v1/runs/{edited['id']}{path}", headers=headers).json for path in ("", "/history")]

    there, new = elsewhere()
    loaded = load(there, new, content)

    manifest = manifest_of(content)
    assert loaded.status_code == 200
    assert loaded.json == {"dry_run": False, "sha256": manifest["sha256"], "tables": manifest["tables"]}
    assert manifest["tables"]["runs"] > 500
    assert manifest_of(export(there, new)) == manifest
    after = [there.get(f"/v1/runs/{edited['id']}{path}", headers=new).json for path in ("", "/history")]
    for version in [*before[1]["items"], *after[1]["items"]]:
        del version["history_id"], version["changeset_id"]
    assert len(after[1]["items"]) == edited["version"] > 1
    assert after == before


def test_every_kind_of_row_comes_back_as_it_was(client, full, elsewhere):
    paths = ["/shoes?include_deleted=true", "/runs?include_deleted=true&limit=500", "/exercises/my-exercises"]
    paths += ["/workouts?limit=500"]
    content = export(client, full.headers)
    before = {path: client.get(f"/v1{path}", headers=full.headers).json for path in paths}

    there, new = elsewhere()
    assert load(there, new, content).status_code == 200

    after = {path: there.get(f"/v1{path}", headers=new).json for path in paths}
    assert after == before
    again = export(there, new)
    data = {name: text for name, text in files_of(content).items() if name != "manifest.json"}
    assert {name: text for name, text in files_of(again).items() if name != "manifest.json"} == data
    assert manifest_of(again) == manifest_of(content)
    me = there.get("/v1/users/me", headers=new).json
    assert (me["email"], me["username"], me["units"]) == ("new@example.com", "new", "kilometres")


def test_life_goes_on_after_the_move(client, full, elsewhere):
    content = export(client, full.headers)
    there, new = elsewhere()
    load(there, new, content)
    run = next(run for run in there.get("/v1/runs", headers=new).json["items"] if run["source"] == "MapMyFitness")
    changesets = there.get("/v1/changesets", headers=new).json["items"]

    edited = there.patch(f"/v1/runs/{run['id']}", json={"distance": 9.5}, headers=new)
    upload = EXPORT.read_text().replace("8700100201", "8700999999")
    report = there.post(
        "/v1/mmf/upload-csv", data={"file": (io.BytesIO(upload.encode()), "export.csv")}, headers=new
    ).json
    reverted = there.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=new)

    assert edited.json["version"] == run["version"] + 1
    assert report["created"] == 1
    assert report["changeset_id"] > max(changeset["changeset_id"] for changeset in changesets)
    assert reverted.json["reverted"] == 1
    history = there.get(f"/v1/runs/{run['id']}/history", headers=new).json["items"]
    assert [version["version_number"] for version in history] == list(range(run["version"] + 1, 0, -1))
    # A changeset of the archive can still be reverted.
    imported = changesets[-1]
    undone, redone = changesets[-2], changesets[-3]
    assert (imported["reverted_by"], undone["reverted_by"]) == (None, redone["changeset_id"])
    forced = there.post(f"/v1/changesets/{imported['changeset_id']}/revert?force=true", headers=new)
    assert forced.status_code == 200
    assert forced.json["reverted"] > 0


def test_what_was_before_the_move_is_looked_back_at_and_rewound_to(client, full, elsewhere):
    marked = client.post("/v1/bookmarks", json={"name": "Before"}, headers=full.headers).json["instant"]
    before = client.get("/v1/runs", headers=full.headers).json["items"]
    for run in before:
        assert client.delete(f"/v1/runs/{run['id']}", headers=full.headers).status_code == 204
    content = export(client, full.headers)
    there, new = elsewhere()
    load(there, new, content)

    looked = there.get("/v1/runs", query_string={"as_of": marked}, headers=new)
    rewound = there.post("/v1/users/me/rewind", json={"to": marked}, headers=new)
    too_early = there.get("/v1/runs", query_string={"as_of": "2001-01-01T00:00:00Z"}, headers=new)

    assert looked.status_code == rewound.status_code == 200 and too_early.status_code == 422
    ids = sorted(run["id"] for run in before)
    assert ids and sorted(run["id"] for run in looked.json["items"]) == ids
    assert sorted(run["id"] for run in there.get("/v1/runs", headers=new).json["items"]) == ids


def test_changesets_keep_their_numbers(client, full, owner, elsewhere):
    owner.execute("INSERT INTO changesets (user_id, changeset_id, kind) VALUES (%s, 51, 'sync')", [full.user_id])
    content, before = export(client, full.headers), client.get("/v1/changesets", headers=full.headers).json

    there, new = elsewhere()
    load(there, new, content)

    assert before["items"][0]["changeset_id"] == 51
    assert there.get("/v1/changesets", headers=new).json == before


def test_a_dry_run_leaves_the_account_empty(client, full, elsewhere):
    content = export(client, full.headers)
    there, new = elsewhere()
    before = export(there, new)

    rehearsed = load(there, new, content, "?dry_run=true")

    assert (rehearsed.status_code, rehearsed.json["dry_run"]) == (200, True)
    assert rehearsed.json["sha256"] == manifest_of(content)["sha256"]
    assert manifest_of(export(there, new)) == manifest_of(before)


def test_an_account_with_data_is_left_as_it_is(client, full, bob, make_run):
    content = export(client, full.headers)
    make_run(bob, id="manual_bobs")
    before = manifest_of(export(client, bob.headers))

    for person in (bob, full):
        answer = load(client, person.headers, content)
        assert (answer.status_code, list(answer.json)) == (409, ["detail"])

    assert manifest_of(export(client, bob.headers)) == before


def test_beside_strangers_rows_an_archive_is_its_owners_alone(client, full, bob):
    content = export(client, full.headers)
    before = export(client, full.headers)

    assert load(client, bob.headers, content).status_code == 200

    assert manifest_of(export(client, bob.headers)) == manifest_of(before) == manifest_of(export(client, full.headers))


def test_points_and_files_of_activities_come_with_the_archive(client, alice, bob):
    watch = (ACTIVITIES / "same_run" / "watch.fit").read_bytes()
    client.post("/v1/imports", data={"file": (io.BytesIO(watch), "a.fit")}, headers=alice.headers)

    assert load(client, bob.headers, export(client, alice.headers)).status_code == 200

    (run,) = client.get("/v1/runs", headers=bob.headers).json["items"]
    for path in ("points", "analysis", "originals", f"originals/{hashlib.sha256(watch).hexdigest()}"):
        answers = [client.get(f"/v1/runs/{run['id']}/{path}", headers=one.headers) for one in (alice, bob)]
        assert answers[0].status_code == answers[1].status_code == 200
        assert path == "originals" or answers[0].data == answers[1].data
    usages = [client.get("/v1/users/me/usage", headers=one.headers).json for one in (alice, bob)]
    assert usages[0] == usages[1]


# The feed of changes


def test_a_loaded_account_has_the_same_feed(client, full, elsewhere):
    content, before = export(client, full.headers), feed_of(client, full.headers)

    there, new = elsewhere()
    cursor = there.get("/v1/changes", headers=new).json["next_cursor"]
    load(there, new, content)

    assert len(before) > 40
    assert feed_of(there, new) == before
    assert there.get(f"/v1/changes?after={cursor}", headers=new).status_code == 410
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
    there.post("/v1/runs", json=run, headers=new)
    assert feed_of(there, new) == [*before, ("runs", 1, "original")]


def test_an_archive_of_before_the_feed_has_all_its_versions_in_the_feed(client, full, elsewhere):
    content, before = export(client, full.headers), feed_of(client, full.headers)
    files = files_of(content)
    manifest = json.loads(files["manifest.json"])
    del files["data/writes.jsonl"], manifest["tables"]["writes"]
    for name in [name for name in files if name.endswith("_history.jsonl")]:
        rows = [json.loads(line) for line in files[name].splitlines()]
        lines = [json.dumps({key: row[key] for key in row if key != "write_id"}) for row in rows]
        files[name] = "".join(f"{line}\n" for line in lines).encode()
    files["manifest.json"] = json.dumps(manifest).encode()

    there, new = elsewhere()
    loaded = load(there, new, sealed(files))

    assert loaded.status_code == 200, loaded.json
    assert sorted(feed_of(there, new)) == sorted(before)
