"""The time zone in which a run or workout began, and where it came from: imported, edited, kept, joined."""

import csv
import io
import json
import zipfile

import pytest

from fitness.db.connection import transaction
from fitness.providers.strava.activities import parse_activity
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests.api.test_activity_files import get, send
from tests.archives import export, files_of, load, sealed
from tests.providers.strava.calls import GEAR_NAMES, PAGES
from tests.samples import ACTIVITIES

SAME_RUN = ACTIVITIES / "same_run"
WATCH, TCX, EXPORT = SAME_RUN / "watch.fit", SAME_RUN / "garmin_connect.tcx", SAME_RUN / "strava_export.zip"
LIST = SAME_RUN / "garmin_activities.csv"
RUN = "fit_3900000002_20251102T120531Z"
OFFSET = {"name": "-06:00", "source": "file"}
BY_PROVIDER = {"name": "America/Chicago", "source": "provider"}
TOKYO = {"name": "Asia/Tokyo", "source": "person"}


@pytest.fixture
def run(client, alice):
    """Return the only run of 2 November."""

    def read():
        (found,) = get(client, alice, "/runs?start=2025-11-02&end=2025-11-02&time_zone=America/Chicago").json["items"]
        return found

    return read


@pytest.fixture
def patch(client, alice):
    def change(path, status=200, **changes):
        answer = client.patch(f"/v1{path}", json=changes, headers=alice.headers)
        assert answer.status_code == status, answer.json
        return answer.json

    return change


@pytest.fixture
def sync(alice):
    """Load Strava's answer for the run, as a sync does."""

    def load():
        page = [one for one in PAGES if one["id"] == 16321877401]
        report = Report("sync")
        with transaction(alice.user_id):
            runs = [parse_activity(one, 1, GEAR_NAMES) for one in page]
            load_activities(runs, report, source="Strava", actor="Strava")
        return report

    return load


