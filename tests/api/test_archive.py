"""An account as an archive: out of one database, into another, and the same again; damaged ones change nothing."""

import base64
import csv
import dataclasses
import gzip
import hashlib
import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Generator
from datetime import date
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql

from fitness import demo
from fitness.accounts import sessions
from fitness.accounts.archive import write
from fitness.app import create_app
from fitness.db import archive, connection, migrate, pool, runs, users
from fitness.db.account_tables import COUNTERS, LEFT_OUT, TABLES
from fitness.readers import points_bytes
from fitness.readers.activity import Points
from tests.archives import export, files_of, load, manifest_of, packed, sealed
from tests.samples import ACTIVITIES, DATA

EXPORT = DATA / "mapmyfitness.csv"


@pytest.fixture
def session_of(app) -> Callable[[str], dict[str, str]]:
    """Start a session of an account, without its password; the headers of its requests."""

    def start(email: str) -> dict[str, str]:
        with connection.system_transaction():
            credentials = users.get_credentials(email)
        assert credentials is not None
        with app.app_context():
            return {"Authorization": f"Bearer {sessions.start_session(credentials.user_id).access_token}"}

    return start


@pytest.fixture
def elsewhere(settings, empty_database_url, request) -> Callable[[], tuple[FlaskClient, dict[str, str]]]:
    """Make another database with an empty account, whose numbers are taken by others; a client, and its headers.

    From then on the process is that database's alone.
    """

    def make() -> tuple[FlaskClient, dict[str, str]]:
        migrate.upgrade(empty_database_url)
        app = create_app(dataclasses.replace(settings, database_url=empty_database_url))
        request.addfinalizer(pool.close_pool)
        with psycopg.connect(empty_database_url, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO users (email, name) SELECT n || '@example.com', 'X' FROM generate_series(1, 4) n"
            )
            owner.execute("INSERT INTO changesets (user_id, kind) VALUES (1, 'import'), (1, 'import')")
        with connection.system_transaction():
            user = users.create_user(email="new@example.com", name="New", username="new", hashed_password=None)
        with app.app_context():
            token = sessions.start_session(user.user_id).access_token
        return app.test_client(), {"Authorization": f"Bearer {token}"}

    return make


# Out


def test_every_table_with_users_rows_is_exported_or_left_out_for_a_reason(owner):
    tables = {
        name
        for (name,) in owner.execute(
            """
            SELECT c.relname
            FROM pg_class AS c
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            """
        )
    }
    exported = [table.name for table in TABLES]

    assert sorted([*exported, *LEFT_OUT]) == sorted(tables)
    assert all(LEFT_OUT.values())


def test_every_table_says_its_own_primary_key_and_which_columns_hold_numbers_or_refer_to_itself(owner):
    for table in TABLES:
        keys = owner.execute(
            """
            SELECT k.contype::text, k.confrelid::regclass::text, array_agg(a.attname::text ORDER BY n.place),
              bool_or(a.attidentity = 'a')
            FROM pg_constraint AS k
            CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS n (number, place)
            JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = n.number
            WHERE k.conrelid = %s::regclass AND k.contype IN ('p', 'f')
            GROUP BY k.oid
            """,
            [table.name],
        ).fetchall()
        primary = next((columns, counted) for kind, _, columns, counted in keys if kind == "p")
        to_counters = {columns[1]: to for kind, to, columns, _ in keys if kind == "f" and to in COUNTERS}
        own = {table.key[0]: table.name} if table.name in COUNTERS else {}
        # Versions have copies of references, without a key.
        copied = {"duplicate_of": "planned_workouts"} if table.name == "planned_workouts_history" else {}
        to_itself = {columns[1] for kind, to, columns, _ in keys if kind == "f" and to == table.name}

        assert primary == (["user_id", *table.key], table.numbered and not table.per_user), table.name
        assert table.numbers == to_counters | own | copied, table.name
        assert set(table.later) == to_itself, table.name


