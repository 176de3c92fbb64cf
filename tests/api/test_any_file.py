"""POST /imports takes any file that is read: it answers as the import of its kind, or asks what must be known first."""

import dataclasses
import gzip
import io

import pytest

from fitness.web import jobs
from tests.archives import packed
from tests.samples import ACTIVITIES, DATA

UPLOADS = {
    "strava_export_activities.csv": ("/v1/strava/upload-csv", "Strava", None),
    "mapmyfitness.csv": ("/v1/mmf/upload-csv", "MapMyFitness", "Europe/London"),
    "hevy_export.csv": ("/v1/hevy/upload-csv", "Hevy", "Europe/London"),
    "trainingpeaks_plan.csv": ("/v1/planned-workouts/import", "TrainingPeaks", None),
}


def send(client, person, content, *, path="/v1/imports", name="export.csv", **form):
    return client.post(path, data={"file": (io.BytesIO(content), name), **form}, headers=person.headers)


@pytest.mark.parametrize("sample", UPLOADS)
def test_any_file_is_answered_as_by_the_upload_of_its_kind(client, alice, bob, sample):
    path, source, zone = UPLOADS[sample]
    content = (DATA / sample).read_bytes()

    found = send(client, alice, content, timezone="Europe/London").json
    own = send(client, bob, content, path=path, timezone="Europe/London").json

    assert found["created"] > 0
    assert {**found, "changeset_id": 0} == {**own, "changeset_id": 0}
    assert found["files"] == [{"name": "export.csv", "source": source}]
    assert (found["time_zone"], found["questions"]) == (zone, [])


def test_packed_files_are_recognised_too(client, alice):
    archive = packed({"export_1/activities.csv": (DATA / "strava_export_activities.csv").read_bytes()})

    strava = send(client, alice, archive).json
    history = send(client, alice, gzip.compress((DATA / "mapmyfitness.csv").read_bytes())).json

    assert (strava["created"], history["created"]) == (20, 15)


def test_a_zone_that_is_not_known_is_a_question_here_and_refused_at_the_upload(client, alice, owner):
    content = (DATA / "hevy_export.csv").read_bytes()

    asked = send(client, alice, content)
    refused = send(client, alice, content, path="/v1/hevy/upload-csv")

    assert asked.status_code == 200
    assert [question["field"] for question in asked.json["questions"]] == ["timezone"]
    assert (asked.json["found"], asked.json["created"], asked.json["changeset_id"]) == (0, 0, None)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["timezone"])
    assert owner.execute("SELECT count(*) FROM workouts").fetchone() == (0,)
    assert send(client, alice, content, timezone="America/New_York").json["created"] == 5


def test_a_known_zone_is_not_asked_for(client, make_person):
    person = make_person("ada", time_zone="America/New_York")

    report = send(client, person, (DATA / "hevy_export.csv").read_bytes()).json

    assert (report["created"], report["time_zone"]) == (5, "America/New_York")


def test_days_without_a_zone_are_those_of_utc_and_the_answer_says_so(client, alice):
    report = send(client, alice, (DATA / "mapmyfitness.csv").read_bytes()).json

    assert (report["created"], report["time_zone"]) == (15, "UTC")


def test_days_mend_themselves_when_the_file_comes_again_in_another_zone(client, alice):
    content = (DATA / "mapmyfitness.csv").read_bytes()
    send(client, alice, content)

    again = send(client, alice, content, timezone="America/New_York").json

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 15, 0)
    run = client.get("/v1/runs/mmf_8700100201", headers=alice.headers).json
    assert run["datetime_utc"] == "2025-11-01T16:00:00Z"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "This file is of another kind than those that can be imported"),
        (b'{"a": 1}', "This is JSON, not a CSV file."),
        (b"", "The file is empty."),
        (b"Title,WorkoutType\nRun,Run\n", "Not a TrainingPeaks plan: the header row lacks WorkoutDay."),
    ],
)
def test_what_is_no_such_file_is_refused_in_words_that_fit(client, alice, content, says):
    refused = send(client, alice, content)

    assert refused.status_code == 422
    assert refused.json["detail"].startswith(says)
    assert "Strava to English" not in refused.json["detail"]


def test_a_token_must_be_allowed_to_import(client, alice, make_token):
    reading = client.post("/v1/imports", data={"file": (io.BytesIO(b"a"), "a.csv")}, headers=make_token(alice, "read"))

    assert reading.status_code == 403


