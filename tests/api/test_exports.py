"""Whole exports at POST /imports: joined, stored, sent again, and what they leave open is asked."""

import io
import json

import pytest

from tests.samples import ACTIVITIES

SAME_RUN = ACTIVITIES / "same_run"
TABLE = "../any_csv/my_sheet_de.csv"


def sent(client, person, name, **form):
    data = {"file": (io.BytesIO((SAME_RUN / name).read_bytes()), name), **form}
    return client.post("/v1/imports", data=data, headers=person.headers)


def send(client, person, name, **form):
    answer = sent(client, person, name, **form)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize(
    ("name", "source", "created", "run"),
    [
        ("strava_export.zip", "Strava", 20, "strava_16321877401"),
        ("garmin_account_export.zip", "Garmin", 1, "garmin_20876543210"),
        ("apple_health_export.zip", "Apple Health", 3, "applehealth_20251102T120531Z"),
        ("health_auto_export.json", "Apple Health", 2, "applehealth_20251102T120531Z"),
    ],
)
def test_a_whole_export_goes_in_once_with_its_points(client, alice, name, source, created, run):
    report = send(client, alice, name)
    again = send(client, alice, name)

    assert (report["created"], report["failed"], report["files"][0]["source"]) == (created, 0, source)
    assert (again["unchanged"], again["changeset_id"]) == (created, None)
    stored = client.get(f"/v1/runs/{run}", headers=alice.headers).json
    assert (stored["source"], stored["distance"]) == (source, pytest.approx(5, abs=0.001))
    assert (stored["elapsed"], stored["points_id"] is not None) == (2790, True)


def test_what_is_missing_of_an_export_is_counted_and_said(client, alice):
    report = send(client, alice, "strava_export.zip")

    assert report["skipped_why"] == {"17 files that the list names are not in the archive.": 1}


def test_the_list_alone_takes_nothing_from_a_run_that_has_points(client, alice):
    send(client, alice, "strava_export.zip")
    run = client.get("/v1/runs/strava_16321877401", headers=alice.headers).json

    listed = {"file": ((SAME_RUN.parent.parent / "strava_export_activities.csv").open("rb"), "activities.csv")}
    report = client.post("/v1/imports", data=listed, headers=alice.headers).json

    assert (report["updated"], report["unchanged"]) == (0, 20)
    assert client.get("/v1/runs/strava_16321877401", headers=alice.headers).json == run


def test_the_list_of_garmin_connect_is_stored_once_zone_and_unit_are_answered(client, alice):
    asked = send(client, alice, "garmin_activities.csv")
    unit = send(client, alice, "garmin_activities.csv", timezone="America/Chicago")
    report = send(client, alice, "garmin_activities.csv", timezone="America/Chicago", distance_unit="mi")

    assert [question["field"] for question in asked["questions"]] == ["distance_unit", "timezone"]
    assert [question["field"] for question in unit["questions"]] == ["distance_unit"]
    assert (report["created"], report["time_zone"], report["questions"]) == (3, "America/Chicago", [])


def test_a_table_of_ones_own_is_stored_once_the_proposed_mapping_comes_back(client, alice):
    asked = send(client, alice, TABLE, timezone="Europe/Berlin")
    (question,) = asked["questions"]
    report = send(client, alice, TABLE, timezone="Europe/Berlin", mapping=json.dumps(question["mapping"]))
    again = send(client, alice, TABLE, timezone="Europe/Berlin", mapping=json.dumps(question["mapping"]))

    assert (asked["created"], question["field"], len(question["rows"])) == (0, "mapping", 2)
    assert question["mapping"]["columns"]["distance"] == "Strecke (km)"
    assert (question["rows"][0]["start"], question["rows"][0]["duration"]) == ("2025-11-02T12:00:00", 2712)
    assert (report["created"], report["failed"], report["files"][0]["source"]) == (2, 0, "CSV")
    assert (again["unchanged"], again["changeset_id"]) == (2, None)
    run = client.get("/v1/runs/csv_20251102T110000Z", headers=alice.headers).json
    assert (run["source"], run["notes"], run["shoe_id"] is not None) == ("CSV", "locker; Wind", True)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("{", "Not JSON."),
        ('{"columns": {"date": "Datum"}}', "A date, and a distance or a duration, are needed."),
        ('{"columns": {"date": "Datum", "distance": "Strecke (km)"}, "distance_unit": "furlong"}', "Must be one of"),
        ('{"columns": {"date": "Datum", "mood": "Bemerkung"}}', "Must be one of"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_with_what_is_wrong(client, alice, mapping, says):
    refused = sent(client, alice, TABLE, timezone="Europe/Berlin", mapping=mapping)

    assert refused.status_code == 422
    assert says in json.dumps(refused.json["errors"])


def test_a_mapping_of_another_file_is_refused(client, alice):
    mapping = json.dumps({"columns": {"date": "Tag", "distance": "Strecke (km)"}, "distance_unit": "km"})
    refused = sent(client, alice, TABLE, timezone="Europe/Berlin", mapping=mapping)

    assert (refused.status_code, "lacks Tag" in refused.json["detail"]) == (422, True)


def test_two_tables_of_ones_own_with_one_run_do_not_take_turns(client, alice):
    sheets = {
        "mine.csv": b"Date,Distance (km),Time,Notes\n2025-11-02 06:05,8.00,45:12,Windy\n",
        "theirs.csv": b"Tag,Strecke (km),Zeit,Schuh\n2025-11-02 06:05,8.05,45:12,Ghost\n",
    }

    def load(name):
        data = {"file": (io.BytesIO(sheets[name]), name), "timezone": "America/Chicago"}
        (question,) = client.post("/v1/imports", data=data, headers=alice.headers).json["questions"]
        data |= {"file": (io.BytesIO(sheets[name]), name), "mapping": json.dumps(question["mapping"])}
        return client.post("/v1/imports", data=data, headers=alice.headers).json

    def run():
        (found,) = client.get("/v1/runs", headers=alice.headers).json["items"]
        return found

    first, second = load("mine.csv"), load("theirs.csv")
    here = run()

    assert (first["created"], second["joined"], second["conflicts"]) == (1, 1, [])
    assert (here["notes"], here["shoe_id"] is not None) == ("Windy", True)
    for name in ("mine.csv", "theirs.csv", "mine.csv"):
        assert (load(name)["changeset_id"], run()) == (None, here)
    sheets["theirs.csv"] = sheets["theirs.csv"].replace(b"Ghost", b"Pegasus")
    assert (load("theirs.csv")["updated"], run()["shoe_id"]) == (1, "pegasus")
    client.post(f"/v1/changesets/{second['changeset_id']}/revert", headers=alice.headers)
    assert run()["notes"] == "Windy"