def test_an_archive_has_every_row_of_ones_own_and_no_secret(client, full, owner):
    owner.execute("UPDATE users SET hashed_password = 'hashed and secret' WHERE user_id = %s", [full.user_id])

    content = export(client, full.headers)

    files, manifest = files_of(content), manifest_of(content)
    for name, count in manifest["tables"].items():
        rows = [json.loads(line) for line in files[f"data/{name}.jsonl"].splitlines()]
        assert len(rows) == count > 0, name
        assert all("user_id" not in row for row in rows), name
    for table in TABLES:
        counted = owner.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE user_id = %s").format(sql.Identifier(table.name)), [full.user_id]
        ).fetchone()
        assert counted == (manifest["tables"][table.name],)
    lines = b"".join(data for name, data in files.items() if name.startswith("data/"))
    assert manifest["sha256"] == hashlib.sha256(lines).hexdigest()
    assert b"secret" not in b"".join(files.values())


def test_the_spreadsheets_have_headings_and_what_is_not_deleted(client, full):
    files = files_of(export(client, full.headers))
    sheets = {name: list(csv.DictReader(io.StringIO(data.decode()))) for name, data in files.items() if "csv" in name}

    assert sheets.keys() == {"runs.csv", "shoes.csv", "workouts.csv", "sets.csv"}
    runs = client.get("/v1/runs?limit=500", headers=full.headers).json["items"]
    assert {run["id"] for run in sheets["runs.csv"]} == {run["id"] for run in runs}
    edited = next(run for run in sheets["runs.csv"] if run["notes"].startswith("Line\nfeed"))
    assert (edited["datetime_utc"], edited["distance_miles"]) == ("2025-11-02T12:05:31Z", "1e-300")
    assert "Old ones" not in {shoe["name"] for shoe in sheets["shoes.csv"]}
    assert [workout["reps_count"] for workout in sheets["workouts.csv"] if workout["reps_count"]] == ["25"]
    assert sorted((row["exercise"], row["weight"]) for row in sheets["sets.csv"]) == [
        ("My own", "225.5"),
        ("Squat", ""),
        ("Squat", "225.5"),
        ("Squat", "225.5"),
    ]


def test_an_empty_account_is_an_archive_too(client, alice):
    content = export(client, alice.headers)

    assert files_of(content)["runs.csv"].startswith(b"id,datetime_utc,")
    assert {name for name, count in manifest_of(content)["tables"].items() if count} == {"profile"}


def test_an_archive_is_of_one_moment_whatever_goes_on_meanwhile(client, full, owner, monkeypatch):
    stream_rows = archive.stream_rows

    def delete_and_stream(table: archive.Table) -> Generator[str]:
        if table.name == "runs":
            owner.execute("UPDATE planned_workouts SET run_id = NULL WHERE user_id = %s", [full.user_id])
            owner.execute("DELETE FROM runs WHERE user_id = %s", [full.user_id])
        return stream_rows(table)

    before = manifest_of(export(client, full.headers))
    monkeypatch.setattr(archive, "stream_rows", delete_and_stream)

    assert manifest_of(export(client, full.headers)) == before


