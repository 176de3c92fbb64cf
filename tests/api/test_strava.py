"""Strava's export: the archive or its table, in once, and merged with what is here."""

import io

import pytest

from tests.archives import packed
from tests.samples import DATA

SAMPLES = ("strava_export_activities.csv", "strava_export_activities_en_gb.csv")
COUNTS = ("found", "created", "updated", "unchanged", "kept", "deleted", "deleted_here", "skipped", "failed")


def upload(client, person, content, *, query=""):
    return client.post(
        f"/v1/strava/upload-csv{query}",
        data={"file": (io.BytesIO(content), "export.zip")},
        headers=person.headers,
    )


def archive(sample):
    """Return the sample as Strava packs it."""
    return packed({"activities.csv": (DATA / sample).read_bytes(), "activities/1.gpx": b"<gpx/>"})


def listed(client, person):
    return {run["id"]: run for run in client.get("/v1/runs?limit=500", headers=person.headers).json["items"]}


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_table_and_the_archive_are_the_same_runs_and_go_in_once(client, alice, sample):
    first = upload(client, alice, (DATA / sample).read_bytes()).json
    runs = listed(client, alice)
    again = upload(client, alice, archive(sample)).json

    workouts = client.get("/v1/workouts", headers=alice.headers).json["items"]
    assert len(runs) > 0
    assert first["created"] == len(runs) + len(workouts)
    assert first["found"] == sum(first[name] for name in COUNTS[1:])
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, first["created"])
    assert listed(client, alice) == runs
    assert {run["source"] for run in runs.values()} == {"Strava"}
    assert all(run_id.startswith("strava_") for run_id in runs)


def test_a_dry_run_leaves_nothing_and_tells_the_same(client, alice):
    content = (DATA / SAMPLES[0]).read_bytes()

    dry = upload(client, alice, content, query="?dry_run=true").json

    assert listed(client, alice) == {}
    real = upload(client, alice, content).json
    assert dry == {**real, "changeset_id": None, "dry_run": True, "records": dry["records"]}


def test_what_the_export_does_not_tell_stays_as_it_is_known(client, alice):
    content = (DATA / SAMPLES[0]).read_bytes()
    upload(client, alice, content)
    run_id = next(iter(listed(client, alice)))
    client.patch(f"/v1/runs/{run_id}", json={"type": "Treadmill Run"}, headers=alice.headers)

    report = upload(client, alice, content).json

    assert (report["conflicts"], report["kept"]) == ([], 0)
    assert listed(client, alice)[run_id]["type"] == "Treadmill Run"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_file_that_is_no_export_is_refused_and_leaves_nothing(client, owner, alice, content):
    answer = upload(client, alice, content)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
    assert owner.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (0,)


def test_an_import_can_be_reverted_as_a_whole(client, alice):
    changeset_id = upload(client, alice, archive(SAMPLES[0])).json["changeset_id"]

    client.post(f"/v1/changesets/{changeset_id}/revert", headers=alice.headers)

    assert listed(client, alice) == {}
