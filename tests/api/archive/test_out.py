"""An account as an archive: all that is its own, and no secret."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Generator

from psycopg import sql

from fitness.accounts.archive import write
from fitness.db import archive, connection
from fitness.db.account_tables import COUNTERS, LEFT_OUT, TABLES
from tests.archives import export, files_of, load, manifest_of


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


def test_miles_of_shoes_are_equal_however_rows_lie(client, make_person, make_shoe, make_run):
    archives = []
    for name, order in (("ada", (0, 1, 2)), ("eve", (2, 1, 0))):
        person = make_person(name)
        shoe = make_shoe(person)
        for place in order:
            make_run(person, id=f"manual_{place}", distance=(0.1, 0.2, 0.3)[place], shoe_id=shoe.id)
        archives.append(files_of(export(client, person.headers)))

    assert archives[0]["shoes.csv"] == archives[1]["shoes.csv"]