def test_a_large_account_takes_no_more_memory_than_a_small_one(app, alice, owner):
    def peak(runs: int) -> int:
        owner.execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source, notes)
            SELECT %s, 'manual_' || n || '_' || %s, now(), 'Outdoor Run', 5, 2400, 'Manual', repeat('long ', 200)
            FROM generate_series(1, %s) AS n
            """,
            [alice.user_id, runs, runs],
        )
        with open("/dev/null", "wb") as nowhere, connection.transaction(alice.user_id):
            tracemalloc.start()
            write(nowhere)
            highest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return highest

    peak(10)
    small, large = peak(2_000), peak(20_000)

    assert large < small + 1_000_000


# In


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


@pytest.fixture
def files(client, full) -> dict[str, bytes]:
    """The files of a good archive, to be damaged."""
    return files_of(export(client, full.headers))


def damaged(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return archives that are not as they were exported, by what is wrong with them."""
    runs, history, profile = "data/runs.jsonl", "data/runs_history.jsonl", "data/profile.jsonl"
    good = packed(files)
    manifest = json.loads(files["manifest.json"])

    def with_manifest(**changes: Any) -> bytes:
        return packed({**files, "manifest.json": json.dumps({**manifest, **changes}).encode()})

    def with_row(path: str, **changes: Any) -> bytes:
        first, _, rest = files[path].partition(b"\n")
        return sealed({**files, path: json.dumps({**json.loads(first), **changes}).encode() + b"\n" + rest})

    def with_changeset(number: int) -> bytes:
        path = "data/changesets.jsonl"
        row = {**json.loads(files[path].partition(b"\n")[0]), "reverts": None, "reverted_by": None}
        return sealed({**files, path: files[path] + json.dumps({**row, "changeset_id": number}).encode() + b"\n"})

    return {
        "no archive": b"%PDF-1.7\n",
        "empty": b"",
        "cut off": good[:-100],
        "broken": good[:200] + bytes(50) + good[250:],
        "an edited row": packed({**files, runs: files[runs].replace(b"MapMyFitness", b"Strava", 1)}),
        "a missing row": packed({**files, runs: files[runs].partition(b"\n")[2]}),
        "no runs": packed({name: data for name, data in files.items() if name != runs}),
        "no manifest": packed({name: data for name, data in files.items() if name != "manifest.json"}),
        "a manifest of something else": packed({**files, "manifest.json": b"[]"}),
        "a manifest that is no JSON": packed({**files, "manifest.json": b"{"}),
        "another format": with_manifest(format=2),
        "a table of the future": with_manifest(tables={**manifest["tables"], "dreams": 0}),
        "another hash": with_manifest(sha256="0" * 64),
        "a line that is no object": sealed({**files, runs: files[runs] + b"[]\n"}),
        "a line that is no JSON": sealed({**files, runs: files[runs] + b"{\n"}),
        "a column that does not exist": with_row(runs, speed=7),
        "somebody else's row": with_row(runs, user_id=1),
        "a row that refers to none": with_row(runs, shoe_id="nobodys"),
        "a version of no run": with_row(history, run_id="manual_nobodys"),
        "a changeset that is not there": with_row(history, changeset_id=999),
        "a changeset of another type": with_row(history, changeset_id="1; DROP TABLE runs"),
        "a changeset without a number of its own": with_changeset(1),
        "a changeset with a number below 1": with_changeset(0),
        "a changeset with a number that leaves no room": with_changeset(2**63 - 1),
        "a value out of range": with_row(runs, distance=-1),
        "a value of another type": with_row(runs, distance="far"),
        "a profile of another type": with_row(profile, max_heart_rate="high"),
        "an administrator": with_row(profile, is_admin=True),
        "two of the same": sealed({**files, runs: files[runs] + files[runs].splitlines(keepends=True)[-1]}),
    }


def test_a_damaged_or_forged_archive_is_refused_and_nothing_stored(files, client, bob):
    before = manifest_of(export(client, bob.headers))
    answers = {what: load(client, bob.headers, content) for what, content in damaged(files).items()}

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(answers, 422)
    assert manifest_of(export(client, bob.headers)) == before
    assert load(client, bob.headers, packed(files)).status_code == 200


