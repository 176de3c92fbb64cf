"""Planned workouts over HTTP: made, listed, corrected, deleted, restored, imported once whatever the retries."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.samples import DATA

SAMPLE = (DATA / "trainingpeaks_plan.csv").read_bytes()
COUNTS = ("found", "created", "updated", "unchanged", "kept", "deleted", "deleted_here", "skipped", "failed")
PLAN = {
    "title": "Long run",
    "workout_type": "Run",
    "description": "Flat, and slow",
    "originally_planned_day": "2026-03-01",
    "planned_duration_hours": 2,
    "planned_distance_meters": 24140.16,
    "coach_comments": "Slower",
    "tss": 120.5,
    "intensity_factor": 0.75,
}
HEADING = "Title,WorkoutType,WorkoutDay,WorkoutDescription,PlannedDuration"


@pytest.fixture
def plan(client, alice):
    """Plan a workout; return it."""

    def plan(**fields):
        answer = client.post("/v1/planned-workouts", json={**PLAN, **fields}, headers=alice.headers)
        assert answer.status_code == 201, answer.json
        return answer.json

    return plan


@pytest.fixture
def call(client, alice):
    """Call a planned workout; return the answer."""

    def call(method, planned, path="", **kwargs):
        headers = {**alice.headers, **kwargs.pop("headers", {})}
        return client.open(f"/v1/planned-workouts/{planned['id']}{path}", method=method, headers=headers, **kwargs)

    return call


@pytest.fixture
def upload(client, alice):
    """Upload bytes, or lines below a heading; return the report."""

    def upload(*lines, content=None, query=""):
        content = content or "\n".join((HEADING, *lines)).encode()
        answer = client.post(
            f"/v1/planned-workouts/import{query}",
            data={"file": (io.BytesIO(content), "plan.csv")},
            headers=alice.headers,
        )
        assert answer.status_code == 200, answer.json
        return answer.json

    return upload


@pytest.fixture
def listed(client, alice):
    def listed(**query):
        return client.get("/v1/planned-workouts", query_string=query, headers=alice.headers).json["items"]

    return listed


def counts(report):
    """Return the counts that are not 0."""
    return {name: report[name] for name in COUNTS if report[name]}


# Made, read, corrected, deleted, restored


def test_a_workout_is_planned_with_all_that_is_said_and_its_history(client, alice, call):
    answer = client.post("/v1/planned-workouts", json=PLAN, headers=alice.headers)

    planned = answer.json
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert {field: planned[field] for field in PLAN} == PLAN
    assert (planned["is_custom"], planned["current_day"], planned["done"]) == (True, "2026-03-01", None)
    assert client.get(answer.headers["Location"], headers=alice.headers).json == planned
    (original,) = call("GET", planned, "/history").json["items"]
    assert (original["change_type"], original["changed_by"]) == ("original", "alice")
    assert {field: original[field] for field in PLAN} == PLAN


def test_sent_again_with_its_client_uuid_it_is_the_same_and_another_is_a_conflict(client, alice, listed):
    body = {**PLAN, "client_uuid": "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"}

    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(
                lambda _: client.application.test_client().post(
                    "/v1/planned-workouts", json=body, headers=alice.headers
                ),
                range(4),
            )
        )
    other = client.post("/v1/planned-workouts", json={**body, "tss": 1}, headers=alice.headers)

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert other.status_code == 409
    assert [planned["id"] for planned in listed()] == [answers[0].json["id"]]


def test_an_edit_is_a_version_and_a_restore_undoes_it_and_a_deletion(plan, call, listed):
    planned = plan()

    edited = call("PATCH", planned, json={"tss": None, "title": "Longer run", "change_reason": "Feeling strong"})
    late = call("PATCH", planned, json={"tss": 1}, headers={"If-Match": '"1"'})
    deleted = call("DELETE", planned, headers={"If-Match": '"2"'})
    gone = call("GET", planned).status_code
    restored = call("POST", planned, "/restore/1")

    assert (edited.json["title"], edited.json["tss"], edited.headers["ETag"]) == ("Longer run", None, '"2"')
    assert (late.status_code, late.headers["ETag"]) == (412, '"2"')
    assert (deleted.status_code, gone) == (204, 404)
    assert {field: restored.json[field] for field in PLAN} == PLAN
    assert (restored.json["version"], restored.json["deleted_at"]) == (4, None)
    versions = call("GET", planned, "/history").json["items"]
    assert [(one["version_number"], one["change_type"], one["change_reason"]) for one in versions] == [
        (4, "edit", "Restored to version 1"), (3, "deletion", None), (2, "edit", "Feeling strong"),
        (1, "original", None),
    ]  # fmt: skip
    assert len(listed()) == 1


def test_the_list_is_by_the_day_planned_for_now_type_and_selection(client, alice, plan, listed):
    names = ("moved in", "first", "second", "moved out", "deselected")
    days = ("2026-05-01", "2026-03-02", "2026-03-02", "2026-03-03", "2026-03-04")
    types = ("Run", "Run", "Swim", "Run", "Run")
    ids = {
        name: plan(title=name, originally_planned_day=day, workout_type=type)["id"]
        for name, day, type in zip(names, days, types, strict=True)
    }
    for name, selection in (
        ("moved in", {"currentPlanDay": "2026-03-01"}),
        ("moved out", {"currentPlanDay": "2026-04-01"}),
        ("deselected", {"isSelected": False}),
    ):
        client.put(f"/v1/selections/{ids[name]}", json=selection, headers=alice.headers)
    client.delete(f"/v1/planned-workouts/{plan(title='deleted')['id']}", headers=alice.headers)

    def titles(**query):
        return [planned["title"] for planned in listed(**query)]

    assert titles() == ["moved in", "first", "second", "deselected", "moved out"]
    assert titles(start="2026-03-01", end="2026-03-31") == ["moved in", "first", "second", "deselected"]
    assert titles(start="2026-03-05") == ["moved out"]
    assert titles(workout_type="swim") == ["second"]
    assert titles(selected=True) == ["moved in", "first", "second", "moved out"]
    assert titles(selected=False) == ["deselected"]
    assert "deleted" in titles(include_deleted=True)


def test_pages_follow_each_other_without_gap_or_repeat(client, alice, plan, listed, statements):
    for number in range(7):
        plan(title=f"{number}", originally_planned_day=f"2026-03-0{1 + number % 3}")
    whole = [planned["id"] for planned in listed()]

    found, cursor = [], None
    while cursor is not None or not found:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        statements.clear()
        page = client.get("/v1/planned-workouts", query_string=query, headers=alice.headers).json
        assert len([one for one in statements if "planned_workouts" in one]) == 1
        found += [planned["id"] for planned in page["items"]]
        cursor = page["next_cursor"]

    assert found == whole


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", (None, "", " ", "x" * 201, 5, "a\0b")),
        ("workout_type", (None, "", "x" * 51, ["Run"])),
        ("description", ("", "x" * 10_001, 5)),
        ("originally_planned_day", (None, "", "soon", "2026-02-30", "1899-12-31", "2200-01-01", 20260301)),
        ("planned_duration_hours", (-1, 1000.1, "2", True, 1e308)),
        ("planned_distance_meters", (-0.1, 1_609_345, "5 km")),
        ("coach_comments", ("", "x" * 10_001)),
        ("tss", (-1, 10_001, "80")),
        ("intensity_factor", (-0.1, 10.1, [])),
        ("is_custom", (None, "yes", 2)),
        ("id", (7,)),
        ("version", (7,)),
        ("unheard_of", (7,)),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(client, alice, plan, call, listed, field, values):
    planned = plan()
    for value in values:
        for answer in (
            client.post("/v1/planned-workouts", json={**PLAN, field: value}, headers=alice.headers),
            call("PATCH", planned, json={field: value}),
        ):
            assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), value

    assert listed() == [planned]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2026-03-02&end=2026-03-01", "end"),
        ("start=0000-01-01", "start"),
        ("end=9999-12-31", "end"),
        ("start=soon", "start"),
        ("selected=perhaps", "selected"),
        ("workout_type=", "workout_type"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("cursor=x", "cursor"),
        ("time_zone=UTC", "time_zone"),
    ],
)
def test_ranges_that_are_backwards_or_absurd_are_refused(client, alice, query, field):
    answer = client.get(f"/v1/planned-workouts?{query}", headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


# Imports


def test_the_sample_goes_in_once_and_a_second_time_changes_nothing(upload, listed):
    dry = upload(content=SAMPLE, query="?dry_run=true")
    assert listed() == []
    first = upload(content=SAMPLE)
    before = listed()
    second = upload(content=SAMPLE)

    assert counts(first) == {"found": 10, "created": 9, "skipped": 1}
    assert dry == {**first, "changeset_id": None, "dry_run": True, "records": dry["records"]}
    assert counts(second) == {"found": 10, "unchanged": 9, "skipped": 1}
    assert (second["changeset_id"], listed()) == (None, before)
    swim = next(planned for planned in before if planned["workout_type"] == "Swim")
    assert (swim["planned_duration_hours"], swim["planned_distance_meters"]) == (0.763888888888889, 2103.1201171875)
    assert swim["is_custom"] is False


def test_two_imports_at_once_are_one(client, alice, upload, listed):
    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(lambda _: upload(content=SAMPLE), range(2)))

    assert sum(report["created"] for report in reports) == len(listed()) == 9


def test_repeats_of_a_day_and_title_all_go_in_and_only_once(upload, listed):
    rows = ["Swim,Swim,2026-03-01,Morning,1", "Swim,Swim,2026-03-01,Evening,1", "Swim,Swim,2026-03-02,,1"]

    assert counts(upload(*rows)) == {"found": 3, "created": 3}
    assert counts(upload(*rows)) == {"found": 3, "unchanged": 3}
    assert [planned["description"] for planned in listed()] == ["Morning", "Evening", None]


def test_a_workout_that_was_planned_by_hand_is_not_planned_again(plan, upload, listed):
    plan(title="Swim", originally_planned_day="2026-03-01")

    report = upload("Swim,Swim,2026-03-01,,1", "Swim,Swim,2026-03-01,,2", "Swim,Swim,2026-03-02,,3")

    assert counts(report) == {"found": 3, "created": 2, "unchanged": 1}
    assert [planned["planned_duration_hours"] for planned in listed()] == [2.0, 2.0, 3.0]


def test_bad_rows_are_reported_and_the_good_ones_go_in(upload, listed):
    report = upload(
        "Swim,Swim,2026-03-01,,1", "Swim,Swim,soon,,1", ",Run,2026-03-01,,1", "Run,Run", "Run,Run,2026-03-02,,"
    )

    assert counts(report) == {"found": 5, "created": 2, "failed": 3}
    assert [problem["row"] for problem in report["problems"]] == [3, 4, 5]
    assert "“soon” is not a day" in report["problems"][0]["detail"]
    assert len(listed()) == 2


@pytest.mark.parametrize("content", [b"Title,WorkoutType,When\nx,Run,2026-03-01\n", b"", b"PK\x03\x04", b"\xff\xfeT"])
def test_a_file_without_a_day_column_or_that_is_none_is_refused_as_a_whole(client, alice, listed, content):
    answer = client.post(
        "/v1/planned-workouts/import", data={"file": (io.BytesIO(content), "plan.csv")}, headers=alice.headers
    )

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
    assert b"When" not in content or "lacks WorkoutDay" in answer.json["detail"]
    assert listed() == []


def test_a_row_that_changed_is_a_version_but_for_what_the_person_changed(upload, call, listed):
    upload("Tempo,Run,2026-03-01,Warm up,1", "Swim,Swim,2026-03-02,,1")
    tempo, swim = listed()
    call(
        "PATCH",
        tempo,
        json={"planned_duration_hours": 1.5, "title": "My tempo", "originally_planned_day": "2026-03-05"},
    )
    call("DELETE", swim)

    report = upload("Tempo,Run,2026-03-01,Warm up well,2", "Swim,Swim,2026-03-02,Changed,2")

    assert counts(report) == {"found": 2, "updated": 1, "deleted_here": 1}
    assert report["conflicts"] == [
        {"id": str(tempo["id"]), "field": "planned_duration_hours", "yours": 1.5, "theirs": 2.0}
    ]
    (now,) = listed()
    assert (now["title"], now["description"], now["planned_duration_hours"], now["version"]) == (
        "My tempo", "Warm up well", 1.5, 3,
    )  # fmt: skip
    assert now["conflicts"] == {"planned_duration_hours": 2.0}
    again = upload("Tempo,Run,2026-03-01,Warm up well,2", "Swim,Swim,2026-03-02,Changed,2")
    assert (counts(again), again["changeset_id"]) == ({"found": 2, "unchanged": 1, "deleted_here": 1}, None)
    settled = call("PATCH", tempo, json={"planned_duration_hours": 2})
    assert settled.json["conflicts"] is None


def test_a_file_that_lacks_a_column_says_nothing_of_it(upload, listed):
    upload("Tempo,Run,2026-03-01,Warm up,1")

    report = upload(content=b"Title,WorkoutType,WorkoutDay\nTempo,Run,2026-03-01\n")

    assert counts(report) == {"found": 1, "unchanged": 1}
    assert listed()[0]["description"] == "Warm up"


def test_an_import_can_be_reverted_but_for_what_was_edited_since(client, alice, upload, call, listed):
    upload("Tempo,Run,2026-03-01,Old,1")
    second = upload("Tempo,Run,2026-03-01,New,1", "Swim,Swim,2026-03-02,,1", "Row,Rowing,2026-03-03,,1")
    rowing = listed()[2]
    call("PATCH", rowing, json={"tss": 50})

    reverted = client.post(f"/v1/changesets/{second['changeset_id']}/revert", headers=alice.headers).json

    assert (reverted["reverted"], reverted["kept"]) == (2, 1)
    assert reverted["problems"][0]["id"] == str(rowing["id"])
    assert [(planned["title"], planned["description"]) for planned in listed()] == [("Tempo", "Old"), ("Row", None)]


# Moved to another day in TrainingPeaks

RUNS = ("10 km,Run,2026-03-02,,1", "10 km,Run,2026-03-04,,1", "10 km,Run,2026-03-06,,1")
SWIMS = ("Swim,Swim,2026-03-01,,0.5", "Swim,Swim,2026-03-08,,0.5")


def days(planned):
    return [one["originally_planned_day"] for one in planned if one["title"] == "10 km"]


@pytest.mark.parametrize("moved", ["2026-03-03", "2026-03-05", "2026-03-07", "2026-03-01"])
def test_a_workout_that_was_moved_to_another_day_is_moved_here(client, alice, upload, listed, moved):
    upload(*RUNS, *SWIMS)
    before = {planned["id"]: planned for planned in listed()}

    report = upload(RUNS[0], f"10 km,Run,{moved},,1", RUNS[2], *SWIMS)
    again = upload(RUNS[0], f"10 km,Run,{moved},,1", RUNS[2], *SWIMS)

    assert counts(report) == {"found": 5, "updated": 1, "unchanged": 4}
    assert counts(again) == {"found": 5, "unchanged": 5}
    assert days(listed()) == sorted(["2026-03-02", "2026-03-06", moved])
    (changed,) = (planned for planned in listed() if planned["version"] > 1)
    assert before[changed["id"]]["originally_planned_day"] == "2026-03-04"
    assert client.get("/v1/planned-workouts/duplicates", headers=alice.headers).json["items"] == []

    client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers)
    assert days(listed()) == ["2026-03-02", "2026-03-04", "2026-03-06"]


def test_a_day_that_a_person_gave_it_is_kept_when_it_is_moved(upload, call, listed):
    upload(*RUNS, *SWIMS)
    tuesday = listed()[2]
    call("PATCH", tuesday, json={"originally_planned_day": "2026-03-07"})

    report = upload(RUNS[0], "10 km,Run,2026-03-05,,1", RUNS[2], *SWIMS)

    assert counts(report) == {"found": 5, "unchanged": 4, "kept": 1}
    assert days(listed()) == ["2026-03-02", "2026-03-06", "2026-03-07"]


def test_a_plan_for_the_next_week_moves_nothing_of_this_one(upload, listed):
    upload(*RUNS)

    report = upload(*(line.replace("2026-03-0", "2026-03-1") for line in RUNS))

    assert counts(report) == {"found": 3, "created": 3}
    assert len(listed()) == 6


def test_where_it_is_not_clear_which_was_moved_both_stay_and_are_suggested(client, alice, upload, listed):
    upload(*RUNS, *SWIMS)

    report = upload("10 km,Run,2026-03-03,,1", "10 km,Run,2026-03-05,,1", RUNS[2], *SWIMS)

    assert counts(report) == {"found": 5, "created": 2, "unchanged": 3}
    suggested = client.get("/v1/planned-workouts/duplicates", headers=alice.headers).json["items"]
    assert {item["planned_workout"]["originally_planned_day"] for item in suggested} == {
        "2026-03-02", "2026-03-04", "2026-03-06",
    }  # fmt: skip
    assert {item["duplicate_of"]["originally_planned_day"] for item in suggested} == {"2026-03-03", "2026-03-05"}


def test_a_workout_with_other_values_is_another_one(upload, listed):
    upload(*RUNS, *SWIMS)

    report = upload(RUNS[0], "10 km,Run,2026-03-05,,1.5", RUNS[2], *SWIMS)

    assert counts(report) == {"found": 5, "created": 1, "unchanged": 4}
    assert len(listed()) == 6
