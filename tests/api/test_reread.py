"""The files of a record are read again, for what they came as: by themselves, or in the export of an account."""

import pytest

from tests.api.test_activity_files import get, send
from tests.samples import ACTIVITIES

SAME_RUN = ACTIVITIES / "same_run"
WATCH, TCX, GPX = SAME_RUN / "watch.fit", SAME_RUN / "garmin_connect.tcx", SAME_RUN / "strava_17405838535.gpx"
EXPORT = SAME_RUN / "strava_export.zip"
ON_STRAVA = "strava_16321877401"


@pytest.fixture
def run(client, alice):
    """The only run of 2 November."""

    def run():
        (item,) = get(client, alice, "/runs?start=2025-11-02&end=2025-11-02").json["items"]
        return item

    return run


@pytest.fixture
def reread(client, alice, run):
    """Read the files of the run again; return the report."""

    def reread():
        answer = client.post(f"/v1/runs/{run()['id']}/reread", headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return reread


@pytest.mark.parametrize("before", [[], [GPX], [TCX, WATCH]])
def test_an_export_read_again_is_no_second_source(client, alice, owner, run, reread, before):
    for path in (*before, EXPORT):
        send(client, alice, path)
    here, sources = run(), owner.execute("SELECT count(*) FROM activity_sources").fetchone()

    report = reread()

    assert (report["joined"], report["updated"], report["created"], report["changeset_id"]) == (0, 0, 0, None)
    assert (run(), owner.execute("SELECT count(*) FROM activity_sources").fetchone()) == (here, sources)


def test_a_file_of_an_export_brings_only_what_the_list_lacks(client, alice, owner, run, reread):
    send(client, alice, EXPORT)
    before = run()
    # As an earlier reader would have read it.
    changed = '\'{"device": null, "elapsed": null, "distance": 4.5}\''
    owner.execute(
        f"UPDATE runs SET device = NULL, elapsed = NULL, distance = 4.5, provider_values = provider_values || {changed}"
    )

    report = reread()

    assert report["updated"] == 1
    assert (run()["device"], run()["elapsed"], run()["distance"]) == (before["device"], before["elapsed"], 4.5)
    newest = get(client, alice, f"/runs/{ON_STRAVA}/history").json["items"][0]
    assert newest["changed_by"] == "Strava"


@pytest.mark.parametrize("path", [WATCH, SAME_RUN / "health_auto_export.json", EXPORT], ids=lambda path: path.name)
def test_a_file_whose_import_is_reverted_is_not_read_again(client, alice, run, reread, path):
    send(client, alice, TCX)
    changeset = send(client, alice, path)["changeset_id"]
    assert client.post(f"/v1/changesets/{changeset}/revert", headers=alice.headers).status_code == 200
    here = run()

    report = reread()

    assert (report["changeset_id"], run()) == (None, here)


def test_a_run_made_anew_of_another_file_is_not_read_again_from_the_reverted_one(client, alice, run, reread, tmp_path):
    content = GPX.read_bytes()
    part = tmp_path / "part.gpx"
    part.write_bytes(content[: len(content) * 6 // 10])  # of the same id, which is that of the start
    changeset = send(client, alice, GPX)["changeset_id"]
    assert client.post(f"/v1/changesets/{changeset}/revert", headers=alice.headers).status_code == 200
    send(client, alice, part)
    here = run()

    report = reread()

    assert (report["changeset_id"], run()) == (None, here)