def test_bombs_are_refused(files, client, bob, monkeypatch):
    monkeypatch.setattr("fitness.accounts.archive.MOST_BYTES", 10 * 1024**2)
    monkeypatch.setattr("fitness.accounts.archive.LONGEST_LINE", 1024**2)
    large = sealed({**files, "data/runs.jsonl": files["data/runs.jsonl"] + b" " * 10 * 1024**2 + b"\n"})
    long = sealed({**files, "data/runs.jsonl": files["data/runs.jsonl"] + b" " * 2 * 1024**2 + b"\n"})

    answers = [load(client, bob.headers, content) for content in (large, long)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "larger than 10 MB" in answers[0].json["detail"]
    assert "a line that is too long or has no end" in answers[1].json["detail"]
    assert len(large) < 1024**2


def without(content: bytes, *columns: str) -> bytes:
    """Return the lines of a file of an archive without some columns."""
    rows = [json.loads(line) for line in content.splitlines()]
    return b"".join(
        json.dumps({name: value for name, value in row.items() if name not in columns}).encode() + b"\n" for row in rows
    )


def test_an_archive_of_before_a_column_was_added_still_goes_in(files, client, bob):
    older = {
        "data/workouts.jsonl": without(files["data/workouts.jsonl"], "live_edits", "duplicate_of"),
        "data/planned_workouts.jsonl": without(files["data/planned_workouts.jsonl"], "duplicate_of"),
        "data/planned_workouts_history.jsonl": without(files["data/planned_workouts_history.jsonl"], "duplicate_of"),
        "data/profile.jsonl": without(files["data/profile.jsonl"], "units"),
    }

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200
    assert client.get("/v1/users/me", headers=bob.headers).json["units"] == "miles"


MEASURED = ("activity_points", "activity_efforts", "removed_points", "activity_files", "record_files")


def test_an_archive_of_before_activities_had_points_still_goes_in(files, client, bob):
    manifest = json.loads(files["manifest.json"])
    manifest["tables"] = {name: count for name, count in manifest["tables"].items() if name not in MEASURED}
    older = {
        **{f"data/{name}.jsonl": without(files[f"data/{name}.jsonl"], *runs.MEASURED) for name in ("runs", "workouts")},
        "manifest.json": json.dumps(manifest).encode(),
    }

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200


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


def changed(line, **values):
    return json.dumps({**json.loads(line), **values}).encode() + b"\n"


BOMB = struct.pack("<BI", 1, 5) + zlib.compress(bytes(10_000_000))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("activity_points", {"content": "no base64"}),
        ("activity_points", {"content": None}),
        ("activity_points", {"content": base64.b64encode(b"no points").decode()}),
        ("activity_points", {"content": base64.b64encode(BOMB).decode()}),
        ("activity_points", {"content": base64.b64encode(points_bytes.encode(Points([1e12]))).decode()}),
        ("activity_points", {"content": base64.b64encode(points_bytes.encode(Points([1], lat=[200]))).decode()}),
        ("activity_points", {"laps": [{"start": 1}]}),
        ("activity_points", {"laps": {}}),
        ("activity_points", {"pauses": [[1]]}),
        ("activity_points", {"pauses": [[1, "2"]]}),
        ("activity_files", {"content": base64.b64encode(b"no gzip").decode()}),
        ("activity_files", {"content": base64.b64encode(gzip.compress(b"another")).decode()}),
        ("activity_files", {"size": 999}),
        ("activity_files", {"size": "large"}),
        ("activity_files", {"size": -1}),
        ("activity_files", {"size": 10**12}),
    ],
)
def test_points_and_files_that_cannot_be_read_are_refused(files, client, bob, name, values):
    path = f"data/{name}.jsonl"

    answer = load(client, bob.headers, sealed({**files, path: changed(files[path], **values)}))

    assert answer.status_code == 422
    assert answer.json["detail"] == f"{path}, line 1: the content cannot be read."


