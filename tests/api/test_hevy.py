"""Hevy's export: workouts go in once each, with every set in its order and its unit."""

import io

import pytest

from tests.samples import DATA

SAMPLES = ("hevy_export.csv", "hevy_export_app_lbs_km_crlf.csv", "hevy_export_lbs_web.csv")
COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "deleted_here", "skipped", "failed")
HEADING = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)


def upload(client, person, content, *, query="", timezone="UTC"):
    content = (DATA / content).read_bytes() if content in SAMPLES else content
    return client.post(
        f"/v1/hevy/upload-csv{query}",
        data={"file": (io.BytesIO(content), "workouts.csv"), **({"timezone": timezone} if timezone else {})},
        headers=person.headers,
    )


def listed(client, person):
    return client.get("/v1/workouts?limit=500", headers=person.headers).json["items"]


def row(exercise, index, *, title="Push", note="", weight="80", reps="5"):
    start, end = '"29 Oct 2025, 17:31"', '"29 Oct 2025, 18:20"'
    return f'"{title}",{start},{end},"","{exercise}",,"{note}",{index},"normal",{weight},{reps},,0,'


def table(*rows):
    return "\n".join((HEADING, *rows)).encode()


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_export_goes_in_once(client, alice, sample):
    first = upload(client, alice, sample, timezone="America/New_York").json
    workouts = listed(client, alice)
    again = upload(client, alice, sample, timezone="America/New_York").json

    assert first["created"] == len(workouts) > 0
    assert first["found"] == sum(first[name] for name in COUNTS)
    assert (again["created"], again["unchanged"], again["changeset_id"]) == (0, first["created"], None)
    assert listed(client, alice) == workouts
    assert {(workout["source"], workout["workout_type"]) for workout in workouts} == {("Hevy", "STRENGTH")}
    assert all(workout["finished_at"] for workout in workouts)


def test_blocks_of_one_exercise_are_joined_and_the_order_of_all_sets_is_kept(client, alice):
    rows = (row("Squat", 0, note="Deep"), row("Dip", 0), row("squat", 0, note="Deeper"), row("squat", 1, weight="-5"))

    upload(client, alice, table(*rows), timezone="Europe/Berlin")

    (workout,) = listed(client, alice)
    assert (workout["start_ts"], workout["end_ts"]) == ("2025-10-29T16:31:00Z", "2025-10-29T17:20:00Z")
    assert [
        (
            execution["exercise_name"],
            execution["note"],
            [(one["set_index"], one["position"], one["weight"], one["weight_unit"]) for one in execution["sets"]],
        )
        for execution in workout["exercise_executions"]
    ] == [
        ("Squat", "Deep\nDeeper", [(1, 1, 80, "kg"), (2, 3, 80, "kg"), (3, 4, -5, "kg")]),
        ("Dip", None, [(1, 2, 80, "kg")]),
    ]


def test_a_known_workout_follows_the_file_and_makes_no_exercise_that_was_only_renamed(client, alice):
    upload(client, alice, table(row("Squat", 0)))
    (workout,) = listed(client, alice)
    exercise_id = workout["exercise_executions"][0]["exercise_id"]
    client.patch(f"/v1/exercises/{exercise_id}", json={"name": "My squat"}, headers=alice.headers)

    same = upload(client, alice, table(row("squat", 0, weight="80.004"))).json
    report = upload(client, alice, table(row("Squat", 0), row("Squat", 1))).json

    assert (same["unchanged"], same["changeset_id"]) == (1, None)
    assert (report["created"], report["updated"]) == (0, 1)
    (updated,) = listed(client, alice)
    assert (updated["version"], updated["last_edited_by"]) == (2, "Hevy")
    (execution,) = updated["exercise_executions"]
    assert execution["exercise_name"] == "My squat"
    assert execution["sets"][0] == workout["exercise_executions"][0]["sets"][0]
    assert [(one["position"], one["set_index"]) for one in execution["sets"]] == [(1, 1), (2, 2)]
    own = client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"]
    assert [exercise["name"] for exercise in own] == ["My squat"]


def test_an_import_is_reverted_with_the_exercises_it_made(client, alice):
    changeset_id = upload(client, alice, table(row("Zercher Carry", 0))).json["changeset_id"]

    reverted = client.post(f"/v1/changesets/{changeset_id}/revert", headers=alice.headers).json

    assert (reverted["reverted"], reverted["kept"]) == (2, 0)
    assert listed(client, alice) == []
    assert client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"] == []


def test_a_deleted_workout_stays_deleted(client, alice):
    upload(client, alice, table(row("Squat", 0)))
    client.delete(f"/v1/workouts/{listed(client, alice)[0]['id']}", headers=alice.headers)

    report = upload(client, alice, table(row("Squat", 0))).json

    assert (report["deleted_here"], report["unchanged"], listed(client, alice)) == (1, 0, [])


def test_a_dry_run_leaves_nothing_and_tells_the_same(client, alice):
    dry = upload(client, alice, SAMPLES[0], query="?dry_run=true").json

    assert listed(client, alice) == []
    assert client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"] == []
    assert dry == {
        **upload(client, alice, SAMPLES[0]).json,
        "changeset_id": None,
        "dry_run": True,
        "records": dry["records"],
    }


def test_a_row_that_cannot_be_read_is_reported_and_the_others_go_in(client, alice):
    report = upload(client, alice, table(row("Squat", 0), row("Squat", 1, reps="many"), row("Squat", 2))).json

    assert (report["created"], report["failed"]) == (1, 1)
    assert "many" in report["problems"][0]["detail"]
    (workout,) = listed(client, alice)
    assert len(workout["exercise_executions"][0]["sets"]) == 2


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_a_file_that_is_no_export_is_refused_and_leaves_nothing(client, owner, alice, content):
    answer = upload(client, alice, content)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (0,)


def test_two_hundred_workouts_take_as_many_statements_as_two(client, alice, statements):
    upload(client, alice, table(row("Squat", 0, title="first")))
    asked = []
    for name, number in (("few", 2), ("many", 200)):
        rows = [row("Squat", 0, title=f"{name} {n}") for n in range(number)]
        statements.clear()
        assert upload(client, alice, table(*rows)).json["created"] == number
        asked.append(len(statements))

    assert asked[0] == asked[1]
