"""Uploads of MapMyFitness exports: what goes in, what does not, and that twice is as good as once."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from tests.samples import DATA

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Avg Heart Rate,Notes,Link"
COUNTS = (
    "found", "created", "updated", "unchanged", "kept", "joined", "deleted", "deleted_here", "skipped", "failed",
)  # fmt: skip


def row(number, *, day="May 6, 2025", kind="Run", distance="3.1", seconds="1500", heart_rate="", notes=""):
    link = f"http://www.mapmyfitness.com/workout/{number}"
    return f'"{day}",{kind},{distance},{seconds},{heart_rate},{notes},{link}'


def table(*rows):
    return "\n".join((HEADING, *rows)).encode()


def upload(client, person, content, *, query="", **form):
    """Upload bytes, or a sample by its name."""
    content = (DATA / content).read_bytes() if isinstance(content, str) else content
    return client.post(
        f"/v1/mmf/upload-csv{query}",
        data={"file": (io.BytesIO(content), "history.csv"), **form},
        headers=person.headers,
    )


def counts(report):
    """Return the counts that are not 0."""
    return {name: report[name] for name in COUNTS if report[name]}


def listed(client, person, noun="runs", **query):
    limit = {"limit": 500} if noun == "runs" else {}
    items = client.get(f"/v1/{noun}", query_string={**limit, **query}, headers=person.headers).json["items"]
    return {item["id"]: item for item in items}


@pytest.fixture
def everything(owner):
    """Return what every table holds."""

    def read():
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            table: sorted(
                map(repr, owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall())
            )
            for (table,) in tables
        }

    return read


SAMPLES = {
    "mapmyfitness.csv": {"found": 15, "created": 15},
    "mapmyfitness_2017.csv": {"found": 4, "created": 4},
    "mapmyfitness_km_bom.csv": {"found": 5, "created": 5},
    "mapmyfitness_real_km_2021.csv": {"found": 40, "created": 40},
}


def test_every_sample_is_tested():
    assert {path.name for path in DATA.glob("mapmyfitness*.csv")} == SAMPLES.keys()


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_goes_in_once_and_a_second_time_changes_nothing(client, alice, everything, sample):
    first = upload(client, alice, sample)
    before = everything()

    second = upload(client, alice, sample)

    expected = SAMPLES[sample]
    assert (first.status_code, second.status_code) == (200, 200)
    assert counts(first.json) == expected
    assert counts(second.json) == {"found": expected["found"], "unchanged": expected["created"]}
    assert (first.json["changeset_id"] is None, second.json["changeset_id"]) == (False, None)
    assert everything() == before


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_dry_run_tells_the_same_and_leaves_nothing_at_all(client, alice, everything, sample):
    before = everything()

    dry = upload(client, alice, sample, query="?dry_run=true").json

    assert everything() == before
    real = upload(client, alice, sample).json
    assert dry == {**real, "changeset_id": None, "dry_run": True, "records": dry["records"]}


def test_the_same_workouts_in_miles_and_in_kilometres_are_the_same_runs(client, alice):
    upload(client, alice, "mapmyfitness.csv")
    runs = listed(client, alice)

    report = upload(client, alice, "mapmyfitness_km_bom.csv").json

    # Three of the four have other notes; what was converted is the same.
    assert counts(report) == {"found": 5, "unchanged": 2, "updated": 3}
    measured = ("datetime_utc", "distance", "duration", "avg_heart_rate", "type")
    again = listed(client, alice)
    assert {id: [run[field] for field in measured] for id, run in again.items()} == {
        id: [run[field] for field in measured] for id, run in runs.items()
    }


def test_a_run_goes_in_with_all_that_its_row_says(client, alice):
    upload(client, alice, "mapmyfitness.csv", timezone="America/Chicago")

    runs = listed(client, alice)
    told = ("datetime_utc", "type", "distance", "duration", "source", "avg_heart_rate", "shoe_id", "notes", "version")
    assert [runs["mmf_8692455310"][field] for field in told] == [
        "2025-10-18T17:00:00Z", "Outdoor Run", 5.25, 2835, "MapMyFitness", None, "brooks_ghost_16",
        "Windy, felt slow. Shoes: Brooks Ghost 16", 1,
    ]  # fmt: skip
    assert [runs["mmf_8698100744"][field] for field in told] == [
        "2025-10-30T17:00:00Z", "Treadmill Run", 4.0, 2148, "MapMyFitness", 152, "gym_pair", "Shoes: Gym pair", 1,
    ]  # fmt: skip
    assert runs["mmf_6644120098"]["avg_heart_rate"] is None
    assert {name: (shoe["name"], shoe["run_count"]) for name, shoe in listed(client, alice, "shoes").items()} == {
        "brooks_ghost_16": ("Brooks Ghost 16", 2),
        "gym_pair": ("Gym pair", 2),
        "mizuno_wave_24": ("Mizuno Wave 24", 1),
        "saucony_ride_15": ("Saucony Ride 15", 2),
    }


def test_an_import_is_one_changeset_and_all_it_made_has_an_original_version_of_it(client, owner, alice):
    report = upload(client, alice, "mapmyfitness.csv").json

    changeset = client.get(f"/v1/changesets/{report['changeset_id']}", headers=alice.headers).json
    versions = owner.execute(
        """
        SELECT run_id, version_number, change_type, changed_by, changeset_id FROM runs_history
        UNION ALL
        SELECT shoe_id, version_number, change_type, changed_by, changeset_id FROM shoes_history
        """
    ).fetchall()
    assert (changeset["kind"], changeset["source"], changeset["actor"]) == ("import", "MapMyFitness", "alice")
    assert changeset["counts"] == {name: report[name] for name in COUNTS}
    assert len(versions) == 11 + 4
    assert {version[1:] for version in versions} == {(1, "original", "alice", report["changeset_id"])}


@pytest.mark.parametrize(
    ("zone", "form", "instant"),
    [
        (None, {}, "2025-05-06T12:00:00Z"),
        ("Pacific/Kiritimati", {}, "2025-05-05T22:00:00Z"),
        ("Pacific/Kiritimati", {"timezone": "Pacific/Pago_Pago"}, "2025-05-06T23:00:00Z"),
        (None, {"timezone": "Europe/Berlin"}, "2025-05-06T10:00:00Z"),
    ],
)
def test_a_run_is_at_noon_in_the_zone_asked_for_or_the_users_own_or_utc(client, make_person, zone, form, instant):
    carol = make_person("carol", time_zone=zone)

    upload(client, carol, table(row(1)), **form)

    assert listed(client, carol)["mmf_1"]["datetime_utc"] == instant


def test_a_file_without_a_zone_is_read_in_utc_says_so_and_mends_itself_with_a_zone(client, make_person):
    carol = make_person("carol", time_zone=None)
    rows = table(row(1), row(2, day="May 7, 2025"))

    first = upload(client, carol, rows).json
    second = upload(client, carol, rows, timezone="Pacific/Kiritimati").json
    third = upload(client, carol, rows, timezone="Pacific/Kiritimati").json

    assert (first["time_zone"], counts(first)) == ("UTC", {"found": 2, "created": 2})
    assert (second["time_zone"], counts(second)) == ("Pacific/Kiritimati", {"found": 2, "updated": 2})
    assert counts(third) == {"found": 2, "unchanged": 2}
    runs = listed(client, carol)
    assert {run["datetime_utc"] for run in runs.values()} == {"2025-05-05T22:00:00Z", "2025-05-06T22:00:00Z"}


def test_a_bad_row_is_reported_by_number_and_the_good_ones_go_in(client, alice):
    rows = [
        row(1),
        row(2, day="May 32, 2025"),
        row(3, distance="-1"),
        row(4, kind="Bike Ride"),
        row(5, seconds="NaN"),
        row("none"),
        row(7, heart_rate="1e9"),
        "too,few",
        row(9),
        row(9),
    ]

    response = upload(client, alice, table(*rows))

    report = response.json
    assert response.status_code == 200
    assert counts(report) == {"found": 10, "created": 3, "skipped": 1, "failed": 6}
    assert [(problem["row"], problem["id"]) for problem in report["problems"]] == [
        (3, "mmf_2"), (4, "mmf_3"), (6, "mmf_5"), (7, None), (8, "mmf_7"), (9, None),
    ]  # fmt: skip
    assert all(problem["detail"] for problem in report["problems"])
    assert listed(client, alice).keys() == {"mmf_1", "mmf_9"}


def test_a_thousand_problems_are_listed_and_all_are_counted(client, alice):
    report = upload(client, alice, table(*(row(number, distance="x") for number in range(1001)))).json

    assert (report["failed"], len(report["problems"]), report["changeset_id"]) == (1001, 1000, None)


@pytest.mark.parametrize("column", [name for name in HEADING.split(",") if name not in ("Avg Heart Rate", "Notes")])
def test_a_missing_column_is_named_and_nothing_goes_in(client, alice, everything, column):
    before = everything()

    response = upload(client, alice, table(row(1)).replace(column.encode(), b"Something else"))

    assert response.status_code == 422
    assert column in response.json["detail"]
    assert response.json["errors"] == {"file": [response.json["detail"]]}
    assert everything() == before


def test_unknown_columns_are_ignored_and_optional_ones_may_be_missing(client, alice):
    content = (
        b"Mood,Link,Workout Time (seconds),Distance (mi),Activity Type,Workout Date\n"
        b'good,http://x.example/workout/1,1500,3.1,Run,"May 6, 2025"\n'
    )

    report = upload(client, alice, content).json

    assert counts(report) == {"found": 1, "created": 1}
    assert listed(client, alice)["mmf_1"]["avg_heart_rate"] is None


def test_a_file_without_runs_leaves_no_changeset(client, alice):
    report = upload(client, alice, table(row(1, kind="Walk")), query="?other_sports=false").json

    assert counts(report) == {"found": 1, "skipped": 1}
    assert report["changeset_id"] is None
    assert client.get("/v1/changesets", headers=alice.headers).json["items"] == []


def test_a_deleted_run_stays_deleted_and_an_edited_one_edited(client, alice):
    upload(client, alice, table(row(1), row(2), row(3)))
    client.delete("/v1/runs/mmf_1", headers=alice.headers)
    edited = client.patch("/v1/runs/mmf_2", json={"distance": 9, "notes": "Mine"}, headers=alice.headers).json

    report = upload(client, alice, table(row(1), row(2, distance="4"), row(3))).json

    assert counts(report) == {"found": 3, "unchanged": 1, "deleted_here": 1, "kept": 1}
    assert report["conflicts"] == [{"id": "mmf_2", "field": "distance", "yours": 9, "theirs": 4}]
    runs = listed(client, alice)
    assert runs.keys() == {"mmf_2", "mmf_3"}
    assert runs["mmf_2"] == {**edited, "conflicts": {"distance": 4}}


# Merging


def test_what_the_provider_changed_and_nobody_else_is_taken_over_as_a_version_of_the_providers(client, alice):
    upload(client, alice, table(row(1)))
    client.patch("/v1/runs/mmf_1", json={"name": "Mine"}, headers=alice.headers)

    report = upload(client, alice, table(row(1, distance="4.5", notes="Shoes: Late to the party"))).json

    run = listed(client, alice)["mmf_1"]
    assert counts(report) == {"found": 1, "updated": 1}
    assert (run["distance"], run["shoe_id"], run["name"]) == (4.5, "late_to_the_party", "Mine")
    newest = client.get("/v1/runs/mmf_1/history", headers=alice.headers).json["items"][0]
    assert (newest["version_number"], newest["changed_by"]) == (3, "MapMyFitness")
    assert newest["changeset_id"] == report["changeset_id"]


def test_an_import_that_was_merged_changes_nothing_the_second_time(client, alice, everything):
    upload(client, alice, table(row(1), row(2)))
    client.patch("/v1/runs/mmf_2", json={"distance": 9}, headers=alice.headers)
    changed = table(row(1, distance="4.5"), row(2, distance="4.5"))
    upload(client, alice, changed)
    before = everything()

    report = upload(client, alice, changed).json

    assert counts(report) == {"found": 2, "unchanged": 2}
    assert everything() == before


def test_what_both_changed_alike_is_no_conflict(client, alice):
    upload(client, alice, table(row(1)))
    client.patch("/v1/runs/mmf_1", json={"distance": 4.5}, headers=alice.headers)

    report = upload(client, alice, table(row(1, distance="4.5"))).json

    assert (counts(report), report["conflicts"]) == ({"found": 1, "unchanged": 1}, [])
    assert listed(client, alice)["mmf_1"]["conflicts"] is None


@pytest.mark.parametrize("settled_by", ["an edit of the field", "a restore", "the provider"])
def test_a_conflict_stays_on_the_run_until_it_is_settled(client, alice, settled_by):
    upload(client, alice, table(row(1)))
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    upload(client, alice, table(row(1, distance="4.5")))
    client.patch("/v1/runs/mmf_1", json={"notes": "Another field"}, headers=alice.headers)
    in_conflict = listed(client, alice)["mmf_1"]["conflicts"]

    if settled_by == "an edit of the field":
        client.patch("/v1/runs/mmf_1", json={"distance": 9.1}, headers=alice.headers)
    elif settled_by == "a restore":
        client.post("/v1/runs/mmf_1/restore/2", headers=alice.headers)
    else:
        upload(client, alice, table(row(1, distance="9")))

    assert in_conflict == {"distance": 4.5}
    assert listed(client, alice)["mmf_1"]["conflicts"] is None


def test_a_merge_can_be_reverted(client, alice):
    upload(client, alice, table(row(1)))
    before = listed(client, alice)["mmf_1"]
    changeset_id = upload(client, alice, table(row(1, distance="4.5"))).json["changeset_id"]

    client.post(f"/v1/changesets/{changeset_id}/revert", headers=alice.headers)

    run = listed(client, alice)["mmf_1"]
    assert (run["distance"], run["version"]) == (before["distance"], 3)


def test_merging_a_thousand_runs_takes_as_many_statements_as_merging_two(client, alice, statements):
    asked = []
    for count in (2, 1000):
        upload(client, alice, table(*(row(n) for n in range(count))))
        statements.clear()
        report = upload(client, alice, table(*(row(n, distance="4.5") for n in range(count)))).json
        asked.append(len(statements))
        assert report["updated"] >= count - 2

    assert asked[0] == asked[1]


def test_spellings_of_a_shoe_in_one_file_are_one_shoe(client, alice):
    notes = ("Shoes: Gym pair", "Shoes: gym-pair", "Shoes:  GYM  PAIR ")

    upload(client, alice, table(*(row(number, notes=note) for number, note in enumerate(notes))))

    assert {shoe["id"]: shoe["run_count"] for shoe in listed(client, alice, "shoes").values()} == {"gym_pair": 3}


def test_later_imports_follow_a_shoe_that_was_renamed_merged_or_deleted(client, alice):
    upload(client, alice, table(*(row(n, notes=f"Shoes: {name}") for n, name in enumerate(("A", "B", "C", "D", "E")))))
    client.patch("/v1/shoes/a", json={"name": "Alpha"}, headers=alice.headers)
    client.post("/v1/shoes/b/merge", json={"into": "c"}, headers=alice.headers)
    client.post("/v1/shoes/c/merge", json={"into": "d"}, headers=alice.headers)
    client.delete("/v1/shoes/e", headers=alice.headers)

    names = ("A", "Alpha", "B", "C", "D", "E")
    report = upload(client, alice, table(*(row(10 + n, notes=f"Shoes: {name}") for n, name in enumerate(names)))).json

    runs = listed(client, alice)
    assert counts(report) == {"found": 6, "created": 6}
    assert [runs[f"mmf_{10 + n}"]["shoe_id"] for n in range(6)] == ["a", "a", "d", "d", "d", "e"]
    assert listed(client, alice, "shoes").keys() == {"a", "d", "e"}


def test_a_file_of_several_chunks_goes_in_whole(client, alice, owner):
    rows = [row(number, notes=f"Shoes: Pair {number % 7}") for number in range(2500)]

    report = upload(client, alice, table(*rows)).json

    assert counts(report) == {"found": 2500, "created": 2500}
    assert owner.execute("SELECT count(*), count(DISTINCT shoe_id) FROM runs").fetchone() == (2500, 7)
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (2500,)


def test_a_file_that_breaks_off_half_way_through_its_load_leaves_nothing(client, alice, owner, everything):
    owner.execute("ALTER TABLE runs_history ADD CONSTRAINT refused CHECK (run_id <> 'mmf_1400')")
    before = everything()

    response = upload(client, alice, table(*(row(number, notes="Shoes: New") for number in range(1500))))

    assert response.status_code == 500
    assert everything() == before


def test_the_same_file_twice_at_once_stores_each_run_once(app, alice, owner):
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda _: upload(app.test_client(), alice, "mapmyfitness_real_km_2021.csv"), range(4))
        )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json["created"] for answer in answers) == [0, 0, 0, 40]
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (39,)


def test_people_import_the_same_file_each_for_themselves(client, alice, bob):
    reports = [upload(client, person, "mapmyfitness.csv").json for person in (alice, bob)]

    assert [report["created"] for report in reports] == [15, 15]


@pytest.mark.parametrize("path", ["/mmf/upload-csv", "/api/mmf/upload-csv"])
def test_the_documented_path_takes_uploads_too(client, alice, path):
    response = client.post(path, data={"file": (io.BytesIO(table(row(1))), "a.csv")}, headers=alice.headers)

    assert response.json["created"] == 1


def test_an_import_takes_few_statements_however_long_the_file(client, alice, statements):
    upload(client, alice, table(*(row(number, notes=f"Shoes: {number % 50}") for number in range(1000))))

    # Who asks; their turn; the changeset: lock, open, close; which runs are deleted; shoes: look up, whose, look up,
    # which are deleted, make, keep, look up, which are deleted; runs: make, keep, their shoes; activities of another
    # type now: their workouts, and conflicts that are over.
    assert len(statements) <= 19


def test_an_import_of_known_runs_compares_no_fields(client, alice, statements):
    export = table(*(row(number, notes=f"Shoes: {number % 50}") for number in range(1000)))
    upload(client, alice, export)
    first = len(statements)

    again = upload(client, alice, export).json

    assert (again["created"], again["unchanged"]) == (0, 1000)
    # Who asks; their turn; the changeset: lock, open, delete; has this source workouts; shoes: look up, which are
    # deleted; runs: are they as they are sent.
    assert len(statements) - first <= 9