def ask(client, person, path, **form):
    data = {"file": (io.BytesIO(path.read_bytes()), path.name), **form}
    answer = client.post("/v1/imports", data=data, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_person_sets_corrects_and_clears_the_zone_of_a_run(client, alice, run, patch):
    send(client, alice, WATCH)

    edited = patch(f"/runs/{RUN}", time_zone={"name": "Asia/Tokyo"}, change_reason="Was in Japan")
    offset = patch(f"/runs/{RUN}", time_zone={"name": "+05:30"})
    cleared = patch(f"/runs/{RUN}", time_zone=None)

    assert [one["time_zone"] for one in (edited, offset, cleared)] == [
        TOKYO, {"name": "+05:30", "source": "person"}, None,
    ]  # fmt: skip
    versions = get(client, alice, f"/runs/{RUN}/history").json["items"]
    assert [one["time_zone"] for one in versions][-2:] == [TOKYO, OFFSET]
    changes = get(client, alice, f"/runs/{RUN}/diff?from=1&to=2").json["changes"]
    assert changes == {"time_zone": [OFFSET, TOKYO]}
    restored = client.post(f"/v1/runs/{RUN}/restore/1", headers=alice.headers).json
    assert restored["time_zone"] == OFFSET
    assert send(client, alice, WATCH)["unchanged"] == 1


@pytest.mark.parametrize(
    "zone",
    [*({"name": name} for name in ("Mars/Olympus", "+14:30", "localtime", 5, None)), {}, "Asia/Tokyo"],
)
def test_a_zone_that_there_is_not_is_refused(client, alice, patch, make_run, zone):
    make_run(alice, id="manual_1")

    assert "time_zone" in patch("/runs/manual_1", status=422, time_zone=zone)["errors"]


def test_where_a_zone_came_from_cannot_be_edited(client, alice, patch, make_run):
    make_run(alice, id="manual_1")

    refused = patch("/runs/manual_1", status=422, time_zone={"name": "Asia/Tokyo", "source": "file"})

    assert refused["errors"] == {"time_zone": {"source": ["This field cannot be edited"]}}


def test_a_run_and_a_workout_can_begin_with_a_zone(client, alice):
    run = {"datetime_utc": "2025-11-02T22:12:00Z", "type": "Outdoor Run", "distance": 3, "duration": 1500}
    zone = {"time_zone": {"name": "Asia/Tokyo"}}

    made = client.post("/v1/runs", json={**run, **zone}, headers=alice.headers).json
    workout = client.post("/v1/workouts", json={"workout_type": "STRENGTH", **zone}, headers=alice.headers).json

    assert made["time_zone"] == TOKYO
    assert get(client, alice, f"/workouts/{workout['workout_id']}").json["time_zone"] == TOKYO


def test_a_workout_in_progress_takes_a_zone_into_its_version(client, alice, patch):
    made = client.post(
        "/v1/workouts", json={"workout_type": "STRENGTH", "in_progress": True}, headers=alice.headers
    ).json
    path = f"/workouts/{made['workout_id']}"

    patch(path, title="Push")
    patch(path, time_zone={"name": "Asia/Tokyo"})

    (newest, *_) = get(client, alice, f"{path}/history").json["items"]
    assert (newest["title"], newest["time_zone"]) == ("Push", TOKYO)


def test_many_runs_get_one_zone_and_one_revert_takes_it_back(client, alice, make_run):
    for number in (1, 2):
        make_run(alice, id=f"manual_{number}")
    body = {"ids": ["manual_1", "manual_2"], "changes": {"time_zone": {"name": "Asia/Tokyo"}}}

    edited = client.post("/v1/runs/bulk", json=body, headers=alice.headers).json
    again = client.post("/v1/runs/bulk", json=body, headers=alice.headers).json

    assert (edited["changed"], again["changed"]) == (2, 0)
    assert [one["time_zone"] for one in get(client, alice, "/runs").json["items"]] == [TOKYO, TOKYO]
    client.post(f"/v1/changesets/{edited['changeset_id']}/revert", headers=alice.headers)
    assert [one["time_zone"] for one in get(client, alice, "/runs").json["items"]] == [None, None]


def test_what_was_said_of_a_file_counts_before_the_profile(client, alice, run, patch):
    patch("/users/me", time_zone="America/Chicago")

    ask(client, alice, LIST, distance_unit="mi")
    of_profile = run()["time_zone"]
    ask(client, alice, LIST, distance_unit="mi", timezone="America/Winnipeg")

    assert of_profile == {"name": "America/Chicago", "source": "account"}
    assert run()["time_zone"] == {"name": "America/Winnipeg", "source": "answer"}


def test_a_zone_that_a_person_set_stays_until_they_decide(client, alice, run, patch, sync):
    sync()
    patch("/runs/strava_16321877401", time_zone={"name": "Asia/Tokyo"})
    (page,) = [one for one in PAGES if one["id"] == 16321877401]
    moved = parse_activity({**page, "timezone": "(GMT-06:00) America/Winnipeg"}, 1, GEAR_NAMES)
    with transaction(alice.user_id):
        load_activities([moved], Report("sync"), source="Strava", actor="Strava")

    assert (run()["time_zone"], run()["conflicts"]) == (
        TOKYO, {"time_zone": {"name": "America/Winnipeg", "source": "provider"}},
    )  # fmt: skip
    path = "/v1/runs/strava_16321877401/conflicts/time_zone"
    answer = client.post(path, json={"take": "theirs"}, headers=alice.headers)

    assert answer.status_code == 200, answer.json
    assert (run()["time_zone"], run()["conflicts"]) == ({"name": "America/Winnipeg", "source": "provider"}, None)


@pytest.mark.parametrize(
    "order", ["list watch export api", "api export watch list", "watch list api export", "export api list watch"]
)
def test_the_zone_of_a_joined_run_is_the_best_in_any_order(client, alice, run, patch, sync, order):
    patch("/users/me", time_zone="America/Chicago")
    steps = {
        "list": lambda: ask(client, alice, LIST, distance_unit="mi"),
        "watch": lambda: send(client, alice, WATCH),
        "export": lambda: send(client, alice, EXPORT),
        "api": sync,
    }
    here = set()
    for name in order.split():
        steps[name]()
        here.add(name)
        of_list = {"name": "America/Chicago", "source": "account"}
        assert run()["time_zone"] == (BY_PROVIDER if "api" in here else of_list if here == {"list"} else OFFSET)
    before = run()
    for name in reversed(order.split()):
        steps[name]()
    assert run() == before


def test_the_export_and_the_answer_of_strava_do_not_take_turns(client, alice, run, sync):
    send(client, alice, EXPORT)
    of_export = run()["time_zone"]

    found = []
    for step in (sync, lambda: send(client, alice, EXPORT), sync):
        step()
        found.append((run()["time_zone"], run()["version"]))

    assert of_export == OFFSET
    assert found == [(BY_PROVIDER, 2)] * 3


def test_a_second_source_brings_a_zone_that_its_revert_takes_away(client, alice, run):
    send(client, alice, TCX)
    assert run()["time_zone"] is None

    joined = send(client, alice, WATCH)
    assert run()["time_zone"] == OFFSET

    client.post(f"/v1/changesets/{joined['changeset_id']}/revert", headers=alice.headers)
    assert run()["time_zone"] is None


def test_a_file_that_is_read_again_brings_the_zone(client, alice, owner, run):
    send(client, alice, WATCH)
    owner.execute("UPDATE runs SET time_zone = NULL, provider_values = provider_values - 'time_zone'")

    report = client.post(f"/v1/runs/{RUN}/reread", headers=alice.headers).json

    assert (report["updated"], run()["time_zone"]) == (1, OFFSET)


def test_a_look_back_shows_the_zone_that_it_was(client, alice, owner, patch):
    send(client, alice, WATCH)
    (then,) = owner.execute("SELECT clock_timestamp()").fetchone()
    patch(f"/runs/{RUN}", time_zone={"name": "Asia/Tokyo"})

    past = client.get("/v1/runs", query_string={"as_of": then.isoformat()}, headers=alice.headers).json

    assert [one["time_zone"] for one in past["items"]] == [OFFSET]


def test_the_spreadsheets_have_the_zone_and_where_it_came_from(client, alice):
    send(client, alice, WATCH)

    with client.get("/v1/users/me/export?format=csv", headers=alice.headers) as archive:
        content = archive.data

    with zipfile.ZipFile(io.BytesIO(content)) as sheets:
        (row,) = csv.DictReader(io.StringIO(sheets.read("runs.csv").decode("utf-8-sig")))
    assert (row["time_zone"], row["time_zone_source"]) == ("'-06:00", "file")  # so that it is no formula


@pytest.fixture
def rows(client, alice):
    """The files of an archive with one run, by name."""
    send(client, alice, WATCH)
    return files_of(export(client, alice.headers))


def with_zones(files, change):
    """Return the archive whose rows of runs are changed."""
    for table in ("runs", "runs_history"):
        path = f"data/{table}.jsonl"
        lines = [json.loads(line) for line in files[path].splitlines()]
        for line in lines:
            change(line)
        files[path] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return sealed(files)


def test_an_archive_carries_the_zone_and_an_older_one_has_none(client, bob, rows):
    older = with_zones(dict(rows), lambda line: line.pop("time_zone"))

    assert load(client, bob.headers, older).status_code == 200
    assert get(client, bob, f"/runs/{RUN}").json["time_zone"] is None
    assert json.loads(rows["data/runs.jsonl"])["time_zone"] == OFFSET


@pytest.mark.parametrize(
    "zone",
    ["Asia/Tokyo", 7, [], {}, {"name": "Asia/Tokyo"}, {**OFFSET, "source": "guess"}, {**OFFSET, "name": "x" * 101},
     {**OFFSET, "more": 1}, {**OFFSET, "name": None}],
)  # fmt: skip
def test_an_archive_with_a_zone_of_another_form_is_refused(client, bob, rows, zone):
    answer = load(client, bob.headers, with_zones(rows, lambda line: line.update(time_zone=zone)))

    assert answer.status_code == 422, answer.json
    assert get(client, bob, "/runs").json["items"] == []
