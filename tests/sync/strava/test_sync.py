"""All that Strava has goes in once."""

import io
import json
import math
from collections import Counter
from datetime import timedelta

import pytest

from fitness.providers.strava.activities import parse_activity
from fitness.readers.records import OtherSport, ParsedRun
from tests.connecting import sync
from tests.samples import DATA
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, API, EMPTY, make_activity
from tests.sync.strava.reports import afters, ago, counts, listed, read, run_id, versions

SAMPLES = [
    activity for page in (1, 2) for activity in json.loads((DATA / f"strava_activities_page{page}.json").read_bytes())
]
GEAR = json.loads((DATA / "strava_gear_by_id.json").read_bytes())
EXPORT = (DATA / "strava_export_activities.csv").read_bytes()


def a_week_before(instant):
    return math.floor((instant - timedelta(days=7)).timestamp())


# What goes in


def test_all_runs_go_in_with_all_that_strava_tells_and_the_rest_is_told(client, ada, strava):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())
    names = {id: gear["name"] for id, gear in GEAR.items()}
    parsed = [parse_activity(activity, 1, names) for activity in SAMPLES]
    expected = {record.id: record for record in parsed if isinstance(record, ParsedRun)}
    skipped = [record.skipped.detail for record in parsed if isinstance(record, OtherSport)]

    report = sync(client, ada.headers, other_sports=False).json

    assert counts(report) == {"created": len(expected), "skipped": len(skipped)}
    assert report["found"] == len(SAMPLES)
    assert report["skipped_why"] == Counter(skipped)
    assert (report["complete"], report["resume_at"], report["problems"], report["dry_run"]) == (True, None, [], False)
    runs = listed(client, ada)
    shoes = {shoe["id"]: shoe["name"] for shoe in client.get("/v1/shoes", headers=ada.headers).json["items"]}
    told = ("type", "duration", "avg_heart_rate", "name", "notes")
    assert {id: [run["distance"], *(run[field] for field in told)] for id, run in runs.items()} == {
        id: [round(run.distance, 4), *(getattr(run, field) for field in told)] for id, run in expected.items()
    }
    assert {id: shoes.get(run["shoe_id"]) for id, run in runs.items()} == {
        id: run.shoe_name for id, run in expected.items()
    }
    assert {run["type"] for run in runs.values()} == {"Outdoor Run", "Treadmill Run"}
    assert {run["source"] for run in runs.values()} == {"Strava"}
    assert Counter(asked.path for asked in strava.asked(f"{API}/gear")) == Counter(
        {f"{API}/gear/{id}" for id in GEAR if id.startswith("g")}
    )


@pytest.mark.parametrize("full_sync", [True, False])
def test_the_same_again_changes_nothing(client, ada, strava, everything, full_sync):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())
    first = sync(client, ada.headers).json
    before = everything()

    again = sync(client, ada.headers, full_sync=full_sync).json

    assert again["changeset_id"] is None
    assert again["unchanged"] == (first["created"] if full_sync else 0)
    assert (again["created"], again["updated"], again["deleted"]) == (0, 0, 0)
    assert everything() == before


def test_pages_are_read_to_the_end_even_when_some_are_short(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(7)))
    strava.fail(Fault(lambda _, right: Answer(200, right().body, {}), on=ACTIVITIES))

    assert sync(client, ada.headers).json["created"] == 7
    # The page behind the end is looked at, too.
    assert [asked.query["page"] for asked in strava.asked(ACTIVITIES)] == ["1", "2", "3", "4", "5", "6"]


def test_records_that_cannot_be_read_are_listed_and_the_others_go_in(client, ada, strava):
    strava.add(make_activity(1), make_activity(2, distance=-1), make_activity(3, sport_type="Ride"), make_activity(4))

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": 3, "failed": 1}
    assert report["problems"] == [
        {"row": 2, "id": run_id(2), "detail": "distance: “-1” is not a number from 0 to 1,609,344.0 metres."}
    ]