def test_what_was_read_otherwise_than_it_stands_is_remarked_on(client, alice):
    heading = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Avg Pace (min/mi),Link"
    line = '"May 6, 2025",Run,1500,3.1,8.06,http://www.mapmyfitness.com/workout/1'

    report = send(client, alice, f"{heading}\n{line}\n".encode()).json

    assert report["remarks"] == [
        {
            "row": 2,
            "id": "mmf_1",
            "detail": "Distance and Workout Time stand in each other's place, as the pace shows.",
        }
    ]
    assert client.get("/v1/runs/mmf_1", headers=alice.headers).json["distance"] == 3.1


# --- what a poorer file does not say, it does not change


FULL = (DATA / "strava_export_activities.csv").read_text()
TEN = "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Commute,"
TEN += "Activity Gear,Filename\n"
SEVEN = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename\n"


@pytest.mark.parametrize(
    "poorer",
    [
        TEN + '16321877401,"Nov 2, 2025, 12:05:31 PM","Easy miles, clocks went back",Run,,2790,8.04,false,'
        "Brooks Ghost 16,x\n",
        SEVEN + '16321877401,"Nov 2, 2025, 12:05:31 PM","Easy miles, clocks went back",Run,2790,8.04,x\n',
    ],
)
def test_an_older_export_of_strava_changes_neither_time_nor_distance_nor_shoe(client, alice, poorer):
    send(client, alice, FULL.encode())
    before = client.get("/v1/runs/strava_16321877401", headers=alice.headers).json

    report = send(client, alice, poorer.encode()).json
    again = send(client, alice, FULL.encode()).json

    assert (before["duration"], before["distance"], before["version"]) == (2712, pytest.approx(5, abs=0.001), 1)
    assert (report["unchanged"], report["changeset_id"]) == (1, None)
    assert again["updated"] == 0
    assert client.get("/v1/runs/strava_16321877401", headers=alice.headers).json == before


def test_a_history_without_notes_and_heart_rates_takes_none_away(client, alice):
    rows = [line.split(",") for line in (DATA / "mapmyfitness_2017.csv").read_text().splitlines()]
    content = (DATA / "mapmyfitness.csv").read_bytes()
    send(client, alice, content)
    before = client.get("/v1/runs/mmf_8700100201", headers=alice.headers).json
    bare = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link\n"
    bare += '"Nov. 1, 2025",Run,3.1068,1512,http://www.mapmyfitness.com/workout/8700100201\n'

    report = send(client, alice, bare.encode()).json

    assert rows and (report["unchanged"], report["updated"]) == (1, 0)
    assert client.get("/v1/runs/mmf_8700100201", headers=alice.headers).json == before
    assert (before["avg_heart_rate"], before["notes"]) == (151, "Shoes: Brooks Ghost 16")


# --- no record of a file overwrites another of it


HEVY = "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,"
HEVY += "reps,distance_km,duration_seconds,rpe\n"


def lift(title, start, end, exercise):
    return f'{title},"4 Mar 2025, {start}","4 Mar 2025, {end}",,{exercise},,,0,normal,100,5,,,\n'


@pytest.mark.parametrize("turned", [False, True])
def test_two_workouts_of_one_minute_stay_two_however_long_the_file_between_them(client, alice, owner, turned):
    many = [lift(f"Lift {number}", "10:00", "11:00", "Row") for number in range(199)]
    ends = [lift("Morning Lift", "06:00", "06:50", "Squat"), lift("Morning Lift", "06:00", "06:45", "Bench")]
    rows = [*many, *ends]
    other = [ends[1], *many, ends[0]] if turned else rows

    first = send(client, alice, (HEVY + "".join(rows)).encode(), timezone="UTC").json
    again = send(client, alice, (HEVY + "".join(other)).encode(), timezone="UTC").json

    assert (first["found"], first["created"], first["updated"]) == (201, 201, 0)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 201)
    names = owner.execute(
        "SELECT DISTINCT e.name FROM exercise_executions AS x JOIN exercises AS e ON e.id = x.exercise_id ORDER BY 1"
    ).fetchall()
    assert [name for (name,) in names] == ["Bench", "Row", "Squat"]


def test_found_counts_workouts_and_failed_rows(client, alice):
    content = (HEVY + lift("A", "06:00", "07:00", "Row") + "no,set\n" + lift("A", "06:00", "07:00", "Dip")).encode()

    report = send(client, alice, content, timezone="UTC").json

    assert (report["found"], report["created"], report["failed"]) == (1, 1, 1)


def test_a_plan_joined_to_itself_is_one(client, alice):
    content = (DATA / "trainingpeaks_plan.csv").read_bytes()

    report = send(client, alice, content * 2).json

    assert (report["found"], report["created"], report["skipped"]) == (20, 9, 11)
    assert report["skipped_why"] == {"Done but not planned.": 2, "The same planned workout again.": 9}