def test_names_of_an_archive_of_before_they_had_keys_lead_to_their_records(files, client, full, bob):
    (squat,) = (
        one
        for one in client.get("/v1/exercises/my-exercises", headers=full.headers).json["items"]
        if one["name"] == "Squat"
    )
    client.patch(f"/v1/exercises/{squat['id']}", json={"name": "Deep squat"}, headers=full.headers)
    newer = files_of(export(client, full.headers))
    manifest = json.loads(newer["manifest.json"])
    del manifest["tables"]["exercise_names"], newer["data/exercise_names.jsonl"]
    newest = ("name_key", "is_assisted", "merged_into")
    older = {path: without(newer[path], *newest) for path in ("data/exercises.jsonl", "data/exercises_history.jsonl")}
    older["data/shoes.jsonl"] = without(newer["data/shoes.jsonl"], "name_key")
    older["manifest.json"] = json.dumps(manifest).encode()

    assert load(client, bob.headers, sealed({**newer, **older})).status_code == 200

    sets = [{"exercise_name": name, "weight": 1, "reps": 1} for name in ("SQUAT", "deep squat", "MY OWN")]
    client.post("/v1/workouts", json={"workout_type": "STRENGTH", "strength_sets": sets}, headers=bob.headers)
    own = client.get("/v1/exercises/my-exercises", headers=bob.headers).json["items"]
    assert sorted(one["name"] for one in own) == ["Deep squat", "My own"]
    taken = [
        client.post(f"/v1/{path}", json={"name": name}, headers=bob.headers)
        for path, name in (("exercises", "my OWN"), ("shoes", "OLD ones"))
    ]
    assert [answer.status_code for answer in taken] == [409, 409]


def test_selections_and_links_of_an_archive_of_before_they_had_versions_become_versions(files, client, full, bob):
    columns = ("is_selected", "current_plan_day", "time_of_day", "workout_location", "user_notes")
    rows = {name: files[f"data/{name}.jsonl"] for name in ("planned_workouts", "planned_workouts_history")}
    older = {f"data/{name}.jsonl": without(data, *columns, "run_id", "workout_id") for name, data in rows.items()}
    planned = [json.loads(line) for line in rows["planned_workouts"].splitlines()]
    selections = [{"workout_id": n, **{name: one[name] for name in columns}} for n, one in enumerate(planned, 1)]
    links = [{"planned_workout_id": n, "run_id": one["run_id"]} for n, one in enumerate(planned, 1) if one["run_id"]]
    manifest = json.loads(files["manifest.json"])
    for name, kept in (("workout_selections", selections), ("plan_links", links)):
        older[f"data/{name}.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in kept).encode()
        manifest["tables"][name] = len(kept)
    older["manifest.json"] = json.dumps(manifest).encode()

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200

    before, now = (client.get("/v1/planned-workouts", headers=person.headers).json["items"] for person in (full, bob))
    assert len(links) == 1
    for name in (*columns, "done"):
        assert [one[name] for one in now] == [one[name] for one in before]
    newest = client.get(f"/v1/planned-workouts/{now[0]['id']}/history", headers=bob.headers).json["items"][0]
    assert newest["changes"] == {"user_notes": [None, "2026-03-01"]}
    assert sorted(feed_of(client, bob.headers)[-len(planned) :]) == sorted(
        ("planned-workouts", one["version"], "edit") for one in now
    )


# By tokens


def test_a_token_that_reads_may_export_and_one_that_imports_may_import(client, full, bob, make_token):
    content = export(client, make_token(full, "read"))

    assert load(client, make_token(bob, "read", "write"), content).status_code == 403
    assert load(client, make_token(bob, "import"), content).status_code == 200


def test_the_same_data_is_the_same_archive_to_the_byte_and_tells_no_time(client, full):
    content = export(client, full.headers)

    assert export(client, full.headers) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# The feed of changes


def feed_of(client: FlaskClient, headers: dict[str, str]) -> list[tuple[str, int, str]]:
    """Return the noun, the version and the kind of every change; ids may be others on another server."""
    answer = client.get("/v1/changes?limit=500", headers=headers).json
    assert answer is not None
    return [(change["noun"], change["version"], change["change_type"]) for change in answer["items"]]


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