@pytest.mark.parametrize("export_first", [True, False])
def test_what_comes_from_the_api_and_from_an_export_is_one_run(client, ada, strava, export_first):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())

    def upload():
        file = (io.BytesIO(EXPORT), "activities.csv")
        return client.post("/v1/strava/upload-csv", data={"file": file}, headers=ada.headers).json

    def fetch():
        return sync(client, ada.headers, full_sync=True, allow_deletes=True).json

    first, second = (upload(), fetch()) if export_first else (fetch(), upload())

    api = {f"strava_{activity['id']}" for activity in SAMPLES if "Run" in activity["sport_type"]}
    runs = listed(client, ada, include_deleted=True)
    assert set(runs) >= api
    workouts = client.get("/v1/workouts?include_deleted=true", headers=ada.headers).json["items"]
    assert len(runs) + len(workouts) == first["created"] + second["created"]
    assert second["created"] == (0 if export_first else len(runs) + len(workouts) - len(SAMPLES))
    assert (second["conflicts"], second["kept"], second["failed"]) == ([], 0, 0)
    # The export does not tell treadmills, the API's list no notes: each is as whoever tells it says.
    assert sum(run["type"] == "Treadmill Run" for run in runs.values()) == 3
    assert sum(bool(run["notes"]) for run in runs.values() if not run["deleted_at"]) == 2
    # What the API has no more was deleted, and comes back when the export shows it again.
    back = second["deleted"]
    assert [(report["created"], report["updated"]) for report in (upload(), fetch())] == [(0, back), (0, 0)]


# How far


def test_a_late_upload_of_the_last_week_arrives_and_an_older_one_with_a_full_sync(client, ada, strava, noted):
    strava.add(ago(1, days=30), ago(2, days=1))
    sync(client, ada.headers)
    watermark = noted(ada)[0]
    strava.add(ago(3, days=6), ago(4, days=8))

    soon = sync(client, ada.headers).json
    full = sync(client, ada.headers, full_sync=True).json

    assert afters(strava) == [1, a_week_before(watermark)]
    assert counts(soon) == {"created": 1, "unchanged": 1}
    assert counts(full) == {"created": 1, "unchanged": 3}


def test_the_next_sync_goes_on_from_the_beginning_of_this_one(client, ada, strava, noted, owner):
    asked = []

    def answer(_, right):
        asked.extend(owner.execute("SELECT clock_timestamp()").fetchone())
        return right()

    strava.add(ago(1, days=1))
    strava.fail(Fault(answer, on=ACTIVITIES))
    sync(client, ada.headers)

    assert noted(ada)[0] < asked[0]


def test_an_empty_first_list_is_read_again(client, ada, strava):
    strava.add(*map(make_activity, range(3)))
    strava.fail(Fault(EMPTY, on=ACTIVITIES))

    assert sync(client, ada.headers).json["found"] == 0

    assert sync(client, ada.headers).json["created"] == 3


def test_half_a_character_is_a_problem_of_its_record(client, ada, strava):
    odd = json.dumps([make_activity(1, id="\ud800"), make_activity(2, trainer="\udfff"), make_activity(3)])
    strava.fail(Fault(Answer(200, odd.encode()), on=ACTIVITIES))

    report = sync(client, ada.headers).json

    assert (report["created"], report["failed"]) == (1, 2)
    assert report["problems"][0]["detail"] == "id: “?” is not an activity id."


def test_a_full_sync_finds_what_changed_long_ago(client, ada, strava):
    strava.add(make_activity(1), make_activity(2))
    sync(client, ada.headers)
    strava.add(make_activity(1, name="Renamed", trainer=True))

    assert counts(sync(client, ada.headers).json) == {}
    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"updated": 1, "unchanged": 1}
    run = read(client, ada, 1)
    assert (run["name"], run["type"]) == ("Renamed", "Treadmill Run")
    assert versions(client, ada, 1)[1:] == [(2, "edit", "Strava", report["changeset_id"])]