def test_the_zip_of_runkeeper_is_read_file_by_file_as_one_changeset(client, alice, owner):
    folder = ACTIVITIES / "runkeeper"
    (table,) = folder.glob("*.csv")
    archive = packed(
        {
            "cardioActivities.csv": table.read_bytes(),
            "evening.gpx": (ACTIVITIES / "gpx" / "made_pause_segments.gpx").read_bytes(),
            "broken.gpx": b"<gpx><trk>",
            "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(100),
        }
    )

    report = send(client, alice, archive, name="runkeeper.zip", timezone="America/Chicago").json

    assert [one["source"] for one in report["files"]] == ["Runkeeper", "GPX", "GPX"]
    assert report["files"][0]["name"] == "runkeeper.zip/cardioActivities.csv"
    assert report["created"] > 1
    assert [one["detail"].partition(":")[0] for one in report["problems"]] == ["broken.gpx"] * report["failed"]
    assert owner.execute("SELECT count(*), min(source) FROM changesets").fetchone() == (1, None)
    again = send(client, alice, archive, name="runkeeper.zip", timezone="America/Chicago").json
    assert (again["created"], again["updated"], again["joined"], again["changeset_id"]) == (0, 0, 0, None)


def test_a_takeout_is_read_and_only_its_tables_ask(client, alice):
    sessions = sorted((ACTIVITIES / "google_fit").glob("*.json"))
    days = b"Date,Distance (m),Calories (kcal)\n2025-11-02,5000,300\n"
    archive = packed({one.name: one.read_bytes() for one in sessions} | {"days.csv": days})

    report = send(client, alice, archive, timezone="UTC").json

    assert report["created"] == len(sessions) > 0
    assert [(one["field"], one["headings"][0]) for one in report["questions"]] == [("mapping", "Date")]
    tried = send(client, alice, archive, path="/v1/imports?dry_run=true", timezone="UTC").json
    assert (tried["unchanged"], tried["dry_run"]) == (len(sessions), True)


@pytest.mark.parametrize("members", [{}, {"a.txt": b"words"}, {"word/document.xml": b"<document/>"}])
def test_a_zip_with_nothing_to_import_is_refused(client, alice, members):
    refused = send(client, alice, packed(members))

    assert refused.status_code == 422
    assert refused.json["detail"].startswith("The archive is of another kind")


def push(client, headers, body, **query):
    return client.post("/v1/imports", data=body, query_string=query, headers=headers, content_type="application/json")


def test_an_app_pushes_json_with_a_token_and_again(client, alice, make_token):
    body = (ACTIVITIES / "same_run" / "health_auto_export.json").read_bytes()
    headers = make_token(alice, "import")

    tried = push(client, headers, body, dry_run="true").json
    pushed = push(client, headers, body).json
    again = push(client, headers, body).json

    assert pushed["files"] == [{"name": "request.json", "source": "Apple Health"}]
    assert (tried["created"], pushed["created"], again["created"], again["unchanged"]) == (2, 2, 0, 2)
    assert push(client, make_token(alice, "read"), body).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b'{"data": {"workouts": []}}', 200, ""),
        (b'{"data": {"metrics": [{"name": "step_count", "units": "count", "data": []}]}}', 200, ""),
        (b'{"data": {}}', 200, ""),
        (b'{"data": {"workouts": [{"name": "Run"', 422, "The file is cut or broken in line 1."),
        (b'{"a": 1}', 422, "This is JSON, not a CSV file."),
        (b"", 422, "The file is empty."),
    ],
)
def test_a_push_without_a_workout_is_no_error_and_a_broken_one_is(client, alice, body, status, says):
    answer = push(client, alice.headers, body)

    assert (answer.status_code, answer.json.get("detail", "")) == (status, says)
    if status == 200:
        assert (answer.json["failed"], answer.json["skipped"], answer.json["changeset_id"]) == (0, 1, None)


def test_a_push_may_be_a_job_and_one_that_is_too_large_is_refused(app, client, alice):
    body = (ACTIVITIES / "same_run" / "health_auto_export.json").read_bytes()
    waits = push(client, {**alice.headers, "Prefer": "respond-async"}, body)
    running = jobs.claim_next()
    assert waits.status_code == 202
    assert running is not None
    jobs.do(app, running)
    job = client.get(waits.location, headers=alice.headers).json
    assert (job["state"], job["result"]["created"]) == ("done", 2)

    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], max_upload_bytes=1_000)
    assert push(client, alice.headers, body).status_code == 413
